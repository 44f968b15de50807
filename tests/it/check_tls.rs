//! `check` at an https target: what it says of the handshake, the certificates and resumption.

use serde_json::Value;

use crate::support::*;
use crate::tls_support::*;

/// The results of a check by their names, and the exit code.
struct Checked {
    json: Value,
    code: i32,
}

fn check(url: &str, more: &[&str]) -> Checked {
    let args = ["check", "-t", url, "-d", "rdbms", "--json"];
    let finished = client(args.iter().chain(more));
    Checked {
        json: serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("{finished:#?}")),
        code: finished.code().expect("a code"),
    }
}

impl Checked {
    #[track_caller]
    fn has(self, name: &str, status: &str, parts: &[&str]) -> Checked {
        let checks = self.json["checks"].as_array().expect("a list");
        let named = checks.iter().find(|check| check["name"] == name);
        let check = named.unwrap_or_else(|| panic!("no {name} in {}", self.json));
        assert_eq!(check["status"], status, "{check}");
        let text = format!("{}: {}", check["finding"], check["hint"]);
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
        self
    }

    #[track_caller]
    fn ends_with(self, code: i32) -> Checked {
        assert_eq!(self.code, code, "{:#}", self.json);
        self
    }
}

#[test]
fn a_sound_server_is_told_with_version_certificate_and_resumption() {
    let authority = Authority::new("the root");
    let below = authority.intermediate("between");
    let issued = below.issue(&Wanted {
        valid: (-DAY, 60 * DAY + 3600),
        ..Wanted::default()
    });
    let ca = authority.file_text();
    for (version, name) in [("1.2", "TLS 1.2"), ("1.3", "TLS 1.3")] {
        let shop = tls_shop(&issued, &["--tls-min", version, "--tls-max", version]);
        check(&shop.url, &["--ca", &ca, "--buy"])
            .has("tls", "ok", &[name, "handshake in "])
            .has(
                "certificate",
                "ok",
                &[
                    "127.0.0.1, ::1, localhost",
                    "issued by CN=between",
                    "2 certificates, ",
                    "trusted",
                ],
            )
            .has("expiry", "ok", &["60 days left"])
            .has("resumption", "ok", &["the server resumes sessions"])
            .has("home", "ok", &["200 from /rdbms/"])
            .has("purchase", "ok", &[])
            .ends_with(0);
        let resumed = shop.stat("handshakes_resumed");
        assert_eq!(resumed, 1, "{}", shop.stats());
    }
}

#[test]
fn a_plain_target_has_no_checks_of_tls() {
    let shop = Shop::start(&[]);
    let checked = check(&shop.url, &[]).ends_with(0);
    let checks = checked.json["checks"].as_array().expect("a list");
    assert!(
        checks.iter().all(|check| check["name"] != "tls"),
        "{checks:#?}"
    );
}

#[test]
fn an_untrusted_certificate_is_told_all_the_same() {
    let authority = Authority::new("the root");
    let shop = tls_shop(&authority.usual(), &[]);
    check(&shop.url, &[])
        .has("tls", "ok", &["TLS 1.3"])
        .has(
            "certificate",
            "fail",
            &[
                "unknown issuer",
                "issued by CN=the root",
                "1 certificate, ",
                "with --ca",
            ],
        )
        .has("home", "fail", &["unknown issuer"])
        .ends_with(1);
    check(&shop.url, &["--insecure"])
        .has("certificate", "warn", &["not trusted", "--insecure"])
        .has("home", "ok", &[])
        .ends_with(0);
}

#[test]
fn the_end_of_a_certificate_is_warned_of() {
    let authority = Authority::new("root");
    let ca = authority.file_text();
    let until = |days: i64| {
        let issued = authority.issue(&Wanted {
            valid: (-90 * DAY, days * DAY + 3600),
            serial: (100 + days) as u64,
            ..Wanted::default()
        });
        tls_shop(&issued, &[])
    };
    check(&until(30).url, &["--ca", &ca])
        .has("expiry", "ok", &["30 days left"])
        .ends_with(0);
    check(&until(29).url, &["--ca", &ca])
        .has("expiry", "warn", &["29 days left", "renew"])
        .ends_with(0);
    let expired = until(-3);
    check(&expired.url, &["--ca", &ca])
        .has("certificate", "fail", &["expired"])
        .has("expiry", "fail", &["expired on ", "renew"])
        .ends_with(1);
    check(&expired.url, &["--insecure"])
        .has("expiry", "warn", &["expired on "])
        .ends_with(0);
}

#[test]
fn a_wrong_name_is_told_with_the_names_of_the_certificate() {
    let authority = Authority::new("root");
    let issued = authority.issue(&Wanted {
        names: &["shop.example.org"],
        ..Wanted::default()
    });
    let shop = tls_shop(&issued, &[]);
    let ca = authority.file_text();
    check(&shop.url, &["--ca", &ca])
        .has(
            "certificate",
            "fail",
            &["another name", "shop.example.org", "--sni"],
        )
        .ends_with(1);
    check(&shop.url, &["--ca", &ca, "--sni", "shop.example.org"]).ends_with(0);
}

#[test]
fn names_of_a_hostile_certificate_do_not_reach_the_terminal_as_they_are() {
    let authority = Authority::new("evil\u{1b}[31m\r\nroot\u{202e}");
    let issued = authority.issue(&Wanted {
        common_name: "\u{1b}]0;title\u{7}",
        names: &[],
        ..Wanted::default()
    });
    let shop = tls_shop(&issued, &[]);
    let finished = client(["check", "-t", &shop.url, "-d", "rdbms", "--insecure"]);
    for bad in ['\u{1b}', '\r', '\u{7}', '\u{202e}'] {
        assert!(!finished.stdout.contains(bad), "{:?}", finished.stdout);
    }
    let line = |name: &str| {
        let mut lines = finished.stdout.lines();
        lines.find(|line| line.contains(name)).map(str::to_owned)
    };
    let certificate = line("certificate: ").unwrap_or_else(|| panic!("{finished:#?}"));
    assert!(certificate.contains("evil"), "{certificate}");
    assert!(line("expiry: ").is_some(), "{finished:#?}");
}

#[test]
fn a_server_that_speaks_no_tls_fails_the_check() {
    let shop = Shop::start(&[]);
    let url = shop.url.replace("http://", "https://");
    check(&url, &[])
        .has("connect", "ok", &[])
        .has("tls", "fail", &["not TLS", "give an http:// target"])
        .has("certificate", "skip", &["handshake is missing"])
        .ends_with(1);
    let stalled = Scripted::start(|mut stream, _| {
        // Until the client closes.
        while !read_request(&mut stream).is_empty() {}
    });
    let url = format!("https://{}", stalled.address);
    check(&url, &["--connect-timeout", "200ms", "--timeout", "300ms"])
        .has("tls", "fail", &["timed out in the TLS handshake"])
        .ends_with(1);
}

#[test]
fn a_server_without_tickets_makes_full_handshakes() {
    let authority = Authority::new("root");
    let issued = authority.usual();
    let ca = authority.file_text();
    let mut config = ServerSpec::new(&issued).config();
    config.send_tls13_tickets = 0;
    let server = TlsScripted::shop(config);
    check(&server.url(), &["--ca", &ca]).has("resumption", "ok", &["sends no tickets"]);
    check(&server.url(), &["--ca", &ca, "--tls-resume", "visit"]).has(
        "resumption",
        "warn",
        &["sends no tickets", "--tls-resume"],
    );
}

#[test]
fn a_client_certificate_that_is_required_is_told() {
    let authority = Authority::new("root");
    let clients = Authority::new("clients");
    let issued = authority.usual();
    let ca = authority.file_text();
    for versions in [ONLY_1_2, ONLY_1_3] {
        let spec = ServerSpec {
            versions,
            clients: Some(&clients),
            ..ServerSpec::new(&issued)
        };
        let server = TlsScripted::shop(spec.config());
        check(&server.url(), &["--ca", &ca])
            .has(
                "tls",
                "fail",
                &["client certificate required", "--cert FILE"],
            )
            .ends_with(1);
        let own = clients.issue(&Wanted {
            for_clients: true,
            ..Wanted::default()
        });
        let identity = ["--cert", own.chain_text(), "--key", own.key_text()];
        check(&server.url(), &[&["--ca", &ca][..], &identity].concat())
            .has("tls", "ok", &[])
            .has("home", "ok", &[]);
    }
}

#[test]
fn files_that_cannot_be_used_are_told_before_anything_is_sent() {
    let authority = Authority::new("root");
    let shop = tls_shop(&authority.usual(), &[]);
    let args = [
        "check",
        "-t",
        &shop.url,
        "-d",
        "rdbms",
        "--ca",
        "/nowhere.pem",
    ];
    client(args).refused(2, &["--ca", "/nowhere.pem", "cannot be read"]);
    assert_eq!(
        shop.stat("connections_accepted"),
        1,
        "the one that asks for this"
    );
}
