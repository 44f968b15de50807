//! What the TLS connections of a load have in common.

use crate::net::tls::{Resume, Session, Tickets, TlsClient, TlsFigures};
use crate::row::failure::Failure;
use crate::sys::clock;

use super::transport::TlsLink;

/// What the TLS connections of a load have in common.
pub struct TlsLoad {
    /// Connects with full handshakes.
    client: TlsClient,
    /// Connects with resumed sessions where there are any.
    resuming: Option<(TlsClient, Tickets)>,
    /// The plan's.
    seed: u64,
    /// Ciphertext to be sent; empty between two events.
    pub out: Vec<u8>,
    /// Figures so far.
    pub figures: TlsFigures,
}

impl TlsLoad {
    /// For a load without sessions of earlier ones; `None` for a plain one.
    pub fn new(client: Option<&TlsClient>, seed: u64) -> Option<TlsLoad> {
        let client = client?.clone();
        let resuming = (client.resume() != Resume::Never).then(|| {
            let tickets = Tickets::default();
            (client.with_tickets(&tickets), tickets)
        });
        Some(TlsLoad {
            client,
            resuming,
            seed,
            out: Vec::new(),
            figures: TlsFigures::default(),
        })
    }

    /// A visit begins at a place: except for [`Resume::Place`] it has no sessions yet.
    pub fn begin_visit(&self, place: usize) {
        if let Some((client, tickets)) = &self.resuming
            && client.resume() != Resume::Place
        {
            tickets.forget(place);
        }
    }

    /// A connection for the visit of that number at a place, and the first message of its handshake.
    pub fn connect(&mut self, place: usize, visit: u64) -> Result<(TlsLink, Vec<u8>), Failure> {
        let before = clock::thread_cpu_nanos();
        let (mut session, was_offered) = self.connected(place, visit)?;
        let mut hello = Vec::new();
        session.hello(&mut hello)?;
        self.note_cpu(before);
        let link = TlsLink {
            session,
            was_offered,
        };
        Ok((link, hello))
    }

    fn connected(&self, place: usize, visit: u64) -> Result<(Session, bool), Failure> {
        match &self.resuming {
            Some((client, tickets)) if client.resume().applies(visit, self.seed) => {
                tickets.enter(place);
                let session = client.connect()?;
                Ok((session, tickets.was_taken()))
            }
            _ => Ok((self.client.connect()?, false)),
        }
    }

    /// What follows belongs to the connection of that place.
    pub fn enter(&self, place: usize) {
        if let Some((_, tickets)) = &self.resuming {
            tickets.enter(place);
        }
    }

    /// Adds the CPU time of this thread since then to that of handshakes.
    pub fn note_cpu(&mut self, before: u64) {
        let spent = clock::thread_cpu_nanos().saturating_sub(before);
        self.figures.handshake_cpu_nanos += spent;
    }

    /// Counts a handshake that is complete.
    pub fn note_ready(&mut self, link: &TlsLink) {
        let handshake = link.session.handshake();
        if self.figures.version.is_none()
            && let Some(peer) = link.session.peer()
        {
            self.figures.note_peer(peer);
        }
        self.figures.note(handshake, link.was_offered);
    }

    /// Makes records of a request, behind what is still to be sent before it.
    pub fn seal(
        &mut self,
        link: &mut TlsLink,
        unsent: &mut Vec<u8>,
        request: &[u8],
    ) -> Result<(), Failure> {
        self.out.clear();
        self.out.append(unsent);
        link.session.seal(request, &mut self.out)
    }
}
