//! How the kernel schedules this thread: sched(7), setpriority(2), and the slack of its timers, prctl(2).
//!
//! A thread under SCHED_FIFO runs until it sleeps. One that does not sleep would keep everything else from
//! its CPU, so [`begin_fifo`] limits that (RLIMIT_RTTIME, getrlimit(2)): the kernel sends SIGXCPU, and the
//! handler puts the thread back among the others ([`end_fifo`]).

use std::io;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::Duration;

use super::{clock, syscall};

/// The thread under SCHED_FIFO; 0 for none.
static FIFO_THREAD: AtomicI32 = AtomicI32::new(0);

/// When SCHED_FIFO was ended by its limit, CLOCK_MONOTONIC in nanoseconds; 0 if it was not.
static LIMITED_AT: AtomicU64 = AtomicU64::new(0);

/// A SIGXCPU has several handlers where they were installed several times: those that run within this
/// time are for the same signal, nanoseconds. One of RLIMIT_CPU at that time is sent again after a second.
const SAME_SIGNAL: u64 = 10_000_000;

/// The priority under SCHED_FIFO: the lowest is above all normal threads, and below the kernel's own.
pub const FIFO_PRIORITY: i32 = 1;

/// A limit of RLIMIT_RTTIME that was in force before.
#[derive(Clone, Copy, Debug)]
pub struct RunTimeLimit(libc::rlimit);

/// Puts this thread under SCHED_FIFO, for at most `longest` without sleep, then it is a normal thread
/// again. Processes and threads that it starts are normal ones. Returns the limit for [`restore_limit`].
///
/// # Errors
///
/// Not permitted (CAP_SYS_NICE, RLIMIT_RTPRIO, a control group without real-time), or the limit cannot be
/// set.
pub fn begin_fifo(longest: Duration) -> io::Result<RunTimeLimit> {
    let before = run_time_limit()?;
    let micros = longest.as_micros() as libc::rlim_t;
    // The signal has to come before the kill of the hard limit.
    let soft = micros.min(before.0.rlim_max / 2);
    let limit = libc::rlimit {
        rlim_cur: soft,
        ..before.0
    };
    syscall!(setrlimit(libc::RLIMIT_RTTIME, &raw const limit))?;
    // SAFETY: gettid has no arguments and cannot fail.
    let thread = unsafe { libc::gettid() };
    LIMITED_AT.store(0, Ordering::SeqCst);
    FIFO_THREAD.store(thread, Ordering::SeqCst);
    let set = set_policy(
        thread,
        libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK,
        FIFO_PRIORITY,
    );
    if let Err(error) = set {
        FIFO_THREAD.store(0, Ordering::SeqCst);
        let _ = restore_limit(before);
        return Err(error);
    }
    Ok(before)
}

/// Makes the thread under SCHED_FIFO, if there is one, a normal thread again; whether there was one.
/// Async-signal-safe.
pub fn end_fifo() -> bool {
    let thread = FIFO_THREAD.swap(0, Ordering::SeqCst);
    // SCHED_RESET_ON_FORK may only be cleared with CAP_SYS_NICE: it does no harm.
    thread != 0
        && set_policy(thread, libc::SCHED_OTHER, 0)
            .or_else(|_| set_policy(thread, libc::SCHED_OTHER | libc::SCHED_RESET_ON_FORK, 0))
            .is_ok()
}

/// A SIGXCPU has arrived: ends SCHED_FIFO, whose limit was reached; whether it was in force.
/// Async-signal-safe.
pub fn limit_reached() -> bool {
    let now = clock::monotonic_nanos();
    if end_fifo() {
        LIMITED_AT.store(now, Ordering::SeqCst);
        return true;
    }
    let at = LIMITED_AT.load(Ordering::SeqCst);
    at != 0 && now.saturating_sub(at) < SAME_SIGNAL
}

/// Whether SCHED_FIFO was ended by its limit since it began.
pub fn was_limited() -> bool {
    LIMITED_AT.load(Ordering::SeqCst) != 0
}

/// Puts the limit back that was in force before.
pub fn restore_limit(before: RunTimeLimit) -> io::Result<()> {
    syscall!(setrlimit(libc::RLIMIT_RTTIME, &raw const before.0)).map(drop)
}

fn run_time_limit() -> io::Result<RunTimeLimit> {
    let mut limit = MaybeUninit::<libc::rlimit>::uninit();
    syscall!(getrlimit(libc::RLIMIT_RTTIME, limit.as_mut_ptr()))?;
    // SAFETY: getrlimit succeeded and filled the struct.
    Ok(RunTimeLimit(unsafe { limit.assume_init() }))
}

/// The kernel's call: the function of that name in musl always fails.
fn set_policy(thread: libc::pid_t, policy: i32, priority: i32) -> io::Result<()> {
    let mut param = MaybeUninit::<libc::sched_param>::zeroed();
    // SAFETY: all zeroes are a valid sched_param.
    let param = unsafe { param.assume_init_mut() };
    param.sched_priority = priority;
    syscall!(syscall(
        libc::SYS_sched_setscheduler,
        thread,
        policy,
        &raw const *param
    ))
    .map(drop)
}

/// Whether this thread is under SCHED_FIFO now.
pub fn is_fifo() -> bool {
    let policy = syscall!(syscall(libc::SYS_sched_getscheduler, 0));
    policy.is_ok_and(|policy| policy as i32 & !libc::SCHED_RESET_ON_FORK == libc::SCHED_FIFO)
}

/// The nice value of this thread, -20 (favoured) to 19.
pub fn nice() -> io::Result<i32> {
    // The kernel's call returns 20 less the value: no result is taken for an error.
    let raised = syscall!(syscall(libc::SYS_getpriority, libc::PRIO_PROCESS, 0))?;
    Ok(20 - raised as i32)
}

/// Sets the nice value of this thread, which others may share its CPU by.
///
/// # Errors
///
/// Lower values need CAP_SYS_NICE or RLIMIT_NICE.
pub fn set_nice(nice: i32) -> io::Result<()> {
    syscall!(syscall(libc::SYS_setpriority, libc::PRIO_PROCESS, 0, nice)).map(drop)
}

/// The lowest nice value that RLIMIT_NICE permits (getrlimit(2)); 20 for none.
pub fn least_nice() -> io::Result<i32> {
    let mut limit = MaybeUninit::<libc::rlimit>::uninit();
    syscall!(getrlimit(libc::RLIMIT_NICE, limit.as_mut_ptr()))?;
    // SAFETY: getrlimit succeeded and filled the struct.
    let limit = unsafe { limit.assume_init() }.rlim_cur;
    Ok(20 - limit.min(40) as i32)
}

/// How much later than asked for the kernel may end the waits of this thread that have a time-out,
/// nanoseconds; 50,000 unless changed.
pub fn timer_slack() -> io::Result<u64> {
    let nanos = syscall!(prctl(libc::PR_GET_TIMERSLACK))?;
    Ok(nanos as u64)
}

/// Sets that slack; 1 is the least.
pub fn set_timer_slack(nanos: u64) -> io::Result<()> {
    syscall!(prctl(libc::PR_SET_TIMERSLACK, nanos as libc::c_ulong)).map(drop)
}

#[cfg(test)]
#[path = "scheduling_tests.rs"]
mod tests;
