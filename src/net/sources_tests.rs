//! Tests of sources.

use super::*;

fn towards(list: &str, server: &str) -> Result<Sources, SourceError> {
    let list = BindList::parse(list).expect("a list");
    let server = [server.parse().expect("an address")];
    Sources::towards(&list, &server, &Signals::install().expect("handlers"))
}

#[test]
fn source_addresses_are_used_in_turn() {
    let sources = towards("127.0.0.2,127.0.0.3,127.0.0.9", "127.0.0.1:80").expect("loopback's");
    let turns: Vec<SocketAddr> = (0..5).map(|n| bound_to(sources.turn(n))).collect();
    let hosts = [
        "127.0.0.2",
        "127.0.0.3",
        "127.0.0.9",
        "127.0.0.2",
        "127.0.0.3",
    ];
    let expected = hosts.map(|host| SocketAddr::new(host.parse().expect("an address"), 0));
    assert_eq!(turns, expected);
    sources.turn(u64::MAX);
}

/// The port is 0, for it is chosen at `connect()`.
fn bound_to(source: &KernelAddress) -> SocketAddr {
    let socket = socket::stream_for(source).expect("a socket");
    socket::bind_source(&socket, source).expect("an own address");
    let stream = std::net::TcpStream::from(socket);
    stream.local_addr().expect("its address")
}

#[test]
fn only_addresses_of_this_machine_are_accepted() {
    // RFC 5737: nobody's.
    for (list, part) in [
        ("198.51.100.7", "198.51.100.7"),
        ("127.0.0.2,203.0.113.1", "203.0.113.1"),
    ] {
        let error = towards(list, "127.0.0.1:80").err().expect(list).line();
        for part in [
            "--bind",
            part,
            "not an address of this machine",
            "ip address",
        ] {
            assert!(error.contains(part), "{part:?} is not in {error:?}");
        }
    }
}

#[test]
fn a_broadcast_address_is_refused_as_a_source() {
    for address in ["127.255.255.255", "255.255.255.255"] {
        let error = towards(address, "127.0.0.1:80")
            .err()
            .expect(address)
            .line();
        assert!(
            error.contains(&format!("--bind {address} is a net's")),
            "{error}"
        );
    }
}

#[test]
fn a_route_must_lead_to_the_server() {
    let error = towards("127.0.0.2", "198.51.100.7:80")
        .err()
        .expect("loopback leads nowhere")
        .line();
    for part in [
        "--bind 127.0.0.2",
        "no route from this address to 198.51.100.7:80",
        "interface",
    ] {
        assert!(error.contains(part), "{part:?} is not in {error:?}");
    }
}

#[test]
fn up_to_the_maximum_of_source_addresses_is_tried() {
    towards("127.1.0.0/16,127.2.0.1,127.2.0.2", "127.0.0.1:80").expect("loopback's");
}
