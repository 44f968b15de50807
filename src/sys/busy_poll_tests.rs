//! Tests of busy polling.

use std::net::TcpListener;

use super::*;

#[test]
fn the_way_that_is_found_works() {
    let poll = mio::Poll::new().expect("an epoll");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    match probe() {
        Ok(BusyPoll::Epoll) => enable_on_epoll(&poll).expect("as probed"),
        Ok(BusyPoll::Sockets) => enable_on_socket(&listener).expect("as probed"),
        Ok(BusyPoll::Off) => panic!("a way or an error"),
        Err(error) => assert!(error.raw_os_error().is_some(), "{error}"),
    }
}

#[test]
fn only_an_epoll_takes_the_parameters_of_one() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    assert!(enable_on_epoll(&listener).is_err());
}
