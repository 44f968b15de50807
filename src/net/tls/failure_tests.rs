//! Tests of failure.

use super::*;

fn alert(alert: AlertDescription, is_ready: bool, has_answer: bool, has_identity: bool) -> Failure {
    let context = Context {
        is_ready,
        has_answer,
        has_identity,
    };
    failure_of(&Error::AlertReceived(alert), context)
}

#[test]
fn alerts_are_named_and_placed() {
    use AlertDescription as Alert;
    for (received, is_ready, has_answer, has_identity, kind, text) in [
        (
            Alert::HandshakeFailure,
            false,
            false,
            false,
            TlsFailure::CipherMismatch,
            "alert handshake_failure in the handshake",
        ),
        (
            Alert::HandshakeFailure,
            false,
            true,
            false,
            TlsFailure::ClientCertificateRequired,
            "alert handshake_failure in the handshake",
        ),
        (
            Alert::CertificateRequired,
            true,
            true,
            false,
            TlsFailure::ClientCertificateRequired,
            "alert certificate_required after the handshake",
        ),
        (
            Alert::UnknownCA,
            true,
            true,
            true,
            TlsFailure::ClientCertificateRefused,
            "alert unknown_ca after the handshake",
        ),
        (
            Alert::UnknownCA,
            false,
            true,
            false,
            TlsFailure::Alert,
            "alert unknown_ca in the handshake",
        ),
        (
            Alert::ProtocolVersion,
            false,
            false,
            false,
            TlsFailure::ProtocolMismatch,
            "alert protocol_version in the handshake",
        ),
        (
            Alert::UnrecognisedName,
            false,
            false,
            false,
            TlsFailure::UnknownName,
            "alert unrecognized_name in the handshake",
        ),
        (
            Alert::InternalError,
            true,
            true,
            false,
            TlsFailure::Alert,
            "alert internal_error after the handshake",
        ),
        (
            Alert::BadRecordMac,
            true,
            true,
            false,
            TlsFailure::Alert,
            "alert bad_record_mac after the handshake",
        ),
        (
            Alert::Unknown(199),
            false,
            false,
            false,
            TlsFailure::Alert,
            "alert 199 in the handshake",
        ),
    ] {
        let failure = alert(received, is_ready, has_answer, has_identity);
        assert_eq!(failure.kind, FailureKind::Tls(kind), "{received:?}");
        assert_eq!(failure.detail.as_deref(), Some(text));
    }
}

#[test]
fn a_certificate_for_other_names_says_for_which() {
    let names = |names: &[&str]| -> Vec<String> {
        names
            .iter()
            .map(|name| format!("DnsName({name:?})"))
            .collect()
    };
    for (presented, expected) in [
        (names(&["a.test"]), "it names a.test, not shop.test"),
        (
            names(&["a.test", "b.test", "c.test", "d.test", "e.test"]),
            "it names a.test, b.test, c.test, 2 more, not shop.test",
        ),
        (Vec::new(), "it has no names, not shop.test"),
    ] {
        assert_eq!(wrong_name("shop.test", &presented), expected);
    }
}

#[test]
fn what_is_not_tls_is_shown_in_part() {
    assert_eq!(not_tls(&[22, 3, 3, 0, 10]), None);
    assert_eq!(not_tls(&[21]), None);
    let http = not_tls(b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n").expect("not TLS");
    assert_eq!(
        http.to_string(),
        "not TLS: a plain HTTP port answered HTTP/1.1 400 Bad Request"
    );
    let other = not_tls(b"SSH-2.0-OpenSSH_9.2\n\xff").expect("not TLS");
    assert_eq!(
        other.to_string(),
        "not TLS: the server sent \"SSH-2.0-OpenSSH_9.2\""
    );
    assert!(
        not_tls(&[0; 1000])
            .expect("not TLS")
            .to_string()
            .chars()
            .count()
            <= 300
    );
}

#[test]
fn times_are_given_in_the_largest_unit() {
    for (seconds, text) in [
        (5, "5 s"),
        (3600, "1 hour"),
        (7200, "2 hours"),
        (86_400, "1 day"),
        (864_000, "10 days"),
    ] {
        assert_eq!(days(1_000_000 + seconds, 1_000_000), text);
    }
}

#[test]
fn each_kind_is_read_back_from_its_text() {
    for kind in TlsFailure::ALL {
        let failure = Failure::with_detail(FailureKind::Tls(kind), "some detail");
        assert_eq!(Failure::parse(&failure.to_string()), failure);
        assert_eq!(Failure::parse(&kind.to_string()), kind.into_failure());
    }
}
