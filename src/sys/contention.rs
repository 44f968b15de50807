//! What others took of the CPU: run-queue wait, steal, involuntary context switches.

use std::fs;
use std::mem::MaybeUninit;

use super::syscall;

/// What this thread, and the machine, lost to others; so far, or in a span. What the system does not
/// report is absent: in sandboxes, on other kernels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contention {
    /// How long this thread was ready to run and waited for a CPU, nanoseconds: the second field of
    /// `/proc/thread-self/schedstat` (proc(5), Documentation/scheduler/sched-stats).
    pub run_queue_nanos: Option<u64>,
    /// How often it was given a CPU, the third field.
    pub timeslices: Option<u64>,
    /// CPU time that a hypervisor gave to others while a CPU of this machine was ready to run, of all
    /// CPUs, nanoseconds, in steps of a clock tick (mostly 10 ms): the eighth figure of the first line
    /// of `/proc/stat` (proc_stat(5)).
    pub steal_nanos: Option<u64>,
    /// How often this thread had to leave its CPU although it could have gone on: `ru_nivcsw`
    /// (getrusage(2)).
    pub involuntary_switches: Option<u64>,
}

impl Contention {
    /// Reads what the calling thread and the machine have lost so far: two small files and a system call.
    pub fn read() -> Contention {
        let of_thread = fs::read_to_string("/proc/thread-self/schedstat")
            .or_else(|_| fs::read_to_string("/proc/self/schedstat"));
        let (run_queue_nanos, timeslices) = of_thread.ok().as_deref().and_then(schedstat).unzip();
        let stat = fs::read_to_string("/proc/stat").ok();
        Contention {
            run_queue_nanos,
            timeslices,
            steal_nanos: (stat.as_deref().and_then(steal_ticks)).and_then(nanos_of_ticks),
            involuntary_switches: involuntary_switches(),
        }
    }

    /// What was lost since an earlier reading.
    pub fn since(&self, before: &Contention) -> Contention {
        let since = |now: Option<u64>, before: Option<u64>| Some(now?.saturating_sub(before?));
        Contention {
            run_queue_nanos: since(self.run_queue_nanos, before.run_queue_nanos),
            timeslices: since(self.timeslices, before.timeslices),
            steal_nanos: since(self.steal_nanos, before.steal_nanos),
            involuntary_switches: since(self.involuntary_switches, before.involuntary_switches),
        }
    }

    /// What was lost in two spans together.
    pub fn plus(&self, other: &Contention) -> Contention {
        let sum = |one: Option<u64>, other: Option<u64>| match (one, other) {
            (Some(one), Some(other)) => Some(one.saturating_add(other)),
            (one, other) => one.or(other),
        };
        Contention {
            run_queue_nanos: sum(self.run_queue_nanos, other.run_queue_nanos),
            timeslices: sum(self.timeslices, other.timeslices),
            steal_nanos: sum(self.steal_nanos, other.steal_nanos),
            involuntary_switches: sum(self.involuntary_switches, other.involuntary_switches),
        }
    }
}

/// Wait in the run queue, nanoseconds, and timeslices.
fn schedstat(text: &str) -> Option<(u64, u64)> {
    let mut fields = text.split_ascii_whitespace().skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// Steal of all CPUs, clock ticks.
fn steal_ticks(stat: &str) -> Option<u64> {
    let all = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    all.split_ascii_whitespace().nth(7)?.parse().ok()
}

fn nanos_of_ticks(ticks: u64) -> Option<u64> {
    // SAFETY: sysconf takes a number and returns one.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    let per_second = u64::try_from(per_second).ok().filter(|of| *of > 0)?;
    Some(ticks.saturating_mul(1_000_000_000 / per_second))
}

fn involuntary_switches() -> Option<u64> {
    let mut usage = MaybeUninit::<libc::rusage>::uninit();
    syscall!(getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr())).ok()?;
    // SAFETY: getrusage succeeded and filled the struct.
    let usage = unsafe { usage.assume_init() };
    u64::try_from(usage.ru_nivcsw).ok()
}

#[cfg(test)]
#[path = "contention_tests.rs"]
mod tests;
