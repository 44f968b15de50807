//! TCP sockets, one system call each.

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

use super::syscall;

/// A socket address in the kernel's form, prepared once for all calls of `connect()`.
#[derive(Clone, Copy)]
pub struct KernelAddress {
    storage: libc::sockaddr_storage,
    len: libc::socklen_t,
}

impl From<SocketAddr> for KernelAddress {
    fn from(address: SocketAddr) -> KernelAddress {
        // SAFETY: all zeroes are a valid sockaddr_storage.
        let mut storage: libc::sockaddr_storage = unsafe { mem::zeroed() };
        let len = match address {
            SocketAddr::V4(v4) => {
                let raw = libc::sockaddr_in {
                    sin_family: libc::AF_INET as libc::sa_family_t,
                    sin_port: v4.port().to_be(),
                    sin_addr: libc::in_addr {
                        s_addr: u32::from_ne_bytes(v4.ip().octets()),
                    },
                    sin_zero: [0; 8],
                };
                // SAFETY: sockaddr_storage is at least as large and as aligned as sockaddr_in.
                unsafe { (&raw mut storage).cast::<libc::sockaddr_in>().write(raw) };
                size_of::<libc::sockaddr_in>()
            }
            SocketAddr::V6(v6) => {
                let raw = libc::sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as libc::sa_family_t,
                    sin6_port: v6.port().to_be(),
                    sin6_flowinfo: v6.flowinfo(),
                    sin6_addr: libc::in6_addr {
                        s6_addr: v6.ip().octets(),
                    },
                    sin6_scope_id: v6.scope_id(),
                };
                // SAFETY: sockaddr_storage is at least as large and as aligned as sockaddr_in6.
                unsafe { (&raw mut storage).cast::<libc::sockaddr_in6>().write(raw) };
                size_of::<libc::sockaddr_in6>()
            }
        };
        KernelAddress {
            storage,
            len: len as libc::socklen_t,
        }
    }
}

impl KernelAddress {
    fn family(&self) -> libc::c_int {
        self.storage.ss_family.into()
    }
}

/// A new non-blocking TCP socket of the address's family, not yet connected.
pub fn stream_for(address: &KernelAddress) -> io::Result<OwnedFd> {
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    let fd = syscall!(socket(address.family(), kind, 0))?;
    // SAFETY: the descriptor is new and has no other owner.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Binds the socket to `source`, an address of this machine of the same family with
/// port 0.
///
/// The port is left open until `connect()` (`IP_BIND_ADDRESS_NO_PORT`, ip(7), Linux 4.2): only then is
/// the server known, and a port of this source can be used that is in use towards another server, or whose
/// last connection is in TIME_WAIT and may be reused. Chosen here, it would have to be completely free.
pub fn bind_source(socket: &impl AsFd, source: &KernelAddress) -> io::Result<()> {
    let on: libc::c_int = 1;
    // An IPv4-level option, which IPv6 sockets accept too.
    set_option(socket, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, &on)?;
    let raw = (&raw const source.storage).cast::<libc::sockaddr>();
    syscall!(bind(socket.as_fd().as_raw_fd(), raw, source.len)).map(drop)
}

/// Starts to connect; `Ok` also where the handshake continues in the background.
pub fn connect(socket: &impl AsFd, address: &KernelAddress) -> io::Result<()> {
    let raw = (&raw const address.storage).cast::<libc::sockaddr>();
    match syscall!(connect(socket.as_fd().as_raw_fd(), raw, address.len)) {
        Ok(_) => Ok(()),
        Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Sends what the kernel accepts of `bytes`; a broken connection is an error, never a SIGPIPE. On a
/// socket still connecting this is `WouldBlock`, on one that failed to connect it is that failure.
pub fn send(socket: &impl AsFd, bytes: &[u8]) -> io::Result<usize> {
    let sent = syscall!(send(
        socket.as_fd().as_raw_fd(),
        bytes.as_ptr().cast(),
        bytes.len(),
        libc::MSG_NOSIGNAL
    ))?;
    Ok(sent as usize)
}

/// Receives into `buffer`; 0 is the end of the stream.
pub fn recv(socket: &impl AsFd, buffer: &mut [u8]) -> io::Result<usize> {
    let received = syscall!(recv(
        socket.as_fd().as_raw_fd(),
        buffer.as_mut_ptr().cast(),
        buffer.len(),
        0
    ))?;
    Ok(received as usize)
}

/// Whether a socket has anything to read: bytes, the end of the stream, or an error.
pub fn has_arrivals(socket: &impl AsFd) -> bool {
    let mut byte = 0u8;
    let peeked = syscall!(recv(
        socket.as_fd().as_raw_fd(),
        (&raw mut byte).cast(),
        1,
        libc::MSG_PEEK | libc::MSG_DONTWAIT
    ));
    !matches!(peeked, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// Whether the handshake of a socket has succeeded.
pub fn is_connected(socket: &impl AsFd) -> bool {
    let mut storage = MaybeUninit::<libc::sockaddr_storage>::uninit();
    let mut len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    syscall!(getpeername(
        socket.as_fd().as_raw_fd(),
        storage.as_mut_ptr().cast(),
        &mut len
    ))
    .is_ok()
}

/// Takes the pending error of a socket, if there is one (`SO_ERROR`).
pub fn take_error(socket: &impl AsFd) -> io::Result<()> {
    let mut errno = MaybeUninit::<libc::c_int>::uninit();
    let mut len = size_of::<libc::c_int>() as libc::socklen_t;
    syscall!(getsockopt(
        socket.as_fd().as_raw_fd(),
        libc::SOL_SOCKET,
        libc::SO_ERROR,
        errno.as_mut_ptr().cast(),
        &mut len
    ))?;
    // SAFETY: getsockopt succeeded and filled the int.
    match unsafe { errno.assume_init() } {
        0 => Ok(()),
        errno => Err(io::Error::from_raw_os_error(errno)),
    }
}

/// The local port of a socket that is bound or connected.
pub fn local_port(socket: &impl AsFd) -> io::Result<u16> {
    let mut storage = MaybeUninit::<libc::sockaddr_storage>::zeroed();
    let mut len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    syscall!(getsockname(
        socket.as_fd().as_raw_fd(),
        storage.as_mut_ptr().cast(),
        &mut len
    ))?;
    // SAFETY: zeroed, and then filled by getsockname: every bit pattern is a sockaddr_storage.
    let storage = unsafe { storage.assume_init() };
    // SAFETY: sockaddr_storage is at least as large and as aligned as either family's address, and
    // both have the port in the same place.
    let address = unsafe { &*(&raw const storage).cast::<libc::sockaddr_in>() };
    Ok(u16::from_be(address.sin_port))
}

/// Bytes sent that the peer has not acknowledged yet (`SIOCOUTQ`, tcp(7)).
pub fn unacknowledged(socket: &impl AsFd) -> io::Result<libc::c_int> {
    let mut bytes: libc::c_int = 0;
    syscall!(ioctl(
        socket.as_fd().as_raw_fd(),
        libc::TIOCOUTQ,
        &raw mut bytes
    ))?;
    Ok(bytes)
}

/// Makes the next close of the socket a reset (`SO_LINGER` with zero seconds).
pub fn reset_on_close(socket: &impl AsFd) -> io::Result<()> {
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    set_option(socket, libc::SOL_SOCKET, libc::SO_LINGER, &linger)
}

/// Sends small segments at once (`TCP_NODELAY`).
pub fn no_delay(socket: &impl AsFd) -> io::Result<()> {
    let on: libc::c_int = 1;
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_NODELAY, &on)
}

pub(super) fn set_option<T>(
    socket: &impl AsFd,
    level: i32,
    name: i32,
    value: &T,
) -> io::Result<()> {
    syscall!(setsockopt(
        socket.as_fd().as_raw_fd(),
        level,
        name,
        (&raw const *value).cast(),
        size_of::<T>() as libc::socklen_t
    ))
    .map(drop)
}

/// A non-blocking listener with a given backlog (the standard library's is fixed).
pub fn listener(address: SocketAddr, backlog: i32) -> io::Result<OwnedFd> {
    let kernel_address = KernelAddress::from(address);
    let socket = stream_for(&kernel_address)?;
    let on: libc::c_int = 1;
    set_option(&socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, &on)?;
    let raw = (&raw const kernel_address.storage).cast::<libc::sockaddr>();
    syscall!(bind(socket.as_raw_fd(), raw, kernel_address.len))?;
    syscall!(listen(socket.as_raw_fd(), backlog))?;
    Ok(socket)
}

#[cfg(test)]
#[path = "socket_tests.rs"]
mod tests;
