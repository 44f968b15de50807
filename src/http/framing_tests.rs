//! Tests of framing.

use super::*;

fn headers<'a>(fields: &'a [(&'a str, &'a str)]) -> Vec<Header<'a>> {
    let header = |&(name, value): &(&'a str, &'a str)| Header {
        name,
        value: value.as_bytes(),
    };
    fields.iter().map(header).collect()
}

fn framing(fields: &[(&str, &str)]) -> Result<Framing, FailureKind> {
    of_response(1, 200, &headers(fields))
        .map(|message| message.framing)
        .map_err(|failure| failure.kind)
}

#[test]
fn the_rules_of_section_6_3() {
    use Framing::*;
    for (fields, expected) in [
        (&[][..], Ok(UntilClose)),
        (&[("Content-Length", "5")], Ok(Sized(5))),
        (&[("content-LENGTH", " 05 ")], Ok(Sized(5))),
        (
            &[("Content-Length", "5"), ("Content-Length", "5")],
            Ok(Sized(5)),
        ),
        (&[("Content-Length", "5, 5")], Ok(Sized(5))),
        (
            &[("Content-Length", "18446744073709551615")],
            Ok(Sized(u64::MAX)),
        ),
        (&[("Transfer-Encoding", "Chunked")], Ok(Chunked)),
        (&[("Transfer-Encoding", "gzip, chunked")], Ok(Chunked)),
        (
            &[
                ("Transfer-Encoding", "gzip"),
                ("Transfer-Encoding", ",chunked"),
            ],
            Ok(Chunked),
        ),
        (&[("Transfer-Encoding", "gzip")], Ok(UntilClose)),
        (&[("Transfer-Encoding", "chunked, gzip")], Ok(UntilClose)),
        (&[("Transfer-Encoding", "identity")], Ok(UntilClose)),
        (
            &[("Transfer-Encoding", "identity"), ("Content-Length", "5")],
            Ok(Sized(5)),
        ),
    ] {
        assert_eq!(framing(fields), expected, "{fields:?}");
    }
}

#[test]
fn heads_whose_end_cannot_be_trusted_are_refused() {
    use FailureKind::*;
    for (fields, expected) in [
        (
            &[("Content-Length", "5"), ("Content-Length", "6")][..],
            ConflictingContentLength,
        ),
        (&[("Content-Length", "5, 6")], ConflictingContentLength),
        (&[("Content-Length", "+5")], BadContentLength),
        (&[("Content-Length", "-5")], BadContentLength),
        (&[("Content-Length", "0x5")], BadContentLength),
        (&[("Content-Length", "")], BadContentLength),
        (&[("Content-Length", "5,")], BadContentLength),
        (&[("Content-Length", "5 5")], BadContentLength),
        (
            &[("Content-Length", "18446744073709551616")],
            BadContentLength,
        ),
        (
            &[("Transfer-Encoding", "chunked"), ("Content-Length", "5")],
            TransferEncodingAndContentLength,
        ),
        (
            &[("Transfer-Encoding", "gzip"), ("Content-Length", "5")],
            TransferEncodingAndContentLength,
        ),
        (
            &[("Transfer-Encoding", "chunked, chunked")],
            BadTransferEncoding,
        ),
        (&[("Transfer-Encoding", "chunked;q=1")], BadTransferEncoding),
    ] {
        assert_eq!(framing(fields), Err(expected), "{fields:?}");
    }
}

#[test]
fn bodiless_statuses_ignore_their_length() {
    let headers = [Header {
        name: "Content-Length",
        value: b"5",
    }];
    for status in [204, 304] {
        let message = of_response(1, status, &headers).expect("no body");
        assert_eq!(message.framing, Framing::Empty);
    }
}

#[test]
fn keeping_alive_follows_version_and_connection() {
    let connection = |value| ("Connection", value);
    let (sized, chunked) = (("Content-Length", "1"), ("Transfer-Encoding", "chunked"));
    for (version, fields, expected) in [
        (1, &[sized][..], true),
        (1, &[sized, connection("foo, Close")], false),
        (1, &[sized, connection("foo"), connection("close")], false),
        (0, &[sized], false),
        (0, &[sized, connection("Keep-Alive")], true),
        (0, &[sized, connection("Keep-Alive, close")], false),
        (0, &[chunked, connection("keep-alive")], false),
        (1, &[chunked], true),
        (1, &[], false),
    ] {
        let message = of_response(version, 200, &headers(fields)).expect("sound");
        assert_eq!(message.keep_alive, expected, "{version} {fields:?}");
    }
}

#[test]
fn codings_that_do_not_end_with_chunked_cannot_be_decoded() {
    for (coding, expected) in [
        ("gzip", true),
        ("chunked, gzip", true),
        ("gzip, chunked", false),
        ("chunked", false),
        ("identity", false),
    ] {
        let fields = [("Transfer-Encoding", coding)];
        let message = of_response(1, 200, &headers(&fields)).expect("sound");
        assert_eq!(message.is_unreadable, expected, "{coding}");
    }
}
