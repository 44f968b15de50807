//! Signals: sigaction(2), raise(3), and how long this process was stopped by SIGTSTP.

use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::Duration;

use signal_hook::low_level;

use super::clock::{self, Instant};
use super::{scheduling, syscall};

/// The rows in flight are written within this time after the first signal that asks for an end. Until
/// then no further one ends the process: a terminal that is closed sends SIGHUP twice (by the kernel and
/// by the shell), and wrappers forward the SIGINT that the process group has had already.
pub const GRACE: Duration = Duration::from_secs(1);

/// The first signal that asked for an end; 0 if none did.
static RECEIVED: AtomicI32 = AtomicI32::new(0);

/// When it came, CLOCK_MONOTONIC in nanoseconds; 0 if none did.
static RECEIVED_AT: AtomicU64 = AtomicU64::new(0);

/// The first signal that asked for an end, and when it came.
pub fn received() -> Option<(i32, Instant)> {
    match RECEIVED.load(Ordering::SeqCst) {
        0 => None,
        signal => {
            let at = RECEIVED_AT.load(Ordering::SeqCst);
            Some((signal, Instant::of_nanos(at)))
        }
    }
}

/// The real-time signals that programs may use (signal(7)): the C library has taken some for itself.
pub fn real_time() -> impl Iterator<Item = i32> {
    libc::SIGRTMIN()..=libc::SIGRTMAX()
}

/// Whether a signal is ignored, as one that was ignored before execve(2) still is (nohup(1)).
pub fn is_ignored(signal: i32) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    if syscall!(sigaction(signal, ptr::null(), action.as_mut_ptr())).is_err() {
        return false;
    }
    // SAFETY: sigaction succeeded and filled the struct.
    unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN
}

/// Ends this process by a signal: its default action is restored and the signal raised. Returns only
/// where a signal without a handler has no effect: in process 1 of a PID namespace (pid_namespaces(7)).
/// Async-signal-safe.
pub fn die_of(signal: i32) {
    let _ = set_handler(signal, libc::SIG_DFL);
    let _ = change_mask(libc::SIG_UNBLOCK, signal);
    let _ = syscall!(raise(signal));
}

/// Has a signal recorded, if it is the first of those, and a byte sent to `wake`. A later one ends this
/// process at once if the [`GRACE`] is over: by the signal, or where that has no effect with the exit code
/// 128 and the signal's number.
pub fn register_ending(signal: i32, wake: Arc<UnixStream>) -> io::Result<()> {
    let action = move || {
        let errno = errno();
        // Not the end: a thread under SCHED_FIFO has run for long without sleep.
        if signal == libc::SIGXCPU && scheduling::limit_reached() {
            set_errno(errno);
            return;
        }
        let now = Instant::now().nanos();
        match RECEIVED_AT.compare_exchange(0, now, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => RECEIVED.store(signal, Ordering::SeqCst),
            Err(first) => {
                let since =
                    Instant::of_nanos(now).saturating_duration_since(Instant::of_nanos(first));
                if since >= GRACE {
                    die_of(signal);
                    low_level::exit(128 + signal);
                }
            }
        }
        // A byte that does not fit is not needed: others wait to be read.
        let byte = [0u8];
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        let _ = syscall!(send(wake.as_raw_fd(), byte.as_ptr().cast(), 1, flags));
        set_errno(errno);
    };
    // SAFETY: the action only uses atomics and calls async-signal-safe functions.
    unsafe { low_level::register(signal, action) }.map(drop)
}

static STOPPED_NANOS: AtomicU64 = AtomicU64::new(0);

/// Measures the time for which this process is stopped by SIGTSTP (Ctrl-Z), unless that is ignored.
pub fn measure_stops() -> io::Result<()> {
    if is_ignored(libc::SIGTSTP) {
        return Ok(());
    }
    set_handler(libc::SIGTSTP, stop as *const () as libc::sighandler_t)
}

/// How long this process was stopped by SIGTSTP since the last call, nanoseconds.
pub fn take_stopped_nanos() -> u64 {
    STOPPED_NANOS.swap(0, Ordering::Relaxed)
}

/// Stops this process as the default action does, and measures the time. Async-signal-safe.
extern "C" fn stop(signal: libc::c_int) {
    let errno = errno();
    let before = clock::monotonic_nanos();
    // It stops within raise(3), and continues there.
    die_of(signal);
    let after = clock::monotonic_nanos();
    STOPPED_NANOS.fetch_add(after.saturating_sub(before), Ordering::Relaxed);
    let _ = change_mask(libc::SIG_BLOCK, signal);
    let _ = set_handler(signal, stop as *const () as libc::sighandler_t);
    set_errno(errno);
}

fn errno() -> libc::c_int {
    // SAFETY: the address of this thread's errno is always valid.
    unsafe { *libc::__errno_location() }
}

fn set_errno(errno: libc::c_int) {
    // SAFETY: as for reading it.
    unsafe { *libc::__errno_location() = errno };
}

fn set_handler(signal: i32, handler: libc::sighandler_t) -> io::Result<()> {
    // SAFETY: all zeroes are a valid sigaction: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = handler;
    action.sa_flags = libc::SA_RESTART;
    syscall!(sigaction(signal, &raw const action, ptr::null_mut())).map(drop)
}

fn change_mask(how: libc::c_int, signal: i32) -> io::Result<()> {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    syscall!(sigemptyset(set.as_mut_ptr()))?;
    syscall!(sigaddset(set.as_mut_ptr(), signal))?;
    syscall!(sigprocmask(how, set.as_ptr(), ptr::null_mut())).map(drop)
}
