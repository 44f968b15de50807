//! Tests of network.

use super::super::Status;
use super::*;
use crate::row::failure::FailureKind;

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn ways(line: &str) -> Ways {
    let words = line.split(' ').chain(["-d", "rdbms"]).map(Into::into);
    let args = pico_args::Arguments::from_vec(words.collect());
    crate::cli::run::parse(args, None)
        .expect("settings")
        .net
        .ways
}

#[test]
fn which_address_is_used() {
    let (one, two) = (address("[::1]:80"), address("127.0.0.1:80"));
    let tries = Tries {
        failed: vec![(one, FailureKind::ConnectionRefused.into())],
        answered: Some((two, Duration::from_micros(1500))),
    };
    assert_eq!(
        judge_addresses(&ways("-t http://localhost"), &tries, &[one, two]).finding,
        "localhost is [::1]:80, 127.0.0.1:80; a run uses 127.0.0.1:80"
    );
    let check = judge_connect(&tries);
    assert_eq!(check.status, Status::Ok);
    assert_eq!(
        check.finding,
        "127.0.0.1:80 in 1.500 ms (but [::1]:80: connection refused)"
    );
    for (line, finding) in [
        ("-t http://[::1]", "[::1]:80"),
        ("-t http://h --connect-to [::1]:80", "[::1]:80"),
        ("-t http://h --connect-to g:80", "g is [::1]:80"),
        (
            "-t http://h --resolve h:80:::1",
            "h is [::1]:80 (--resolve)",
        ),
    ] {
        let check = judge_addresses(&ways(line), &tries, &[one]);
        assert_eq!(check.finding, finding, "{line}");
    }
}

#[test]
fn no_address_answers() {
    for (kind, hint) in [
        (FailureKind::ConnectionRefused, "is the server up"),
        (FailureKind::ConnectTimeout, "backlog"),
        (FailureKind::Os(libc::EPERM), "firewall"),
    ] {
        let tries = Tries {
            failed: vec![(address("127.0.0.1:80"), kind.into())],
            answered: None,
        };
        let check = judge_connect(&tries);
        assert_eq!(check.status, Status::Fail);
        assert!(check.finding.contains("127.0.0.1:80"), "{check:?}");
        assert!(
            check.hint.as_ref().is_some_and(|m| m.contains(hint)),
            "{check:?}"
        );
    }
}

#[test]
fn own_addresses() {
    assert!(address::is_here(address("127.0.0.9:1")));
    // RFC 5737: nobody's.
    assert!(!address::is_here(address("192.0.2.1:1")));
}
