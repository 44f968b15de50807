//! Tests of control.

use super::*;

/// A control message with its padding.
fn message(level: i32, kind: i32, data: &[u8]) -> Vec<u8> {
    let length = HEADER_BYTES + data.len();
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend_from_slice(&level.to_ne_bytes());
    bytes.extend_from_slice(&kind.to_ne_bytes());
    bytes.extend_from_slice(data);
    bytes.resize(length.next_multiple_of(size_of::<isize>()), 0xaa);
    bytes
}

fn times(seconds: isize, nanos: isize) -> Vec<u8> {
    let of_hardware = [7; 4];
    let times = [[seconds, nanos].as_slice(), &of_hardware].concat();
    let data: Vec<u8> = times.into_iter().flat_map(isize::to_ne_bytes).collect();
    message(libc::SOL_SOCKET, libc::SCM_TIMESTAMPING, &data)
}

fn error(origin: u8, byte: u32) -> Vec<u8> {
    let mut data = [0; 16];
    data[4] = origin;
    data[12..].copy_from_slice(&byte.to_ne_bytes());
    message(libc::SOL_IP, libc::IP_RECVERR, &data)
}

#[test]
fn the_software_time_is_the_first_of_three() {
    assert_eq!(software_stamp(&times(2, 3)), Some(2_000_000_003));
    let after_another = [message(libc::SOL_IP, libc::IP_TTL, b"abc"), times(2, 3)].concat();
    assert_eq!(software_stamp(&after_another), Some(2_000_000_003));
}

#[test]
fn a_zero_stamp_is_none() {
    assert_eq!(software_stamp(&times(0, 0)), None);
}

#[test]
fn a_time_beyond_64_bits_of_nanoseconds_is_none() {
    assert_eq!(software_stamp(&times(isize::MAX, 0)), None);
    assert_eq!(software_stamp(&times(9_223_372_036, isize::MAX)), None);
}

#[test]
fn cut_messages_have_no_stamp() {
    let whole = [error(libc::SO_EE_ORIGIN_TIMESTAMPING, 9), times(2, 3)].concat();
    let needed = whole.len() - 4 * size_of::<isize>();
    for length in 0..whole.len() {
        let stamp = transmit_stamp(&whole[..length]);
        assert_eq!(stamp.is_some(), length >= needed, "{length}");
    }
}

#[test]
fn lengths_that_cannot_be_end_the_search() {
    for length in [0, 1, HEADER_BYTES - 1, usize::MAX, usize::MAX - 7] {
        let mut bytes = message(1, 1, b"x");
        bytes[..size_of::<usize>()].copy_from_slice(&length.to_ne_bytes());
        bytes.extend(times(2, 3));
        assert_eq!(software_stamp(&bytes), None, "{length}");
    }
}

#[test]
fn only_errors_of_timestamping_are_about_a_byte_that_left() {
    let with_time = |error: Vec<u8>| [times(2, 3), error].concat();
    let of_stamp = with_time(error(libc::SO_EE_ORIGIN_TIMESTAMPING, 9));
    let expected = TransmitStamp {
        byte: 9,
        unix_nanos: 2_000_000_003,
    };
    assert_eq!(transmit_stamp(&of_stamp), Some(expected));
    let of_icmp = with_time(error(libc::SO_EE_ORIGIN_ICMP, 9));
    assert_eq!(transmit_stamp(&of_icmp), None);
}
