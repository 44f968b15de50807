//! Tests of address.

use super::*;
use std::net::TcpListener;

fn net(line: &str) -> NetSettings {
    let words = line.split(' ').chain(["-d", "rdbms"]).map(Into::into);
    let args = pico_args::Arguments::from_vec(words.collect());
    let settings = crate::cli::run::parse(args, None).expect("settings");
    settings.net
}

fn signals() -> Signals {
    Signals::install().expect("handlers")
}

fn resolved(line: &str) -> Result<Vec<String>, String> {
    let found = addresses(&net(line), &mut signals()).map_err(|error| error.line())?;
    Ok(found.iter().map(SocketAddr::to_string).collect())
}

#[test]
fn address_literals_resolve_to_themselves() {
    let v6 = resolved("-t http://[::1]:81").expect("a literal");
    assert_eq!(v6, ["[::1]:81"]);
    let elsewhere = resolved("-t http://no.invalid --connect-to 127.0.0.9:82");
    assert_eq!(elsewhere.expect("a literal"), ["127.0.0.9:82"]);
    let index = crate::sys::network::interface_index("lo").expect("loopback");
    let scoped = resolved("-t http://[fe80::1%lo]:83").expect("a literal");
    assert_eq!(scoped, [format!("[fe80::1%{index}]:83")]);
}

#[test]
fn given_addresses_are_not_resolved() {
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
fn the_address_that_listens_is_chosen() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let open = listener.local_addr().expect("its address");
    let closed = {
        let gone = TcpListener::bind("127.0.0.1:0").expect("a free port");
        gone.local_addr().expect("its address")
    };
    for more in ["", " --bind 127.0.0.2"] {
        let net = net(&format!("-t http://s{more}"));
        assert_eq!(reachable(&[closed, open], &net, &mut signals()), open);
        assert_eq!(reachable(&[closed], &net, &mut signals()), closed);
    }
}

#[test]
fn trials_are_bounded_by_the_connect_timeout() {
    // Full backlogs let handshakes wait.
    let full: Vec<TcpListener> = (1..=5)
        .map(|host| {
            let address = SocketAddr::from(([127, 0, 77, host], 0));
            TcpListener::from(crate::sys::socket::listener(address, 0).expect("a listener"))
        })
        .collect();
    let addresses: Vec<SocketAddr> = full
        .iter()
        .map(|listener| listener.local_addr().expect("its address"))
        .collect();
    let mut waiting = Vec::new();
    for &address in &addresses {
        for _ in 0..3 {
            let socket = crate::sys::socket::stream_for(&address.into()).expect("a socket");
            crate::sys::socket::connect(&socket, &address.into()).expect("begun");
            waiting.push(socket);
        }
    }
    let net = net("-t http://s --connect-timeout 20ms");
    let began = Instant::now();
    assert_eq!(reachable(&addresses, &net, &mut signals()), addresses[0]);
    assert!(began.elapsed() < TRIAL, "{:?}", began.elapsed());
}
