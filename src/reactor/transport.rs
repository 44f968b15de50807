//! How the bytes of a connection are carried: as they are, or in TLS.

use std::os::fd::OwnedFd;

use crate::net::tls::Session;
use crate::sys::socket;

/// How the bytes of a connection are carried.
#[derive(Debug, Default)]
pub enum Transport {
    /// As they are.
    #[default]
    Plain,
    /// In TLS; its state is apart, so that slots of plain connections remain small.
    Tls(Box<TlsLink>),
}

/// The TLS state of one connection.
#[derive(Debug)]
pub struct TlsLink {
    /// Handshake and records.
    pub session: Session,
    /// Whether an earlier session was offered to be resumed.
    pub was_offered: bool,
}

impl Transport {
    /// Whether it is TLS.
    pub fn is_tls(&self) -> bool {
        matches!(self, Transport::Tls(_))
    }

    /// Whether the beginning of a record has come without its end.
    pub fn has_partial_record(&self) -> bool {
        match self {
            Transport::Plain => false,
            Transport::Tls(link) => link.session.has_partial_record(),
        }
    }

    /// Whether requests can be sent once TCP is connected: the TLS handshake, if any, is complete.
    pub fn is_ready(&self) -> bool {
        match self {
            Transport::Plain => true,
            Transport::Tls(link) => link.session.is_ready(),
        }
    }
}

/// A connection that is given up. When it is dropped the server is told, in TLS (close_notify), and the
/// socket is closed.
#[derive(Debug)]
pub struct Closing {
    /// The socket.
    pub socket: OwnedFd,
    /// The TLS state, if there is anything to tell.
    link: Option<Box<TlsLink>>,
}

impl Closing {
    /// `is_whole`: the server has not closed its side, and everything was sent.
    pub fn new(socket: OwnedFd, transport: Transport, is_whole: bool) -> Closing {
        let link = match transport {
            Transport::Tls(link) if is_whole && link.session.is_ready() => Some(link),
            _ => None,
        };
        Closing { socket, link }
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if let Some(link) = &mut self.link {
            let mut notice = Vec::new();
            link.session.close(&mut notice);
            // It is a courtesy: a server that does not take it sees the end of the stream.
            let _ = socket::send(&self.socket, &notice);
        }
    }
}
