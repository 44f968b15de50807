//! The TLS of a connection against arbitrary ciphertext in arbitrary pieces.
//!
//! - From the first message on: what a server sends is arbitrary bytes, or the true first flight with
//!   bytes changed. Nothing is delivered, whatever it is; and pieces come to the same as the whole.
//! - After a true handshake: records of arbitrary data, with a byte changed or not. What is delivered is
//!   the beginning of what was sent: all of it if nothing was changed, and nothing behind the change.
#![no_main]

use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use profilerclient::net::tls::{PENDING_ROOM, Session, Step, TlsClient, TlsSettings};
use profilerclient::row::failure::Failure;
use profilerclient::shop::certificate::OwnCertificate;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, ServerConnection};

/// Read at once at most, as on a socket.
const RECEIVE: usize = 16 * 1024;

struct Parties {
    client: TlsClient,
    /// Of TLS 1.2 and 1.3.
    servers: [Arc<ServerConfig>; 2],
}

static PARTIES: LazyLock<Parties> = LazyLock::new(|| {
    let own = OwnCertificate::make().expect("a certificate");
    let name = std::net::IpAddr::from(Ipv4Addr::LOCALHOST).into();
    let settings = TlsSettings::towards_own_shop(name, own.ca_der.clone());
    let text = own.chain_and_key.as_bytes();
    let servers = [&TLS12, &TLS13].map(|version| {
        let chain = CertificateDer::pem_slice_iter(text)
            .map(|certificate| certificate.expect("PEM"))
            .collect();
        let key = PrivateKeyDer::from_pem_slice(text).expect("a key");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .expect("a version")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a certificate");
        Arc::new(config)
    });
    Parties {
        client: TlsClient::load(&settings).expect("a client"),
        servers,
    }
});

/// A client with what it has received and has to send.
struct Client {
    session: Session,
    received: Vec<u8>,
    out: Vec<u8>,
    buffer: Vec<u8>,
}

impl Client {
    fn new() -> Client {
        let mut session = PARTIES.client.connect().expect("a session");
        let mut out = Vec::new();
        session.hello(&mut out).expect("a first message");
        Client {
            session,
            received: Vec::new(),
            out,
            buffer: vec![0; PENDING_ROOM + RECEIVE],
        }
    }

    /// Reads ciphertext once.
    fn read(&mut self, bytes: &[u8]) -> Result<Step, Failure> {
        assert!(bytes.len() <= RECEIVE);
        let pending = self.session.lead(&mut self.buffer);
        assert!(pending <= PENDING_ROOM);
        let end = pending + bytes.len();
        self.buffer[pending..end].copy_from_slice(bytes);
        let mut behind = 0;
        let received = &mut self.received;
        let mut take = |data: &[u8], offset: usize| {
            assert!(
                (behind..=end).contains(&offset),
                "in order, within what was read"
            );
            behind = offset;
            received.extend_from_slice(data);
        };
        self.session
            .advance(&mut self.buffer[..end], &mut self.out, &mut take)
    }

    /// Reads all of it in pieces of these sizes, and the rest as it comes.
    fn read_all(&mut self, mut bytes: &[u8], sizes: &[u8]) -> Result<(), Failure> {
        let mut sizes = sizes.iter();
        while !bytes.is_empty() {
            let size = sizes.next().map_or(RECEIVE, |&size| usize::from(size) + 1);
            let (piece, rest) = bytes.split_at(size.min(bytes.len()));
            self.read(piece)?;
            bytes = rest;
        }
        Ok(())
    }
}

fn feed(server: &mut ServerConnection, mut bytes: &[u8]) {
    let mut plaintext = Vec::new();
    while !bytes.is_empty() {
        if server.read_tls(&mut bytes).is_err() || server.process_new_packets().is_err() {
            return;
        }
        // There is mostly nothing, which is an error of its own.
        let _ = server.reader().read_to_end(&mut plaintext);
    }
}

fn flight(server: &mut ServerConnection) -> Vec<u8> {
    let mut bytes = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut bytes).expect("to memory");
    }
    bytes
}

/// Changes a byte; whether there was one.
fn change(bytes: &mut [u8], (place, mask): (u16, u8)) -> bool {
    match bytes.len() {
        0 => false,
        length => {
            bytes[usize::from(place) % length] ^= mask;
            mask != 0
        }
    }
}

/// What a server sends first.
fn before_the_handshake(bytes: &[u8], sizes: &[u8]) {
    let outcome = |sizes: &[u8]| {
        let mut client = Client::new();
        let ended = client.read_all(bytes, sizes);
        assert!(!client.session.is_ready(), "nobody knows the keys");
        assert!(client.received.is_empty());
        ended.map_err(|failure| failure.kind)
    };
    assert_eq!(outcome(&[]), outcome(sizes));
}

/// The true first flight with bytes changed.
fn within_the_handshake(server: &Arc<ServerConfig>, changes: &[(u16, u8)], sizes: &[u8]) {
    let mut client = Client::new();
    let mut server = ServerConnection::new(Arc::clone(server)).expect("a server");
    feed(&mut server, &client.out);
    let mut bytes = flight(&mut server);
    let changed = changes
        .iter()
        .fold(false, |before, &at| change(&mut bytes, at) || before);
    client.out.clear();
    let ended = client.read_all(&bytes, sizes);
    assert!(client.received.is_empty());
    assert!(changed || ended.is_ok(), "{ended:?}");
}

fn after_the_handshake(
    server: &Arc<ServerConfig>,
    data: &[u8],
    changed_at: Option<(u16, u8)>,
    sizes: &[u8],
) {
    let mut client = Client::new();
    let mut server = ServerConnection::new(Arc::clone(server)).expect("a server");
    server.set_buffer_limit(None);
    while !client.session.is_ready() || server.is_handshaking() {
        feed(&mut server, &std::mem::take(&mut client.out));
        let bytes = flight(&mut server);
        client.read_all(&bytes, sizes).expect("a handshake");
    }
    for part in data.chunks(100) {
        server.writer().write_all(part).expect("no limit");
    }
    server.send_close_notify();
    let mut bytes = flight(&mut server);
    let is_changed = changed_at.is_some_and(|at| change(&mut bytes, at));
    let ended = client.read_all(&bytes, sizes);
    assert!(data.starts_with(&client.received));
    if !is_changed {
        ended.expect("records as they were sent");
        assert_eq!(client.received, data);
        assert!(client.session.is_closed());
    }
}

type Input<'a> = (u8, Vec<u8>, Vec<(u16, u8)>, &'a [u8]);

fuzz_target!(|input: Input<'_>| {
    let (kind, sizes, changes, bytes) = input;
    let server = &PARTIES.servers[usize::from(kind & 1)];
    match kind >> 1 & 3 {
        0 => before_the_handshake(bytes, &sizes),
        1 => within_the_handshake(server, &changes, &sizes),
        _ => after_the_handshake(server, bytes, changes.first().copied(), &sizes),
    }
});
