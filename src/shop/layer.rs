//! The TLS layer of one connection, between its socket and the requests: ciphertext on one side,
//! plaintext on the other. It opens, waits for and closes nothing.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::{HandshakeKind, ServerConfig, ServerConnection};

/// The layer.
#[derive(Debug)]
pub struct Layer {
    session: ServerConnection,
    /// Whether the socket may have something to read (edge-triggered: reported once).
    socket_readable: bool,
    /// Whether the end of the client's stream was reported, after which events end.
    hung_up: bool,
    /// Whether the handshake's kind was told.
    is_told: bool,
    /// Whether the client broke the protocol: nothing more is exchanged.
    pub has_failed: bool,
    /// How the end of the stream is corrupted.
    pub spoilt: Option<Spoilt>,
    has_said_goodbye: bool,
}

/// A fault of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoilt {
    /// The last record of the next answer is changed in transit.
    Corrupt,
    /// The stream ends without `close_notify`.
    Truncated,
}

/// What became of the reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// That number of bytes, 1 or more.
    Some(usize),
    /// Nothing at present.
    None,
    /// The client has closed its side.
    End,
    /// The client broke the protocol; an alert is sent, or waits to be.
    Failed,
}

impl Layer {
    /// The layer of a connection that was just accepted.
    pub fn new(config: &Arc<ServerConfig>) -> Result<Layer, rustls::Error> {
        let mut session = ServerConnection::new(Arc::clone(config))?;
        // Answers are taken whole; the shop reads no further requests until they are sent.
        session.set_buffer_limit(None);
        Ok(Layer {
            session,
            socket_readable: false,
            hung_up: false,
            is_told: false,
            has_failed: false,
            spoilt: None,
            has_said_goodbye: false,
        })
    }

    /// The poll reported that there is something to read, perhaps with the end of the stream.
    pub fn note_readable(&mut self, hung_up: bool) {
        self.socket_readable = true;
        self.hung_up |= hung_up;
    }

    /// Whether records wait to be sent.
    pub fn wants_write(&self) -> bool {
        self.session.wants_write()
    }

    /// Whether the handshake is not over.
    pub fn is_handshaking(&self) -> bool {
        self.session.is_handshaking()
    }

    /// The kind of the handshake, once after its end.
    pub fn take_handshake(&mut self) -> Option<HandshakeKind> {
        if self.is_told || self.session.is_handshaking() {
            return None;
        }
        self.is_told = true;
        self.session.handshake_kind()
    }

    /// Receives plaintext.
    pub fn receive(&mut self, stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<Received> {
        loop {
            match self.session.reader().read(buffer) {
                Ok(0) => return Ok(Received::End),
                Ok(count) => return Ok(Received::Some(count)),
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Received::End),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if !self.socket_readable || self.session.wants_write() {
                return Ok(Received::None);
            }
            if !self.take_in(stream)? {
                return Ok(Received::None);
            }
            let processed = self.session.process_new_packets();
            self.flush(stream)?;
            if processed.is_err() {
                self.has_failed = true;
                return Ok(Received::Failed);
            }
        }
    }

    /// Reads ciphertext once; whether there was any, or the end.
    fn take_in(&mut self, stream: &mut TcpStream) -> io::Result<bool> {
        let mut source = Source {
            stream,
            was_short: false,
        };
        match self.session.read_tls(&mut source) {
            Ok(count) => {
                // A short read has emptied the socket, but the end may have come with the last bytes.
                let was_short = source.was_short;
                self.socket_readable = count > 0 && (!was_short || self.hung_up);
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.socket_readable = false;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Encrypts `bytes` and sends what the kernel accepts; the rest is kept.
    pub fn send(&mut self, stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
        if !bytes.is_empty() {
            self.session.writer().write_all(bytes)?;
            if self.spoilt == Some(Spoilt::Corrupt) {
                return self.send_corrupted(stream);
            }
        }
        self.flush(stream)
    }

    /// Sends what is kept.
    pub fn flush(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        while self.session.wants_write() {
            match self.session.write_tls(stream) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Sends all records with the last bit of the last one flipped: its authentication fails.
    fn send_corrupted(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        self.has_failed = true;
        let mut records = Vec::new();
        while self.session.wants_write() {
            self.session.write_tls(&mut records)?;
        }
        if let Some(last) = records.last_mut() {
            *last ^= 1;
        }
        // A purchase's answer fits into an empty socket buffer.
        stream.write_all(&records)
    }

    /// Ends the stream with `close_notify` (RFC 8446 section 6.1), unless a fault prevents that.
    pub fn say_goodbye(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        let is_mute = self.has_failed || self.spoilt.is_some() || self.is_handshaking();
        if !self.has_said_goodbye && !is_mute {
            self.has_said_goodbye = true;
            self.session.send_close_notify();
        }
        self.flush(stream)
    }
}

/// Reads once, and notes whether that has emptied the socket.
struct Source<'a> {
    stream: &'a mut TcpStream,
    was_short: bool,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.stream.read(buffer) {
                Ok(count) => {
                    self.was_short = count < buffer.len();
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
