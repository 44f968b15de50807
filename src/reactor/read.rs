//! Reading a socket: the bytes and the instant they arrived.

use std::io;
use std::os::fd::OwnedFd;

use crate::clock::{Clock, Stamp};
use crate::sys::socket;

/// Receives into `buffer` and says when the last of the bytes arrived, as far as it is known: here
/// by the clock of this process, read as soon as the call is back. 0 bytes are the end of the stream.
pub fn read(socket: &OwnedFd, buffer: &mut [u8], clock: &Clock) -> io::Result<(usize, Stamp)> {
    let count = socket::recv(socket, buffer)?;
    Ok((count, clock.now()))
}
