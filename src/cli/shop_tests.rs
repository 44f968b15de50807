//! Tests of shop.

use super::*;
use crate::cli::commands::SHOP;
use crate::cli::words::Words;
use std::num::NonZeroUsize;
use std::time::Duration;

fn parsed(words: &[&str]) -> Result<Settings, String> {
    let words = words.iter().map(Into::into).collect();
    let read = || {
        let mut given = Words::read(&SHOP, words).into_given(&SHOP)?;
        let settings = settings(&mut given)?;
        given.finish();
        Ok(settings)
    };
    read().map_err(|error: Invalid| error.to_string())
}

#[test]
fn without_options_it_is_the_default_shop() {
    assert_eq!(parsed(&[]), Ok(Settings::default()));
}

#[test]
fn every_option_is_taken() {
    let words = "--listen localhost:0 --service_time=5ms --workers 2 --fault reset:10% \
            --fault 500:0.2,csrf:0.1 --inventory 7 --rest --csrf --home-size 4096";
    let words: Vec<&str> = words.split_whitespace().collect();
    let settings = parsed(&words).expect("settings");
    assert_eq!(settings.listen, "127.0.0.1:0".parse().expect("an address"));
    assert_eq!(settings.service_time, Duration::from_millis(5));
    assert_eq!(settings.workers, NonZeroUsize::new(2));
    let faults = Faults::parse("reset:0.1,500:20%,csrf:10%").expect("faults");
    assert_eq!(settings.faults, faults);
    assert_eq!(settings.inventory, 7);
    assert!(settings.rest && settings.csrf);
    assert_eq!(settings.home_size.bytes(), 4096);
}

#[test]
fn errors_name_the_input_on_one_line() {
    for (words, part) in [
        (&["--listen", "shop:80"][..], "\"shop:80\""),
        (&["--listen", "127.0.0.1"], "\"127.0.0.1\""),
        (&["--workers", "0"], "\"0\""),
        (&["--inventory", "-1"], "\"-1\""),
        (&["--home-size", "16777217"], "16777216"),
        (&["--fault", "explode:1"], "\"explode\""),
        (&["--service-time", "soon"], "\"soon\""),
        (&["--fast"], "\"--fast\""),
    ] {
        let error = parsed(words).expect_err("no settings");
        assert!(error.contains(part), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn the_help_lists_every_fault() {
    let details = table::SHOP_FAULT.details;
    for kind in crate::shop::FaultKind::ALL {
        assert!(
            details.iter().any(|line| line.contains(kind.name())),
            "{kind}"
        );
    }
}

#[test]
fn tls_takes_a_certificate_and_a_range_of_versions() {
    let tls = |words: &str| {
        let words: Vec<&str> = words.split_whitespace().collect();
        parsed(&words).map(|settings| settings.tls)
    };
    let usual = TlsSettings {
        certificate: "c.pem".into(),
        key: None,
        min: Version::V1_2,
        max: Version::V1_3,
    };
    assert_eq!(tls("--tls-cert c.pem"), Ok(Some(usual.clone())));
    let narrow = TlsSettings {
        key: Some("k.pem".into()),
        max: Version::V1_2,
        ..usual
    };
    let given = tls("--tls_cert c.pem --tls-key k.pem --tls-max 1.2");
    assert_eq!(given, Ok(Some(narrow)));
    for (words, part) in [
        ("--tls-key k.pem", "requires --tls-cert"),
        ("--tls-min 1.3", "requires --tls-cert"),
        (
            "--tls-cert c.pem --tls-min 1.3 --tls-max 1.2",
            "a lower --tls-max",
        ),
        ("--tls-cert c.pem --tls-max 1.1", "give 1.2 or 1.3"),
        ("--tls-cert c.pem --tls-key -", "--tls-cert -"),
        ("--fault tls-alert:1", "give a certificate (--tls-cert)"),
        ("--fault tls-corrupt:1", "give a certificate (--tls-cert)"),
    ] {
        let said = tls(words).expect_err(words);
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
    assert!(
        tls("--tls-cert c.pem --fault tls-alert:1,reset:1%").is_err(),
        "1.01"
    );
    assert!(tls("--tls-cert c.pem --fault tls-alert:1%,reset:1%").is_ok());
}
