//! Tests of failure.

use super::*;

#[test]
fn system_errors_are_mapped_to_their_kind() {
    for (errno, kind) in [
        (libc::ECONNREFUSED, FailureKind::ConnectionRefused),
        (libc::EPIPE, FailureKind::ConnectionReset),
        (libc::EMFILE, FailureKind::NoDescriptors),
        (libc::EADDRNOTAVAIL, FailureKind::NoPorts),
        (libc::ENOBUFS, FailureKind::NoMemory),
        (libc::EHOSTUNREACH, FailureKind::Unreachable),
        (libc::EPERM, FailureKind::Os(libc::EPERM)),
    ] {
        assert_eq!(
            FailureKind::of_io(&io::Error::from_raw_os_error(errno)),
            kind
        );
    }
}

#[test]
fn a_failure_reads_as_kind_then_detail() {
    let failure = Failure::with_detail(FailureKind::Status(500), "ValueError at /rdbms/2/");
    assert_eq!(
        failure.to_string(),
        "HTTP 500 Internal Server Error: ValueError at /rdbms/2/"
    );
    assert_eq!(
        Failure::from(FailureKind::Status(599)).to_string(),
        "HTTP 599"
    );
}
