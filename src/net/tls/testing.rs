//! For tests: certificates, and servers in memory.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ServerConfig, ServerConnection};
use tempfile::TempDir;

use super::{Resume, Session, TlsClient, TlsSettings, Version, default_groups};

/// Authorities so far.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// An authority, and a directory with its certificate.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    dir: TempDir,
}

impl Authority {
    /// A new one.
    pub fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        // Each has a name of its own.
        let name = format!("authority {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let authority = Authority {
            issuer,
            dir: tempfile::tempdir().expect("a directory"),
        };
        authority.write("ca.pem", &authority.issuer.pem());
        authority
    }

    /// Writes a file; its path.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// The path of a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A certificate for these names, and its key.
    pub fn issue(&self, names: &[&str]) -> (rcgen::Certificate, KeyPair) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).expect("names");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate, key)
    }

    /// A server's configuration for "localhost".
    pub fn server(&self) -> ServerConfig {
        let (certificate, key) = self.issue(&["localhost"]);
        server(&certificate, &key)
    }
}

/// A server's configuration.
pub fn server(certificate: &rcgen::Certificate, key: &KeyPair) -> ServerConfig {
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate and its key")
}

/// Settings that trust that authority alone.
pub fn settings(ca: &Path) -> TlsSettings {
    TlsSettings {
        name: ServerName::try_from("localhost").expect("a name"),
        ca: vec![ca.to_owned()],
        trusted: Vec::new(),
        ca_only: true,
        insecure: false,
        identity: None,
        min: Version::V1_2,
        max: Version::V1_3,
        groups: default_groups(),
        resume: Resume::Never,
        key_log: None,
        crl: Vec::new(),
    }
}

/// A client and a server with nothing between them.
pub struct Pair {
    /// The client under test.
    pub client: Session,
    /// Its server.
    pub server: ServerConnection,
    /// What the client received.
    pub received: Vec<u8>,
    /// What the server received.
    pub requested: Vec<u8>,
}

impl Pair {
    /// Before the first message.
    pub fn new(client: &TlsClient, config: &Arc<ServerConfig>) -> Pair {
        Pair {
            client: client.connect().expect("a session"),
            server: ServerConnection::new(Arc::clone(config)).expect("a connection"),
            received: Vec::new(),
            requested: Vec::new(),
        }
    }

    /// The client's side of the handshake goes to the server, and back.
    pub fn hand_shake(&mut self) -> Result<(), crate::row::failure::Failure> {
        let mut out = Vec::new();
        self.client.hello(&mut out)?;
        self.send_to_server(&out);
        while !self.client.is_ready() {
            let flight = self.take_from_server();
            assert!(!flight.is_empty(), "the server waits, too");
            let out = self.send_to_client(&flight)?;
            self.send_to_server(&out);
        }
        Ok(())
    }

    /// Ciphertext for the server, whose errors show in what it sends.
    pub fn send_to_server(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            self.server.read_tls(&mut bytes).expect("from memory");
            let _ = self.server.process_new_packets();
            // Until nothing more is there just now, which is an error of its own.
            let _ = self.server.reader().read_to_end(&mut self.requested);
        }
    }

    /// What the server wants to send.
    pub fn take_from_server(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while self.server.wants_write() {
            self.server.write_tls(&mut out).expect("to memory");
        }
        out
    }

    /// Ciphertext for the client, as one read; what it wants to send.
    pub fn send_to_client(
        &mut self,
        bytes: &[u8],
    ) -> Result<Vec<u8>, crate::row::failure::Failure> {
        let mut buffer = vec![0; super::PENDING_ROOM + bytes.len()];
        let lead = self.client.lead(&mut buffer);
        buffer[lead..lead + bytes.len()].copy_from_slice(bytes);
        let mut out = Vec::new();
        let received = &mut self.received;
        let incoming = &mut buffer[..lead + bytes.len()];
        self.client.advance(incoming, &mut out, &mut |data, _| {
            received.extend_from_slice(data);
        })?;
        Ok(out)
    }
}
