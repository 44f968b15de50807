//! Tests of tls.

use super::*;
use crate::check::Status;
use crate::net::tls::Peer;

fn trial(handshake: Handshake) -> Trial {
    Trial {
        peer: Some(Peer {
            version: "TLS 1.3".to_owned(),
            suite: "TLS13_AES_256_GCM_SHA384".to_owned(),
            group: Some("x25519".to_owned()),
            certificates: 1,
            chain_bytes: 500,
        }),
        chain: Vec::new(),
        handshake,
        took: Duration::from_micros(1500),
    }
}

#[test]
fn a_handshake_is_told_with_its_version_suite_group_and_time() {
    let check = judge_handshake(&Ok(trial(Handshake::Full)));
    assert_eq!(check.status, Status::Ok);
    let finding = "TLS 1.3, TLS13_AES_256_GCM_SHA384, x25519, handshake in 1.500 ms";
    assert_eq!(check.finding, finding);
    let check = judge_handshake(&Ok(trial(Handshake::Retried)));
    assert!(check.finding.contains("--tls-groups"), "{}", check.finding);
}

#[test]
fn a_failed_handshake_has_the_hint_of_its_failure() {
    let failure = Failure::from(FailureKind::Tls(TlsFailure::NotTls));
    let check = judge_handshake(&Err(failure));
    assert_eq!(check.status, Status::Fail);
    assert_eq!(check.hint.as_deref(), Some(TlsFailure::NotTls.hint()));
}

#[test]
fn missing_resumption_matters_only_where_it_is_wanted() {
    let cases = || {
        [
            (None, "sends no tickets"),
            (Some(Ok(Handshake::Full)), "still makes a full handshake"),
            (
                Some(Err(FailureKind::ConnectionReset.into())),
                "the connection with a ticket failed",
            ),
        ]
    };
    for (resumed, part) in cases() {
        let check = judge_resumption(resumed, Resume::Never);
        assert_eq!(check.status, Status::Ok, "{check:?}");
        assert!(check.finding.contains(part), "{check:?}");
    }
    for (resumed, _) in cases() {
        let check = judge_resumption(resumed, Resume::Visit);
        assert_eq!(check.status, Status::Warn, "{check:?}");
    }
    let check = judge_resumption(Some(Ok(Handshake::Resumed)), Resume::Visit);
    assert_eq!(check.status, Status::Ok);
}
