//! Tests of tls.

use super::*;
use crate::net::tls::TlsFigures;
use crate::summary::Whole;
use crate::summary::samples::{facts, part, sample};

/// A summary with those TLS connections.
fn text(figures: Option<TlsFigures>, insecure: bool) -> String {
    let mut whole = Whole::default();
    whole.add(&part(), &sample());
    let mut summary = Summary::of(facts(), whole, &[]);
    summary.tls = figures.map(|figures| Tls::of(figures, Some(insecure), None));
    let mut out = anstream::StripStream::new(Vec::new());
    write(&summary, &mut out).expect("writing to memory");
    String::from_utf8(out.into_inner()).expect("text")
}

fn figures() -> TlsFigures {
    TlsFigures {
        full: 1500,
        resumed: 500,
        handshake_cpu_nanos: 600_000_000,
        version: Some("TLS 1.3".to_owned()),
        suite: Some("TLS_AES_256_GCM_SHA384".to_owned()),
        group: Some("x25519".to_owned()),
        certificates: 2,
        chain_bytes: 2100,
        ..TlsFigures::default()
    }
}

#[test]
fn a_plain_run_has_no_line() {
    assert_eq!(text(None, false), "");
}

#[test]
fn what_was_negotiated_and_what_it_cost() {
    let text = text(Some(figures()), false);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        text,
        "TLS TLS 1.3, TLS_AES_256_GCM_SHA384, x25519; 2 certificates, 2.1 kB \
         2000 handshakes (1500 full, 500 resumed), 0.30 ms of this client's CPU each"
    );
}

#[test]
fn remarks_name_what_weakens_the_figures() {
    let figures = TlsFigures {
        failed: 3,
        tickets_refused: 1,
        later_segments: 7,
        ..figures()
    };
    let text = text(Some(figures), true);
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "2003 handshakes (1500 full, 500 resumed, 3 failed)",
        "certificates not checked (--insecure); 1 session offered and not resumed",
        "7 responses read with later records",
    ] {
        assert!(text.contains(part), "{text}");
    }
}
