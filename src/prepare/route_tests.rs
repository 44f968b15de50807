//! Tests of route.

use super::*;
use std::net::TcpListener;

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

#[test]
fn the_source_is_what_the_server_sees() {
    let (listener, to) = listener();
    for source in ["127.0.0.2", "127.0.0.1"] {
        let from = Some(source.parse().expect("an address"));
        let route = Route { to, from };
        route.attempt(Duration::from_secs(5)).expect("it listens");
        let (_, peer) = listener.accept().expect("a connection");
        assert_eq!(Some(peer.ip()), from);
        let _begun = route.begin().expect("it listens");
        let (_, peer) = listener.accept().expect("a connection");
        assert_eq!(Some(peer.ip()), from);
    }
}

#[test]
fn attempts_fail_with_a_reason_and_in_time() {
    let (full, to) = listener();
    drop(full);
    let refused = Route { to, from: None }.attempt(Duration::from_secs(5));
    let kind = refused.expect_err("nobody listens").kind();
    assert_eq!(kind, io::ErrorKind::ConnectionRefused);

    // A full backlog lets handshakes wait.
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let full = TcpListener::from(socket::listener(address, 0).expect("a listener"));
    let to = full.local_addr().expect("its address");
    let waiting: Vec<TcpStream> = (0..3)
        .map(|_| Route { to, from: None }.begin().expect("begun"))
        .collect();
    let late = Route { to, from: None }.attempt(Duration::from_millis(50));
    let kind = late.expect_err("nobody accepts").kind();
    assert_eq!(kind, io::ErrorKind::TimedOut);
    drop(waiting);
}
