//! The clocks of this machine: `clock_gettime(2)`, and their synchronization: `ntp_adjtime(3)`.

use std::io;
use std::mem;
use std::time::Duration;

use super::syscall;

/// CLOCK_MONOTONIC in nanoseconds. (The standard library's `Instant` is the same clock; this is a
/// number at once, for a loop that reads it several times for each request.)
pub fn monotonic_nanos() -> u64 {
    nanos_of(libc::CLOCK_MONOTONIC)
}

/// The CPU time of this thread in user and kernel mode, nanoseconds (CLOCK_THREAD_CPUTIME_ID).
pub fn thread_cpu_nanos() -> u64 {
    nanos_of(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn nanos_of(clock: libc::clockid_t) -> u64 {
    let mut time = mem::MaybeUninit::<libc::timespec>::uninit();
    syscall!(clock_gettime(clock, time.as_mut_ptr())).expect("every Linux has this clock");
    // SAFETY: clock_gettime succeeded and filled the struct.
    let time = unsafe { time.assume_init() };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The state of CLOCK_REALTIME by the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discipline {
    /// Whether a time service synchronizes the clock.
    pub synchronised: bool,
    /// The clock error that the service estimates.
    pub estimated_error: Duration,
}

/// Reads the state of the clock; changes nothing.
pub fn discipline() -> io::Result<Discipline> {
    // SAFETY: all zeroes are a valid timex, which only reads (`modes` is 0).
    let mut timex: libc::timex = unsafe { mem::zeroed() };
    // The same call as ntp_adjtime when it only reads, and the name that every libc has.
    let state = syscall!(adjtimex(&raw mut timex))?;
    Ok(Discipline {
        synchronised: state != libc::TIME_ERROR && timex.status & libc::STA_UNSYNC == 0,
        estimated_error: Duration::from_micros(u64::try_from(timex.esterror).unwrap_or(0)),
    })
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
