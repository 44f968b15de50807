//! Tests of listeners.

use std::net::{SocketAddr, TcpListener, TcpStream};

use super::*;
use crate::sys::socket;

#[test]
fn the_backlog_is_that_of_the_server() {
    for (address, backlog) in [("127.0.0.1:0", 10), ("127.0.0.9:0", 3), ("[::1]:0", 7)] {
        let address: SocketAddr = address.parse().expect("an address");
        let Ok(listener) = socket::listener(address, backlog) else {
            // Not every machine has IPv6.
            continue;
        };
        let listener = TcpListener::from(listener);
        let address = listener.local_addr().expect("its address");
        let waits = TcpStream::connect(address).expect("it listens");
        let found = with_port(address.port()).expect("the kernel answers");
        let own = found.iter().find(|other| other.ip == address.ip());
        let expected = Listener {
            ip: address.ip(),
            port: address.port(),
            waiting: 1,
            backlog: backlog as u32,
        };
        assert_eq!(own, Some(&expected), "{found:?}");
        drop((listener, waits));
    }
}

#[test]
fn a_port_without_a_listener_has_none() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    drop(listener);
    assert_eq!(with_port(port).expect("the kernel answers"), []);
}

#[test]
fn invalid_answers_give_no_listeners() {
    let message = |length: u32, kind: u16, payload: &[u8]| {
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.resize(HEADER, 0);
        bytes.extend(payload);
        bytes
    };
    let mut found = Vec::new();
    for bytes in [
        vec![],
        vec![1, 2, 3],
        message(0, BY_FAMILY, &[0; MESSAGE]),
        message(15, BY_FAMILY, &[0; MESSAGE]),
        message(1000, BY_FAMILY, &[0; MESSAGE]),
        message(20, BY_FAMILY, &[0; 4]),
        message((HEADER + MESSAGE) as u32, BY_FAMILY, &[0; MESSAGE]),
    ] {
        assert!(!read_datagram(&bytes, 0, &mut found).expect("no error"));
    }
    assert_eq!(found, []);
    let refused = message(20, libc::NLMSG_ERROR as u16, &(-libc::EPERM).to_ne_bytes());
    let error = read_datagram(&refused, 0, &mut found).expect_err("refused");
    assert_eq!(error.raw_os_error(), Some(libc::EPERM));
    let done = message(16, libc::NLMSG_DONE as u16, &[]);
    assert!(read_datagram(&done, 0, &mut found).expect("no error"));
}
