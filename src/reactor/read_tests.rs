//! Tests of read.

use super::*;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// This program's end of a connection, and the server's.
fn pair() -> (OwnedFd, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let here = TcpStream::connect(listener.local_addr().expect("its address"));
    let (there, _) = listener.accept().expect("a connection");
    (here.expect("connected").into(), there)
}

/// Sends bytes, which have arrived when this returns.
fn send(there: &mut TcpStream, here: &OwnedFd) {
    there.write_all(b"HTTP/1.1 200 OK\r\n").expect("sent");
    let begun = Instant::now();
    while !socket::has_arrivals(here) {
        assert!(begun.elapsed() < Duration::from_secs(60), "never arrived");
    }
}

#[test]
fn kernel_timestamps_detect_bytes_from_before_an_instant() {
    // Some sandboxes have no stamps.
    let Ok(_stamping) = stamps::switch_on() else {
        return;
    };
    let clock = Clock::start();
    let mut kernel_clock = KernelClock::start(&clock);
    let (here, mut there) = pair();
    stamps::enable_receive_stamps(&here).expect("as on the first socket");
    let mut buffer = [0; 64];
    for is_before in [true, false, true, false] {
        let before = clock.now();
        if is_before {
            send(&mut there, &here);
        }
        let asked = clock.now();
        if !is_before {
            send(&mut there, &here);
        }
        let kernel = Some(&mut kernel_clock);
        let received = read(&here, &mut buffer, &clock, kernel, asked).expect("bytes");
        assert_eq!(received.count, 17);
        if received.is_stamped {
            assert_eq!(received.is_before, is_before, "{received:?}");
            let of_kernel = received.arrival.clock == ClockSource::Kernel;
            assert_eq!(
                of_kernel, !is_before,
                "an early stamp is no arrival of an answer"
            );
        }
        assert!(received.arrival.at >= before && received.arrival.at <= received.arrival.seen);
    }
}

#[test]
fn without_a_kernel_clock_arrival_before_an_instant_is_not_detected() {
    let clock = Clock::start();
    let (here, mut there) = pair();
    send(&mut there, &here);
    let mut buffer = [0; 64];
    let received = read(&here, &mut buffer, &clock, None, clock.now()).expect("bytes");
    assert!(!received.is_before && !received.is_stamped);
    drop(there);
    let end = read(&here, &mut buffer, &clock, None, clock.now()).expect("the end");
    assert_eq!(end.count, 0);
}
