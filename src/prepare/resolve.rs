//! Calls the system's resolver without blocking: `getaddrinfo` blocks for as long as name
//! servers are silent, and cannot be interrupted.

use std::io::{self, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use mio::net::UnixStream;
use mio::{Events, Interest, Poll, Token};

use crate::signals::Signals;
use crate::sys::clock::Instant;

/// The result of resolving.
#[derive(Debug)]
pub enum Answer {
    /// The addresses, in the resolver's order of preference.
    Addresses(Vec<SocketAddr>),
    /// The resolver's error.
    Error(io::Error),
    /// It did not answer in time.
    TimedOut,
    /// A signal arrived first.
    Interrupted,
}

/// Resolves the addresses of a host, for at most `patience` and until a signal arrives. The thread that
/// resolves is then detached: it ends when the resolver does, or with the process.
pub fn resolve(
    host: &str,
    port: u16,
    patience: Duration,
    signals: &mut Signals,
) -> io::Result<Answer> {
    let host = host.to_owned();
    let look_up = move || Ok((host.as_str(), port).to_socket_addrs()?.collect());
    await_thread(look_up, patience, signals)
}

fn await_thread(
    look_up: impl FnOnce() -> io::Result<Vec<SocketAddr>> + Send + 'static,
    patience: Duration,
    signals: &mut Signals,
) -> io::Result<Answer> {
    const DONE: Token = Token(0);
    const SIGNAL: Token = Token(1);
    let end = Instant::now() + patience;
    let (done, mut wake) = StdUnixStream::pair()?;
    done.set_nonblocking(true)?;
    let mut done = UnixStream::from_std(done);
    let (sender, answers) = mpsc::channel();
    let ask = move || {
        // The caller may have given up.
        let _ = sender.send(look_up());
        let _ = wake.write_all(b".");
    };
    thread::Builder::new()
        .name("resolver".to_owned())
        .spawn(ask)?;
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut done, DONE, Interest::READABLE)?;
    signals.register(&poll, SIGNAL)?;
    let mut events = Events::with_capacity(2);
    let answer = loop {
        match answers.try_recv() {
            Ok(Ok(addresses)) => break Answer::Addresses(addresses),
            Ok(Err(error)) => break Answer::Error(error),
            Err(mpsc::TryRecvError::Disconnected) => {
                break Answer::Error(io::Error::other(
                    "the resolver thread ended without an answer",
                ));
            }
            Err(mpsc::TryRecvError::Empty) => {}
        }
        if signals.received().is_some() {
            break Answer::Interrupted;
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break Answer::TimedOut;
        }
        match poll.poll(&mut events, Some(left)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                break Answer::Error(error);
            }
            _ => {}
        }
    };
    signals.deregister(&poll)?;
    Ok(answer)
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
