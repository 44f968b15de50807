//! Tests of certificate.

use proptest::prelude::*;
use rcgen::{CertificateParams, DnType, KeyPair, SanType};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;
use crate::check::Status;

const NOW: i64 = 1_800_000_000;

fn der(names: &[&str], common_name: &str, begins: i64, ends: i64) -> Vec<u8> {
    let at = |seconds: i64| -> SystemTime { UNIX_EPOCH + Duration::from_secs(seconds as u64) };
    let mut params = CertificateParams::default();
    params.subject_alt_names = (names.iter())
        .map(|name| match name.parse() {
            Ok(ip) => SanType::IpAddress(ip),
            Err(_) => SanType::DnsName((*name).try_into().expect("ASCII")),
        })
        .collect();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.not_before = at(begins).into();
    params.not_after = at(ends).into();
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    certificate.der().to_vec()
}

fn valid_for(days: i64) -> Vec<u8> {
    der(&["localhost"], "shop", NOW - DAY, NOW + days * DAY)
}

#[test]
fn names_addresses_and_dates_are_read() {
    let names = ["shop.example.org", "*.example.org", "127.0.0.1", "::1"];
    let read = Certificate::read(&der(&names, "shop", NOW, NOW + 7)).expect("a certificate");
    assert_eq!(read.names, names);
    assert_eq!((read.begins, read.ends), (NOW, NOW + 7));
    assert!(read.subject.contains("CN=shop"), "{}", read.subject);
    assert!(read.is_self_issued());
}

#[test]
fn the_chain_is_told_with_what_the_client_makes_of_it() {
    let chain = [valid_for(90)];
    let check = judge_chain(&chain, &Trust::Verified);
    assert_eq!(check.status, Status::Ok);
    let bytes = chain[0].len();
    let end = format!("1 certificate, {bytes} bytes; trusted");
    assert!(check.finding.ends_with(&end), "{}", check.finding);
    assert!(
        check.finding.starts_with("for localhost issued by "),
        "{}",
        check.finding
    );

    let check = judge_chain(&chain, &Trust::Accepted("unknown issuer".to_owned()));
    assert_eq!(check.status, Status::Warn);
    assert!(
        check.finding.contains("not trusted (unknown issuer)"),
        "{}",
        check.finding
    );

    let check = judge_chain(
        &chain,
        &Trust::Refused("unknown issuer".to_owned(), "give --ca"),
    );
    assert_eq!(check.status, Status::Fail);
    assert_eq!(check.hint.as_deref(), Some("give --ca"));
}

#[test]
fn many_and_long_names_are_cut() {
    let names: Vec<String> = (0..7).map(|n| format!("{n}.example.org")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let chain = [der(&names, &"x".repeat(60_000), NOW, NOW + DAY)];
    let check = judge_chain(&chain, &Trust::Verified);
    assert!(
        check.finding.contains("4.example.org and 2 more"),
        "{}",
        check.finding
    );
    assert!(check.finding.len() < 500, "{}", check.finding.len());
}

#[test]
fn a_certificate_without_names_is_told_by_its_subject() {
    let check = judge_chain(&[der(&[], "old", NOW, NOW + DAY)], &Trust::Verified);
    let start = "for no names (subject CN=old)";
    assert!(check.finding.starts_with(start), "{}", check.finding);
}

#[test]
fn the_end_of_validity_is_warned_of_from_thirty_days_on() {
    for (days, status, part) in [
        (31, Status::Ok, "31 days left"),
        (30, Status::Ok, "30 days left"),
        (29, Status::Warn, "29 days left"),
        (1, Status::Warn, "1 day left"),
        (0, Status::Warn, "0 days left"),
        (-1, Status::Fail, "expired on 2027-01-14 (1 day ago)"),
    ] {
        let from = (days - 2).min(-1);
        let chain = [der(&["h"], "shop", NOW + from * DAY, NOW + days * DAY)];
        let check = judge_expiry(&chain, NOW, false);
        assert_eq!(check.status, status, "{days}: {}", check.finding);
        assert!(check.finding.contains(part), "{days}: {}", check.finding);
    }
}

#[test]
fn the_chain_is_valid_as_long_as_its_first_certificate_to_end() {
    let below = der(&["h"], "between", NOW - DAY, NOW + 5 * DAY);
    let check = judge_expiry(&[valid_for(90), below], NOW, false);
    assert_eq!(check.status, Status::Warn);
    assert!(
        check
            .finding
            .contains("of CN=between in the chain (5 days left)"),
        "{}",
        check.finding
    );
}

#[test]
fn a_validity_that_has_not_begun_fails_a_run_unless_it_is_insecure() {
    let chain = [der(&["h"], "shop", NOW + DAY, NOW + 9 * DAY)];
    for (is_insecure, status) in [(false, Status::Fail), (true, Status::Warn)] {
        let check = judge_expiry(&chain, NOW, is_insecure);
        assert_eq!(check.status, status);
        assert!(
            check.finding.starts_with("valid only from 2027-01-16"),
            "{}",
            check.finding
        );
    }
}

proptest! {
    #[test]
    fn hostile_certificates_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        judge_chain(std::slice::from_ref(&bytes), &Trust::Verified);
        judge_expiry(&[bytes], NOW, false);
    }

    #[test]
    fn altered_certificates_are_survived(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = valid_for(90);
        let place = place.index(bytes.len());
        bytes[place] = byte;
        judge_chain(std::slice::from_ref(&bytes), &Trust::Verified);
        let check = judge_expiry(&[bytes], NOW, false);
        prop_assert!(check.finding.len() < 1000);
    }
}
