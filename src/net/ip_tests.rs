//! Tests of ip.

use super::*;

fn loopback() -> u32 {
    network::interface_index("lo").expect("every machine has one")
}

#[test]
fn addresses_with_and_without_an_interface() {
    let number = format!("fe80::1%{}", loopback());
    for (text, shown, scope) in [
        ("127.0.0.1", "127.0.0.1", 0),
        ("::1", "::1", 0),
        ("[::1]", "::1", 0),
        ("fe80::1%lo", "fe80::1%lo", loopback()),
        ("[fe80::1%lo]", "fe80::1%lo", loopback()),
        ("[fe80::1%25lo]", "fe80::1%lo", loopback()),
        (number.as_str(), "fe80::1%lo", loopback()),
    ] {
        let found = ScopedIp::parse(text).expect(text);
        assert_eq!((found.to_string().as_str(), found.scope), (shown, scope));
        let SocketAddr::V6(socket) = found.with_port(80) else {
            continue;
        };
        assert_eq!((socket.scope_id(), socket.port()), (scope, 80));
    }
    for text in [
        "",
        "[127.0.0.1]",
        "127.0.0.1%lo",
        "fe80::1%no-such-one",
        "fe80::1%",
        "fe80::1%4294967295",
        "x",
    ] {
        assert_eq!(ScopedIp::parse(text), None, "{text}");
    }
}

#[test]
fn link_local_addresses_need_an_interface() {
    for (text, lacks) in [
        ("fe80::1", true),
        ("fe80::1%lo", false),
        ("::1", false),
        ("127.0.0.1", false),
    ] {
        assert_eq!(
            ScopedIp::parse(text).expect(text).lacks_interface(),
            lacks,
            "{text}"
        );
    }
}

#[test]
fn zones_are_removed_from_hosts_in_brackets() {
    for (text, left, scope) in [
        (
            "http://[fe80::1%lo]:8000/x",
            "http://[fe80::1]:8000/x",
            loopback(),
        ),
        ("http://[fe80::1%25lo]", "http://[fe80::1]", loopback()),
        ("[::1]:80", "[::1]:80", 0),
        ("http://h/%25lo", "http://h/%25lo", 0),
        ("]%[", "]%[", 0),
    ] {
        assert_eq!(take_zone(text), Ok((left.to_owned(), scope)), "{text}");
    }
    let error = take_zone("[fe80::1%25no-such-one]").expect_err("no interface");
    assert!(
        error
            .to_string()
            .contains("\"no-such-one\" is not an interface"),
        "{error}"
    );
}
