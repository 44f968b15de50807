//! Tests of response.

use super::*;
use crate::http::head::{HEAD_LIMIT, HEADER_LIMIT};
use crate::row::TlsFailure;
use proptest::prelude::*;

const KEEP: BodyUse = BodyUse::Keep { limit: 64 };
const PAGE: BodyUse = BodyUse::KeepPage { limit: 64 };

#[derive(Debug, PartialEq)]
struct Outcome {
    head: Head,
    body: Vec<u8>,
    body_bytes: u64,
    left: Vec<u8>,
}

/// Feeds the parts, then the end of the connection, and returns what came of it.
fn outcome(parts: &[&[u8]], body_use: BodyUse) -> Result<Outcome, Failure> {
    let mut parser = ResponseParser::new(body_use);
    let mut left = Vec::new();
    for part in parts {
        let consumed = parser.feed(part)?;
        assert!(consumed == part.len() || parser.is_complete());
        left.extend_from_slice(&part[consumed..]);
    }
    parser.end()?;
    Ok(Outcome {
        head: parser.head().expect("an ended response has a head").clone(),
        body: parser.body().to_vec(),
        body_bytes: parser.body_bytes(),
        left,
    })
}

fn page(input: &str) -> Result<Outcome, Failure> {
    outcome(&[input.as_bytes()], PAGE)
}

fn whole(input: &str) -> Result<Outcome, Failure> {
    outcome(&[input.as_bytes()], KEEP)
}

const GOOD: &[(&str, u16, &str, &str, bool)] = &[
    // wire, status, body, left over, keeps alive
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        200,
        "hello",
        "",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhellomore",
        200,
        "hello",
        "more",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\n\r\nuntil close",
        200,
        "until close",
        "",
        false,
    ),
    (
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        200,
        "ok",
        "",
        true,
    ),
    (
        "\r\n\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        200,
        "ok",
        "",
        true,
    ),
    (
        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
        200,
        "",
        "",
        true,
    ),
    (
        "HTTP/1.1 200 Ça va\r\nContent-Length: 0\r\n\r\n",
        200,
        "",
        "",
        true,
    ),
    (
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        200,
        "ok",
        "",
        false,
    ),
    (
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        200,
        "ok",
        "",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        200,
        "ok",
        "",
        false,
    ),
    (
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
         HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        200,
        "ok",
        "",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
         3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\nGET",
        200,
        "abcde",
        "GET",
        true,
    ),
    (
        "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\nleft",
        204,
        "",
        "left",
        true,
    ),
    ("HTTP/1.1 304 Not Modified\r\n\r\n", 304, "", "", true),
    (
        "HTTP/1.1 999 Odd\r\nContent-Length: 1\r\n\r\nx",
        999,
        "x",
        "",
        true,
    ),
];

#[test]
fn well_formed_responses() {
    for &(wire, status, body, left, keep_alive) in GOOD {
        let outcome = whole(wire).unwrap_or_else(|failure| panic!("{wire:?}: {failure}"));
        assert_eq!(outcome.head.status, status, "{wire:?}");
        assert_eq!(outcome.head.keep_alive, keep_alive, "{wire:?}");
        assert_eq!(outcome.body, body.as_bytes(), "{wire:?}");
        assert_eq!(outcome.left, left.as_bytes(), "{wire:?}");
        assert_eq!(outcome.body_bytes, body.len() as u64, "{wire:?}");
    }
}

const BAD: &[(&str, FailureKind)] = &[
    ("", FailureKind::ClosedWithoutAnswer),
    ("HTTP/1.1 200 OK\r\nConte", FailureKind::ClosedInHead),
    ("HTTP/1.1 100 Continue\r\n\r\n", FailureKind::ClosedInHead),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        FailureKind::ClosedInBody,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        FailureKind::ClosedInBody,
    ),
    ("SSH-2.0-OpenSSH_9.2\r\n", FailureKind::BadHead),
    ("garbage HTTP/1.1 200 OK\r\n\r\n", FailureKind::BadHead),
    ("HTTP/2.0 200 OK\r\n\r\n", FailureKind::BadHead),
    ("HTTP/1.1 20 OK\r\n\r\n", FailureKind::BadHead),
    ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", FailureKind::BadHead),
    (
        "HTTP/1.1 200 OK\r\n folded: b\r\n\r\n",
        FailureKind::BadHead,
    ),
    ("HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n", FailureKind::BadHead),
    (
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        FailureKind::UnaskedUpgrade,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        FailureKind::BadContentLength,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        FailureKind::ConflictingContentLength,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        FailureKind::TransferEncodingAndContentLength,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
        FailureKind::BadTransferEncoding,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        FailureKind::BadChunk,
    ),
    (
        "HTTP/1.1 200 OK\r\n\r\n\
         0123456789012345678901234567890123456789012345678901234567890123456789",
        FailureKind::BodyTooLarge,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n",
        FailureKind::BodyTooLarge,
    ),
];

#[test]
fn each_failure_is_provoked() {
    for (wire, kind) in BAD {
        assert_eq!(whole(wire).map_err(|f| f.kind), Err(*kind), "{wire:?}");
    }
}

#[test]
fn cut_at_every_byte_gives_the_same() {
    let bad = BAD.iter().map(|(wire, _)| *wire);
    for wire in GOOD.iter().map(|fixture| fixture.0).chain(bad) {
        let expected = whole(wire);
        let bytes = wire.as_bytes();
        for cut in 0..=bytes.len() {
            let (a, b) = bytes.split_at(cut);
            assert_eq!(outcome(&[a, b], KEEP), expected, "{wire:?} cut at {cut}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(outcome(&single, KEEP), expected, "{wire:?} byte by byte");
    }
}

#[test]
fn a_counted_body_is_not_kept_and_has_no_limit() {
    let wire = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 5000]].concat();
    let outcome = outcome(&[&wire], BodyUse::Count).expect("a response");
    assert_eq!((outcome.body.len(), outcome.body_bytes), (0, 5000));
}

#[test]
fn the_head_is_limited_for_every_segmentation() {
    let field = format!("A: {}\r\n", "b".repeat(HEAD_LIMIT));
    let endless = format!("HTTP/1.1 200 OK\r\n{field}");
    let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(HEAD_LIMIT / 25 + 1);
    let newlines = "\r\n".repeat(HEAD_LIMIT);
    for wire in [&endless, &interim, &newlines] {
        for size in [1, 1000, wire.len()] {
            let parts: Vec<&[u8]> = wire.as_bytes().chunks(size).collect();
            let failure = outcome(&parts, KEEP).expect_err("too large");
            assert_eq!(
                failure.kind,
                FailureKind::HeadTooLarge,
                "in parts of {size}"
            );
        }
    }
}

#[test]
fn a_head_of_exactly_the_limit_is_accepted() {
    let start = "HTTP/1.1 204 No Content\r\nA: ";
    let pad = "b".repeat(HEAD_LIMIT - start.len() - 4);
    let wire = format!("{start}{pad}\r\n\r\n");
    assert_eq!(wire.len(), HEAD_LIMIT);
    for size in [1, wire.len()] {
        let parts: Vec<&[u8]> = wire.as_bytes().chunks(size).collect();
        assert_eq!(outcome(&parts, KEEP).expect("fits").head.status, 204);
    }
}

#[test]
fn the_number_of_fields_is_limited() {
    let head = |n: usize| format!("HTTP/1.1 204 x\r\n{}\r\n", "A: b\r\n".repeat(n));
    assert_eq!(whole(&head(HEADER_LIMIT)).expect("fits").head.status, 204);
    let failure = whole(&head(HEADER_LIMIT + 1)).expect_err("too many");
    assert_eq!(failure.kind, FailureKind::TooManyHeaders);
}

#[test]
fn a_date_is_kept_with_a_page() {
    let date = |body_use, date: &str| {
        let wire = format!("HTTP/1.1 200 x\r\ndate: {date}\r\nContent-Length: 0\r\n\r\n");
        let outcome = outcome(&[wire.as_bytes()], body_use).expect("a response");
        outcome.head.page.and_then(|page| page.date)
    };
    let usual = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(
        date(PAGE, usual).as_ref().map(|date| &date[..]),
        Some(usual.as_bytes())
    );
    assert_eq!(date(BodyUse::Count, usual), None);
    assert_eq!(date(KEEP, usual), None);
    assert_eq!(date(PAGE, "Sun Nov  6 08:49:37 1994"), None, "obsolete");
    assert_eq!(date(PAGE, ""), None);
}

#[test]
fn folded_fields_have_spaces() {
    let outcome = page(
        "HTTP/1.1 301 x\r\nLocation:\r\n /a/\r\n\tb\r\nSet-Cookie: a=1;\r\n Path=/\r\n\
         Content-Length:\r\n 0\r\n\r\n",
    )
    .expect("a redirect");
    assert_eq!(outcome.head.location.as_deref(), Some(&b"/a/ b"[..]));
    assert_eq!(
        outcome.head.page.as_ref().expect("a page").cookies,
        b"a=1; Path=/\n"
    );
}

#[test]
fn an_encoded_body_is_named() {
    let coding = |fields: &str, body_use| {
        let wire = format!("HTTP/1.1 200 x\r\n{fields}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        let outcome = outcome(&[wire.as_bytes()], body_use).expect("a response");
        outcome.head.coding
    };
    for (fields, expected) in [
        ("", None),
        ("Content-Encoding: Identity\r\n", None),
        ("content-encoding: gzip\r\n", Some("Content-Encoding: gzip")),
        (
            "Content-Encoding: br\r\nContent-Encoding: gzip\r\n",
            Some("Content-Encoding: br, gzip"),
        ),
        (
            "Transfer-Encoding: gzip\r\n",
            Some("Transfer-Encoding: gzip, chunked"),
        ),
    ] {
        assert_eq!(coding(fields, KEEP).as_deref(), expected, "{fields}");
        assert_eq!(coding(fields, BodyUse::Count), None, "{fields}");
    }
}

#[test]
fn redirects_and_cookies_are_kept() {
    let outcome = page(
        "HTTP/1.1 301 x\r\nLocation: /a/\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\
         Content-Length: 0\r\n\r\n",
    )
    .expect("a redirect");
    assert_eq!(outcome.head.location.as_deref(), Some(&b"/a/"[..]));
    assert_eq!(
        outcome.head.page.as_ref().expect("a page").cookies,
        b"a=1\nb=2\n"
    );
}

#[test]
fn a_reset_parser_is_like_new_and_frees_large_buffers() {
    let mut parser = ResponseParser::new(BodyUse::Keep { limit: 1 << 20 });
    let large = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(100_000));
    parser.feed(large.as_bytes()).expect("well formed");
    parser.reset(BodyUse::Keep { limit: 64 });
    assert!(parser.body.capacity() <= KEPT_CAPACITY);
    assert!(!parser.has_begun() && parser.head().is_none());
    let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    assert_eq!(parser.feed(wire), Ok(wire.len()));
    assert_eq!(parser.body(), b"ok");
}

proptest! {
    #[test]
    fn any_bytes_in_any_split_agree_with_the_whole(
        noise in proptest::collection::vec(any::<u8>(), 0..80),
        fixture in 0..GOOD.len(),
        at in 0usize..200,
        cuts in proptest::collection::vec(0usize..200, 0..6),
    ) {
        // A good response with noise written into it somewhere.
        let mut wire = GOOD[fixture].0.as_bytes().to_vec();
        let at = at.min(wire.len());
        wire.splice(at..at, noise);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(wire.len())).collect();
        cuts.extend([0, wire.len()]);
        cuts.sort_unstable();
        let parts: Vec<&[u8]> = cuts.windows(2).map(|w| &wire[w[0]..w[1]]).collect();
        prop_assert_eq!(outcome(&parts, KEEP), outcome(&[&wire], KEEP));
    }
}

#[test]
fn a_tls_record_is_told_from_other_bytes_however_they_are_split() {
    for (bytes, is_tls) in [
        (&[21, 3, 1, 0, 2, 2, 70][..], true),
        (&[22, 3, 3, 0, 4, 2][..], true),
        (&[21, 1, 1, 0][..], false),
        (&[23, 3, 3, 0][..], false),
    ] {
        for split in 1..bytes.len() {
            let (first, rest) = bytes.split_at(split);
            let failure = outcome(&[first, rest], KEEP).expect_err("not HTTP");
            let is_found = failure.kind == FailureKind::Tls(TlsFailure::PlainToTls);
            assert_eq!(is_found, is_tls, "{bytes:?} at {split}: {failure:?}");
            assert_eq!(outcome(&[bytes], KEEP).expect_err("not HTTP"), failure);
        }
    }
}
