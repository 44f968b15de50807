//! Tests of client.

use rcgen::{CertificateParams, IsCa, KeyPair};

use super::super::testing::{Authority, Pair, server, settings};
use super::*;
use crate::exit::Hinted;
use crate::row::TlsFailure;
use crate::row::failure::FailureKind;

fn line(settings: &TlsSettings) -> String {
    TlsClient::load(settings).expect_err("an error").line()
}

#[test]
fn files_that_cannot_be_used_are_one_line_with_a_hint() {
    let authority = Authority::new();
    let good = settings(&authority.path("ca.pem"));
    let empty = authority.write("empty.pem", "");
    let torn = authority.write("torn.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
    let other = authority.write(
        "other.pem",
        "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
    );
    let missing = authority.path("missing.pem");
    for (file, expected) in [
        (&missing, "cannot be read (No such file"),
        (&empty, "has no certificate: give a PEM file"),
        (&torn, "torn.pem\""),
        (&other, "cannot be used ("),
    ] {
        let mut settings = good.clone();
        settings.ca = vec![file.clone()];
        let line = line(&settings);
        assert!(
            line.starts_with("--ca \"") && line.contains(expected),
            "{line}"
        );
        assert_eq!(line.lines().count(), 1, "{line}");
    }
    let (certificate, key) = authority.issue(&["client"]);
    let stranger = KeyPair::generate().expect("a key");
    let chain = authority.write("client.pem", &certificate.pem());
    let right = authority.write("client.key", &key.serialize_pem());
    let wrong = authority.write("stranger.key", &stranger.serialize_pem());
    let encrypted = authority.write(
        "encrypted.key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\naGVsbG8=\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    for (identity, expected) in [
        (
            (&chain, &wrong),
            "does not belong to the certificate of --cert",
        ),
        ((&chain, &empty), "has no private key: give a PEM file"),
        ((&chain, &missing), "--key"),
        ((&empty, &right), "--cert"),
        (
            (&chain, &encrypted),
            "is encrypted with a passphrase: write it without",
        ),
    ] {
        let mut settings = good.clone();
        settings.identity = Some((identity.0.clone(), identity.1.clone()));
        let line = line(&settings);
        assert!(line.contains(expected), "{line}");
    }
    let mut settings = good.clone();
    settings.identity = Some((chain, right));
    assert!(TlsClient::load(&settings).expect("they fit").has_identity());
    settings.crl = vec![empty];
    assert!(line(&settings).contains("has no certificate revocation list"));
    let mut settings = good;
    settings.key_log = Some(authority.path("no/such/directory"));
    assert!(line(&settings).starts_with("--keylog \""));
}

#[test]
fn a_certificate_that_is_itself_trusted_may_be_marked_as_an_authority() {
    let authority = Authority::new();
    for is_ca in [IsCa::NoCa, IsCa::Ca(rcgen::BasicConstraints::Unconstrained)] {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        params.is_ca = is_ca;
        let key = KeyPair::generate().expect("a key");
        let own = params.self_signed(&key).expect("a certificate");
        let file = authority.write("own.pem", &own.pem());
        let config = Arc::new(server(&own, &key));
        let mut settings = settings(&file);
        let client = TlsClient::load(&settings).expect("a certificate");
        assert_eq!(Pair::new(&client, &config).hand_shake(), Ok(()));

        // Its name is compared nevertheless.
        settings.name = ServerName::try_from("example.org").expect("a name");
        let client = TlsClient::load(&settings).expect("a certificate");
        let failure = Pair::new(&client, &config)
            .hand_shake()
            .expect_err("another name");
        assert_eq!(failure.kind, FailureKind::Tls(TlsFailure::WrongName));
    }
}

#[test]
fn any_certificate_is_accepted_only_if_asked_for() {
    let authority = Authority::new();
    let stranger = Authority::new();
    let config = Arc::new(stranger.server());
    let mut settings = settings(&authority.path("ca.pem"));
    let client = TlsClient::load(&settings).expect("an authority");
    let failure = Pair::new(&client, &config)
        .hand_shake()
        .expect_err("a stranger");
    assert_eq!(failure.kind, FailureKind::Tls(TlsFailure::UnknownIssuer));
    settings.insecure = true;
    let client = TlsClient::load(&settings).expect("none needed");
    assert_eq!(Pair::new(&client, &config).hand_shake(), Ok(()));
}

#[test]
fn the_key_log_has_the_secrets_of_each_session() {
    let authority = Authority::new();
    let mut settings = settings(&authority.path("ca.pem"));
    let file = authority.path("keys");
    settings.key_log = Some(file.clone());
    let client = TlsClient::load(&settings).expect("an authority");
    let config = Arc::new(authority.server());
    Pair::new(&client, &config)
        .hand_shake()
        .expect("a handshake");
    let text = std::fs::read_to_string(file).expect("a log");
    for label in ["CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"] {
        let line = text.lines().find(|line| line.starts_with(label));
        let line = line.unwrap_or_else(|| panic!("{label}: {text}"));
        let fields: Vec<usize> = line.split(' ').map(str::len).collect();
        assert_eq!(
            fields[1..],
            [64, 96],
            "client random, SHA-384 secret: {line}"
        );
    }
}

#[test]
fn groups_and_versions_are_those_that_were_asked_for() {
    let authority = Authority::new();
    let config = Arc::new(authority.server());
    let mut settings = settings(&authority.path("ca.pem"));
    for name in super::super::group_names() {
        settings.groups = vec![super::super::group_of(&name).expect("listed")];
        let client = TlsClient::load(&settings).expect("an authority");
        let mut pair = Pair::new(&client, &config);
        let Ok(()) = pair.hand_shake() else {
            // The server's provider has groups that it does not offer by itself.
            continue;
        };
        let peer = pair.client.peer().expect("a server");
        assert_eq!(peer.group, Some(name));
    }
    settings.groups = super::super::default_groups();
    for (min, max, expected) in [
        (Version::V1_2, Version::V1_2, "TLS 1.2"),
        (Version::V1_3, Version::V1_3, "TLS 1.3"),
        (Version::V1_2, Version::V1_3, "TLS 1.3"),
    ] {
        (settings.min, settings.max) = (min, max);
        let client = TlsClient::load(&settings).expect("an authority");
        let mut pair = Pair::new(&client, &config);
        pair.hand_shake().expect("a handshake");
        assert_eq!(pair.client.peer().expect("a server").version, expected);
    }
}
