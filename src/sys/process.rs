//! Facts about processes.

use std::io;
use std::mem::MaybeUninit;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use super::syscall;

/// What this process has used so far, `getrusage(2)`.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// CPU time in user mode.
    pub user: Duration,
    /// CPU time in the kernel on this process's behalf.
    pub system: Duration,
    /// The largest resident set so far, bytes.
    pub peak_resident: u64,
}

/// Reads the usage of this process.
pub fn usage() -> io::Result<Usage> {
    let mut usage = MaybeUninit::<libc::rusage>::uninit();
    syscall!(getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()))?;
    // SAFETY: getrusage succeeded and filled the struct.
    let usage = unsafe { usage.assume_init() };
    Ok(Usage {
        user: duration(usage.ru_utime),
        system: duration(usage.ru_stime),
        // Linux counts in KiB.
        peak_resident: usage.ru_maxrss as u64 * 1024,
    })
}

fn duration(time: libc::timeval) -> Duration {
    Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000)
}

/// Makes a command's process end when this one does, even by SIGKILL (`PR_SET_PDEATHSIG`).
pub fn die_with_parent(command: &mut Command) {
    let ask = || syscall!(prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL)).map(drop);
    // SAFETY: prctl is async-signal-safe, and the closure allocates nothing.
    unsafe { command.pre_exec(ask) };
}

/// Sends a signal to a process.
pub fn kill(pid: u32, signal: i32) -> io::Result<()> {
    syscall!(kill(pid as libc::pid_t, signal)).map(drop)
}
