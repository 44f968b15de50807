//! Tests of stamps.

use super::*;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let here = TcpStream::connect(listener.local_addr().expect("its address"));
    let (there, _) = listener.accept().expect("a connection");
    (here.expect("connected"), there)
}

fn wall() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_nanos() as i64
}

#[test]
fn a_stamp_lies_between_the_sending_and_the_reading() {
    let (here, mut there) = pair();
    enable_receive_stamps(&here).expect("Linux knows the option");
    let mut stamped = 0;
    for _ in 0..20 {
        let before = wall();
        there.write_all(b"hello").expect("sent");
        // The reading comes late; the stamp must not.
        thread::sleep(Duration::from_millis(5));
        let late = wall();
        let mut buffer = [0; 16];
        let (count, stamp) = recv_stamped(&here, &mut buffer).expect("received");
        assert_eq!(&buffer[..count], b"hello");
        // Some kernels and sandboxes never stamp; then there is nothing to compare.
        if let Some(stamp) = stamp {
            assert!((before..late).contains(&stamp), "{before} {stamp} {late}");
            stamped += 1;
        }
    }
    eprintln!("{stamped} of 20 stamped");
}

#[test]
fn once_switched_on_the_first_data_is_stamped() {
    let _stamping = switch_on().expect("Linux knows the option");
    let is_stamping = are_made().expect("loopback works");
    let (here, mut there) = pair();
    enable_receive_stamps(&here).expect("Linux knows the option");
    there.write_all(b"hello").expect("sent");
    let (_, stamp) = recv_stamped(&here, &mut [0; 16]).expect("received");
    // Some kernels and sandboxes never stamp.
    assert_eq!(stamp.is_some(), is_stamping);
}

#[test]
fn data_without_a_timestamp_is_received() {
    let (here, mut there) = pair();
    there.write_all(b"hello").expect("sent");
    let mut buffer = [0; 3];
    let received = recv_stamped(&here, &mut buffer).expect("received");
    assert_eq!((received, &buffer), ((3, None), b"hel"), "never asked for");
    drop(there);
    assert_eq!(recv_stamped(&here, &mut buffer).expect("rest").0, 2);
    assert_eq!(recv_stamped(&here, &mut buffer).expect("end"), (0, None));

    let (here, mut there) = UnixStream::pair().expect("a pair");
    there.write_all(b"x").expect("sent");
    assert_eq!(
        recv_stamped(&here, &mut buffer).expect("received"),
        (1, None)
    );
}

#[test]
fn errors_are_those_of_the_socket() {
    let (here, _there) = pair();
    here.set_nonblocking(true).expect("an option");
    let error = recv_stamped(&here, &mut [0; 1]).expect_err("nothing is there");
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
}

#[test]
fn transmit_stamps_are_numbered_by_the_last_byte() {
    let (here, mut there) = pair();
    here.set_nonblocking(true).expect("an option");
    enable_transmit_stamps(&here).expect("Linux knows the option");
    assert_eq!(take_transmit_stamp(&here).expect("an empty queue"), None);
    let mut buffer = [0; 16];
    for (sent, last) in [(&b"hello"[..], 4), (b"you", 7)] {
        let before = wall();
        (&here).write_all(sent).expect("sent");
        io::Read::read_exact(&mut there, &mut buffer[..sent.len()]).expect("received");
        // Loopback delivers after it has stamped.
        let stamp = take_transmit_stamp(&here)
            .expect("a queue")
            .expect("a stamp");
        assert_eq!(stamp.byte, last);
        assert!(
            (before..=wall()).contains(&stamp.unix_nanos),
            "{before} {stamp:?}"
        );
        assert_eq!(take_transmit_stamp(&here).expect("an empty queue"), None);
    }
    there.write_all(b"x").expect("sent");
    here.set_nonblocking(false).expect("an option");
    let (count, _) = recv_stamped(&here, &mut buffer).expect("received");
    assert_eq!(count, 1, "receiving goes on as before");
}
