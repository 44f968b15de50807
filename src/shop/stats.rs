//! The counts of `/stats`, by which a test can verify what arrived.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};

use rustls::HandshakeKind;
use serde_json::{Map, Value, json};

use super::faults::FaultKind;
use super::inventory::Inventory;

/// The most distinct e-mail addresses that are recorded; later ones are not counted as duplicates.
pub const MAX_EMAILS: usize = 1 << 22;

/// The counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests answered in any way, without `/stats`.
    pub requests: u64,
    /// Home pages sent.
    pub home: u64,
    /// Details pages sent.
    pub details: u64,
    /// 301 answers.
    pub redirects: u64,
    /// 404 answers.
    pub not_found: u64,
    /// 405 answers.
    pub method_not_allowed: u64,
    /// Requests that were malformed, too large or of an unknown kind.
    pub malformed: u64,
    /// Purchase requests for products that exist.
    pub purchase_requests: u64,
    /// Purchases sold.
    pub purchases: u64,
    /// Purchases refused because of their form or because the product was sold out.
    pub refused: u64,
    /// Purchases without a matching CSRF cookie and field.
    pub forbidden: u64,
    /// Pieces sold.
    pub quantity_sold: u64,
    /// Purchases in flight now: waiting or worked on.
    pub in_flight: u64,
    /// Most purchases in flight at once.
    pub most_in_flight: u64,
    /// Connections accepted, including refused ones.
    pub connections_accepted: u64,
    /// Connections open now, including the one that requests `/stats`.
    pub connections_open: u64,
    /// Most connections open at once.
    pub most_connections: u64,
    /// How often accepting had to pause because no file descriptor was left.
    pub accept_pauses: u64,
    /// Full TLS handshakes.
    pub handshakes_full: u64,
    /// Handshakes that resumed an earlier session.
    pub handshakes_resumed: u64,
    /// Handshakes that were not completed, and whose connection is gone.
    pub handshakes_failed: u64,
    faults: [u64; FaultKind::ALL.len()],
}

impl Stats {
    /// Counts an injected fault.
    pub fn count_fault(&mut self, kind: FaultKind) {
        self.faults[kind as usize] += 1;
    }

    /// Counts a completed handshake.
    pub fn count_handshake(&mut self, kind: HandshakeKind) {
        match kind {
            HandshakeKind::Resumed => self.handshakes_resumed += 1,
            HandshakeKind::Full | HandshakeKind::FullWithHelloRetryRequest => {
                self.handshakes_full += 1;
            }
        }
    }

    /// Counts a connection that was opened and is kept.
    pub fn count_open(&mut self) {
        self.connections_open += 1;
        self.most_connections = self.most_connections.max(self.connections_open);
    }

    /// Counts a purchase that is now waiting or worked on.
    pub fn count_in_flight(&mut self) {
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
    }

    /// The JSON text.
    pub fn json(&self, emails: &Emails, inventory: &Inventory) -> String {
        let mut left = Map::new();
        for product in Inventory::products() {
            let app = left.entry(product.app()).or_insert_with(|| json!({}));
            app[product.id()] = inventory.left(product).into();
        }
        let faults =
            FaultKind::ALL.map(|kind| (kind.name().to_owned(), self.faults[kind as usize]));
        let faults: Map<String, Value> = faults
            .map(|(name, count)| (name, count.into()))
            .into_iter()
            .collect();
        let counts = json!({
            "requests": self.requests,
            "home": self.home,
            "details": self.details,
            "redirects": self.redirects,
            "not_found": self.not_found,
            "method_not_allowed": self.method_not_allowed,
            "malformed": self.malformed,
            "purchase_requests": self.purchase_requests,
            "purchases": self.purchases,
            "refused": self.refused,
            "forbidden": self.forbidden,
            "quantity_sold": self.quantity_sold,
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "connections_accepted": self.connections_accepted,
            "connections_open": self.connections_open,
            "most_connections": self.most_connections,
            "accept_pauses": self.accept_pauses,
            "handshakes_full": self.handshakes_full,
            "handshakes_resumed": self.handshakes_resumed,
            "handshakes_failed": self.handshakes_failed,
            "distinct_emails": emails.distinct,
            "duplicate_emails": emails.duplicates,
            "uncounted_emails": emails.uncounted,
            "inventory": left,
            "faults": faults,
        });
        format!("{counts:#}\n")
    }
}

/// The e-mail addresses seen, as 64-bit hashes: two of four million are taken for the same with a
/// chance of one in two million.
///
/// They are spread over many small sets because a set that grows is rebuilt as a whole: one of a
/// million entries would stop the shop for milliseconds.
#[derive(Debug)]
pub struct Emails {
    sets: Vec<HashSet<u64, BuildHasherDefault<HashedAlready>>>,
    hashing: RandomState,
    /// Addresses seen for the first time.
    pub distinct: u64,
    /// Repeated addresses, counted each time.
    pub duplicates: u64,
    /// New addresses that arrived when the sets were full.
    pub uncounted: u64,
}

impl Default for Emails {
    fn default() -> Emails {
        Emails {
            sets: vec![HashSet::default(); 256],
            hashing: RandomState::new(),
            distinct: 0,
            duplicates: 0,
            uncounted: 0,
        }
    }
}

impl Emails {
    /// Counts an address.
    pub fn count(&mut self, email: &str) {
        let hash = self.hashing.hash_one(email);
        // Neither the highest nor the lowest bits, which the sets use themselves.
        let set = &mut self.sets[(hash >> 40) as usize % 256];
        if set.contains(&hash) {
            self.duplicates += 1;
        } else if self.distinct >= MAX_EMAILS as u64 {
            self.uncounted += 1;
        } else {
            set.insert(hash);
            self.distinct += 1;
        }
    }
}

/// Returns the key, which is a hash already.
#[derive(Clone, Copy, Debug, Default)]
struct HashedAlready(u64);

impl Hasher for HashedAlready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only u64 keys are hashed");
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
#[path = "stats_tests.rs"]
mod tests;
