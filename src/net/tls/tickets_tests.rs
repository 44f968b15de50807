//! Tests of tickets.

use std::sync::Arc;

use super::super::testing::{Authority, Pair, settings};
use super::super::{TlsClient, Version};
use super::*;
use crate::row::Handshake;

/// Connects for a place, shakes hands, and takes the tickets.
fn visit(
    client: &TlsClient,
    tickets: &Tickets,
    place: usize,
    server: &Arc<rustls::ServerConfig>,
) -> (Handshake, bool) {
    tickets.enter(place);
    let mut pair = Pair::new(client, server);
    let was_offered = tickets.was_taken();
    pair.hand_shake().expect("a handshake");
    let flight = pair.take_from_server();
    pair.send_to_client(&flight).expect("tickets");
    (pair.client.handshake(), was_offered)
}

#[test]
fn a_place_resumes_its_own_sessions_until_they_are_forgotten() {
    for version in [Version::V1_2, Version::V1_3] {
        let authority = Authority::new();
        let mut settings = settings(&authority.path("ca.pem"));
        settings.max = version;
        let tickets = Tickets::default();
        let client = TlsClient::load(&settings).expect("an authority");
        let client = client.with_tickets(&tickets);
        let server = Arc::new(authority.server());
        let visit = |place| visit(&client, &tickets, place, &server);
        assert_eq!(visit(1), (Handshake::Full, false), "{version:?}");
        assert_eq!(visit(1), (Handshake::Resumed, true), "{version:?}");
        assert_eq!(visit(2), (Handshake::Full, false), "{version:?}");
        assert_eq!(visit(1), (Handshake::Resumed, true), "{version:?}");
        tickets.forget(1);
        assert_eq!(visit(1), (Handshake::Full, false), "{version:?}");
    }
}

#[test]
fn a_server_that_does_not_know_the_session_makes_a_full_handshake() {
    let authority = Authority::new();
    let settings = settings(&authority.path("ca.pem"));
    let tickets = Tickets::default();
    let client = TlsClient::load(&settings).expect("an authority");
    let client = client.with_tickets(&tickets);
    let (one, other) = (Arc::new(authority.server()), Arc::new(authority.server()));
    assert_eq!(visit(&client, &tickets, 1, &one), (Handshake::Full, false));
    assert_eq!(visit(&client, &tickets, 1, &other), (Handshake::Full, true));
}
