//! TLS servers that send what no library would: records made by hand with the keys of a handshake that a
//! library has made, and OpenSSL's test server with settings that rustls does not have.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::crypto::cipher::{MessageEncrypter, OutboundChunks, OutboundPlainMessage};
use rustls::{
    ConnectionTrafficSecrets, ContentType, ProtocolVersion, ServerConfig, SupportedCipherSuite,
    SupportedProtocolVersion,
};

use crate::support::*;
use crate::tls_support::*;

/// What a server sends without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flood {
    /// Session tickets (TLS 1.3).
    Tickets,
    /// Records of application data without any data.
    EmptyRecords,
    /// Alerts that are warnings (TLS 1.2).
    Warnings,
    /// Key updates, by the library (TLS 1.3).
    KeyUpdates,
}

/// An alert that has no meaning on a connection that stands (RFC 8446 section 6.1).
const USER_CANCELED: u8 = 90;

/// Without an end means: until the client closes, but at most so often.
const ENDLESS: usize = 500_000;

/// The sending side of a connection whose handshake is over.
struct Sender {
    stream: TcpStream,
    encrypter: Box<dyn MessageEncrypter>,
    sequence: u64,
}

impl Sender {
    /// Takes a connection over from the library, which has nothing left to send.
    fn take_over(tls: TlsStream) -> Sender {
        let suite = tls.conn.negotiated_cipher_suite().expect("a suite");
        let (connection, stream) = tls.into_parts();
        let secrets = connection.dangerous_extract_secrets().expect("secrets");
        let (sequence, secrets) = secrets.tx;
        let ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } = secrets else {
            panic!("the server has no other suites");
        };
        let encrypter = match suite {
            SupportedCipherSuite::Tls13(suite) => suite.aead_alg.encrypter(key, iv),
            SupportedCipherSuite::Tls12(suite) => suite.aead_alg.encrypter(key, iv.as_ref(), &[]),
        };
        Sender {
            stream,
            encrypter,
            sequence,
        }
    }

    fn record(&mut self, typ: ContentType, payload: &[u8]) -> Vec<u8> {
        let message = OutboundPlainMessage {
            typ,
            version: ProtocolVersion::TLSv1_2,
            payload: OutboundChunks::Single(payload),
        };
        let record = self
            .encrypter
            .encrypt(message, self.sequence)
            .expect("a record");
        self.sequence += 1;
        record.encode()
    }

    fn send(&mut self, typ: ContentType, payload: &[u8]) -> io::Result<()> {
        let record = self.record(typ, payload);
        self.stream.write_all(&record)
    }

    /// Sends the same again and again, many at once, until the client closes.
    fn flood(&mut self, typ: ContentType, payload: &[u8]) {
        const AT_ONCE: usize = 500;
        for _ in 0..ENDLESS / AT_ONCE {
            let mut records = Vec::new();
            for _ in 0..AT_ONCE {
                records.extend_from_slice(&self.record(typ, payload));
            }
            if self.stream.write_all(&records).is_err() {
                return;
            }
        }
        panic!("the client took {ENDLESS} records without data");
    }
}

/// A ticket of a few bytes (RFC 8446 section 4.6.1).
fn ticket() -> Vec<u8> {
    let body = [
        &[0, 0, 0x1c, 0x20, 1, 2, 3, 4][..],
        &[1, 9],
        &[0, 4, 5, 6, 7, 8],
        &[0, 0],
    ]
    .concat();
    let mut message = vec![4, 0, 0, body.len() as u8];
    message.extend(body);
    message
}

fn extractable(
    issued: &Issued,
    versions: &'static [&'static SupportedProtocolVersion],
) -> ServerConfig {
    let mut provider = CryptoProvider::clone(&provider());
    // One whose nonce has one part only, in both versions.
    provider.cipher_suites.retain(|suite| {
        let name = format!("{:?}", suite.suite());
        name.contains("CHACHA20_POLY1305")
    });
    let spec = ServerSpec {
        versions,
        provider: Arc::new(provider),
        ..ServerSpec::new(issued)
    };
    let mut config = spec.config();
    config.enable_secret_extraction = true;
    config.send_tls13_tickets = 0;
    config
}

/// A server that answers the first request with a flood.
pub fn flooding_server(
    issued: &Issued,
    versions: &'static [&'static SupportedProtocolVersion],
    flood: Flood,
) -> TlsScripted {
    let config = extractable(issued, versions);
    TlsScripted::start_taking(config, move |mut tls, _| {
        if read_request(&mut tls).is_empty() {
            return;
        }
        if flood == Flood::KeyUpdates {
            for _ in 0..ENDLESS {
                tls.conn.refresh_traffic_keys().expect("a key update");
                if tls.conn.write_tls(&mut tls.sock).is_err() {
                    return;
                }
            }
            panic!("the client took {ENDLESS} key updates");
        }
        let mut sender = Sender::take_over(tls);
        match flood {
            Flood::Tickets => sender.flood(ContentType::Handshake, &ticket()),
            Flood::Warnings => sender.flood(ContentType::Alert, &[1, USER_CANCELED]),
            _ => sender.flood(ContentType::ApplicationData, &[]),
        }
    })
}

/// A server of TLS 1.2 that demands that many renegotiations (HelloRequest, RFC 5246 section 7.4.1.1)
/// before each answer.
pub fn renegotiating_server(issued: &Issued, demands: usize) -> TlsScripted {
    const HELLO_REQUEST: &[u8] = &[0, 0, 0, 0];
    const CLOSE_NOTIFY: &[u8] = &[1, 0];
    let config = extractable(issued, ONLY_1_2);
    TlsScripted::start_taking(config, move |mut tls, _| {
        let request = read_request(&mut tls);
        if request.is_empty() {
            return;
        }
        let mut sender = Sender::take_over(tls);
        let mut answer = || -> io::Result<()> {
            for _ in 0..demands {
                sender.send(ContentType::Handshake, HELLO_REQUEST)?;
            }
            sender.send(ContentType::ApplicationData, &answer_to(&request))?;
            sender.send(ContentType::Alert, CLOSE_NOTIFY)
        };
        // The client may have had enough.
        let _ = answer();
        finish_writing(&sender.stream);
    })
}

/// `openssl s_server`, which answers each GET with a page of its own.
pub struct OpensslServer {
    child: Child,
    address: String,
}

impl OpensslServer {
    /// Starts it with further arguments; none where OpenSSL is not installed.
    pub fn start(issued: &Issued, more: &[&str]) -> Option<OpensslServer> {
        if !has_openssl(&format!("s_server {}", more.join(" "))) {
            return None;
        }
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-www"])
            .args(["-cert", issued.chain_text(), "-key", issued.key_text()])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let address = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ACCEPT ").map(str::to_owned))
            .expect("it says where it listens");
        Some(OpensslServer { child, address })
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }
}

impl Drop for OpensslServer {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Closes without any goodbye: a FIN, and nothing before it.
pub fn cut(tls: &TlsStream) {
    // It may be closed already.
    let _ = tls.sock.shutdown(Shutdown::Write);
}
