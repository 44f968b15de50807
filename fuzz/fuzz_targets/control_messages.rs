//! Control messages of stamps: any bytes are a stamp or none; and what the kernel writes is read, whatever
//! stands before and behind it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use profilerclient::sys::control::{software_stamp, transmit_stamp};

/// SOL_SOCKET and SCM_TIMESTAMPING, SOL_IP and IP_RECVERR of Linux.
const TIMES: (i32, i32) = (1, 37);
const ERROR: (i32, i32) = (0, 11);

fn message((level, kind): (i32, i32), data: &[u8]) -> Vec<u8> {
    let length = size_of::<usize>() + 8 + data.len();
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend_from_slice(&level.to_ne_bytes());
    bytes.extend_from_slice(&kind.to_ne_bytes());
    bytes.extend_from_slice(data);
    bytes.resize(length.next_multiple_of(size_of::<isize>()), 0);
    bytes
}

fuzz_target!(|input: (i64, i64, u32, u8, &[u8])| {
    let (seconds, nanos, byte, kind, bytes) = input;
    // What stands in no buffer of the kernel's must not lead out of this one.
    let stamp = software_stamp(bytes);
    if let Some(stamp) = transmit_stamp(bytes) {
        assert_eq!(software_stamp(bytes), Some(stamp.unix_nanos));
    }
    for end in 0..bytes.len().min(256) {
        let cut = software_stamp(&bytes[..end]);
        assert!(cut.is_none() || cut == stamp);
    }

    let times = [seconds, nanos, 0, 0, 0, 0].map(|number| number as isize);
    let times: Vec<u8> = times.into_iter().flat_map(isize::to_ne_bytes).collect();
    let mut error = [0; 16];
    // SO_EE_ORIGIN_TIMESTAMPING.
    error[4] = 4;
    error[12..].copy_from_slice(&byte.to_ne_bytes());
    // Another message, such as IP_TTL.
    let other = message((0, 2 + i32::from(kind % 4)), &bytes[..bytes.len().min(40)]);
    let control = [
        other,
        message(TIMES, &times),
        message(ERROR, &error),
        bytes.to_vec(),
    ]
    .concat();
    let expected = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    let expected = i64::try_from(expected).ok().filter(|stamp| *stamp != 0);
    if seconds.checked_mul(1_000_000_000).is_some() {
        assert_eq!(software_stamp(&control), expected);
        let stamp = transmit_stamp(&control);
        assert_eq!(
            stamp.map(|stamp| (stamp.byte, stamp.unix_nanos)),
            expected.map(|at| (byte, at))
        );
    }
});
