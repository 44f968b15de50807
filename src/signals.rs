//! SIGINT and SIGTERM: the first asks the event loop to stop, a second ends the process at once.

use std::io;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mio::net::UnixStream;
use mio::{Events, Interest, Poll, Token};
use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::{flag, low_level};

/// Listens for the signals that end a run early.
#[derive(Debug)]
pub struct Signals {
    received: Arc<AtomicUsize>,
    wake: UnixStream,
}

impl Signals {
    /// Installs the handlers for the rest of the process's life.
    pub fn install() -> io::Result<Signals> {
        let received = Arc::new(AtomicUsize::new(0));
        let once = Arc::new(AtomicBool::new(false));
        let (wake, sender) = StdUnixStream::pair()?;
        wake.set_nonblocking(true)?;
        for signal in [SIGINT, SIGTERM] {
            // Handlers run in the order they were registered: the one that exits must come before
            // the one that remembers the first signal.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&once))?;
            flag::register(signal, Arc::clone(&once))?;
            flag::register_usize(signal, Arc::clone(&received), signal as usize)?;
            low_level::pipe::register(signal, sender.try_clone()?)?;
        }
        // A limit on file sizes is to be an error of the write, not the end of the process.
        flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
        Ok(Signals {
            received,
            wake: UnixStream::from_std(wake),
        })
    }

    /// The signal that asked for an end, if one did.
    pub fn received(&self) -> Option<i32> {
        match self.received.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(signal as i32),
        }
    }

    /// Becomes readable when a signal arrives; for registering with a poll.
    pub fn source(&mut self) -> &mut UnixStream {
        &mut self.wake
    }

    /// Has a poll wake up when a signal arrives.
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

    /// Ends what [`Signals::register`] began.
    pub fn deregister(&mut self, poll: &Poll) -> io::Result<()> {
        poll.registry().deregister(&mut self.wake)
    }

    /// Waits so long, or until a signal comes.
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
