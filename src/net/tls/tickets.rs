//! Sessions that may be resumed, by the place (slot) of the load that they belong to.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;

/// Tickets kept for one place; a server that sends more replaces the oldest.
const MOST_TICKETS: usize = 4;

/// What one place knows of its sessions.
#[derive(Debug, Default)]
struct Known {
    group: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    tls13: VecDeque<Tls13ClientSessionValue>,
}

#[derive(Debug, Default)]
struct Store {
    present: usize,
    /// Whether a session was offered since the place was entered.
    was_taken: bool,
    places: HashMap<usize, Known>,
}

/// The sessions of one load. Connections share one configuration, and so one store: the event loop says
/// for which place it is about to work.
#[derive(Clone, Debug, Default)]
pub struct Tickets(Arc<Mutex<Store>>);

impl Tickets {
    /// What follows is done for that place.
    pub fn enter(&self, place: usize) {
        let mut store = self.lock();
        store.present = place;
        store.was_taken = false;
    }

    /// Whether a session has been offered to the server since the place was entered.
    pub fn was_taken(&self) -> bool {
        self.lock().was_taken
    }

    /// Whether the present place has a session that can be offered.
    pub fn has_any(&self) -> bool {
        self.with(|known| known.tls12.is_some() || !known.tls13.is_empty())
    }

    /// Forgets the sessions of a place.
    pub fn forget(&self, place: usize) {
        self.lock().places.remove(&place);
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        let mut store = self.lock();
        let present = store.present;
        work(store.places.entry(present).or_default())
    }
}

impl ClientSessionStore for Tickets {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        self.with(|known| known.group = Some(group));
    }

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.with(|known| known.group)
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.with(|known| known.tls12 = Some(value));
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        let session = self.with(|known| known.tls12.clone());
        self.lock().was_taken |= session.is_some();
        session
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        self.with(|known| known.tls12 = None);
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.with(|known| {
            if known.tls13.len() == MOST_TICKETS {
                known.tls13.pop_front();
            }
            known.tls13.push_back(value);
        });
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let ticket = self.with(|known| known.tls13.pop_back());
        self.lock().was_taken |= ticket.is_some();
        ticket
    }
}

#[cfg(test)]
#[path = "tickets_tests.rs"]
mod tests;
