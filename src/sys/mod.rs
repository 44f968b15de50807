//! System calls: the only module with `unsafe` and the only user of `libc`'s functions.

pub mod busy_poll;
pub mod clock;
pub mod contention;
pub mod control;
pub mod cpu_facts;
pub mod cpus;
pub mod limits;
pub mod listeners;
pub mod locking;
pub mod machine;
pub mod memory;
pub mod network;
pub mod process;
pub mod scheduling;
pub mod signal;
pub mod socket;
pub mod stamps;
pub mod stream;
pub mod terminal;
pub mod timer;

/// Calls a libc function that answers -1 for an error, and turns that into an [`std::io::Error`].
macro_rules! syscall {
    ($name:ident ( $($arg:expr),* $(,)? )) => {{
        // SAFETY: each call site passes pointers and lengths of objects that live across the call.
        let result = unsafe { libc::$name($($arg),*) };
        if result == -1 {
            Err(std::io::Error::last_os_error())
        } else {
            Ok(result)
        }
    }};
}
pub(crate) use syscall;
