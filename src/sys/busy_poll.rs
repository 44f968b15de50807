//! Busy polling: a wait for packets looks at the queue of the network device itself for a while before it
//! sleeps (Documentation/networking/napi.rst of Linux). Loopback has no such queue.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};

use super::{socket, syscall};

/// How long a wait looks at the device's queue, microseconds.
pub const MICROS: u32 = 50;

/// Packets taken from the queue at a look: more than the kernel's default of 8 would need a privilege.
const BUDGET: u16 = 8;

/// How busy polling is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BusyPoll {
    /// Not at all.
    #[default]
    Off,
    /// For the whole epoll (`EPIOCSPARAMS`, Linux 6.9).
    Epoll,
    /// For each socket (`SO_BUSY_POLL` and `SO_PREFER_BUSY_POLL`, socket(7); CAP_NET_ADMIN).
    Sockets,
}

/// Which way works here, tried on an epoll and a socket that are closed again. The error is that of the
/// last way.
pub fn probe() -> io::Result<BusyPoll> {
    let poll = mio::Poll::new()?;
    if enable_on_epoll(&poll).is_ok() {
        return Ok(BusyPoll::Epoll);
    }
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    enable_on_socket(&socket::stream_for(&any.into())?)?;
    Ok(BusyPoll::Sockets)
}

/// Has the waits of an epoll poll the devices that its sockets receive from.
pub fn enable_on_epoll(epoll: &impl AsRawFd) -> io::Result<()> {
    /// `struct epoll_params` of the kernel.
    #[repr(C)]
    struct Params {
        micros: u32,
        budget: u16,
        prefer: u8,
        unused: u8,
    }
    /// `_IOW(0x8A, 0x01, struct epoll_params)`.
    const SET_PARAMS: u32 = 0x4008_8a01;
    let params = Params {
        micros: MICROS,
        budget: BUDGET,
        prefer: 1,
        unused: 0,
    };
    syscall!(ioctl(epoll.as_raw_fd(), SET_PARAMS as _, &raw const params)).map(drop)
}

/// The same for one socket.
pub fn enable_on_socket(socket: &impl AsFd) -> io::Result<()> {
    const SO_PREFER_BUSY_POLL: libc::c_int = 69;
    let micros = MICROS as libc::c_int;
    socket::set_option(socket, libc::SOL_SOCKET, libc::SO_BUSY_POLL, &micros)?;
    // Since Linux 5.11; without it the device's interrupts compete with the polling.
    let on: libc::c_int = 1;
    let _ = socket::set_option(socket, libc::SOL_SOCKET, SO_PREFER_BUSY_POLL, &on);
    Ok(())
}

#[cfg(test)]
#[path = "busy_poll_tests.rs"]
mod tests;
