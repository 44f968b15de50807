//! The clocks of this machine: `clock_gettime(2)`, and their synchronization: `ntp_adjtime(3)`.

use std::io;
use std::mem;
use std::ops::Add;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::Duration;

use super::syscall;

/// The error of the first reading that failed (errno(3)); 0 if none did.
static FAILURE: AtomicI32 = AtomicI32::new(0);

/// The last reading of each clock, which stands in for one that fails: time stands still then.
static LAST_MONOTONIC: AtomicU64 = AtomicU64::new(0);
static LAST_REALTIME: AtomicU64 = AtomicU64::new(0);
static LAST_CPU: AtomicU64 = AtomicU64::new(0);

/// CLOCK_MONOTONIC in nanoseconds. (The standard library's `Instant` is the same clock; this is a
/// number at once, for a loop that reads it several times for each request.)
///
/// A clock that cannot be read never ends the process in the middle of its work: the last reading stands
/// in, and [`check`] tells. So it is with all clocks of this module.
pub fn monotonic_nanos() -> u64 {
    nanos_of(libc::CLOCK_MONOTONIC, &LAST_MONOTONIC)
}

/// CLOCK_REALTIME, nanoseconds since the Unix epoch; 0 for times before it.
pub fn realtime_nanos() -> u64 {
    nanos_of(libc::CLOCK_REALTIME, &LAST_REALTIME)
}

/// The CPU time of this thread in user and kernel mode, nanoseconds (CLOCK_THREAD_CPUTIME_ID).
pub fn thread_cpu_nanos() -> u64 {
    nanos_of(libc::CLOCK_THREAD_CPUTIME_ID, &LAST_CPU)
}

/// Whether all readings so far succeeded; the error of the first that did not.
pub fn check() -> io::Result<()> {
    told(&FAILURE)
}

fn told(failure: &AtomicI32) -> io::Result<()> {
    match failure.load(Ordering::Relaxed) {
        0 => Ok(()),
        errno => {
            let error = io::Error::from_raw_os_error(errno);
            Err(io::Error::new(
                error.kind(),
                format!("the clock cannot be read: {error}"),
            ))
        }
    }
}

/// Reads each clock once; the error of one that cannot be read.
pub fn probe() -> io::Result<()> {
    monotonic_nanos();
    realtime_nanos();
    thread_cpu_nanos();
    check()
}

fn nanos_of(clock: libc::clockid_t, last: &AtomicU64) -> u64 {
    let mut time = mem::MaybeUninit::<libc::timespec>::uninit();
    if let Err(error) = syscall!(clock_gettime(clock, time.as_mut_ptr())) {
        note(&error, &FAILURE);
        return last.load(Ordering::Relaxed);
    }
    // SAFETY: clock_gettime succeeded and filled the struct.
    let time = unsafe { time.assume_init() };
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = seconds * 1_000_000_000 + time.tv_nsec as u64;
    last.store(nanos, Ordering::Relaxed);
    nanos
}

#[cold]
fn note(error: &io::Error, failure: &AtomicI32) {
    let errno = error.raw_os_error().unwrap_or(libc::EINVAL);
    let _ = failure.compare_exchange(0, errno, Ordering::Relaxed, Ordering::Relaxed);
}

/// An instant for limits of patience: like the standard library's, but a clock that cannot be read does
/// not panic: it reads the far end of time, so that whatever is waited for is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u64);

impl Instant {
    /// The present.
    pub fn now() -> Instant {
        let nanos = monotonic_nanos();
        match check() {
            Ok(()) => Instant(nanos),
            Err(_) => Instant(u64::MAX),
        }
    }

    /// Since that instant.
    pub fn elapsed(self) -> Duration {
        Instant::now().saturating_duration_since(self)
    }

    /// From `earlier` to this one; zero if that is the later one.
    pub fn saturating_duration_since(self, earlier: Instant) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// CLOCK_MONOTONIC, nanoseconds.
    pub(super) fn nanos(self) -> u64 {
        self.0
    }

    /// The instant of a reading of CLOCK_MONOTONIC, nanoseconds.
    pub(super) fn of_nanos(nanos: u64) -> Instant {
        Instant(nanos)
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, span: Duration) -> Instant {
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        Instant(self.0.saturating_add(nanos))
    }
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
    Ok(state()?.0)
}

/// Reads the state of the clock, and the largest error that it can have by the kernel; changes nothing.
pub fn state() -> io::Result<(Discipline, Duration)> {
    // SAFETY: all zeroes are a valid timex, which only reads (`modes` is 0).
    let mut timex: libc::timex = unsafe { mem::zeroed() };
    // The same call as ntp_adjtime when it only reads, and the name that every libc has.
    let state = syscall!(adjtimex(&raw mut timex))?;
    let micros = |error| Duration::from_micros(u64::try_from(error).unwrap_or(0));
    let discipline = Discipline {
        synchronised: state != libc::TIME_ERROR && timex.status & libc::STA_UNSYNC == 0,
        estimated_error: micros(timex.esterror),
    };
    Ok((discipline, micros(timex.maxerror)))
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
