//! Signals that would end the process: the first asks the event loop to stop, so that rows in flight
//! are written; one that comes more than a second later ends the process at once. And those that stop and
//! continue it.

use std::io;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mio::net::UnixStream;
use mio::{Events, Interest, Poll, Token};
use signal_hook::consts::{SIGCONT, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;

use crate::exit::Ending;
use crate::sys::clock::Instant;
use crate::sys::signal;

/// Signals whose default action ends a process (signal(7)), and that users, shells, schedulers,
/// timers and limits send. The real-time signals are handled like them.
///
/// Signals that report a fault of this process, or that request a core dump for debugging, are not among
/// them: SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS and SIGTRAP. After a fault, what the process
/// writes cannot be relied on, and handlers would change what the dump shows.
const ENDING: [i32; 13] = [
    SIGINT,
    SIGTERM,
    libc::SIGHUP,
    libc::SIGQUIT,
    libc::SIGALRM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGXCPU,
    libc::SIGVTALRM,
    libc::SIGPROF,
    libc::SIGIO,
    libc::SIGPWR,
    libc::SIGSTKFLT,
];

/// Listens for the signals that end a run early.
#[derive(Debug)]
pub struct Signals {
    continued: Arc<AtomicBool>,
    wake: UnixStream,
}

impl Signals {
    /// Installs the handlers for the rest of the process's life.
    pub fn install() -> io::Result<Signals> {
        let (wake, sender) = StdUnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let sender = Arc::new(sender);
        for number in ENDING.into_iter().chain(signal::real_time()) {
            // A run under nohup(1) outlives its terminal, and one in the background of a script outlives a
            // Ctrl-C: shells without job control start it with SIGINT and SIGQUIT ignored (POSIX, Shell
            // Command Language, section 2.12). A SIGTERM is always meant for the process it was sent to.
            if number != SIGTERM && signal::is_ignored(number) {
                continue;
            }
            signal::register_ending(number, Arc::clone(&sender))?;
        }
        let continued = Arc::new(AtomicBool::new(false));
        flag::register(SIGCONT, Arc::clone(&continued))?;
        signal::measure_stops()?;
        // Exceeding the file size limit must be an error of the write, not the end of the process.
        flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
        Ok(Signals {
            continued,
            wake: UnixStream::from_std(wake),
        })
    }

    /// The first signal that asked to end the process, if any.
    pub fn received(&self) -> Option<i32> {
        signal::received().map(|(signal, _)| signal)
    }

    /// Ends this process by the signal that ended its work, once everything is written: so shells
    /// and schedulers see what ended it, and their loops end too. In process 1 of a container, where
    /// a raised signal has no effect, it returns the corresponding exit code.
    pub fn die_of(signal: i32) -> ExitCode {
        signal::die_of(signal);
        Ending::Interrupted(signal).code()
    }

    /// Whether the process was stopped and continued since the last call.
    pub fn take_continued(&self) -> bool {
        self.continued.load(Ordering::Relaxed) && self.continued.swap(false, Ordering::Relaxed)
    }

    /// How long the process was stopped by SIGTSTP since the last call, nanoseconds.
    pub fn take_stopped_nanos(&self) -> i64 {
        i64::try_from(signal::take_stopped_nanos()).unwrap_or(i64::MAX)
    }

    /// Becomes readable when a signal arrives; for registering with a poll.
    pub fn source(&mut self) -> &mut UnixStream {
        &mut self.wake
    }

    /// Makes a poll wake up when a signal arrives.
    pub fn register(&mut self, poll: &Poll, token: Token) -> io::Result<()> {
        let registry = poll.registry();
        match registry.register(&mut self.wake, token, Interest::READABLE) {
            // Registered with the poll of an earlier run.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                registry.reregister(&mut self.wake, token, Interest::READABLE)
            }
            other => other,
        }
    }

    /// Reverts [`Signals::register`].
    pub fn deregister(&mut self, poll: &Poll) -> io::Result<()> {
        poll.registry().deregister(&mut self.wake)
    }

    /// Waits for the span, or until a signal arrives.
    pub fn wait(&mut self, span: Duration) -> io::Result<()> {
        let end = Instant::now() + span;
        let mut poll = Poll::new()?;
        self.register(&poll, Token(0))?;
        let mut events = Events::with_capacity(1);
        while self.received().is_none() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            match poll.poll(&mut events, Some(left)) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
        }
        self.deregister(&poll)
    }
}
