//! Tests of ways.

use super::*;
use crate::cli::commands::{DEMO, RUN};
use crate::cli::words::Words;
use std::fmt;
use std::net::IpAddr;

fn target(text: &str) -> Target {
    Target::parse(text).expect("a target")
}

fn ways(line: &str, to: &str) -> Result<Ways, Invalid> {
    let words = line.split_whitespace().map(Into::into).collect();
    let mut given = Words::read(&RUN, words).into_given(&RUN)?;
    settings(&RUN, &mut given, &target(to), &[target(to)])
}

fn ips(texts: &[&str]) -> Vec<IpAddr> {
    let ip = |text: &&str| text.parse().expect("an address");
    texts.iter().map(ip).collect()
}

#[track_caller]
fn assert_refused<T: fmt::Debug, E: fmt::Display>(result: Result<T, E>, parts: &[&str]) {
    let Err(error) = result.map_err(|error| error.to_string()) else {
        panic!("not refused");
    };
    for part in parts {
        assert!(error.contains(part), "{part:?} is not in {error:?}");
    }
    assert!(!error.contains(char::is_control), "{error:?}");
}

#[test]
fn without_options_connections_go_to_the_target() {
    for (to, host, port, shown) in [
        ("http://Shop.Test", "shop.test", 80, "shop.test:80"),
        (
            "http://127.0.0.1:8000/x",
            "127.0.0.1",
            8000,
            "127.0.0.1:8000",
        ),
        ("http://[::1]:8000", "::1", 8000, "[::1]:8000"),
    ] {
        let ways = ways("", to).expect("no option is no mistake");
        assert_eq!((ways.to.host().as_str(), ways.to.port()), (host, port));
        assert_eq!(ways.to.to_string(), shown);
        assert_eq!((ways.sources(), ways.first_source()), (1, None));
        assert_eq!(ways.named_by, "--target");
    }
}

#[test]
fn connections_to_another_address() {
    for (given, shown, host) in [
        ("127.0.0.1:81", "127.0.0.1:81", "127.0.0.1"),
        ("[::1]:81", "[::1]:81", "::1"),
        ("Proxy.Test:65535", "proxy.test:65535", "proxy.test"),
    ] {
        let ways = ways(&format!("--connect_to {given}"), "http://shop.test").expect(given);
        assert_eq!(ways.to.to_string(), shown);
        assert_eq!(ways.to.host(), host);
        assert_eq!(ways.named_by, "--connect-to");
    }
    for (given, parts) in [
        ("", &["begin with the host"][..]),
        ("127.0.0.1", &["port is missing"]),
        ("[::1]", &["port is missing"]),
        ("[::1]81", &["port is missing"]),
        ("[::1:81", &["brackets"]),
        ("::1:81", &["brackets"]),
        ("fd00::1:81", &["[::1]:8000"]),
        (":81", &["begin with the host"]),
        ("shop.test:", &["\"\" is not a port"]),
        ("shop.test:0", &["\"0\" is not a port"]),
        ("shop.test:65536", &["not a port", "65535"]),
        ("shop.test:+81", &["not a port"]),
        ("shop.test:http", &["not a port"]),
        ("http://shop.test:81", &["write HOST:PORT alone"]),
        ("shop.test:80:127.0.0.1:81", &["write HOST:PORT alone"]),
        ("sh op:81", &["write a host name"]),
        ("sh\r\nop:81", &["write a host name"]),
        ("a/b:81", &["write a host name"]),
    ] {
        assert_refused(HostPort::parse(given), &[&["--connect-to"], parts].concat());
    }
}

#[test]
fn addresses_without_a_resolver() {
    for (line, to, expected) in [
        (
            "--resolve shop.test:80:127.0.0.1",
            "http://shop.test",
            &["127.0.0.1"][..],
        ),
        (
            "--resolve SHOP.test:81:127.0.0.1,::1,[::2]",
            "http://shop.test:81",
            &["127.0.0.1", "::1", "::2"],
        ),
        (
            "--resolve s:80:::2 --resolve s:80:127.0.0.1,::2",
            "http://s",
            &["::2", "127.0.0.1"],
        ),
        ("--resolve [::1]:80:[::2]", "http://[0::1]", &["::2"]),
        (
            "--connect-to inner:9 --resolve inner:9:127.0.0.1",
            "http://shop.test",
            &["127.0.0.1"],
        ),
    ] {
        assert_eq!(
            ways(line, to).expect(line).resolved,
            ips(expected),
            "{line}"
        );
    }
}

#[test]
fn invalid_entries_name_a_hint() {
    for (line, parts) in [
        ("--resolve shop.test", &["port is missing"][..]),
        ("--resolve shop.test:80", &["address is missing"]),
        ("--resolve shop.test:80:", &["\"\" is not an IP address"]),
        (
            "--resolve shop.test:80:1.2.3.4,",
            &["\"\" is not an IP address"],
        ),
        ("--resolve shop.test:80:[1.2.3.4]", &["not an IP address"]),
        ("--resolve shop.test:80:other.test", &["other.test"]),
        ("--resolve shop.test:x:1.2.3.4", &["\"x\" is not a port"]),
        ("--resolve ::1:80:1.2.3.4", &["brackets"]),
        // What matches nothing says what would match.
        (
            "--resolve shop.test:81:1.2.3.4",
            &["\"shop.test:81:1.2.3.4\"", "write shop.test:80:ADDRESS"],
        ),
        ("--resolve +shop.test:80:1.2.3.4", &["shop.test:80:ADDRESS"]),
        ("--resolve *:80:1.2.3.4", &["shop.test:80:ADDRESS"]),
        (
            "--connect-to inner:9 --resolve shop.test:80:1.2.3.4",
            &["only inner:9", "not the target's shop.test:80"],
        ),
    ] {
        assert_refused(
            ways(line, "http://shop.test"),
            &[&["--resolve"], parts].concat(),
        );
    }
}

#[test]
fn a_demo_has_neither_connect_to_nor_resolve() {
    let own = target("http://127.0.0.1:1");
    let read = |line: &str| {
        let words = line.split(' ').map(Into::into).collect();
        let mut given = Words::read(&DEMO, words).into_given(&DEMO)?;
        settings(&DEMO, &mut given, &own, std::slice::from_ref(&own))
    };
    for (line, part) in [
        ("--connect-to h:1", "--connect-to"),
        ("--resolve h:1:::1", "--resolve"),
    ] {
        assert_refused(read(line), &[part, "cannot be combined with demo"]);
    }
    let ways = read("--bind 127.0.0.2");
    assert_eq!(ways.map(|ways| ways.sources()), Ok(1));
}

#[test]
fn zones_name_interfaces() {
    for (line, to, shown) in [
        ("", "http://[fe80::1%lo]:8000", "[fe80::1%lo]:8000"),
        ("", "http://[fe80::1%25lo]", "[fe80::1%lo]:80"),
        (
            "--connect-to [fe80::2%lo]:81",
            "http://h",
            "[fe80::2%lo]:81",
        ),
        (
            "--resolve [fe80::1%lo]:80:[fe80::2%lo] --bind fe80::3%lo",
            "http://[fe80::1%lo]",
            "[fe80::1%lo]:80",
        ),
    ] {
        let ways = ways(line, to).expect(line);
        assert_eq!(ways.to.to_string(), shown, "{line} {to}");
        assert!(ways.to.scope > 0);
    }
    assert_refused(
        HostPort::parse("[fe80::1%no-such-one]:80"),
        &[
            "--connect-to",
            "\"no-such-one\" is not an interface",
            "ip link",
        ],
    );
    assert_refused(
        HostPort::parse("[fe80::1]:80"),
        &["link-local", "[fe80::1%eth0]"],
    );
}
