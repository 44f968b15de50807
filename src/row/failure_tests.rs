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

#[test]
fn the_whole_text_has_300_characters_at_most_whatever_the_detail() {
    for detail in [
        "x".repeat(4_000),
        "\u{1b}[31m".repeat(900),
        "日本語".repeat(400),
    ] {
        for kind in [
            FailureKind::Status(500),
            FailureKind::ForeignRedirect,
            FailureKind::Other,
        ] {
            let text = Failure::with_detail(kind, &detail).to_string();
            assert_eq!(text.chars().count(), 300, "{text}");
            assert!(text.ends_with('…') && !text.contains('\u{1b}'), "{text}");
        }
    }
}
