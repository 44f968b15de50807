//! The listening TCP sockets of this machine's network namespace, as reported by the kernel
//! (sock_diag(7)), as `ss -ltn` lists them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::syscall;

/// A listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The address it listens on; unspecified for all of the machine's addresses.
    pub ip: IpAddr,
    /// The port.
    pub port: u16,
    /// Connections that wait to be accepted.
    pub waiting: u32,
    /// The most that may wait: the server's backlog (listen(2)), limited by `net.core.somaxconn`.
    pub backlog: u32,
}

/// The sizes of `nlmsghdr`, `inet_diag_req_v2` and `inet_diag_msg`.
const HEADER: usize = 16;
const REQUEST: usize = 56;
const MESSAGE: usize = 72;

/// `SOCK_DIAG_BY_FAMILY`, which libc does not name.
const BY_FAMILY: u16 = 20;

/// `1 << TCP_LISTEN`.
const LISTENING: u32 = 1 << 10;

/// The most datagrams read of one answer: each has about a hundred sockets.
const MOST_DATAGRAMS: usize = 1_000;

/// All listening sockets with that port, IPv4 first.
pub fn with_port(port: u16) -> io::Result<Vec<Listener>> {
    let mut found = of_family(libc::AF_INET, port)?;
    // A kernel without IPv6 has no such sockets.
    found.extend(of_family(libc::AF_INET6, port).unwrap_or_default());
    Ok(found)
}

fn of_family(family: libc::c_int, port: u16) -> io::Result<Vec<Listener>> {
    let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC;
    let fd = syscall!(socket(libc::AF_NETLINK, kind, libc::NETLINK_SOCK_DIAG))?;
    // SAFETY: the descriptor is new and has no other owner.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    let request = request(family as u8, port);
    let fd = socket.as_raw_fd();
    syscall!(send(fd, request.as_ptr().cast(), request.len(), 0))?;
    let mut found = Vec::new();
    let mut buffer = vec![0u8; 32 * 1024];
    for _ in 0..MOST_DATAGRAMS {
        let count = syscall!(recv(fd, buffer.as_mut_ptr().cast(), buffer.len(), 0))? as usize;
        if read_datagram(&buffer[..count], port, &mut found)? {
            break;
        }
    }
    Ok(found)
}

fn request(family: u8, port: u16) -> [u8; HEADER + REQUEST] {
    let mut bytes = [0; HEADER + REQUEST];
    let flags = (libc::NLM_F_REQUEST | libc::NLM_F_DUMP) as u16;
    bytes[0..4].copy_from_slice(&((HEADER + REQUEST) as u32).to_ne_bytes());
    bytes[4..6].copy_from_slice(&BY_FAMILY.to_ne_bytes());
    bytes[6..8].copy_from_slice(&flags.to_ne_bytes());
    bytes[HEADER] = family;
    bytes[HEADER + 1] = libc::IPPROTO_TCP as u8;
    bytes[HEADER + 4..HEADER + 8].copy_from_slice(&LISTENING.to_ne_bytes());
    bytes[HEADER + 8..HEADER + 10].copy_from_slice(&port.to_be_bytes());
    bytes
}

/// Takes the sockets of a datagram; returns whether it was the last.
fn read_datagram(mut bytes: &[u8], port: u16, found: &mut Vec<Listener>) -> io::Result<bool> {
    while let Some((length, kind)) = header(bytes) {
        let payload = bytes.get(HEADER..length).unwrap_or_default();
        match libc::c_int::from(kind) {
            libc::NLMSG_DONE => return Ok(true),
            libc::NLMSG_ERROR => {
                let errno =
                    four(payload, 0).map_or(libc::EPROTO, |bytes| -i32::from_ne_bytes(bytes));
                return Err(io::Error::from_raw_os_error(errno));
            }
            _ => found.extend(listener(payload).filter(|listener| listener.port == port)),
        }
        // Messages begin at multiples of four.
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(false)
}

/// The length of a message, its header included, and its kind; `None` at the end.
fn header(bytes: &[u8]) -> Option<(usize, u16)> {
    let length = u32::from_ne_bytes(four(bytes, 0)?) as usize;
    let kind = u16::from_ne_bytes([*bytes.get(4)?, *bytes.get(5)?]);
    (length >= HEADER && length <= bytes.len()).then_some((length, kind))
}

/// A socket, as `inet_diag_msg` describes it: of a listening one the receive queue is the number of
/// waiting connections, the send queue their limit.
fn listener(message: &[u8]) -> Option<Listener> {
    let message: &[u8; MESSAGE] = message.get(..MESSAGE)?.try_into().ok()?;
    let source: [u8; 16] = message[8..24].try_into().ok()?;
    let ip = match libc::c_int::from(message[0]) {
        libc::AF_INET => Ipv4Addr::from(four(&source, 0)?).into(),
        libc::AF_INET6 => Ipv6Addr::from(source).into(),
        _ => return None,
    };
    Some(Listener {
        ip,
        port: u16::from_be_bytes([message[4], message[5]]),
        waiting: u32::from_ne_bytes(four(message, 56)?),
        backlog: u32::from_ne_bytes(four(message, 60)?),
    })
}

fn four(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    bytes.get(at..at + 4)?.try_into().ok()
}

#[cfg(test)]
#[path = "listeners_tests.rs"]
mod tests;
