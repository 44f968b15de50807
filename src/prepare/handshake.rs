//! Trial TLS handshakes, made before a load and outside its timing: one connection, no request.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use super::route::Route;
use crate::net::tls::{PENDING_ROOM, Peer, Session, Tickets, TlsClient};
use crate::row::failure::{Failure, FailureKind};
use crate::row::{Handshake, TlsFailure};
use crate::signals::Signals;
use crate::sys::clock::Instant;

/// Read at once at most, bytes.
const RECEIVE: usize = 16 * 1024;

/// How long a server may take to send a ticket after the handshake: all that do send it at once.
const TICKET_PATIENCE: Duration = Duration::from_millis(500);

/// What a handshake has shown.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What is known of the server.
    pub peer: Option<Peer>,
    /// Its certificates in DER form, its own first; as sent, not verified here.
    pub chain: Vec<Vec<u8>>,
    /// Whether it was a full handshake.
    pub handshake: Handshake,
    /// From the connection to the end of the handshake.
    pub took: Duration,
}

/// Connects and makes a handshake, within `patience` each. It then waits a moment for a ticket to come
/// into `tickets`: with TLS 1.3 a server that refuses a client certificate says so only then.
pub fn try_handshake(
    route: &Route,
    client: &TlsClient,
    tickets: &Tickets,
    patience: Duration,
    signals: &mut Signals,
) -> Result<Trial, Failure> {
    let stream = route.connect(patience, signals)?;
    let before = Instant::now();
    let mut connection = Connection::new(stream, client.connect()?)?;
    let mut out = Vec::new();
    connection.session.hello(&mut out)?;
    connection.send(&out)?;
    let end = before + patience;
    while !connection.session.is_ready() {
        if !connection.wait(end, signals)? {
            return Err(FailureKind::Tls(TlsFailure::HandshakeTimeout).into());
        }
        connection.receive()?;
    }
    let took = before.elapsed();
    let end = Instant::now() + TICKET_PATIENCE;
    while !tickets.has_any() && !connection.has_ended && connection.wait(end, signals)? {
        connection.receive()?;
    }
    out.clear();
    connection.session.close(&mut out);
    // The server may have closed before: what was to be seen is seen.
    let _ = connection.send(&out);
    Ok(Trial {
        peer: connection.session.peer(),
        chain: connection.session.chain(),
        handshake: connection.session.handshake(),
        took,
    })
}

/// A connection of its own, with its own poll.
struct Connection {
    stream: TcpStream,
    session: Session,
    poll: Poll,
    buffer: Vec<u8>,
    has_ended: bool,
}

const STREAM: Token = Token(0);
const SIGNAL: Token = Token(1);

impl Connection {
    fn new(stream: TcpStream, session: Session) -> io::Result<Connection> {
        let poll = Poll::new()?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        let fd = stream.as_raw_fd();
        poll.registry()
            .register(&mut SourceFd(&fd), STREAM, interest)?;
        Ok(Connection {
            stream,
            session,
            poll,
            buffer: vec![0; PENDING_ROOM + RECEIVE],
            has_ended: false,
        })
    }

    /// Waits for the next event; whether there was one before `end`.
    fn wait(&mut self, end: Instant, signals: &mut Signals) -> Result<bool, Failure> {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        signals.register(&self.poll, SIGNAL)?;
        let mut events = Events::with_capacity(2);
        let polled = self.poll.poll(&mut events, Some(left));
        signals.deregister(&self.poll)?;
        if signals.received().is_some() {
            return Err(FailureKind::Interrupted.into());
        }
        match polled {
            Err(error) if error.kind() != ErrorKind::Interrupted => Err(error.into()),
            _ => Ok(true),
        }
    }

    /// Takes in what there is, and answers it.
    fn receive(&mut self) -> Result<(), Failure> {
        while !self.has_ended {
            let pending = self.session.lead(&mut self.buffer);
            let received = match self
                .stream
                .read(&mut self.buffer[pending..pending + RECEIVE])
            {
                Ok(received) => received,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(self.failure(error)),
            };
            if received == 0 {
                self.has_ended = true;
                return match self.session.is_ready() {
                    true => Ok(()),
                    false => Err(FailureKind::Tls(TlsFailure::ClosedInHandshake).into()),
                };
            }
            let mut out = Vec::new();
            let incoming = &mut self.buffer[..pending + received];
            let step = self.session.advance(incoming, &mut out, &mut |_, _| {});
            let sent = self.send(&out);
            self.has_ended |= step?.is_closed;
            sent?;
        }
        Ok(())
    }

    /// Sends a message: a few kilobytes at most, which fit into the buffer of a new socket.
    fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self.stream.write_all(bytes) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.failure(error)),
        }
    }

    fn failure(&self, error: io::Error) -> Failure {
        let was_reset = matches!(
            error.kind(),
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
        );
        match was_reset && !self.session.is_ready() {
            true => FailureKind::Tls(TlsFailure::ResetInHandshake).into(),
            false => error.into(),
        }
    }
}
