//! Runs over TLS as a server sees them: names, versions, groups, resumption, connections made ahead, the
//! key log; and the commands that start a shop of their own over TLS.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, KeyLog, ProtocolVersion};
use serde_json::Value;
use tempfile::tempdir;

use crate::support::*;
use crate::tls_support::*;

/// What a server saw of one request.
#[derive(Clone, Debug)]
struct Seen {
    connection: usize,
    server_name: Option<String>,
    kind: HandshakeKind,
    version: ProtocolVersion,
    group: Option<String>,
    alpn: Option<Vec<u8>>,
    request: String,
}

type Notes = Arc<Mutex<Vec<Seen>>>;

/// A shop that notes each request with its handshake; with resumption in memory, as rustls has it.
fn noting_shop(address: &str, spec: &ServerSpec<'_>) -> (TlsScripted, Notes) {
    let notes = Notes::default();
    let noted = Arc::clone(&notes);
    let server = TlsScripted::start_at(address, spec.config(), move |tls, connection| {
        loop {
            let request = read_request(tls);
            if request.is_empty() {
                return;
            }
            let session = &tls.conn;
            let group = session.negotiated_key_exchange_group();
            let seen = Seen {
                connection,
                server_name: session.server_name().map(str::to_owned),
                kind: session.handshake_kind().expect("a handshake"),
                version: session.protocol_version().expect("a version"),
                group: group.map(|group| format!("{:?}", group.name())),
                alpn: session.alpn_protocol().map(<[u8]>::to_vec),
                request: request.clone(),
            };
            noted.lock().expect("no test panics with it").push(seen);
            respond(tls, &answer_to(&request));
        }
    });
    (server, notes)
}

fn taken(notes: &Notes) -> Vec<Seen> {
    std::mem::take(&mut *notes.lock().expect("no test panics with it"))
}

/// The number of connections whose handshake was of that kind.
fn connections_of(seen: &[Seen], kind: HandshakeKind) -> usize {
    let of_kind = seen.iter().filter(|seen| seen.kind == kind);
    let numbers: HashSet<usize> = of_kind.map(|seen| seen.connection).collect();
    numbers.len()
}

/// Runs a load in which everyone buys; the rows and the JSON summary.
#[track_caller]
fn run(url: &str, shoppers: usize, more: &[&str]) -> (Vec<Row>, Value) {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(url, shoppers, &file);
    args.push("--json".to_owned());
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    let finished = client(args).ok();
    let rows = rows(&file);
    for row in &rows {
        assert_eq!(row["client_home_result"], "True", "{row:?}");
        assert_eq!(row["client_buy_result"], "True", "{row:?}");
    }
    let summary = serde_json::from_str(&finished.stdout).expect("JSON");
    (rows, summary)
}

fn host_field(request: &str) -> &str {
    let line = request.lines().find(|line| line.starts_with("Host: "));
    &line.expect("a Host field")["Host: ".len()..]
}

#[test]
fn an_address_is_not_sent_as_a_server_name() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (server, notes) = noting_shop(address, &ServerSpec::new(&issued));
        run(&server.url(), 3, &["--ca", &ca]);
        let seen = taken(&notes);
        assert_eq!(seen.len(), 6);
        for seen in seen {
            assert_eq!(seen.server_name, None, "{seen:?}");
            assert_eq!(host_field(&seen.request), server.address().to_string());
            assert_eq!(seen.alpn.as_deref(), Some(&b"http/1.1"[..]), "{seen:?}");
        }
    }
}

#[test]
fn the_targets_name_is_sent_wherever_connections_go() {
    let authority = Authority::new("root");
    let issued = authority.issue(&Wanted {
        names: &["shop.example.org"],
        ..Wanted::default()
    });
    let ca = authority.file_text();
    let (server, notes) = noting_shop("127.0.0.1:0", &ServerSpec::new(&issued));
    let port = server.address().port();
    let to = server.address().to_string();
    let target = format!("https://shop.example.org:{port}");
    let resolve = format!("shop.example.org:{port}:127.0.0.1");
    for (target, way, host) in [
        (
            "https://shop.example.org",
            ["--connect-to", &to],
            "shop.example.org",
        ),
        (
            &target,
            ["--resolve", &resolve],
            &target["https://".len()..],
        ),
    ] {
        run(target, 2, &[&["--ca", &ca][..], &way].concat());
        let seen = taken(&notes);
        assert_eq!(seen.len(), 4);
        for seen in seen {
            assert_eq!(seen.server_name.as_deref(), Some("shop.example.org"));
            assert_eq!(host_field(&seen.request), host);
        }
    }
    // The name that is given is sent and expected; requests still name the target.
    let url = server.url();
    run(&url, 1, &["--ca", &ca, "--sni", "shop.example.org"]);
    for seen in taken(&notes) {
        assert_eq!(seen.server_name.as_deref(), Some("shop.example.org"));
        assert_eq!(host_field(&seen.request), to);
    }
}

#[test]
fn versions_and_groups_are_those_asked_for() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    let (server, notes) = noting_shop("127.0.0.1:0", &ServerSpec::new(&issued));
    for (args, version, group) in [
        (
            &["--tls-max", "1.2"][..],
            ProtocolVersion::TLSv1_2,
            "X25519",
        ),
        (&["--tls-min", "1.3"], ProtocolVersion::TLSv1_3, "X25519"),
        (
            &["--tls-groups", "secp384r1"],
            ProtocolVersion::TLSv1_3,
            "secp384r1",
        ),
        (
            &["--tls-groups", "x25519mlkem768"],
            ProtocolVersion::TLSv1_3,
            "X25519MLKEM768",
        ),
    ] {
        run(&server.url(), 2, &[&["--ca", &ca][..], args].concat());
        for seen in taken(&notes) {
            assert_eq!(seen.version, version, "{args:?}");
            assert_eq!(seen.group.as_deref(), Some(group), "{args:?}");
            assert_eq!(seen.kind, HandshakeKind::Full, "{args:?}");
        }
    }
}

#[test]
fn a_group_that_the_server_refuses_costs_a_round_trip() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    let mut provider = (*provider()).clone();
    provider
        .kx_groups
        .retain(|group| format!("{:?}", group.name()) == "secp384r1");
    let spec = ServerSpec {
        provider: Arc::new(provider),
        ..ServerSpec::new(&issued)
    };
    let (server, notes) = noting_shop("127.0.0.1:0", &spec);
    let (_, summary) = run(&server.url(), 3, &["--ca", &ca]);
    let seen = taken(&notes);
    assert_eq!(
        connections_of(&seen, HandshakeKind::FullWithHelloRetryRequest),
        6
    );
    assert_eq!(summary["tls"]["retried"], 6, "{summary:#}");
}

#[test]
fn sessions_are_resumed_as_asked_for_and_counted_by_both_sides() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    for versions in [ONLY_1_2, ONLY_1_3] {
        let spec = ServerSpec {
            versions,
            ..ServerSpec::new(&issued)
        };
        let (server, notes) = noting_shop("127.0.0.1:0", &spec);
        // 4 places with 5 visits each, 2 connections for each visit.
        for (mode, resumed) in [("never", 0), ("visit", 20), ("30%", 6), ("place", 36)] {
            let args = [
                "--ca",
                &ca,
                "--repeat",
                "5",
                "--seed",
                "7",
                "--tls-resume",
                mode,
            ];
            let (rows, summary) = run(&server.url(), 4, &args);
            assert_eq!(rows.len(), 20);
            let seen = taken(&notes);
            let counted = connections_of(&seen, HandshakeKind::Resumed);
            assert_eq!(counted, resumed, "{mode} {versions:?}");
            assert_eq!(connections_of(&seen, HandshakeKind::Full), 40 - resumed);
            assert_eq!(summary["tls"]["resumed"], resumed, "{mode}: {summary:#}");
            assert_eq!(summary["tls"]["full"], 40 - resumed, "{mode}: {summary:#}");
            assert_eq!(summary["tls"]["tickets_refused"], 0, "{mode}: {summary:#}");
            // The purchase is what a visit resumes.
            if mode == "visit" {
                for seen in seen {
                    let is_purchase = seen.request.starts_with("POST");
                    assert_eq!(seen.kind == HandshakeKind::Resumed, is_purchase, "{seen:?}");
                }
            }
        }
    }
}

#[test]
fn refused_tickets_are_counted() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    // Each of the two has tickets that the other cannot read, and connections go to both in turn.
    let configs = [0, 1].map(|_| {
        let mut config = ServerSpec::new(&issued).config();
        config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new().expect("a ticketer");
        Arc::new(config)
    });
    let server = Scripted::start(move |stream, number| {
        let config = Arc::clone(&configs[number % 2]);
        let session = rustls::ServerConnection::new(config).expect("a session");
        let mut tls = rustls::StreamOwned::new(session, stream);
        serve_requests(&mut tls);
    });
    let url = format!("https://{}", server.address);
    let trial = ["--ca", &ca, "--tls-resume", "visit"];
    let (_, summary) = run(&url, 1, &trial);
    let tls = &summary["tls"];
    assert_eq!(tls["full"], 2, "{summary:#}");
    assert_eq!(tls["tickets_refused"], 1, "{summary:#}");
}

#[test]
fn the_phases_columns_say_how_each_handshake_went() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &[]);
    let ca = authority.file_text();
    let dir = tempdir().expect("a directory");
    for (mode, buy) in [
        (&["--tls-resume", "visit"][..], "resumed"),
        (&[], "full"),
        (&["--keep-alive"], ""),
    ] {
        let file = dir.path().join(format!("{buy}.csv"));
        let mut args = flags(&shop.url, 5, &file);
        args.extend(["--ca", &ca, "--phases"].map(str::to_owned));
        args.extend(mode.iter().map(|&arg| arg.to_owned()));
        client(args).ok();
        for row in table(&file) {
            assert_eq!(row["client_home_tls_handshake"], "full", "{row:?}");
            assert_eq!(row["client_buy_tls_handshake"], buy, "{row:?}");
            let seconds = |name: &str| row[name].parse::<f64>().ok();
            let home = seconds("client_home_tls_seconds").expect("a handshake");
            let elapsed = seconds("client_home_elapsed_seconds").expect("a time");
            assert!(home > 0.0 && home <= elapsed, "{row:?}");
            assert_eq!(
                seconds("client_buy_tls_seconds").is_some(),
                !buy.is_empty(),
                "{row:?}"
            );
        }
    }
}

/// The rows of a file by its own header.
fn table(file: &Path) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_path(file)
        .expect("a report");
    reader
        .deserialize()
        .map(|row| row.expect("a row"))
        .collect()
}

#[test]
fn handshakes_of_connections_made_ahead_are_over_before_the_launch() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    let (server, notes) = noting_shop("127.0.0.1:0", &ServerSpec::new(&issued));
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(&server.url(), 20, &file);
    args.extend(["--ca", &ca, "--preconnect", "--keep-alive", "--phases"].map(str::to_owned));
    client(args).ok();
    let rows = table(&file);
    assert_eq!(rows.len(), 20);
    for row in rows {
        assert_eq!(row["client_buy_result"], "True", "{row:?}");
        // No request has a handshake within its time.
        assert_eq!(row["client_home_tls_seconds"], "", "{row:?}");
        assert_eq!(row["client_home_tls_handshake"], "", "{row:?}");
    }
    let seen = taken(&notes);
    assert_eq!(connections_of(&seen, HandshakeKind::Full), 20);
    assert_eq!(server.connections(), 20);
}

#[test]
fn one_connection_takes_home_and_purchase_with_keep_alive() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &[]);
    let ca = authority.file_text();
    run(
        &shop.url,
        50,
        &["--ca", &ca, "--keep-alive", "--repeat", "4"],
    );
    let stats = shop.stats();
    assert_eq!(stats["purchases"], 200, "{stats}");
    assert_eq!(stats["handshakes_full"], 50 + 1, "{stats}");
    assert_eq!(stats["handshakes_failed"], 0, "{stats}");
}

#[test]
fn a_burst_of_a_thousand_buys_once_each_over_new_connections() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &["--service-time", "20ms"]);
    let ca = authority.file_text();
    let (rows, _) = run(&shop.url, 1000, &["--ca", &ca]);
    assert_eq!(rows.len(), 1000);
    let stats = shop.stats();
    assert_eq!(stats["purchases"], 1000, "{stats}");
    assert_eq!(stats["duplicate_emails"], 0, "{stats}");
}

/// Collects what a server logs of its secrets.
#[derive(Debug, Default)]
struct Secrets(Mutex<HashSet<String>>);

impl KeyLog for Secrets {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:02x}")).collect() };
        let line = format!("{label} {} {}", hex(client_random), hex(secret));
        self.0.lock().expect("no test panics with it").insert(line);
    }
}

/// The lines are those that the server would write: with them a capture can be decrypted.
#[test]
fn the_key_log_has_the_secrets_of_every_session() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    let dir = tempdir().expect("a directory");
    for (version, label, lines) in [
        (&TLS12, "CLIENT_RANDOM ", 1),
        (&TLS13, "CLIENT_TRAFFIC_SECRET_0 ", 5),
    ] {
        let secrets = Arc::new(Secrets::default());
        let mut config = ServerSpec::new(&issued).config();
        config.key_log = Arc::clone(&secrets) as Arc<dyn KeyLog>;
        let server = TlsScripted::shop(config);
        let number = if version.version == ProtocolVersion::TLSv1_2 {
            "1.2"
        } else {
            "1.3"
        };
        let args = ["--ca", &ca, "--tls-max", number, "--tls-min", number];
        let file = dir.path().join(number);
        run(
            &server.url(),
            3,
            &[&args[..], &["--keylog", text(&file)]].concat(),
        );
        let logged = std::fs::read_to_string(&file).expect("a key log");
        let logged: Vec<&str> = logged.lines().collect();
        // Home and purchase of three shoppers.
        assert_eq!(
            logged.iter().filter(|line| line.starts_with(label)).count(),
            6
        );
        let of_server = secrets.0.lock().expect("no test panics with it").clone();
        let common = logged
            .iter()
            .filter(|line| of_server.contains(**line))
            .count();
        assert_eq!(common, 6 * lines, "{logged:?}\n{of_server:?}");

        // The environment variable of browsers and curl appends to a file as well.
        let mut command = command(flags(&server.url(), 1, &dir.path().join("x.csv")));
        command.args(args).env("SSLKEYLOGFILE", &file);
        finish(command).ok();
        let longer = std::fs::read_to_string(&file).expect("a key log");
        let added = longer
            .lines()
            .filter(|line| line.starts_with(label))
            .count();
        assert_eq!(added, 6 + 2, "{longer}");
    }
}

#[test]
fn pages_fetched_before_a_run_come_over_tls() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &["--csrf"]);
    let ca = authority.file_text();
    let args = ["--ca", &ca, "--csrf", "--products", "auto"];
    let (rows, _) = run(&shop.url, 20, &args);
    assert_eq!(rows.len(), 20);
    let stats = shop.stats();
    assert_eq!(stats["purchases"], 20, "{stats}");
    assert_eq!(stats["forbidden"], 0, "{stats}");
}

#[test]
fn a_demo_over_tls_is_one_command() {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let finished = client(["demo", "--tls", "-c", "20", "-o", text(&file)]).ok();
    assert!(
        finished
            .stdout
            .contains("burst of 20 at https://127.0.0.1:"),
        "{finished:#?}"
    );
    let rows = rows(&file);
    assert_eq!(rows.len(), 20);
    for row in rows {
        assert_eq!(row["client_buy_result"], "True", "{row:?}");
    }
    let files = std::fs::read_dir(dir.path()).expect("a directory").count();
    assert_eq!(files, 2, "rows and runs, no certificate and no key");
}

#[test]
fn a_calibration_over_tls_has_a_floor_with_handshakes() {
    let finished = client(["calibrate", "--tls", "--json"]).ok();
    let json: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(json["tls"], true, "{json:#}");
    let floor = |name: &str| json["floor"][name]["p50"].as_f64().expect("a time");
    let (new, kept) = (
        floor("new_connection_seconds"),
        floor("kept_connection_seconds"),
    );
    assert!(new > 0.0 && kept > 0.0, "{json:#}");
}
