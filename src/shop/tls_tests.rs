//! Tests of tls.

use std::path::PathBuf;

use tempfile::{TempDir, tempdir};

use super::*;
use crate::shop::certificate::OwnCertificate;

/// A directory with a file of that text, and the file's name.
fn file(text: &str) -> (TempDir, PathBuf) {
    let dir = tempdir().expect("a directory");
    let path = dir.path().join("shop.pem");
    std::fs::write(&path, text).expect("written");
    (dir, path)
}

fn settings(certificate: PathBuf, key: Option<PathBuf>) -> TlsSettings {
    TlsSettings {
        certificate,
        key,
        min: Version::V1_2,
        max: Version::V1_3,
    }
}

fn made() -> OwnCertificate {
    OwnCertificate::make().expect("a certificate")
}

#[test]
fn one_file_with_chain_and_key_is_enough() {
    let (_dir, path) = file(&made().chain_and_key);
    settings(path.clone(), None).load().expect("both");
    settings(path.clone(), Some(path))
        .load()
        .expect("named twice");
}

#[test]
fn each_unusable_file_has_its_own_error() {
    let own = made();
    let (_dir, both) = file(&own.chain_and_key);
    let (_dir, only_certificate) = file(&own.ca);
    let (_dir, empty) = file("");
    let (_dir, noise) = file("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n");
    let (_dir, encrypted) = file(&format!(
        "{}-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        own.ca
    ));
    let (_dir, large) = file(&"x".repeat(MAX_PEM as usize + 1));
    let line = |settings: TlsSettings| settings.load().expect_err("refused").line();
    for (certificate, key, part) in [
        (PathBuf::from("/nowhere.pem"), None, "cannot be read"),
        (empty, None, "has no certificate"),
        (noise, None, "is not valid PEM"),
        (only_certificate.clone(), None, "has no private key"),
        (encrypted, None, "is encrypted"),
        (large, None, "is larger than 1048576 bytes"),
        (
            only_certificate,
            Some(both),
            "does not belong to the certificate",
        ),
    ] {
        let said = line(settings(certificate, key));
        assert!(said.contains(part), "{part:?} is not in {said:?}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn the_versions_are_those_from_the_lowest_to_the_highest() {
    use Version::{V1_2 as V12, V1_3 as V13};
    for (min, max, count) in [(V12, V12, 1), (V12, V13, 2), (V13, V13, 1)] {
        let settings = TlsSettings {
            min,
            max,
            ..settings(PathBuf::new(), None)
        };
        assert_eq!(settings.versions().len(), count);
    }
}
