//! Keeping this process in memory: `mlockall(2)`, within RLIMIT_MEMLOCK.

use std::fs;
use std::io;
use std::mem::MaybeUninit;

use super::syscall;

/// What a locked process may still grow by under a limit, bytes: its stack, above all, which cannot grow
/// where the limit is reached.
const ROOM: u64 = 16 << 20;

/// What is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locked {
    /// Bytes that are locked now; absent where the system does not report it.
    pub bytes: Option<u64>,
    /// Whether what the process takes later is locked too.
    pub is_for_later: bool,
}

/// Why nothing is locked.
#[derive(Debug)]
pub enum LockError {
    /// RLIMIT_MEMLOCK is less than what the process needs, bytes.
    Limit {
        /// The limit.
        limit: u64,
        /// The process's address space, and what it may grow by.
        needed: u64,
    },
    /// The kernel refuses it.
    Refused(io::Error),
}

impl From<io::Error> for LockError {
    fn from(error: io::Error) -> LockError {
        LockError::Refused(error)
    }
}

/// Locks this process into memory.
///
/// With CAP_IPC_LOCK, and where RLIMIT_MEMLOCK is or can be made unlimited, that includes what the process takes later. Under
/// a limit, it must not: an allocation beyond the limit would fail. Then only what is there now is locked,
/// if there is room for it.
pub fn lock() -> Result<Locked, LockError> {
    let limit = raised(limit()?);
    let is_for_later = limit == libc::RLIM_INFINITY || is_privileged();
    if is_for_later {
        syscall!(mlockall(libc::MCL_CURRENT | libc::MCL_FUTURE))?;
    } else {
        let needed = status("VmSize:").unwrap_or(0).saturating_add(ROOM);
        if limit < needed {
            return Err(LockError::Limit { limit, needed });
        }
        syscall!(mlockall(libc::MCL_CURRENT))?;
    }
    Ok(Locked {
        bytes: status("VmLck:"),
        is_for_later,
    })
}

/// Reverts that.
pub fn unlock() -> io::Result<()> {
    syscall!(munlockall()).map(drop)
}

fn limit() -> io::Result<libc::rlimit> {
    let mut limit = MaybeUninit::<libc::rlimit>::uninit();
    syscall!(getrlimit(libc::RLIMIT_MEMLOCK, limit.as_mut_ptr()))?;
    // SAFETY: getrlimit succeeded and filled the struct.
    Ok(unsafe { limit.assume_init() })
}

/// Raises the soft limit as far as is permitted, and returns it: without end with CAP_SYS_RESOURCE, else
/// to the hard limit.
fn raised(before: libc::rlimit) -> u64 {
    let limits = [libc::RLIM_INFINITY, before.rlim_max].map(|most| libc::rlimit {
        rlim_cur: most,
        rlim_max: most.max(before.rlim_max),
    });
    let set = |limit: &&libc::rlimit| {
        syscall!(setrlimit(libc::RLIMIT_MEMLOCK, &raw const **limit)).is_ok()
    };
    let raised = limits.iter().find(set);
    raised.map_or(before.rlim_cur, |limit| limit.rlim_cur)
}

/// Whether the limit does not concern this process (CAP_IPC_LOCK in the first user namespace, which
/// `/proc/self/status` does not tell from that of another): tried with a page under a limit of 0.
fn is_privileged() -> bool {
    let Ok(before) = limit() else { return false };
    let none = libc::rlimit {
        rlim_cur: 0,
        ..before
    };
    let byte = 0u8;
    let page = (&raw const byte).cast();
    let tried = syscall!(setrlimit(libc::RLIMIT_MEMLOCK, &raw const none))
        .and_then(|_| syscall!(mlock(page, 1)))
        .and_then(|_| syscall!(munlock(page, 1)));
    syscall!(setrlimit(libc::RLIMIT_MEMLOCK, &raw const before)).is_ok() && tried.is_ok()
}

/// A size of `/proc/self/status`, bytes.
fn status(key: &str) -> Option<u64> {
    size_in(&fs::read_to_string("/proc/self/status").ok()?, key)
}

/// A size of a `/proc/PID/status`, bytes: that of `VmLck:   132 kB`.
fn size_in(status: &str, key: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: u64 = value.trim().strip_suffix(" kB")?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
#[path = "locking_tests.rs"]
mod tests;
