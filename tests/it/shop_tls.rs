//! The embedded shop over TLS, asked by clients that are not the program under test: rustls here,
//! OpenSSL by its command.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use rustls::HandshakeKind;
use rustls::version::{TLS12, TLS13};

use crate::support::*;
use crate::tls_support::*;

const HOME: &[u8] = b"GET /rdbms/ HTTP/1.1\r\nHost: x\r\n\r\n";

fn purchase() -> Vec<u8> {
    let form = "email=a@example.com&repeat_email=a@example.com&quantity=2";
    format!(
        "POST /rdbms/2/purchase/1/ HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}

#[test]
fn both_versions_sell_on_kept_connections() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &["--service-time", "1ms"]);
    assert!(shop.url.starts_with("https://127.0.0.1:"), "{}", shop.url);
    for version in [&TLS12, &TLS13] {
        let client = TestClient::new(&authority, &[version]);
        let mut tls = client.connect(&shop.url);
        for _ in 0..10 {
            let (head, body) = client.ask(&mut tls, HOME).expect("a page");
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            assert!(!body.is_empty());
            let (_, report) = client.ask(&mut tls, &purchase()).expect("a report");
            let report: serde_json::Value = serde_json::from_slice(&report).expect("JSON");
            assert_eq!(report["result"], true);
        }
        assert_eq!(tls.conn.alpn_protocol(), None, "the client offered none");
        assert_eq!(tls.conn.protocol_version(), Some(version.version));
    }
    let stats = shop.stats();
    assert_eq!(stats["purchases"], 20, "{stats}");
    assert_eq!(stats["handshakes_full"], 3, "{stats}");
    assert_eq!(stats["handshakes_failed"], 0, "{stats}");
}

#[test]
fn sessions_are_resumed_by_both_versions_and_counted() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &[]);
    for version in [&TLS12, &TLS13] {
        let client = TestClient::new(&authority, &[version]);
        let mut kinds = Vec::new();
        for _ in 0..3 {
            let mut tls = client.connect(&shop.url);
            client.ask(&mut tls, HOME).expect("a page");
            kinds.push(tls.conn.handshake_kind().expect("a handshake"));
        }
        let expected = [
            HandshakeKind::Full,
            HandshakeKind::Resumed,
            HandshakeKind::Resumed,
        ];
        assert_eq!(kinds, expected, "{version:?}");
    }
    let stats = shop.stats();
    assert_eq!(stats["handshakes_full"], 3, "{stats}");
    assert_eq!(stats["handshakes_resumed"], 4, "{stats}");
}

#[test]
fn a_home_page_of_megabytes_arrives_whole() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &["--home-size", "8M"]);
    let client = TestClient::new(&authority, &[&TLS13]);
    let mut tls = client.connect(&shop.url);
    for _ in 0..2 {
        let (_, body) = client.ask(&mut tls, HOME).expect("a page");
        assert_eq!(body.len(), 8 << 20);
    }
}

#[test]
fn an_answer_that_closes_ends_with_close_notify() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &[]);
    for version in [&TLS12, &TLS13] {
        let mut tls = TestClient::new(&authority, &[version]).connect(&shop.url);
        tls.write_all(b"GET /rdbms/ HTTP/1.0\r\n\r\n")
            .expect("sent");
        let mut answer = Vec::new();
        // Without close_notify this would be an error.
        tls.read_to_end(&mut answer).expect("an end in order");
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
}

#[test]
fn only_the_versions_given_are_spoken() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    for (args, good, bad) in [
        (["--tls-min", "1.3"], &TLS13, &TLS12),
        (["--tls-max", "1.2"], &TLS12, &TLS13),
    ] {
        let shop = tls_shop(&issued, &args);
        let client = TestClient::new(&authority, &[good]);
        client
            .ask(&mut client.connect(&shop.url), HOME)
            .expect("a page");
        let client = TestClient::new(&authority, &[bad]);
        let error = client
            .ask(&mut client.connect(&shop.url), HOME)
            .expect_err("no common version");
        assert!(error.to_string().contains("ProtocolVersion"), "{error}");
        wait_until("the failure to be counted", || {
            shop.stat("handshakes_failed") == 1
        });
    }
}

#[test]
fn a_client_without_tls_is_told_by_an_alert() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &[]);
    let address = shop.url.trim_start_matches("https://");
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.write_all(HOME).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an end in order");
    // A record of type alert (21), level fatal (2).
    assert_eq!((answer[0], answer[5]), (21, 2), "{answer:?}");
    wait_until("the failure to be counted", || {
        shop.stat("handshakes_failed") == 1
    });
}

#[test]
fn faults_of_the_handshake_strike_in_exact_shares() {
    let authority = Authority::new("root");
    let faults = "tls-reset:25%,tls-alert:25%,tls-plain:25%";
    let shop = tls_shop(&authority.usual(), &["--fault", faults]);
    let client = TestClient::new(&authority, &[&TLS13]);
    let mut outcomes = std::collections::HashMap::new();
    for _ in 0..40 {
        let outcome = match client.ask(&mut client.connect(&shop.url), HOME) {
            Ok(_) => "page",
            Err(error) if error.kind() == ErrorKind::ConnectionReset => "reset",
            Err(error) if error.to_string().contains("HandshakeFailure") => "alert",
            Err(error) => {
                let said = error.to_string();
                assert!(said.contains("InvalidContentType"), "{said}");
                "plain"
            }
        };
        *outcomes.entry(outcome).or_insert(0) += 1;
    }
    for outcome in ["page", "reset", "alert", "plain"] {
        assert_eq!(outcomes.get(outcome), Some(&10), "{outcomes:?}");
    }
}

#[test]
fn a_stalled_handshake_gets_no_byte_and_is_held() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &["--fault", "tls-stall:50%"]);
    let client = TestClient::new(&authority, &[&TLS13]);
    // The first is served, the second stalls, the third is served while the second waits.
    client
        .ask(&mut client.connect(&shop.url), HOME)
        .expect("a page");
    let mut stalled = client.connect(&shop.url);
    stalled.sock.write_all(&[22, 3, 1]).expect("sent");
    client
        .ask(&mut client.connect(&shop.url), HOME)
        .expect("a page");
    stalled.sock.set_nonblocking(true).expect("non-blocking");
    let error = stalled.sock.read(&mut [0; 16]).expect_err("nothing came");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[test]
fn corrupted_and_truncated_answers_are_seen_as_such() {
    let authority = Authority::new("root");
    for version in [&TLS12, &TLS13] {
        let client = TestClient::new(&authority, &[version]);
        let shop = tls_shop(&authority.usual(), &["--fault", "tls-corrupt:1"]);
        let mut tls = client.connect(&shop.url);
        client.ask(&mut tls, HOME).expect("pages are whole");
        let error = client.ask(&mut tls, &purchase()).expect_err("corrupted");
        assert!(error.to_string().contains("decrypt"), "{error}");

        let shop = tls_shop(&authority.usual(), &["--fault", "tls-truncate:1"]);
        let mut tls = client.connect(&shop.url);
        tls.write_all(&purchase()).expect("sent");
        let mut answer = Vec::new();
        let error = tls.read_to_end(&mut answer).expect_err("truncated");
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{error}");
        let answer = String::from_utf8(answer).expect("ASCII");
        assert!(answer.contains("Connection: close"), "{answer}");
        assert!(!answer.contains("Content-Length"), "{answer}");
        assert_eq!(shop.stat("purchases"), 1, "it is sold");
    }
}

#[test]
fn openssl_verifies_the_certificate_and_reads_a_page() {
    if !has_openssl("s_client") {
        return;
    }
    let authority = Authority::new("root");
    let below = authority.intermediate("between");
    let shop = tls_shop(&below.usual(), &[]);
    let address = shop.url.trim_start_matches("https://");
    let ca = authority.file_text();
    let mut child = Command::new("openssl")
        .args(["s_client", "-connect", address, "-CAfile", &ca])
        .args(["-verify_return_error", "-verify_ip", "127.0.0.1", "-quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl is installed");
    let mut stdin = child.stdin.take().expect("piped");
    stdin
        .write_all(b"GET /rdbms/ HTTP/1.0\r\n\r\n")
        .expect("sent");
    let finished = wait(child);
    assert!(finished.stdout.starts_with("HTTP/1.1 200"), "{finished:?}");
    drop(stdin);
}

#[test]
fn an_unusable_certificate_ends_the_shop_with_one_line() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let stranger = Authority::new("other");
    let other = stranger.usual();
    for (certificate, key, part) in [
        ("/nowhere.pem", issued.key_text(), "cannot be read"),
        (
            issued.chain_text(),
            other.key_text(),
            "does not belong to the certificate",
        ),
        (issued.key_text(), issued.key_text(), "has no certificate"),
    ] {
        let args = ["shop", "--tls-cert", certificate, "--tls-key", key];
        client(args).refused(2, &[part]);
    }
}
