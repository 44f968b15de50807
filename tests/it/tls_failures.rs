//! What can go wrong with TLS, provoked by real servers: each is a row with its own text, and the summary
//! has its hint once.

use std::io::{Read, Write};
use std::net::TcpStream;

use tempfile::tempdir;

use crate::support::*;
use crate::tls_records::*;
use crate::tls_support::*;

/// One run of the program.
struct Outcome {
    rows: Vec<Row>,
    summary: String,
}

const SHOPPERS: usize = 5;

fn visit(url: &str, more: &[&str]) -> Outcome {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(url, SHOPPERS, &file);
    if !more.contains(&"--timeout") {
        args.extend(["--timeout", "20s"].map(str::to_owned));
    }
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    let finished = client(args).ok();
    Outcome {
        rows: rows(&file),
        summary: finished.stdout,
    }
}

impl Outcome {
    #[track_caller]
    fn all_bought(self) -> Outcome {
        assert_eq!(self.rows.len(), SHOPPERS);
        for row in &self.rows {
            assert_eq!(row["client_home_result"], "True", "{row:?}");
            assert_eq!(row["client_buy_result"], "True", "{row:?}");
        }
        self
    }

    /// No request of any shopper got through: the text begins so, and has these parts.
    #[track_caller]
    fn none_connected(self, start: &str, parts: &[&str]) -> Outcome {
        assert_eq!(self.rows.len(), SHOPPERS);
        for row in &self.rows {
            for step in ["home", "buy"] {
                assert_eq!(row[&format!("client_{step}_http_code")], "-100", "{row:?}");
                assert_message(row, step, start, parts);
            }
        }
        self
    }

    /// The home page was there, the purchase failed so, with that status.
    #[track_caller]
    fn none_bought(self, code: &str, start: &str, parts: &[&str]) -> Outcome {
        assert_eq!(self.rows.len(), SHOPPERS);
        for row in &self.rows {
            assert_eq!(row["client_home_result"], "True", "{row:?}");
            assert_eq!(row["client_buy_http_code"], code, "{row:?}");
            assert_message(row, "buy", start, parts);
        }
        self
    }

    /// The summary has that hint: beside the result, where nothing succeeded, and with the group of
    /// errors, not for each shopper.
    #[track_caller]
    fn hint(self, part: &str) -> Outcome {
        let unwrapped: Vec<&str> = self.summary.split_whitespace().collect();
        let count = unwrapped.join(" ").matches(part).count();
        assert!(
            (1..=2).contains(&count),
            "{part:?} {count} times in {}",
            self.summary
        );
        self
    }
}

#[track_caller]
fn assert_message(row: &Row, step: &str, start: &str, parts: &[&str]) {
    let message = &row[&format!("client_{step}_error_msg")];
    assert!(
        message.starts_with(start),
        "{start:?} does not begin {message:?}"
    );
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
}

/// A shop with a certificate that was wanted so, and the CA's file.
fn shop_with(wanted: &Wanted<'_>) -> (Shop, Authority) {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.issue(wanted), &[]);
    (shop, authority)
}

#[test]
fn a_certificate_of_an_unknown_issuer() {
    let (shop, authority) = shop_with(&Wanted::default());
    let unknown = "TLS certificate of an unknown issuer";
    visit(&shop.url, &[])
        .none_connected(unknown, &[])
        .hint("--ca FILE");
    let stranger = Authority::new("another root");
    visit(&shop.url, &["--ca", &stranger.file_text(), "--ca-only"]).none_connected(unknown, &[]);
    visit(&shop.url, &["--ca", &authority.file_text()]).all_bought();
    let insecure = visit(&shop.url, &["--insecure"]).all_bought();
    assert!(
        insecure.summary.contains("insecure"),
        "{}",
        insecure.summary
    );
}

#[test]
fn a_chain_without_its_intermediate_certificate() {
    let root = Authority::new("root");
    let below = root.intermediate("between");
    let issued = below.usual();
    let ca = root.file_text();
    visit(&tls_shop(&issued, &[]).url, &["--ca", &ca]).all_bought();

    let leaf = issued.certificates().remove(0);
    let alone = below.dir.path().join("leaf.pem");
    std::fs::write(&alone, pem(&leaf)).expect("written");
    let shop = Shop::start(&["--tls-cert", text(&alone), "--tls-key", issued.key_text()]);
    visit(&shop.url, &["--ca", &ca])
        .none_connected("TLS certificate of an unknown issuer", &[])
        .hint("intermediate");
    visit(&shop.url, &["--ca", &below.file_text()]).all_bought();
}

#[test]
fn certificates_outside_their_validity() {
    for (valid, start, part, hint) in [
        (
            (-30 * DAY, -3 * DAY),
            "TLS certificate expired",
            "3 days ago",
            "renew",
        ),
        (
            (3 * DAY + 60, 30 * DAY),
            "TLS certificate not yet valid",
            "in 3 days",
            "clocks",
        ),
    ] {
        let (shop, authority) = shop_with(&Wanted {
            valid,
            ..Wanted::default()
        });
        let ca = authority.file_text();
        visit(&shop.url, &["--ca", &ca])
            .none_connected(start, &[part])
            .hint(hint);
        visit(&shop.url, &["--insecure"]).all_bought();
    }
}

#[test]
fn a_certificate_for_another_name() {
    let (shop, authority) = shop_with(&Wanted {
        names: &["shop.example.org", "127.0.0.9"],
        ..Wanted::default()
    });
    let ca = authority.file_text();
    visit(&shop.url, &["--ca", &ca])
        .none_connected(
            "TLS certificate for another name",
            &["127.0.0.1", "shop.example.org"],
        )
        .hint("--sni");
    visit(&shop.url, &["--ca", &ca, "--sni", "shop.example.org"]).all_bought();
    visit(&shop.url, &["--ca", &ca, "--sni", "other.example.org"])
        .none_connected("TLS certificate for another name", &["other.example.org"]);
    let address = shop.url.trim_start_matches("https://");
    visit(
        "https://shop.example.org",
        &["--ca", &ca, "--connect-to", address],
    )
    .all_bought();
}

#[test]
fn a_revoked_certificate_by_a_list() {
    let (shop, authority) = shop_with(&Wanted::default());
    let ca = authority.file_text();
    let crl = authority.revoke(&[3, 7]);
    visit(&shop.url, &["--ca", &ca, "--crl", text(&crl)])
        .none_connected("TLS certificate revoked", &[])
        .hint("replace the server's certificate");
    let crl = authority.revoke(&[3]);
    visit(&shop.url, &["--ca", &ca, "--crl", text(&crl)]).all_bought();
    let stranger = Authority::new("another root");
    let crl = stranger.revoke(&[3]);
    visit(&shop.url, &["--ca", &ca, "--crl", text(&crl)])
        .none_connected("TLS certificate not covered by --crl", &[]);
}

#[test]
fn a_certificate_for_clients_does_not_do_for_a_server() {
    let (shop, authority) = shop_with(&Wanted {
        for_clients: true,
        ..Wanted::default()
    });
    visit(&shop.url, &["--ca", &authority.file_text()])
        .none_connected("TLS certificate not supported", &[]);
}

#[test]
fn client_certificates_are_required_and_checked_by_the_server() {
    let authority = Authority::new("root");
    let clients = Authority::new("clients");
    let issued = authority.usual();
    let ca = authority.file_text();
    let good = clients.issue(&Wanted {
        for_clients: true,
        ..Wanted::default()
    });
    let stranger = Authority::new("strangers");
    let bad = stranger.issue(&Wanted {
        for_clients: true,
        ..Wanted::default()
    });
    for versions in [ONLY_1_2, ONLY_1_3] {
        let server = TlsScripted::shop(
            ServerSpec {
                versions,
                clients: Some(&clients),
                ..ServerSpec::new(&issued)
            }
            .config(),
        );
        let url = server.url();
        visit(&url, &["--ca", &ca])
            .none_connected("TLS client certificate required", &["alert"])
            .hint("--cert FILE and --key FILE");
        let identity = |issued: &Issued| {
            let mut args = vec!["--ca".to_owned(), ca.clone()];
            args.extend(
                ["--cert", issued.chain_text(), "--key", issued.key_text()].map(str::to_owned),
            );
            args
        };
        let args = identity(&bad);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        visit(&url, &args)
            .none_connected("TLS client certificate refused", &["alert"])
            .hint("whose issuer the server trusts");
        let args = identity(&good);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        visit(&url, &args).all_bought();
    }
}

#[test]
fn versions_that_are_not_in_common() {
    let authority = Authority::new("root");
    let ca = authority.file_text();
    let issued = authority.usual();
    for (server, own) in [
        ("--tls-max=1.2", "--tls-min=1.3"),
        ("--tls-min=1.3", "--tls-max=1.2"),
    ] {
        let shop = tls_shop(&issued, &[server]);
        visit(&shop.url, &["--ca", &ca, own])
            .none_connected("TLS version not in common", &[])
            .hint("--tls-min and --tls-max");
        visit(&shop.url, &["--ca", &ca]).all_bought();
    }
    let old = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
    if let Some(server) = OpensslServer::start(&issued, &old) {
        visit(&server.url(), &["--ca", &ca]).none_connected("TLS version not in common", &[]);
    }
}

#[test]
fn cipher_suites_and_groups_that_are_not_in_common() {
    let authority = Authority::new("root");
    let ca = authority.file_text();
    let issued = authority.usual();
    let mismatch = "TLS cipher suite or group not in common";
    let cbc = ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"];
    for args in [&cbc[..], &["-groups", "P-521"]] {
        if let Some(server) = OpensslServer::start(&issued, args) {
            visit(&server.url(), &["--ca", &ca])
                .none_connected(mismatch, &["handshake_failure"])
                .hint("cipher suites and groups");
        }
    }
}

#[test]
fn each_fatal_alert_in_the_handshake_is_named() {
    for (code, start, name) in [
        (
            40,
            "TLS cipher suite or group not in common",
            "handshake_failure",
        ),
        (44, "TLS alert received", "certificate_revoked"),
        (49, "TLS alert received", "access_denied"),
        (70, "TLS version not in common", "protocol_version"),
        (80, "TLS alert received", "internal_error"),
        (
            112,
            "TLS server name not known to the server",
            "unrecognized_name",
        ),
        (
            120,
            "server without HTTP/1.1 over TLS (ALPN)",
            "no_application_protocol",
        ),
        (199, "TLS alert received", "199"),
    ] {
        let server = Scripted::start(move |mut stream, _| {
            read_hello(&mut stream);
            respond(&mut stream, &[21, 3, 3, 0, 2, 2, code]);
            finish_writing(&stream);
        });
        let url = format!("https://{}", server.address);
        let part = format!("alert {name} in the handshake");
        visit(&url, &["--insecure"]).none_connected(start, &[&part]);
    }
}

#[test]
fn a_server_that_insists_on_http_2() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    let config = ServerSpec {
        alpn: &["h2"],
        ..ServerSpec::new(&issued)
    };
    let server = TlsScripted::shop(config.config());
    visit(&server.url(), &["--ca", &ca])
        .none_connected("server without HTTP/1.1 over TLS (ALPN)", &[])
        .hint("enable HTTP/1.1");
    let without_alpn = ServerSpec {
        alpn: &[],
        ..ServerSpec::new(&issued)
    };
    let server = TlsScripted::shop(without_alpn.config());
    visit(&server.url(), &["--ca", &ca]).all_bought();
}

#[test]
fn a_plain_port_behind_an_https_target() {
    let shop = Shop::start(&[]);
    let url = shop.url.replace("http://", "https://");
    visit(&url, &["--insecure"])
        .none_connected("not TLS", &["HTTP/1.1 400"])
        .hint("give an http:// target");
    let greeting = Scripted::start(|mut stream, _| {
        respond(&mut stream, b"220 mail.example.org ESMTP\r\n");
        finish_writing(&stream);
    });
    visit(&format!("https://{}", greeting.address), &["--insecure"])
        .none_connected("not TLS", &["220 mail.example.org"]);
}

#[test]
fn a_tls_port_behind_an_http_target() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &[]);
    let url = shop.url.replace("https://", "http://");
    visit(&url, &[])
        .none_connected("the port speaks TLS", &[])
        .hint("give an https:// target");
    // What nginx makes of it, by HTTP.
    let nginx = Scripted::start(|mut stream, _| {
        read_request(&mut stream);
        let title = "400 The plain HTTP request was sent to HTTPS port";
        let body = format!("<html><head><title>{title}</title></head></html>");
        respond(&mut stream, &page(400, "text/html", &body));
    });
    let outcome = visit(&nginx.url(), &[]);
    for row in &outcome.rows {
        assert_eq!(row["client_buy_http_code"], "400", "{row:?}");
        assert_message(row, "buy", "the port speaks TLS", &[]);
    }
}

#[test]
fn a_handshake_without_an_answer_is_part_of_the_connect_timeout() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &["--fault", "tls-stall:1"]);
    visit(&shop.url, &["--insecure", "--connect-timeout", "300ms"])
        .none_connected("timed out in the TLS handshake", &[])
        .hint("--connect-timeout");
    // The first flight is there, the rest never comes.
    let server = TlsScripted::start_without_handshake(
        ServerSpec::new(&authority.usual()).config(),
        |tls, _| {
            let mut first = Vec::new();
            tls.conn.read_tls(&mut tls.sock).expect("a hello");
            tls.conn.process_new_packets().expect("a hello");
            tls.conn.write_tls(&mut first).expect("an answer");
            respond(&mut tls.sock, &first[..first.len() - 10]);
            // Waits for the client to give up.
            while tls.sock.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
        },
    );
    visit(&server.url(), &["--insecure", "--connect-timeout", "300ms"])
        .none_connected("timed out in the TLS handshake", &[]);
}

#[test]
fn the_connection_ends_within_the_handshake() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let shop = tls_shop(&issued, &["--fault", "tls-reset:1"]);
    visit(&shop.url, &["--insecure"])
        .none_connected("connection reset in the TLS handshake", &[])
        .hint("does it speak TLS on this port");
    let closing = Scripted::start(|mut stream, _| {
        read_hello(&mut stream);
        finish_writing(&stream);
    });
    visit(&format!("https://{}", closing.address), &["--insecure"])
        .none_connected("connection closed in the TLS handshake", &[]);
    let plain = tls_shop(&issued, &["--fault", "tls-plain:1"]);
    visit(&plain.url, &["--insecure"]).none_connected("not TLS", &["HTTP/1.1 400"]);
    let alert = tls_shop(&issued, &["--fault", "tls-alert:1"]);
    visit(&alert.url, &["--insecure"]).none_connected(
        "TLS cipher suite or group not in common",
        &["handshake_failure"],
    );
}

#[test]
fn a_shop_that_resets_on_accept() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &["--fault", "refuse:1"]);
    let outcome = visit(&shop.url, &["--insecure"]);
    assert_eq!(outcome.rows.len(), SHOPPERS);
    for row in &outcome.rows {
        let message = &row["client_home_error_msg"];
        assert!(message.contains("reset"), "{row:?}");
    }
}

#[test]
fn corrupted_records() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    for version in ["1.2", "1.3"] {
        let args = [
            "--fault",
            "tls-corrupt:1",
            "--tls-min",
            version,
            "--tls-max",
            version,
        ];
        let shop = tls_shop(&issued, &args);
        for more in [&["--ca", &ca][..], &["--ca", &ca, "--keep-alive"]] {
            visit(&shop.url, more)
                .none_bought("-100", "corrupted TLS record", &[])
                .hint("alters the bytes");
        }
    }
    let in_handshake =
        TlsScripted::start_without_handshake(ServerSpec::new(&issued).config(), |tls, _| {
            let mut first = Vec::new();
            tls.conn.read_tls(&mut tls.sock).expect("a hello");
            tls.conn.process_new_packets().expect("a hello");
            while tls.conn.wants_write() {
                tls.conn.write_tls(&mut first).expect("an answer");
            }
            *first.last_mut().expect("an answer") ^= 1;
            respond(&mut tls.sock, &first);
            finish_writing(&tls.sock);
        });
    visit(&in_handshake.url(), &["--ca", &ca]).none_connected("corrupted TLS record", &[]);
}

#[test]
fn a_body_that_ends_with_the_stream_is_whole_only_after_close_notify() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    for version in ["1.2", "1.3"] {
        let args = [
            "--fault",
            "tls-truncate:1",
            "--tls-min",
            version,
            "--tls-max",
            version,
        ];
        let shop = tls_shop(&issued, &args);
        visit(&shop.url, &["--ca", &ca])
            .none_bought("200", "TLS connection closed without close_notify", &[])
            .hint("send a Content-Length");
    }
    // The whole report, first with the end that says so, then without.
    for says_goodbye in [true, false] {
        let server = TlsScripted::start(ServerSpec::new(&issued).config(), move |tls, _| {
            let request = read_request(tls);
            if request.starts_with("GET") {
                return respond(tls, &page(200, "text/html", "welcome"));
            }
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
            respond(tls, format!("{head}{REPORT}").as_bytes());
            if !says_goodbye {
                cut(tls);
            }
        });
        let outcome = visit(&server.url(), &["--ca", &ca]);
        match says_goodbye {
            true => outcome.all_bought(),
            false => outcome.none_bought("200", "TLS connection closed without close_notify", &[]),
        };
    }
}

#[test]
fn tickets_and_records_without_data_are_bounded() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    for (versions, flood) in [
        (ONLY_1_3, Flood::Tickets),
        (ONLY_1_3, Flood::EmptyRecords),
        (ONLY_1_2, Flood::EmptyRecords),
        (ONLY_1_2, Flood::Warnings),
        (ONLY_1_3, Flood::KeyUpdates),
    ] {
        let server = flooding_server(&issued, versions, flood);
        let outcome = visit(&server.url(), &["--ca", &ca]);
        for row in &outcome.rows {
            let message = &row["client_home_error_msg"];
            assert!(
                message.starts_with("too many TLS records without data"),
                "{flood:?}: {row:?}"
            );
        }
        assert_eq!(outcome.rows.len(), SHOPPERS);
    }
}

#[test]
fn renegotiation_and_key_update() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    // A key update before each answer: nothing to notice (RFC 8446 section 4.6.3).
    let config = ServerSpec {
        versions: ONLY_1_3,
        ..ServerSpec::new(&issued)
    };
    let server = TlsScripted::start(config.config(), |tls, _| {
        loop {
            let request = read_request(tls);
            if request.is_empty() {
                return;
            }
            tls.conn.refresh_traffic_keys().expect("a key update");
            respond(tls, &answer_to(&request));
        }
    });
    visit(&server.url(), &["--ca", &ca, "--keep-alive"]).all_bought();
    // One demand to renegotiate is refused, and the answer comes all the same (RFC 5246 section
    // 7.4.1.1); demands without an end are a failure.
    let server = renegotiating_server(&issued, 1);
    visit(&server.url(), &["--ca", &ca]).all_bought();
    let server = renegotiating_server(&issued, 100);
    let outcome = visit(&server.url(), &["--ca", &ca]);
    for row in &outcome.rows {
        let message = &row["client_home_error_msg"];
        assert!(message.starts_with("TLS renegotiation demanded"), "{row:?}");
    }
}

#[test]
fn the_purchase_is_reset_after_the_handshake() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    for (kind, code, start) in [
        ("reset", "-100", "connection reset by the server"),
        (
            "reset-within",
            "200",
            "connection reset within the response",
        ),
        ("stall", "-100", "timed out"),
        ("cut", "200", "connection closed within the response body"),
        (
            "wrong-length",
            "200",
            "connection closed within the response body",
        ),
        ("close", "-100", "connection closed without an answer"),
        ("500", "500", "HTTP 500"),
        ("html", "200", "no server report"),
        ("csrf", "403", "HTTP 403"),
    ] {
        let shop = tls_shop(&issued, &["--fault", &format!("{kind}:1")]);
        visit(&shop.url, &["--ca", &ca, "--timeout", "500ms"]).none_bought(code, start, &[]);
    }
    let shop = tls_shop(&issued, &["--fault", "slow-drip:1"]);
    visit(&shop.url, &["--ca", &ca]).all_bought();
}

#[test]
fn a_burst_with_a_wrong_certificate_has_one_hint() {
    let (shop, _authority) = shop_with(&Wanted::default());
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let finished = client(flags(&shop.url, 300, &file)).ok();
    let rows = rows(&file);
    assert_eq!(rows.len(), 300);
    for row in &rows {
        assert_message(row, "home", "TLS certificate of an unknown issuer", &[]);
    }
    // Beside the result, and with the error of each of the two requests.
    let words: Vec<&str> = finished.stdout.split_whitespace().collect();
    let count = |part: &str| words.join(" ").matches(part).count();
    assert!(
        (1..=3).contains(&count("unknown issuer")),
        "{}",
        finished.stdout
    );
    assert!((1..=2).contains(&count("--ca FILE")), "{}", finished.stdout);
    assert_eq!(finished.stderr, "");
}

/// Reads a ClientHello, which is one record.
fn read_hello(stream: &mut TcpStream) {
    let mut header = [0; 5];
    if stream.read_exact(&mut header).is_err() {
        return;
    }
    let mut record = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    // The client may be gone.
    let _ = stream.read_exact(&mut record);
}

#[test]
fn a_request_without_an_answer_times_out_after_the_handshake() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    let server = TlsScripted::start(ServerSpec::new(&issued).config(), |tls, _| {
        // What the handshake left to be sent, and no answer.
        tls.flush().expect("the client reads");
        let mut byte = [0];
        while tls.sock.read(&mut byte).is_ok_and(|count| count > 0) {}
    });
    visit(&server.url(), &["--ca", &ca, "--timeout", "300ms"])
        .none_connected("timed out", &["waiting"]);
}
