//! Facts about processes.

use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use super::syscall;

/// The resources that this process has used so far, `getrusage(2)`.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// CPU time in user mode.
    pub user: Duration,
    /// CPU time in the kernel on this process's behalf.
    pub system: Duration,
}

/// Reads the usage of this process.
pub fn usage() -> io::Result<Usage> {
    let usage = rusage()?;
    Ok(Usage {
        user: duration(usage.ru_utime),
        system: duration(usage.ru_stime),
    })
}

/// The largest resident set of this process so far, bytes.
///
/// The value of getrusage(2) includes the memory of the program that started this one, which the process
/// had (or a copy of it) until the execve(2): it is used where `/proc` is missing.
pub fn peak_resident() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status").ok();
    let kibibytes = match status.as_deref().and_then(high_water_mark) {
        Some(kibibytes) => kibibytes,
        None => rusage()?.ru_maxrss as u64,
    };
    Ok(kibibytes * 1024)
}

/// The peak of the resident set in a `/proc/PID/status`, KiB (proc_pid_status(5)).
fn high_water_mark(status: &str) -> Option<u64> {
    let value = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    value.trim().strip_suffix(" kB")?.parse().ok()
}

fn rusage() -> io::Result<libc::rusage> {
    let mut usage = MaybeUninit::uninit();
    syscall!(getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()))?;
    // SAFETY: getrusage succeeded and filled the struct.
    Ok(unsafe { usage.assume_init() })
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

#[cfg(test)]
#[path = "process_tests.rs"]
mod tests;
