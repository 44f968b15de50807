//! The TLS connections of a load in figures.

use serde::{Deserialize, Serialize};

use super::session::Peer;
use crate::row::Handshake;

/// What the TLS connections of a load were, those made ahead included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TlsFigures {
    /// Full handshakes.
    pub full: u64,
    /// Resumed sessions.
    pub resumed: u64,
    /// Full handshakes with a further round trip (HelloRetryRequest).
    pub retried: u64,
    /// Handshakes that did not complete.
    pub failed: u64,
    /// Sessions that were offered to be resumed, and were not.
    pub tickets_refused: u64,
    /// CPU time of this client in all handshakes, nanoseconds.
    pub handshake_cpu_nanos: u64,
    /// Responses with bytes of later records in the same read: their arrival may be that of a later segment.
    pub later_segments: u64,
    /// Version of the first complete handshake.
    pub version: Option<String>,
    /// Its cipher suite.
    pub suite: Option<String>,
    /// Its key exchange group.
    pub group: Option<String>,
    /// Certificates that the server sent in it.
    pub certificates: u64,
    /// Their size, bytes.
    pub chain_bytes: u64,
}

impl TlsFigures {
    /// Counts a handshake that is complete. `was_offered`: a session was offered to be resumed.
    pub fn note(&mut self, handshake: Handshake, was_offered: bool) {
        match handshake {
            Handshake::Full => self.full += 1,
            Handshake::Resumed => self.resumed += 1,
            Handshake::Retried => self.retried += 1,
            Handshake::None | Handshake::Unfinished => return,
        }
        self.tickets_refused += u64::from(was_offered && handshake != Handshake::Resumed);
    }

    /// Takes over what is known of the server from its first handshake.
    pub fn note_peer(&mut self, peer: Peer) {
        self.version = Some(peer.version);
        self.suite = Some(peer.suite);
        self.group = peer.group;
        self.certificates = peer.certificates as u64;
        self.chain_bytes = peer.chain_bytes as u64;
    }

    /// Complete handshakes.
    pub fn complete(&self) -> u64 {
        self.full + self.resumed + self.retried
    }

    /// The mean CPU time of a handshake, nanoseconds.
    pub fn cpu_per_handshake(&self) -> Option<u64> {
        self.handshake_cpu_nanos
            .checked_div(self.complete() + self.failed)
    }

    /// Adds those of another part.
    pub fn add(&mut self, other: &TlsFigures) {
        self.full += other.full;
        self.resumed += other.resumed;
        self.retried += other.retried;
        self.failed += other.failed;
        self.tickets_refused += other.tickets_refused;
        self.handshake_cpu_nanos += other.handshake_cpu_nanos;
        self.later_segments += other.later_segments;
        if self.version.is_none() {
            self.version.clone_from(&other.version);
            self.suite.clone_from(&other.suite);
            self.group.clone_from(&other.group);
            self.certificates = other.certificates;
            self.chain_bytes = other.chain_bytes;
        }
    }
}
