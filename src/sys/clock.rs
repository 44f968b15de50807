//! How well this machine's clock is kept: `ntp_adjtime(3)`.

use std::io;
use std::mem;
use std::time::Duration;

use super::syscall;

/// What the kernel says of its CLOCK_REALTIME.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discipline {
    /// Whether a time service keeps the clock.
    pub synchronised: bool,
    /// How far off that service believes the clock to be.
    pub estimated_error: Duration,
}

/// Reads the state of the clock; changes nothing.
pub fn discipline() -> io::Result<Discipline> {
    // SAFETY: all zeroes are a valid timex, one that only asks (`modes` is 0).
    let mut timex: libc::timex = unsafe { mem::zeroed() };
    // The same call as ntp_adjtime when it only reads, and the name that every libc has.
    let state = syscall!(adjtimex(&raw mut timex))?;
    Ok(Discipline {
        synchronised: state != libc::TIME_ERROR && timex.status & libc::STA_UNSYNC == 0,
        estimated_error: Duration::from_micros(u64::try_from(timex.esterror).unwrap_or(0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_or_refuses() {
        match discipline() {
            Ok(_) => {}
            // Sandboxes may filter the call.
            Err(error) => assert!(error.raw_os_error().is_some(), "{error}"),
        }
    }
}
