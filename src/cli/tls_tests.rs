//! Tests of tls.

use super::super::run::parse;
use super::*;
use crate::settings::RunSettings;

fn read(line: &str) -> Result<RunSettings, Invalid> {
    let words = line.split_whitespace().map(Into::into).collect();
    parse(pico_args::Arguments::from_vec(words), None)
}

fn tls(more: &str) -> TlsSettings {
    let line = format!("-t https://shop.test -d rdbms {more}");
    let settings = read(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
    settings.net.tls.expect("an https target")
}

#[test]
fn a_plain_target_has_no_tls() {
    assert_eq!(
        read("-t http://shop.test -d rdbms").expect("valid").net.tls,
        None
    );
}

#[test]
fn the_defaults() {
    let tls = tls("");
    assert_eq!(tls.name, ServerName::try_from("shop.test").expect("a name"));
    assert!(!tls.insecure && !tls.ca_only && tls.ca.is_empty() && tls.identity.is_none());
    assert_eq!((tls.min, tls.max), (Version::V1_2, Version::V1_3));
    assert_eq!(tls.groups, default_groups());
    assert_eq!(tls.resume, Resume::Never);
}

#[test]
fn the_name_is_the_targets_whatever_the_address() {
    let name = |line: &str| read(line).expect("valid").net.tls.expect("https").name;
    let expected = |text: &str| ServerName::try_from(text.to_owned()).expect("a name");
    assert_eq!(
        name("-t https://shop.test -d rdbms --connect-to 127.0.0.1:8443"),
        expected("shop.test")
    );
    assert_eq!(
        name("-t https://shop.test:444 -d rdbms --resolve shop.test:444:127.0.0.1"),
        expected("shop.test")
    );
    assert_eq!(
        name("-t https://127.0.0.1:8443 -d rdbms"),
        expected("127.0.0.1")
    );
    assert_eq!(name("-t https://[::1]:8443 -d rdbms"), expected("::1"));
    assert_eq!(
        name("-t https://127.0.0.1 -d rdbms --sni other.test"),
        expected("other.test")
    );
}

#[test]
fn values() {
    let given = tls("--ca a.pem --ca b.pem --ca-only --cert c.pem --tls-min 1.3 --keylog k");
    assert_eq!(given.ca, [PathBuf::from("a.pem"), PathBuf::from("b.pem")]);
    assert!(given.ca_only);
    let file = PathBuf::from("c.pem");
    assert_eq!(given.identity, Some((file.clone(), file)));
    assert_eq!(given.min, Version::V1_3);
    assert_eq!(given.key_log, Some(PathBuf::from("k")));
    let groups = tls("--tls-groups P-256,X25519MLKEM768").groups;
    assert_eq!(groups, [NamedGroup::secp256r1, NamedGroup::X25519MLKEM768]);
    for (text, resume) in [
        ("never", Resume::Never),
        ("visit", Resume::Visit),
        ("place", Resume::Place),
        ("30%", Resume::Percent(30.0)),
        ("0.5%", Resume::Percent(0.5)),
    ] {
        assert_eq!(tls(&format!("--tls-resume {text}")).resume, resume);
    }
}

#[test]
fn errors_name_the_option_and_the_hint() {
    for (target, more, parts) in [
        (
            "http://h",
            "--ca a.pem",
            &["--ca", "https:// target", "-t https://h"][..],
        ),
        (
            "http://h:8000/x",
            "--insecure",
            &["--insecure", "-t https://h:8000/x"],
        ),
        (
            "http://h",
            "--tls-resume never",
            &["--tls-resume", "https:// target"],
        ),
        ("https://h", "--ca-only", &["--ca-only", "--ca FILE"]),
        (
            "https://h",
            "--ca a --ca-only --insecure",
            &["--insecure", "--ca-only"],
        ),
        ("https://h", "--insecure --crl a", &["--insecure", "--crl"]),
        ("https://h", "--key a", &["--key", "--cert FILE"]),
        (
            "https://h",
            "--tls-min 1.3 --tls-max 1.2",
            &["--tls-min", "--tls-max 1.2"],
        ),
        (
            "https://h",
            "--tls-min 1.1",
            &["--tls-min", "1.1", "1.2 or 1.3"],
        ),
        (
            "https://h",
            "--tls-groups p99",
            &["--tls-groups", "p99", "x25519, "],
        ),
        ("https://h", "--tls-groups x25519,x25519", &["listed twice"]),
        ("https://h", "--tls-resume 101%", &["--tls-resume", "30%"]),
        (
            "https://h",
            "--tls-resume sometimes",
            &["--tls-resume", "never, visit, place"],
        ),
        ("https://h", "--sni a/b", &["--sni", "host name"]),
        ("https://h..h", "", &["--target", "--sni"]),
    ] {
        let line = format!("-t {target} -d rdbms {more}");
        let error = read(&line).expect_err(&line).to_string();
        assert_eq!(error.lines().count(), 1, "{error}");
        for part in parts {
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
