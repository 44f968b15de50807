//! Limits of this process and of the system.

use std::io;
use std::mem::MaybeUninit;

use super::syscall;

/// The limit of open files, `getrlimit(2)` RLIMIT_NOFILE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFiles {
    /// The soft limit.
    pub soft: u64,
    /// The hard limit, up to which the process may raise the soft one.
    pub hard: u64,
}

/// Reads the limit of open files.
pub fn open_files() -> io::Result<OpenFiles> {
    let mut limit = MaybeUninit::<libc::rlimit>::uninit();
    syscall!(getrlimit(libc::RLIMIT_NOFILE, limit.as_mut_ptr()))?;
    // SAFETY: getrlimit succeeded and filled the struct.
    let limit = unsafe { limit.assume_init() };
    Ok(OpenFiles {
        soft: limit.rlim_cur,
        hard: limit.rlim_max,
    })
}

/// Raises the soft limit of open files to the hard one; returns the new limits.
pub fn raise_open_files() -> io::Result<OpenFiles> {
    let now = open_files()?;
    if now.soft < now.hard {
        let wanted = libc::rlimit {
            rlim_cur: now.hard,
            rlim_max: now.hard,
        };
        syscall!(setrlimit(libc::RLIMIT_NOFILE, &wanted))?;
    }
    open_files()
}

/// The number of descriptors that this process has open now (`/proc/self/fd`); 3 where that cannot be read.
pub fn descriptors_in_use() -> u64 {
    match std::fs::read_dir("/proc/self/fd") {
        // The directory being read is itself one of the entries.
        Ok(entries) => (entries.count() as u64).saturating_sub(1),
        Err(_) => 3,
    }
}
