//! Reading a socket: the bytes and the instant they arrived.

use std::io;
use std::os::fd::OwnedFd;

use crate::row::{Arrival, ClockSource};
use crate::sys::{socket, stamps};
use crate::time::clock::{Clock, KernelClock, Stamp};

/// Receives into `buffer` and says when the last of the bytes arrived: by the kernel's receive stamp
/// where there is a kernel clock and a stamp that fits, else by this process's clock. 0 bytes are the
/// end of the stream. `earliest`: nothing of this answer can have come before.
pub fn read(
    socket: &OwnedFd,
    buffer: &mut [u8],
    clock: &Clock,
    kernel_clock: Option<&mut KernelClock>,
    earliest: Stamp,
) -> io::Result<(usize, Arrival)> {
    let Some(kernel_clock) = kernel_clock else {
        let count = socket::recv(socket, buffer)?;
        return Ok((count, Arrival::seen_at(clock.now())));
    };
    let (count, stamp) = stamps::recv_stamped(socket, buffer)?;
    let seen = clock.now();
    let at = stamp.and_then(|nanos| kernel_clock.instant_between(nanos, earliest, seen, clock));
    let arrival = match at {
        None => Arrival::seen_at(seen),
        Some(at) => Arrival {
            at,
            seen,
            clock: ClockSource::Kernel,
        },
    };
    Ok((count, arrival))
}
