//! Trial connections, made before a load: from the first source address to one of the server's.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use crate::net::ip::ScopedIp;
use crate::net::sources::with_any_port;
use crate::net::ways::Ways;
use crate::row::failure::{Failure, FailureKind};
use crate::signals::Signals;
use crate::sys::clock::Instant;
use crate::sys::socket;

/// Both ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    to: SocketAddr,
    /// `None` leaves it to the kernel.
    from: Option<ScopedIp>,
}

impl Route {
    /// To one of the addresses that connections may go to.
    pub fn to(address: SocketAddr, ways: &Ways) -> Route {
        Route {
            to: address,
            from: ways.first_source(),
        }
    }

    /// Connects and closes, within `patience`, or until a signal arrives.
    pub fn attempt(&self, patience: Duration, signals: &mut Signals) -> Result<(), Failure> {
        self.connect(patience, signals).map(drop)
    }

    /// Connects, within `patience`, or until a signal arrives; the stream is non-blocking.
    pub fn connect(&self, patience: Duration, signals: &mut Signals) -> Result<TcpStream, Failure> {
        const CONNECTION: Token = Token(0);
        const SIGNAL: Token = Token(1);
        let end = Instant::now() + patience;
        let socket = self.socket()?;
        socket::connect(&socket, &self.to.into())?;
        let mut poll = Poll::new()?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registry = poll.registry();
        registry.register(&mut SourceFd(&socket.as_raw_fd()), CONNECTION, interest)?;
        signals.register(&poll, SIGNAL)?;
        let stream = TcpStream::from(socket);
        let mut events = Events::with_capacity(2);
        let outcome = loop {
            if let Some(error) = stream.take_error().unwrap_or_else(Some) {
                break Err(error.into());
            }
            if socket::is_connected(&stream) {
                break Ok(());
            }
            if signals.received().is_some() {
                break Err(FailureKind::Interrupted.into());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break Err(FailureKind::ConnectTimeout.into());
            }
            match poll.poll(&mut events, Some(left)) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                    break Err(error.into());
                }
                _ => {}
            }
        };
        signals.deregister(&poll)?;
        outcome.map(|()| stream)
    }

    fn socket(&self) -> io::Result<OwnedFd> {
        let socket = socket::stream_for(&self.to.into())?;
        if let Some(source) = self.from {
            socket::bind_source(&socket, &with_any_port(source))?;
        }
        Ok(socket)
    }
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
