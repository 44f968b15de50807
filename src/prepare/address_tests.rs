//! Tests of address.

use super::*;
use std::net::TcpListener;

fn ways(line: &str) -> Ways {
    let words = line.split(' ').chain(["-d", "rdbms"]).map(Into::into);
    let args = pico_args::Arguments::from_vec(words.collect());
    let settings = crate::cli::run::parse(args, None).expect("settings");
    settings.net.ways
}

fn resolved(line: &str) -> Result<Vec<String>, String> {
    let found = addresses(&ways(line))?;
    Ok(found.iter().map(SocketAddr::to_string).collect())
}

#[test]
fn literals_resolve_to_themselves() {
    let v6 = resolved("-t http://[::1]:81").expect("a literal");
    assert_eq!(v6, ["[::1]:81"]);
    let elsewhere = resolved("-t http://no.invalid --connect-to 127.0.0.9:82");
    assert_eq!(elsewhere.expect("a literal"), ["127.0.0.9:82"]);
}

#[test]
fn addresses_given_are_not_asked_for() {
    let line = "-t http://no.invalid:83 --resolve no.invalid:83:127.0.0.9,[::1]";
    let given = resolved(line).expect("given");
    assert_eq!(given, ["127.0.0.9:83", "[::1]:83"]);
}

#[test]
fn only_the_family_of_the_source_addresses() {
    let line = "-t http://s:83 --resolve s:83:::1,127.0.0.9,::2";
    for (source, expected) in [
        ("127.0.0.2", &["127.0.0.9:83"][..]),
        ("fd00::/127", &["[::1]:83", "[::2]:83"]),
    ] {
        let left = resolved(&format!("{line} --bind {source}"));
        assert_eq!(left.expect("one of the family"), expected);
    }
    for (line, parts) in [
        (
            "-t http://[::1]:81 --bind 127.0.0.2",
            &["127.0.0.2 is IPv4", "--target [::1]:81", "only IPv6"][..],
        ),
        (
            "-t http://s --connect-to 127.0.0.1:80 --bind ::1",
            &["::1 is IPv6", "--connect-to 127.0.0.1:80", "only IPv4"],
        ),
    ] {
        let error = resolved(line).expect_err(line);
        for part in parts {
            assert!(error.contains(part), "{part:?} is not in {error:?}");
        }
    }
}

#[test]
fn a_name_that_does_not_resolve_is_named() {
    let error = resolved("-t http://no-such-host.invalid:1").expect_err("RFC 2606");
    assert!(
        error.contains("--target host \"no-such-host.invalid\""),
        "{error}"
    );
    let error = resolved("-t http://h --connect-to no.invalid:1").expect_err("RFC 2606");
    assert!(
        error.contains("--connect-to host \"no.invalid\""),
        "{error}"
    );
}

#[test]
fn the_address_that_listens_is_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let open = listener.local_addr().expect("its address");
    let closed = {
        let gone = TcpListener::bind("127.0.0.1:0").expect("a free port");
        gone.local_addr().expect("its address")
    };
    for more in ["", " --bind 127.0.0.2"] {
        let ways = ways(&format!("-t http://s{more}"));
        assert_eq!(reachable(&[closed, open], &ways), open);
        assert_eq!(reachable(&[closed], &ways), closed);
    }
}
