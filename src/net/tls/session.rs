//! One TLS connection as a state machine over its caller's buffers.
//!
//! ```text
//!   new ──► hello ──► handshake ──► ready ──► closed by the server
//!                         └───────────┴─────► an error
//! ```
//!
//! Records are decrypted where the caller read them (`rustls::client::UnbufferedClientConnection`): a
//! connection keeps no buffers but the bytes of an unfinished record. Plaintext is delivered with the
//! offset of the ciphertext behind it, by which the caller knows whether more was read after a response.

use std::mem;
use std::sync::Arc;

use rustls::client::UnbufferedClientConnection;
use rustls::pki_types::ServerName;
use rustls::unbuffered::{
    ConnectionState, EncodeError, EncodeTlsData, EncryptError, UnbufferedStatus, WriteTraffic,
};
use rustls::{ClientConfig, HandshakeKind};

use super::failure::{Context, failure_of, not_tls};
use crate::row::failure::{Failure, FailureKind};
use crate::row::{Handshake, TlsFailure};

/// Ciphertext without any data that is accepted in a row: a handshake takes a few kilobytes, of which a
/// certificate chain may take 64 (RFC 8446 allows more; no browser does).
const MOST_WITHOUT_DATA: usize = 256 * 1024;

/// The largest part of a record that is not data: header, nonce, content type and tag.
const RECORD_OVERHEAD: usize = 64;

/// The most data of a record (RFC 8446 section 5.1).
const RECORD_DATA: usize = 1 << 14;

/// Room for the ciphertext of an unfinished message in front of what is read: a handshake message of
/// 64 KiB in records.
pub const PENDING_ROOM: usize = 80 * 1024;

/// One connection.
pub struct Session {
    connection: UnbufferedClientConnection,
    /// Ciphertext that came in and is not processed: an incomplete record or handshake message.
    pending: Vec<u8>,
    /// Bytes of records without data since the last data.
    without_data: usize,
    /// Whether anything came in.
    has_begun: bool,
    is_ready: bool,
    is_closed: bool,
    /// Whether it ended with an error: the library must not be asked again.
    has_failed: bool,
    has_identity: bool,
}

/// What has happened within [`Session::advance`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The handshake is complete since this step: requests can be sent.
    pub became_ready: bool,
    /// The server has ended its side (close_notify, RFC 8446 section 6.1).
    pub is_closed: bool,
}

/// What is known of the server, once the handshake is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// `TLS 1.3`
    pub version: String,
    /// `TLS_AES_256_GCM_SHA384`
    pub suite: String,
    /// `x25519`; absent for a session that was resumed without a key exchange.
    pub group: Option<String>,
    /// Certificates of the chain as it was sent; 0 for a resumed TLS 1.3 session.
    pub certificates: usize,
    /// Their size, bytes.
    pub chain_bytes: usize,
}

impl Session {
    pub(super) fn new(
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
        has_identity: bool,
    ) -> Result<Session, Failure> {
        let connection = UnbufferedClientConnection::new(config, name).map_err(|error| {
            Failure::with_detail(FailureKind::Tls(TlsFailure::BadMessage), &error.to_string())
        })?;
        Ok(Session {
            connection,
            pending: Vec::new(),
            without_data: 0,
            has_begun: false,
            is_ready: false,
            is_closed: false,
            has_failed: false,
            has_identity,
        })
    }

    /// Whether the handshake is complete.
    pub fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// Whether the server has ended its side.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// How the handshake went.
    pub fn handshake(&self) -> Handshake {
        match self.connection.handshake_kind() {
            _ if !self.is_ready => Handshake::Unfinished,
            None => Handshake::Unfinished,
            Some(HandshakeKind::Full) => Handshake::Full,
            Some(HandshakeKind::Resumed) => Handshake::Resumed,
            Some(HandshakeKind::FullWithHelloRetryRequest) => Handshake::Retried,
        }
    }

    /// What is known of the server.
    pub fn peer(&self) -> Option<Peer> {
        let connection = &self.connection;
        let chain = connection.peer_certificates().unwrap_or_default();
        Some(Peer {
            version: match connection.protocol_version()? {
                rustls::ProtocolVersion::TLSv1_2 => "TLS 1.2".to_owned(),
                rustls::ProtocolVersion::TLSv1_3 => "TLS 1.3".to_owned(),
                other => format!("{other:?}"),
            },
            suite: format!("{:?}", connection.negotiated_cipher_suite()?.suite())
                .replacen("TLS13_", "TLS_", 1),
            group: (connection.negotiated_key_exchange_group())
                .map(|group| super::groups::group_name(group.name())),
            certificates: chain.len(),
            chain_bytes: chain.iter().map(|certificate| certificate.len()).sum(),
        })
    }

    /// The certificates of the server, its own first, DER.
    pub fn chain(&self) -> Vec<Vec<u8>> {
        let chain = self.connection.peer_certificates().unwrap_or_default();
        chain.iter().map(|der| der.to_vec()).collect()
    }

    /// Appends the first message.
    pub fn hello(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        self.advance(&mut [], out, &mut |_, _| {}).map(drop)
    }

    /// Whether the beginning of a record has come without its end.
    pub fn has_partial_record(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Puts the bytes that wait for the rest of their record at the front of the buffer into which is
    /// read next, and returns their number: what is read must follow them. The buffer must have
    /// [`PENDING_ROOM`] more than what is read at once.
    pub fn lead(&self, buffer: &mut [u8]) -> usize {
        buffer[..self.pending.len()].copy_from_slice(&self.pending);
        self.pending.len()
    }

    /// Takes in ciphertext, what [`Session::lead`] put there included, in place. `out` gets what is to be
    /// sent, also along with an error; `take` gets data, and the offset in `incoming` of the byte behind
    /// its record.
    pub fn advance(
        &mut self,
        incoming: &mut [u8],
        out: &mut Vec<u8>,
        take: &mut dyn FnMut(&[u8], usize),
    ) -> Result<Step, Failure> {
        if !self.has_begun && !incoming.is_empty() {
            self.has_begun = true;
            if let Some(failure) = not_tls(incoming) {
                return Err(failure);
            }
        }
        if self.has_failed {
            return Err(TlsFailure::BadMessage.into_failure());
        }
        let mut start = 0;
        let ended = loop {
            let status = self.connection.process_tls_records(&mut incoming[start..]);
            let UnbufferedStatus { discard, state } = status;
            let mut has_data = false;
            let goes_on = match state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                    while let Some(record) = traffic.next_record() {
                        match record {
                            Ok(record) => {
                                has_data |= !record.payload.is_empty();
                                take(record.payload, start + discard);
                            }
                            Err(_) => break,
                        }
                    }
                    Ok(true)
                }
                Ok(ConnectionState::EncodeTlsData(mut data)) => Ok(encode(&mut data, out)),
                Ok(ConnectionState::TransmitTlsData(data)) => {
                    data.done();
                    Ok(true)
                }
                Ok(ConnectionState::PeerClosed | ConnectionState::Closed) => {
                    self.is_closed = true;
                    Ok(false)
                }
                Ok(_) => Ok(false),
                Err(error) => Err(error),
            };
            start += discard;
            self.without_data = match has_data {
                true => 0,
                false => self.without_data + discard,
            };
            match goes_on {
                Ok(_) if self.without_data > MOST_WITHOUT_DATA => {
                    break Err(TlsFailure::Flood.into_failure());
                }
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(error) => break Err(failure_of(&error, self.context())),
            }
        };
        if let Err(failure) = ended {
            self.queue_alert(&mut incoming[start..], out);
            self.has_failed = true;
            return Err(failure);
        }
        self.keep(&incoming[start..])?;
        let became_ready = !self.is_ready && !self.connection.is_handshaking();
        self.is_ready |= became_ready;
        Ok(Step {
            became_ready,
            is_closed: self.is_closed,
        })
    }

    /// Appends data as records.
    pub fn seal(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Failure> {
        self.write(out, |traffic, room| traffic.encrypt(data, room), data.len())
    }

    /// Appends the end of this side (close_notify).
    pub fn close(&mut self, out: &mut Vec<u8>) {
        // The connection is given up in any case.
        let _ = self.write(out, |traffic, room| traffic.queue_close_notify(room), 0);
    }

    fn write(
        &mut self,
        out: &mut Vec<u8>,
        mut put: impl FnMut(
            &mut WriteTraffic<'_, rustls::client::ClientConnectionData>,
            &mut [u8],
        ) -> Result<usize, EncryptError>,
        bytes: usize,
    ) -> Result<(), Failure> {
        if self.has_failed {
            return Err(TlsFailure::BadMessage.into_failure());
        }
        let context = self.context();
        loop {
            let UnbufferedStatus { discard, state } =
                self.connection.process_tls_records(&mut self.pending);
            match state {
                Ok(ConnectionState::EncodeTlsData(mut data)) => {
                    encode(&mut data, out);
                }
                Ok(ConnectionState::TransmitTlsData(data)) => data.done(),
                Ok(ConnectionState::WriteTraffic(mut traffic)) => {
                    let records = bytes.div_ceil(RECORD_DATA).max(1);
                    let mut room = bytes + records * RECORD_OVERHEAD;
                    let begin = out.len();
                    let outcome = loop {
                        out.resize(begin + room, 0);
                        match put(&mut traffic, &mut out[begin..]) {
                            Ok(written) => break Ok(written),
                            Err(EncryptError::InsufficientSize(size)) => room = size.required_size,
                            Err(EncryptError::EncryptExhausted) => {
                                break Err(TlsFailure::BadMessage.into_failure());
                            }
                        }
                    };
                    self.pending.drain(..discard);
                    out.truncate(begin + outcome.as_ref().copied().unwrap_or(0));
                    return outcome.map(drop);
                }
                Ok(ConnectionState::PeerClosed) => self.is_closed = true,
                Ok(_) => return Err(TlsFailure::BadMessage.into_failure()),
                Err(error) => {
                    self.has_failed = true;
                    return Err(failure_of(&error, context));
                }
            }
            self.pending.drain(..discard);
        }
    }

    fn context(&self) -> Context {
        Context {
            is_ready: self.is_ready || !self.connection.is_handshaking(),
            has_answer: self.connection.protocol_version().is_some(),
            has_identity: self.has_identity,
        }
    }

    /// After an error: what the server is told about it.
    ///
    /// The library's state is about the bytes that it was given last: without these it panics.
    fn queue_alert(&mut self, rest: &mut [u8], out: &mut Vec<u8>) {
        let UnbufferedStatus { state, .. } = self.connection.process_tls_records(rest);
        if let Ok(ConnectionState::EncodeTlsData(mut data)) = state {
            encode(&mut data, out);
        }
    }

    fn keep(&mut self, rest: &[u8]) -> Result<(), Failure> {
        if rest.is_empty() {
            if !self.pending.is_empty() {
                self.pending = Vec::new();
            }
            return Ok(());
        }
        if rest.len() > PENDING_ROOM {
            return Err(TlsFailure::Flood.into_failure());
        }
        let mut pending = mem::take(&mut self.pending);
        pending.clear();
        pending.extend_from_slice(rest);
        self.pending = pending;
        Ok(())
    }
}

/// Appends a handshake message.
fn encode<D>(data: &mut EncodeTlsData<'_, D>, out: &mut Vec<u8>) -> bool {
    let begin = out.len();
    let mut room = 512;
    loop {
        out.resize(begin + room, 0);
        match data.encode(&mut out[begin..]) {
            Ok(written) => {
                out.truncate(begin + written);
                return true;
            }
            Err(EncodeError::InsufficientSize(size)) => room = size.required_size,
            Err(EncodeError::AlreadyEncoded) => {
                out.truncate(begin);
                return false;
            }
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("is_ready", &self.is_ready)
            .field("is_closed", &self.is_closed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
