//! Tests of route.

use super::*;
use std::net::TcpListener;

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

const PATIENCE: Duration = Duration::from_secs(5);

fn signals() -> Signals {
    Signals::install().expect("handlers")
}

#[test]
fn the_server_sees_the_source_address() {
    let (listener, to) = listener();
    for source in ["127.0.0.2", "127.0.0.1"] {
        let from = ScopedIp::parse(source);
        let route = Route { to, from };
        route.attempt(PATIENCE, &mut signals()).expect("it listens");
        let (_, peer) = listener.accept().expect("a connection");
        assert_eq!(from.map(|from| from.ip), Some(peer.ip()));
    }
}

#[test]
fn attempts_fail_with_a_reason_and_in_time() {
    let (full, to) = listener();
    drop(full);
    let refused = Route { to, from: None }.attempt(PATIENCE, &mut signals());
    let kind = refused.expect_err("nobody listens").kind;
    assert_eq!(kind, FailureKind::ConnectionRefused);

    // A full backlog lets handshakes wait.
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let full = TcpListener::from(socket::listener(address, 0).expect("a listener"));
    let to = full.local_addr().expect("its address");
    let route = Route { to, from: None };
    let waiting: Vec<OwnedFd> = (0..3)
        .map(|_| {
            let socket = route.socket().expect("a socket");
            socket::connect(&socket, &to.into()).expect("begun");
            socket
        })
        .collect();
    let late = route.attempt(Duration::from_millis(50), &mut signals());
    let kind = late.expect_err("nobody accepts").kind;
    assert_eq!(kind, FailureKind::ConnectTimeout);
    drop(waiting);
}
