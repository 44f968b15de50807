//! Certificates and TLS servers for the tests: certification authorities made on the spot, what they
//! issue (valid, expired, revoked, for clients …), a server of raw sockets with a script behind TLS,
//! and a client that looks closer than the program under test can be asked to.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
    SanType, SerialNumber,
};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, ServerConfig,
    ServerConnection, SignatureScheme, StreamOwned, SupportedProtocolVersion,
};
use tempfile::{TempDir, tempdir};

use crate::support::*;

/// Versions of TLS.
pub static ONLY_1_2: &[&SupportedProtocolVersion] = &[&TLS12];
pub static ONLY_1_3: &[&SupportedProtocolVersion] = &[&TLS13];

pub const DAY: i64 = 24 * 3600;

/// What the tests' own servers and clients encrypt with.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// A CA, and the files of what it issued.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// The certificates between what it issues and the root: its own, unless it is the root.
    path: String,
    pub dir: TempDir,
}

/// A certificate to be issued.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// DNS names and IP addresses.
    pub names: &'a [&'a str],
    pub common_name: &'a str,
    /// When it begins and ends, seconds from now.
    pub valid: (i64, i64),
    pub serial: u64,
    pub for_clients: bool,
}

impl Default for Wanted<'_> {
    fn default() -> Self {
        Wanted {
            names: &["127.0.0.1", "::1", "localhost"],
            common_name: "shop",
            valid: (-DAY, 60 * DAY),
            serial: 7,
            for_clients: false,
        }
    }
}

/// A certificate with its chain and its key, as PEM files.
#[derive(Clone, Debug)]
pub struct Issued {
    pub chain: PathBuf,
    pub key: PathBuf,
}

impl Issued {
    /// The chain's certificates, the leaf first.
    pub fn certificates(&self) -> Vec<CertificateDer<'static>> {
        CertificateDer::pem_file_iter(&self.chain)
            .expect("a file")
            .map(|certificate| certificate.expect("PEM"))
            .collect()
    }

    pub fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_file(&self.key).expect("a key")
    }

    pub fn chain_text(&self) -> &str {
        text(&self.chain)
    }

    pub fn key_text(&self) -> &str {
        text(&self.key)
    }
}

/// One certificate as PEM.
pub fn pem(certificate: &CertificateDer<'_>) -> String {
    use std::fmt::Write;
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for part in certificate.chunks(48) {
        let _ = writeln!(text, "{}", base64(part));
    }
    text + "-----END CERTIFICATE-----\n"
}

/// Of PEM (RFC 4648 section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let byte = |at: usize| u32::from(part.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            match digit <= part.len() as u32 {
                true => text.push(char::from(DIGITS[value as usize])),
                false => text.push('='),
            }
        }
    }
    text
}

/// A path as text.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

impl Authority {
    /// A root.
    pub fn new(common_name: &str) -> Authority {
        let params = authority_params(common_name);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a root");
        Authority::with(issuer, String::new())
    }

    /// A CA below this one.
    pub fn intermediate(&self, common_name: &str) -> Authority {
        let params = authority_params(common_name);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::signed_by(params, key, &self.issuer).expect("a CA");
        let path = issuer.pem() + &self.path;
        Authority::with(issuer, path)
    }

    fn with(issuer: CertifiedIssuer<'static, KeyPair>, path: String) -> Authority {
        let dir = tempdir().expect("a directory");
        std::fs::write(dir.path().join("ca.pem"), issuer.pem()).expect("written");
        Authority { issuer, path, dir }
    }

    /// Its certificate as a file, to be trusted.
    pub fn file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// The same as text.
    pub fn file_text(&self) -> String {
        text(&self.file()).to_owned()
    }

    pub fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// Issues a certificate into files named after its serial number.
    pub fn issue(&self, wanted: &Wanted<'_>) -> Issued {
        let mut params = CertificateParams::default();
        params.subject_alt_names = wanted.names.iter().map(|name| san(name)).collect();
        params
            .distinguished_name
            .push(DnType::CommonName, wanted.common_name);
        params.serial_number = Some(SerialNumber::from(wanted.serial));
        let (from, to) = wanted.valid;
        params.not_before = from_now(from).into();
        params.not_after = from_now(to).into();
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match wanted.for_clients {
            true => ExtendedKeyUsagePurpose::ClientAuth,
            false => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().expect("a key");
        let leaf = params.signed_by(&key, &self.issuer).expect("a certificate");
        let place = |kind: &str| self.dir.path().join(format!("{}.{kind}", wanted.serial));
        let issued = Issued {
            chain: place("pem"),
            key: place("key"),
        };
        std::fs::write(&issued.chain, leaf.pem() + &self.path).expect("written");
        std::fs::write(&issued.key, key.serialize_pem()).expect("written");
        issued
    }

    /// The usual certificate of a server here.
    pub fn usual(&self) -> Issued {
        self.issue(&Wanted::default())
    }

    /// A list of revoked certificates, by their serial numbers, as a file.
    pub fn revoke(&self, serials: &[u64]) -> PathBuf {
        let revoked = serials.iter().map(|&serial| RevokedCertParams {
            serial_number: SerialNumber::from(serial),
            revocation_time: from_now(-DAY).into(),
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: from_now(-DAY).into(),
            next_update: from_now(30 * DAY).into(),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&self.issuer).expect("a list");
        let path = self.dir.path().join("crl.pem");
        std::fs::write(&path, list.pem().expect("PEM")).expect("written");
        path
    }
}

fn authority_params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = from_now(-365 * DAY).into();
    params.not_after = from_now(365 * DAY).into();
    params
}

fn san(name: &str) -> SanType {
    match name.parse::<IpAddr>() {
        Ok(ip) => SanType::IpAddress(ip),
        Err(_) => SanType::DnsName(name.try_into().expect("ASCII")),
    }
}

fn from_now(seconds: i64) -> SystemTime {
    let span = Duration::from_secs(seconds.unsigned_abs());
    match seconds < 0 {
        true => SystemTime::now() - span,
        false => SystemTime::now() + span,
    }
}

/// Whether the openssl command is there; if not, that is said of what is skipped, or is a failure where
/// nothing may be skipped.
pub fn has_openssl(what: &str) -> bool {
    let mut command = std::process::Command::new("openssl");
    if command.arg("version").output().is_ok() {
        return true;
    }
    assert!(
        std::env::var_os("PROFILERCLIENT_NO_SKIP").is_none(),
        "PROFILERCLIENT_NO_SKIP is set, but openssl is not installed: {what}"
    );
    // Not by eprintln!, which is shown for failed tests only.
    writeln!(
        io::stderr(),
        "SKIPPED: openssl {what} (it is not installed)"
    )
    .expect("stderr");
    false
}

/// Starts the embedded shop with that certificate.
pub fn tls_shop(issued: &Issued, more: &[&str]) -> Shop {
    let mut args = vec![
        "--tls-cert",
        issued.chain_text(),
        "--tls-key",
        issued.key_text(),
    ];
    args.extend(more);
    Shop::start(&args)
}

/// The configuration of a test server.
pub struct ServerSpec<'a> {
    pub issued: &'a Issued,
    pub versions: &'static [&'static SupportedProtocolVersion],
    /// The CA of the client certificates that it requires.
    pub clients: Option<&'a Authority>,
    pub alpn: &'a [&'a str],
    pub provider: Arc<CryptoProvider>,
}

impl<'a> ServerSpec<'a> {
    pub fn new(issued: &'a Issued) -> ServerSpec<'a> {
        ServerSpec {
            issued,
            versions: rustls::ALL_VERSIONS,
            clients: None,
            alpn: &["http/1.1"],
            provider: provider(),
        }
    }

    pub fn config(&self) -> ServerConfig {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(self.versions)
            .expect("versions");
        let builder = match self.clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let roots = Arc::new(roots(authority));
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
                builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
        };
        let (chain, key) = (self.issued.certificates(), self.issued.private_key());
        let mut config = builder.with_single_cert(chain, key).expect("a certificate");
        config.alpn_protocols = self
            .alpn
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        config
    }
}

fn roots(authority: &Authority) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate()).expect("a root");
    roots
}

/// The server's end of a connection.
pub type TlsStream = StreamOwned<ServerConnection, TcpStream>;

/// A server with a script behind TLS: it is run after the handshake.
pub struct TlsScripted(Scripted);

impl TlsScripted {
    pub fn start(
        config: ServerConfig,
        script: impl Fn(&mut TlsStream, usize) + Send + Sync + 'static,
    ) -> TlsScripted {
        TlsScripted::start_at("127.0.0.1:0", config, script)
    }

    pub fn start_at(
        address: &str,
        config: ServerConfig,
        script: impl Fn(&mut TlsStream, usize) + Send + Sync + 'static,
    ) -> TlsScripted {
        TlsScripted::start_raw(address, config, move |mut tls, number| {
            // A client may refuse the certificate, which is what the test is about.
            if handshake(&mut tls).is_ok() {
                script(&mut tls, number);
            }
            drain(tls);
        })
    }

    /// The same for a script that keeps the connection.
    pub fn start_taking(
        config: ServerConfig,
        script: impl Fn(TlsStream, usize) + Send + Sync + 'static,
    ) -> TlsScripted {
        TlsScripted::start_raw("127.0.0.1:0", config, move |mut tls, number| {
            if handshake(&mut tls).is_ok() {
                script(tls, number);
            }
        })
    }

    /// The same for a script that makes the handshake itself.
    pub fn start_without_handshake(
        config: ServerConfig,
        script: impl Fn(&mut TlsStream, usize) + Send + Sync + 'static,
    ) -> TlsScripted {
        TlsScripted::start_raw("127.0.0.1:0", config, move |mut tls, number| {
            script(&mut tls, number);
        })
    }

    fn start_raw(
        address: &str,
        config: ServerConfig,
        script: impl Fn(TlsStream, usize) + Send + Sync + 'static,
    ) -> TlsScripted {
        let config = Arc::new(config);
        TlsScripted(Scripted::start_at(address, move |stream, number| {
            let session = ServerConnection::new(Arc::clone(&config)).expect("a session");
            script(StreamOwned::new(session, stream), number);
        }))
    }

    /// Serves the home page and purchases, as many requests on a connection as come.
    pub fn shop(config: ServerConfig) -> TlsScripted {
        TlsScripted::start(config, |tls, _| serve_requests(tls))
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.0.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    pub fn connections(&self) -> usize {
        self.0.connections()
    }
}

/// Answers requests until the client closes.
pub fn serve_requests(tls: &mut TlsStream) {
    loop {
        let request = read_request(tls);
        if request.is_empty() {
            return;
        }
        respond(tls, &answer_to(&request));
    }
}

/// A page or a report, whichever was asked for.
pub fn answer_to(request: &str) -> Vec<u8> {
    match request.starts_with("GET") {
        true => page(200, "text/html", "welcome"),
        false => report(),
    }
}

fn handshake(tls: &mut TlsStream) -> io::Result<()> {
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock)?;
    }
    Ok(())
}

/// Closes in order, and waits for the client to close: unread bytes would make it a reset, which may
/// overtake the alert or the answer.
fn drain(mut tls: TlsStream) {
    tls.conn.send_close_notify();
    // The client may be gone.
    let _ = tls.conn.write_tls(&mut tls.sock);
    finish_writing(&tls.sock);
}

/// Closes the write side and waits for the client to close its own.
pub fn finish_writing(mut stream: &TcpStream) {
    // It may be closed already.
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

/// A client of the tests that trusts one CA.
pub struct TestClient {
    config: Arc<ClientConfig>,
}

impl TestClient {
    pub fn new(
        authority: &Authority,
        versions: &[&'static SupportedProtocolVersion],
    ) -> TestClient {
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .expect("versions")
            .with_root_certificates(roots(authority))
            .with_no_client_auth();
        TestClient {
            config: Arc::new(config),
        }
    }

    /// Connects; the handshake is made with the first bytes.
    pub fn connect(&self, url: &str) -> StreamOwned<ClientConnection, TcpStream> {
        let address: SocketAddr = url
            .trim_start_matches("https://")
            .parse()
            .expect("an address");
        let stream = TcpStream::connect(address).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        let name = ServerName::from(address.ip());
        let session = ClientConnection::new(Arc::clone(&self.config), name).expect("a session");
        StreamOwned::new(session, stream)
    }

    /// Sends a request and reads one answer with its length; the head and the body.
    pub fn ask(
        &self,
        tls: &mut StreamOwned<ClientConnection, TcpStream>,
        request: &[u8],
    ) -> io::Result<(String, Vec<u8>)> {
        tls.write_all(request)?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            tls.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).expect("ASCII");
        let (_, after) = head.split_once("Content-Length: ").expect("a length");
        let (length, _) = after.split_once("\r\n").expect("a line");
        let mut body = vec![0; length.parse().expect("a number")];
        tls.read_exact(&mut body)?;
        Ok((head, body))
    }
}

/// What the server at that address answers over TLS, whatever its certificate is.
pub fn unverified_answer(address: &str, request: &[u8]) -> String {
    let address: SocketAddr = address.parse().expect("an address");
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .expect("versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Unverified(provider())))
        .with_no_client_auth();
    let name = ServerName::from(address.ip());
    let session = ClientConnection::new(Arc::new(config), name).expect("a session");
    let mut tls = StreamOwned::new(session, stream);
    tls.write_all(request).expect("the server reads");
    let mut answer = String::new();
    tls.read_to_string(&mut answer).expect("the server answers");
    answer
}

/// Accepts every certificate.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
