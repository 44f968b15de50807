//! Kernel timestamps (`SO_TIMESTAMPING`, Documentation/networking/timestamping.rst of Linux): when
//! it received what a `recvmsg` returns, and when a request left.
//!
//! Linux enables the timestamps of packets with the first socket that requests them, from a work
//! queue: packets that come in the first milliseconds after that may still have no timestamp, so that
//! [`switch_on`] waits for the first that has one.

use std::io;
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use super::control::{TransmitStamp, software_stamp, transmit_stamp};
use super::{socket, syscall};

/// Room for control messages.
#[repr(C)]
struct Control<const BYTES: usize> {
    /// Aligns what follows as control messages must be.
    _header: [libc::cmsghdr; 0],
    bytes: [u8; BYTES],
}

impl<const BYTES: usize> Control<BYTES> {
    fn new() -> Control<BYTES> {
        Control {
            _header: [],
            bytes: [0; BYTES],
        }
    }

    /// The control messages that a recvmsg left here.
    fn filled(&self, message: &libc::msghdr) -> &[u8] {
        &self.bytes[..BYTES.min(message.msg_controllen as _)]
    }
}

/// One `SCM_TIMESTAMPING`, which is three times: by software, unused, by hardware.
// SAFETY: CMSG_SPACE only calculates.
const STAMP_BYTES: usize =
    unsafe { libc::CMSG_SPACE(size_of::<[libc::timespec; 3]>() as u32) } as usize;

/// That, and one `IP_RECVERR` or `IPV6_RECVERR`: an extended error and the address it came from.
// SAFETY: CMSG_SPACE only calculates.
const ERROR_BYTES: usize = STAMP_BYTES
    + unsafe {
        libc::CMSG_SPACE(
            (size_of::<libc::sock_extended_err>() + size_of::<libc::sockaddr_in6>()) as u32,
        )
    } as usize;

/// Requests the kernel's software timestamps for everything that this socket receives from now on.
pub fn enable_receive_stamps(socket: &impl AsFd) -> io::Result<()> {
    set_flags(socket, RECEIVE)
}

/// Also requests the instant at which the last byte of each `send` leaves. The timestamps arrive through
/// the error queue, numbered by that byte, counted from this call: see [`take_transmit_stamp`]. A
/// TCP socket must have begun to connect.
pub fn enable_transmit_stamps(socket: &impl AsFd) -> io::Result<()> {
    let transmit = libc::SOF_TIMESTAMPING_TX_SOFTWARE
        | libc::SOF_TIMESTAMPING_OPT_ID
        | libc::SOF_TIMESTAMPING_OPT_TSONLY;
    set_flags(socket, RECEIVE | transmit)
}

const RECEIVE: libc::c_uint = libc::SOF_TIMESTAMPING_RX_SOFTWARE | libc::SOF_TIMESTAMPING_SOFTWARE;

fn set_flags(socket: &impl AsFd, flags: libc::c_uint) -> io::Result<()> {
    syscall!(setsockopt(
        socket.as_fd().as_raw_fd(),
        libc::SOL_SOCKET,
        libc::SO_TIMESTAMPING,
        (&raw const flags).cast(),
        size_of_val(&flags) as libc::socklen_t
    ))
    .map(drop)
}

/// For how long packets are sent to this program until one is timestamped, and the pause between two: the work
/// queue mostly needs less than two milliseconds.
const PROBED: Duration = Duration::from_millis(40);
const PROBE_PAUSE: Duration = Duration::from_micros(200);

/// Makes the kernel start to timestamp before the first connections need it, and continue for as
/// long as the returned socket is open. Some kernels, containers and seccomp profiles refuse.
///
/// It returns once received packets are timestamped, or after some forty milliseconds without.
pub fn switch_on() -> io::Result<OwnedFd> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let socket = socket::stream_for(&any.into())?;
    enable_receive_stamps(&socket)?;
    // Where loopback cannot be used, the load may not need it.
    let _ = are_made();
    Ok(socket)
}

/// Whether the kernel timestamps packets that come over loopback, as soon as it does or some forty
/// milliseconds later. Packets that do not come are an error (`WouldBlock`).
pub fn are_made() -> io::Result<bool> {
    let receiver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .or_else(|_| UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)))?;
    receiver.connect(receiver.local_addr()?)?;
    receiver.set_read_timeout(Some(Duration::from_millis(2)))?;
    enable_receive_stamps(&receiver)?;
    let began = Instant::now();
    loop {
        receiver.send(b"?")?;
        let received = recv_stamped(&receiver, &mut [0; 8]).map(|(_, stamp)| stamp);
        if let Ok(Some(_)) = received {
            return Ok(true);
        }
        if began.elapsed() >= PROBED {
            return received.map(|stamp| stamp.is_some());
        }
        thread::sleep(PROBE_PAUSE);
    }
}

/// Receives into `buffer` and returns when the last segment of it arrived: CLOCK_REALTIME in nanoseconds,
/// or `None` without a kernel timestamp. 0 bytes are the end of the stream.
pub fn recv_stamped(socket: &impl AsFd, buffer: &mut [u8]) -> io::Result<(usize, Option<i64>)> {
    let mut part = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    let mut control = Control::<STAMP_BYTES>::new();
    // SAFETY: all zeroes are a valid msghdr.
    let mut message: libc::msghdr = unsafe { mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.as_mut_ptr().cast();
    message.msg_controllen = STAMP_BYTES as _;
    let received = syscall!(recvmsg(socket.as_fd().as_raw_fd(), &raw mut message, 0))?;
    let stamp = software_stamp(control.filled(&message));
    Ok((received as usize, stamp))
}

/// Takes the next timestamp from a socket's error queue; `None` when it is empty. Other entries of
/// that queue (ICMP errors) are skipped.
pub fn take_transmit_stamp(socket: &impl AsFd) -> io::Result<Option<TransmitStamp>> {
    loop {
        let mut control = Control::<ERROR_BYTES>::new();
        // SAFETY: all zeroes are a valid msghdr.
        let mut message: libc::msghdr = unsafe { mem::zeroed() };
        message.msg_control = control.bytes.as_mut_ptr().cast();
        message.msg_controllen = ERROR_BYTES as _;
        let taken = syscall!(recvmsg(
            socket.as_fd().as_raw_fd(),
            &raw mut message,
            libc::MSG_ERRQUEUE
        ));
        match taken {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
            Ok(_) => {}
        }
        let stamp = transmit_stamp(control.filled(&message));
        if stamp.is_some() {
            return Ok(stamp);
        }
    }
}

#[cfg(test)]
#[path = "stamps_tests.rs"]
mod tests;
