//! Tests of session.

use std::io::Write;
use std::sync::Arc;

use proptest::prelude::*;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};

use super::super::testing::{Authority, Pair, settings};
use super::super::{TlsClient, TlsSettings, Version};
use super::*;

fn with_version(version: &'static SupportedProtocolVersion) -> (Authority, TlsSettings) {
    let authority = Authority::new();
    let mut settings = settings(&authority.path("ca.pem"));
    settings.max = match version.version {
        rustls::ProtocolVersion::TLSv1_2 => Version::V1_2,
        _ => Version::V1_3,
    };
    (authority, settings)
}

/// A pair that has shaken hands, in each version.
fn pairs() -> Vec<(Pair, TlsClient, Arc<ServerConfig>)> {
    [&TLS12, &TLS13]
        .into_iter()
        .map(|version| {
            let (authority, settings) = with_version(version);
            let client = TlsClient::load(&settings).expect("an authority");
            let config = Arc::new(authority.server());
            let mut pair = Pair::new(&client, &config);
            pair.hand_shake().expect("a handshake");
            (pair, client, config)
        })
        .collect()
}

#[test]
fn what_was_negotiated_is_known_after_the_handshake() {
    for (pair, ..) in pairs() {
        let peer = pair.client.peer().expect("a server");
        assert!(["TLS 1.2", "TLS 1.3"].contains(&peer.version.as_str()));
        assert!(peer.suite.starts_with("TLS_"), "{}", peer.suite);
        assert_eq!(peer.group.as_deref(), Some("x25519"));
        assert_eq!(peer.certificates, 1);
        assert_eq!(peer.chain_bytes, pair.client.chain()[0].len());
        assert_eq!(pair.client.handshake(), Handshake::Full);
    }
}

#[test]
fn requests_and_answers_pass_and_close_notify_ends_them() {
    for (mut pair, ..) in pairs() {
        let mut out = Vec::new();
        let request = vec![b'r'; 40_000];
        pair.client.seal(&request, &mut out).expect("ready");
        pair.send_to_server(&out);
        assert_eq!(pair.requested, request);

        pair.server.writer().write_all(b"answer").expect("room");
        pair.server.send_close_notify();
        let flight = pair.take_from_server();
        pair.send_to_client(&flight).expect("records");
        assert_eq!(pair.received, b"answer");
        assert!(pair.client.is_closed());
    }
}

#[test]
fn data_comes_with_the_offset_behind_its_record() {
    for (mut pair, ..) in pairs() {
        let tickets = pair.take_from_server();
        pair.send_to_client(&tickets).expect("tickets");
        pair.server.writer().write_all(b"answer").expect("room");
        let mut flight = pair.take_from_server();
        let end_of_answer = flight.len();
        pair.server.send_close_notify();
        flight.extend(pair.take_from_server());
        let mut ends = Vec::new();
        pair.client
            .advance(&mut flight, &mut Vec::new(), &mut |data, end| {
                ends.push((data.to_vec(), end));
            })
            .expect("records");
        assert_eq!(ends, [(b"answer".to_vec(), end_of_answer)]);
    }
}

/// Runs a whole connection whose ciphertext from the server comes in reads of these sizes, used in turn;
/// the data received, and how the steps went.
fn run(client: &TlsClient, config: &Arc<ServerConfig>, sizes: &[usize]) -> (Vec<u8>, bool, bool) {
    let mut pair = Pair::new(client, config);
    let mut sizes = sizes.iter().copied().cycle();
    let mut out = Vec::new();
    pair.client.hello(&mut out).expect("a first message");
    pair.send_to_server(&out);
    let mut is_answered = false;
    loop {
        let flight = pair.take_from_server();
        if flight.is_empty() {
            break;
        }
        let mut rest = flight.as_slice();
        while !rest.is_empty() {
            let size = sizes.next().expect("a cycle").clamp(1, rest.len());
            let (now, later) = rest.split_at(size);
            let out = pair.send_to_client(now).expect("records");
            pair.send_to_server(&out);
            rest = later;
        }
        if pair.client.is_ready() && !is_answered {
            is_answered = true;
            let mut out = Vec::new();
            pair.client.seal(b"request", &mut out).expect("ready");
            pair.send_to_server(&out);
            for part in [&[b'a'; 20_000][..], b"", b"b"] {
                pair.server.writer().write_all(part).expect("room");
            }
            pair.server.send_close_notify();
        }
    }
    (
        pair.received,
        pair.client.is_ready(),
        pair.client.is_closed(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn records_cut_anywhere_give_the_same_data(
        sizes in prop::collection::vec(1usize..3000, 1..40),
        is_old in any::<bool>(),
    ) {
        let (authority, settings) = with_version(if is_old { &TLS12 } else { &TLS13 });
        let client = TlsClient::load(&settings).expect("an authority");
        let config = Arc::new(authority.server());
        let mut expected = vec![b'a'; 20_000];
        expected.push(b'b');
        prop_assert_eq!(run(&client, &config, &sizes), (expected, true, true));
    }

    /// Also within a message in several records or reads, of which the library keeps offsets.
    #[test]
    fn a_changed_handshake_is_an_error_or_a_wait(
        places in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4),
        sizes in prop::collection::vec(1usize..300, 1..20),
        is_old in any::<bool>(),
    ) {
        let (authority, settings) = with_version(if is_old { &TLS12 } else { &TLS13 });
        let client = TlsClient::load(&settings).expect("an authority");
        let mut pair = Pair::new(&client, &Arc::new(authority.server()));
        let mut out = Vec::new();
        pair.client.hello(&mut out).expect("a first message");
        pair.send_to_server(&out);
        let mut flight = pair.take_from_server();
        for (place, mask) in places {
            let place = place.index(flight.len());
            flight[place] ^= mask;
        }
        let mut sizes = sizes.into_iter().cycle();
        let mut rest = flight.as_slice();
        while !rest.is_empty() {
            let size = sizes.next().expect("a cycle").min(rest.len());
            let (now, later) = rest.split_at(size);
            if pair.send_to_client(now).is_err() {
                break;
            }
            rest = later;
        }
        prop_assert!(pair.received.is_empty());
        // What follows an error in the reactor.
        pair.client.close(&mut Vec::new());
    }

    #[test]
    fn arbitrary_bytes_are_an_error_or_a_wait(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        sizes in prop::collection::vec(1usize..50, 1..10),
        is_ready in any::<bool>(),
    ) {
        let (authority, settings) = with_version(&TLS13);
        let client = TlsClient::load(&settings).expect("an authority");
        let mut pair = Pair::new(&client, &Arc::new(authority.server()));
        if is_ready {
            pair.hand_shake().expect("a handshake");
        } else {
            pair.client.hello(&mut Vec::new()).expect("a first message");
        }
        let mut rest = bytes.as_slice();
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at((*size).min(rest.len()));
            if pair.send_to_client(now).is_err() {
                break;
            }
            rest = later;
        }
        prop_assert!(pair.received.is_empty(), "nothing of it was encrypted");
    }
}

#[test]
fn every_single_byte_cut_gives_the_same_data() {
    for version in [&TLS12, &TLS13] {
        let (authority, settings) = with_version(version);
        let client = TlsClient::load(&settings).expect("an authority");
        let config = Arc::new(authority.server());
        let whole = run(&client, &config, &[usize::MAX]);
        assert_eq!(run(&client, &config, &[1]), whole);
        assert_eq!(whole.0.len(), 20_001);
    }
}
