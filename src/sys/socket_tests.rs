//! Tests of socket.

use super::*;
use std::net::TcpListener;

fn refused_port() -> SocketAddr {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port");
    closed.local_addr().expect("its address")
}

#[test]
fn the_first_send_reports_a_refused_connection() {
    let address = KernelAddress::from(refused_port());
    let socket = stream_for(&address).expect("a socket");
    let error = match connect(&socket, &address) {
        Err(error) => error,
        Ok(()) => send(&socket, b"x").expect_err("nobody listens"),
    };
    assert_eq!(error.raw_os_error(), Some(libc::ECONNREFUSED));
}

#[test]
fn sources_of_both_families_get_their_port_when_they_connect() {
    for (server, source) in [("127.0.0.1:0", "127.0.0.2:0"), ("[::1]:0", "[::1]:0")] {
        let listener = TcpListener::bind(server).expect("a listener");
        let server = listener.local_addr().expect("its address").into();
        let source: SocketAddr = source.parse().expect("an address");
        let socket = stream_for(&server).expect("a socket");
        bind_source(&socket, &source.into()).expect("an own address");
        assert_eq!(local_port(&socket).expect("bound"), 0);
        connect(&socket, &server).expect("loopback accepts");
        let (_, peer) = listener.accept().expect("a connection");
        assert_eq!(peer.ip(), source.ip());
        assert_eq!(local_port(&socket).expect("connected"), peer.port());
        assert_ne!(peer.port(), 0);
    }
}

#[test]
fn a_source_must_be_a_local_address_of_the_same_family() {
    // RFC 5737: nobody's.
    for (source, errno) in [
        ("198.51.100.7:0", libc::EADDRNOTAVAIL),
        ("[::1]:0", libc::EAFNOSUPPORT),
    ] {
        let source: SocketAddr = source.parse().expect("an address");
        let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let socket = stream_for(&any.into()).expect("a socket");
        let error = bind_source(&socket, &source.into()).expect_err("refused");
        assert_eq!(error.raw_os_error(), Some(errno), "{source}");
    }
}

#[test]
fn both_families_connect() {
    for host in ["127.0.0.1:0", "[::1]:0"] {
        let address: SocketAddr = host.parse().expect("an address");
        let listening = listener(address, 8).expect("a listener");
        let std_listener = TcpListener::from(listening);
        let address = KernelAddress::from(std_listener.local_addr().expect("its address"));
        let socket = stream_for(&address).expect("a socket");
        connect(&socket, &address).expect("loopback accepts");
        take_error(&socket).expect("no error pending");
        assert_eq!(send(&socket, b"hello").expect("sent"), 5);
    }
}
