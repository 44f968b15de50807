//! A timer that a poll can wait for, finer than epoll's milliseconds: `timerfd_create(2)`.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::Duration;

use super::syscall;

/// A CLOCK_MONOTONIC timer; readable once it has expired.
#[derive(Debug)]
pub struct Timer {
    fd: OwnedFd,
}

impl Timer {
    /// A timer that is not running.
    pub fn new() -> io::Result<Timer> {
        let flags = libc::TFD_NONBLOCK | libc::TFD_CLOEXEC;
        let fd = syscall!(timerfd_create(libc::CLOCK_MONOTONIC, flags))?;
        // SAFETY: the descriptor is new and has no other owner.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Timer { fd })
    }

    /// Expires once, `delay` from now (at once for zero); replaces what was set before.
    pub fn set(&self, delay: Duration) -> io::Result<()> {
        // A zero it_value would stop the timer instead.
        let delay = delay.max(Duration::from_nanos(1));
        self.arm(
            0,
            libc::timespec {
                tv_sec: delay.as_secs().min(i32::MAX as u64) as libc::time_t,
                tv_nsec: delay.subsec_nanos().into(),
            },
        )
    }

    /// Expires once, at that instant of CLOCK_MONOTONIC in nanoseconds (at once for one that has passed);
    /// replaces what was set before.
    pub fn set_at(&self, nanos: u64) -> io::Result<()> {
        let nanos = nanos.max(1);
        let at = libc::timespec {
            tv_sec: (nanos / 1_000_000_000).min(i32::MAX as u64) as libc::time_t,
            tv_nsec: (nanos % 1_000_000_000) as _,
        };
        self.arm(libc::TFD_TIMER_ABSTIME, at)
    }

    /// Stops it.
    pub fn stop(&self) -> io::Result<()> {
        self.arm(
            0,
            libc::timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
        )
    }

    fn arm(&self, flags: libc::c_int, value: libc::timespec) -> io::Result<()> {
        let spec = libc::itimerspec {
            it_interval: libc::timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: value,
        };
        syscall!(timerfd_settime(
            self.fd.as_raw_fd(),
            flags,
            &spec,
            ptr::null_mut()
        ))
        .map(drop)
    }

    /// Clears the readiness after it expired, so that an edge-triggered poll reports the next one.
    pub fn acknowledge(&self) -> io::Result<()> {
        let mut count = 0u64;
        match syscall!(read(
            self.fd.as_raw_fd(),
            (&raw mut count).cast(),
            size_of::<u64>()
        )) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl AsRawFd for Timer {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}
