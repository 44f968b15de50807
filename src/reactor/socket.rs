//! Creates and registers the sockets of the load.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use mio::unix::SourceFd;
use mio::{Interest, Poll, Token};

use crate::sys::busy_poll::{self, BusyPoll};
use crate::sys::{socket, stamps};

use super::settings::ReactorSettings;

/// A new socket that the poll already knows: a registration before `connect()` remains valid.
/// `slot` is the index of its slot, `connection` the number of connections begun before this one.
pub fn open(
    poll: &Poll,
    settings: &ReactorSettings,
    slot: usize,
    connection: u64,
) -> io::Result<OwnedFd> {
    let socket = socket::stream_for(&settings.address)?;
    if let Some(sources) = &settings.sources {
        socket::bind_source(&socket, sources.turn(connection))?;
    }
    if settings.kernel_stamps {
        stamps::enable_receive_stamps(&socket)?;
    }
    if settings.tls.is_some() {
        // A request on a connection made ahead must not wait until the server's kernel acknowledges the last
        // message of the handshake (Nagle's algorithm, RFC 896).
        socket::no_delay(&socket)?;
    }
    if settings.busy_poll == BusyPoll::Sockets {
        // It was permitted before the load; without it only the delay of packets is longer.
        let _ = busy_poll::enable_on_socket(&socket);
    }
    poll.registry().register(
        &mut SourceFd(&socket.as_raw_fd()),
        Token(slot),
        Interest::READABLE | Interest::WRITABLE,
    )?;
    Ok(socket)
}
