//! Reading a socket: the bytes and the instant they arrived.

use std::io;
use std::os::fd::OwnedFd;

use crate::row::{Arrival, ClockSource};
use crate::sys::{socket, stamps};
use crate::time::clock::{Clock, KernelClock, Stamp};

/// What was read from a socket.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    /// The number of bytes; 0 at the end of the stream.
    pub count: usize,
    /// When the last of them arrived: by the kernel's receive timestamp if there is a plausible one, else
    /// by this process's clock.
    pub arrival: Arrival,
    /// Whether all of them arrived before `asked` by the kernel's timestamp.
    pub is_before: bool,
    /// Whether the kernel stamped them.
    pub is_stamped: bool,
}

/// Receives into `buffer`. `asked`: when the present request started. With a `kernel_clock` the
/// kernel's stamps are used.
pub fn read(
    socket: &OwnedFd,
    buffer: &mut [u8],
    clock: &Clock,
    kernel_clock: Option<&mut KernelClock>,
    asked: Stamp,
) -> io::Result<Received> {
    let Some(kernel_clock) = kernel_clock else {
        let count = socket::recv(socket, buffer)?;
        return Ok(Received {
            count,
            arrival: Arrival::seen_at(clock.now()),
            is_before: false,
            is_stamped: false,
        });
    };
    let (count, stamp) = stamps::recv_stamped(socket, buffer)?;
    let seen = clock.now();
    let at = stamp.and_then(|nanos| kernel_clock.instant_between(nanos, asked, seen, clock));
    let (arrival, is_before) = match (at, stamp) {
        (Some(at), _) => {
            let arrival = Arrival {
                at,
                seen,
                clock: ClockSource::Kernel,
            };
            (arrival, false)
        }
        (None, Some(nanos)) => {
            let is_before = kernel_clock.is_before(nanos, asked, seen);
            (Arrival::seen_at(seen), is_before)
        }
        (None, None) => (Arrival::seen_at(seen), false),
    };
    Ok(Received {
        count,
        arrival,
        is_before,
        is_stamped: stamp.is_some(),
    })
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
