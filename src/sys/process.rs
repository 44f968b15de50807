//! Facts about processes.

use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use super::{cpus, syscall};

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
    die_with_parent_by(command, libc::SIGKILL);
}

/// The same by another signal.
pub fn die_with_parent_by(command: &mut Command, signal: i32) {
    let ask = move || syscall!(prctl(libc::PR_SET_PDEATHSIG, signal)).map(drop);
    // SAFETY: prctl is async-signal-safe, and the closure allocates nothing.
    unsafe { command.pre_exec(ask) };
}

/// Has a command's process run on these CPUs, wherever the thread that starts it may run.
pub fn run_on(command: &mut Command, allowed: Vec<u32>) {
    let ask = move || {
        // The CPUs may be forbidden by now (cpuset(7)): then those of the thread hold.
        let _ = cpus::allow(&allowed);
        Ok(())
    };
    // SAFETY: sched_setaffinity is a bare system call, and the closure allocates nothing.
    unsafe { command.pre_exec(ask) };
}

/// Sends a signal to all processes of a group.
pub fn kill_group(group: u32, signal: i32) -> io::Result<()> {
    syscall!(kill(-(group as libc::pid_t), signal)).map(drop)
}

/// Whether a process of a group still runs. Zombies do not count: in a container, process 1 may leave them.
pub fn is_group_alive(group: u32) -> bool {
    if kill_group(group, 0).is_err_and(|error| error.raw_os_error() == Some(libc::ESRCH)) {
        return false;
    }
    let Ok(processes) = fs::read_dir("/proc") else {
        return true;
    };
    let stats = processes
        .flatten()
        .filter_map(|process| fs::read(process.path().join("stat")).ok());
    stats
        .map(|stat| String::from_utf8_lossy(&stat).into_owned())
        .any(|stat| is_of_group(&stat, group))
}

/// Whether a `/proc/PID/stat` (proc_pid_stat(5)) is that of a running process of a group.
fn is_of_group(stat: &str, group: u32) -> bool {
    // The name, in brackets, may contain anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let mut fields = fields.split_ascii_whitespace();
    let is_running = (fields.next()).is_some_and(|state| !matches!(state, "Z" | "X" | "x"));
    is_running && fields.nth(1).and_then(|of| of.parse().ok()) == Some(group)
}

/// Sends a signal to a process.
pub fn kill(pid: u32, signal: i32) -> io::Result<()> {
    syscall!(kill(pid as libc::pid_t, signal)).map(drop)
}

#[cfg(test)]
#[path = "process_tests.rs"]
mod tests;
