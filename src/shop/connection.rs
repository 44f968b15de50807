//! One connection: a small struct; its buffers are allocated only while they are in use.
//!
//! ```text
//!         purchase          answer
//!  Open ───────────► Working ──────► Open
//!   │ ╲ fault           ╲ fault
//!   │  ╰─► Stalled       ╰─► Dripping ──► Open
//!   │ answer that closes
//!   ╰─► Lingering ──► closed
//! ```
//! With TLS a layer stands between the socket and these buffers, which hold plaintext.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;

use mio::net::TcpStream;

use super::faults::FaultKind;
use super::http::Parser;
use super::layer::{Layer, Received, Spoilt};
use crate::sys::socket;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reads requests.
    Open,
    /// Its purchase is waiting or in progress; nothing is read during that time.
    Working,
    /// Will never be answered; input is discarded until the client closes.
    Stalled,
    /// Its answer is sent byte by byte.
    Dripping,
    /// Everything is sent and the write side is closed. Further input is discarded: closing
    /// with unread bytes would reset the connection and destroy the answer in transit.
    Lingering,
}

/// How the connection ends once its output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Orderly.
    Close,
    /// With a reset.
    Reset,
}

/// A connection.
#[derive(Debug)]
pub struct Connection {
    /// The socket.
    pub stream: TcpStream,
    /// TLS; absent on a plain connection.
    pub tls: Option<Box<Layer>>,
    /// The fault that answers the first bytes of the client.
    pub on_hello: Option<FaultKind>,
    /// What it is doing.
    pub phase: Phase,
    /// How it will end; `None` while it is to stay.
    pub ending: Option<Ending>,
    /// Whether the socket may have something to read (edge-triggered: reported once).
    pub readable: bool,
    /// Whether the end of the client's stream was reported, after which events end.
    hung_up: bool,
    /// Whether the client has closed its side.
    pub ended: bool,
    /// Bytes of requests that are incomplete or not processed yet.
    pub input: Option<Box<Input>>,
    /// Bytes that the kernel has not accepted yet, and how many of them it has accepted since.
    output: Vec<u8>,
    sent: usize,
}

/// Stored input.
#[derive(Debug, Default)]
pub struct Input {
    /// The bytes, from the first of an incomplete request on.
    pub bytes: Vec<u8>,
    /// The parser's state for that request.
    pub parser: Parser,
}

impl Connection {
    /// A new connection; the first readiness is not reported yet.
    pub fn new(stream: TcpStream) -> Connection {
        Connection {
            stream,
            tls: None,
            on_hello: None,
            phase: Phase::Open,
            ending: None,
            readable: false,
            hung_up: false,
            ended: false,
            input: None,
            output: Vec::new(),
            sent: 0,
        }
    }

    /// Whether the next request may be processed: one after the other, and not while the client
    /// does not read its answers.
    pub fn takes_requests(&self) -> bool {
        self.phase == Phase::Open && self.ending.is_none() && self.has_sent_all()
    }

    /// Whether the socket may be read.
    pub fn reads(&self) -> bool {
        matches!(self.phase, Phase::Stalled | Phase::Lingering) || self.takes_requests()
    }

    /// Whether no output is pending.
    pub fn has_sent_all(&self) -> bool {
        self.output.is_empty() && self.tls.as_ref().is_none_or(|tls| !tls.wants_write())
    }

    /// The poll reported that there is something to read, perhaps with the end of the stream.
    pub fn note_readable(&mut self, hung_up: bool) {
        self.readable = true;
        self.hung_up |= hung_up;
        if let Some(tls) = &mut self.tls {
            tls.note_readable(hung_up);
        }
    }

    /// Receives once; 0 is the end, `None` means that there is nothing at present.
    pub fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        // What is discarded need not be decrypted.
        if self.phase == Phase::Open && self.tls.is_some() {
            return self.receive_by_tls(buffer);
        }
        loop {
            match self.stream.read(buffer) {
                Ok(received) => {
                    self.ended |= received == 0;
                    // A short read has emptied the socket: the next arrival is reported again, but the
                    // end may have been reported together with the last bytes.
                    self.readable = received == buffer.len() || (self.hung_up && !self.ended);
                    return Ok(Some(received));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.readable = false;
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn receive_by_tls(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let Some(tls) = &mut self.tls else {
            return Ok(None);
        };
        match tls.receive(&mut self.stream, buffer)? {
            Received::Some(count) => return Ok(Some(count)),
            Received::None => self.readable = tls.wants_write(),
            Received::End => {
                self.ended = true;
                self.readable = false;
            }
            Received::Failed => self.ending = Some(Ending::Close),
        }
        Ok(None)
    }

    /// Sends `bytes` and empties them; what the kernel does not accept is kept.
    pub fn send(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.send(&mut self.stream, bytes)?;
            bytes.clear();
            return Ok(());
        }
        let mut sent = 0;
        if self.has_sent_all() {
            sent = send_some(&mut self.stream, bytes)?;
        }
        self.output.extend_from_slice(&bytes[sent..]);
        bytes.clear();
        Ok(())
    }

    /// Sends what is pending; its memory is freed when everything is sent.
    pub fn send_pending(&mut self) -> io::Result<()> {
        if self.has_sent_all() {
            return Ok(());
        }
        if let Some(tls) = &mut self.tls {
            return tls.flush(&mut self.stream);
        }
        self.sent += send_some(&mut self.stream, &self.output[self.sent..])?;
        if self.sent == self.output.len() {
            self.output = Vec::new();
            self.sent = 0;
        }
        Ok(())
    }

    /// Keeps `bytes` to be sent one by one.
    pub fn drip(&mut self, bytes: &mut Vec<u8>) {
        self.output.append(bytes);
        self.phase = Phase::Dripping;
    }

    /// Sends one of the bytes kept; whether there are more.
    pub fn send_drop(&mut self) -> io::Result<bool> {
        if let Some(byte) = self.output.get(self.sent..self.sent + 1) {
            match &mut self.tls {
                None => self.sent += send_some(&mut self.stream, byte)?,
                Some(tls) => {
                    tls.send(&mut self.stream, byte)?;
                    self.sent += 1;
                }
            }
        }
        if self.sent < self.output.len() {
            return Ok(true);
        }
        self.output = Vec::new();
        self.sent = 0;
        self.phase = Phase::Open;
        Ok(false)
    }

    /// Corrupts the stream, if it is TLS.
    pub fn spoil(&mut self, how: Spoilt) {
        if let Some(tls) = &mut self.tls {
            tls.spoilt = Some(how);
        }
    }

    /// Ends a TLS stream in order; to be called before the write side is closed, and again until all is
    /// sent.
    pub fn say_goodbye(&mut self) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => tls.say_goodbye(&mut self.stream),
            None => Ok(()),
        }
    }

    /// Closes the write side.
    pub fn linger(&mut self) -> io::Result<()> {
        self.phase = Phase::Lingering;
        self.input = None;
        self.stream.shutdown(Shutdown::Write)
    }

    /// Makes the next close a reset.
    pub fn reset_on_close(&self) {
        // If that fails, the connection is already gone.
        let _ = socket::reset_on_close(&self.stream);
    }
}

/// Sends until the kernel accepts no more.
fn send_some(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < bytes.len() {
        match stream.write(&bytes[sent..]) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

/// Identifies a connection, also against earlier ones in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id {
    place: u32,
    generation: u32,
}

impl From<Id> for mio::Token {
    fn from(id: Id) -> mio::Token {
        mio::Token((id.generation as usize) << 32 | id.place as usize)
    }
}

impl From<mio::Token> for Id {
    fn from(token: mio::Token) -> Id {
        Id {
            place: token.0 as u32,
            generation: (token.0 >> 32) as u32,
        }
    }
}

/// All connections.
#[derive(Debug, Default)]
pub struct Connections {
    places: Vec<Place>,
    free: Vec<u32>,
}

#[derive(Debug, Default)]
struct Place {
    generation: u32,
    connection: Option<Connection>,
}

impl Connections {
    /// The highest generation; the tokens above are for other things than connections.
    const LAST_GENERATION: u32 = u32::MAX >> 1;

    /// A free place, to be filled with [`Connections::put`].
    pub fn reserve(&mut self) -> Id {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place::default());
            (self.places.len() - 1) as u32
        });
        let generation = self.places[place as usize].generation;
        Id { place, generation }
    }

    /// Takes a connection out, to be put back or its place freed; `None` if it is gone.
    pub fn take(&mut self, id: Id) -> Option<Connection> {
        let place = self.places.get_mut(id.place as usize)?;
        if place.generation != id.generation {
            return None;
        }
        place.connection.take()
    }

    /// Puts a connection into the place that was taken or reserved for it.
    pub fn put(&mut self, id: Id, connection: Connection) {
        self.places[id.place as usize].connection = Some(connection);
    }

    /// Frees the place of a connection that was taken out.
    pub fn free(&mut self, id: Id) {
        let place = &mut self.places[id.place as usize];
        place.generation = match place.generation {
            Self::LAST_GENERATION => 0,
            generation => generation + 1,
        };
        self.free.push(id.place);
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
