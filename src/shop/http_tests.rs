use super::super::body::RAW_LIMIT;
use super::*;
use proptest::prelude::*;

const GET: &[u8] =
    b"GET /rdbms/?a=b HTTP/1.1\r\nHost: shop\r\nCookie: csrftoken=x\r\ncookie: second=1\r\n\r\n";
const POST: &[u8] = b"\r\n\nPOST /rdbms/2/purchase/1/ HTTP/1.1\r\nhost:shop\r\nCONTENT-LENGTH: 11\r\nConnection: foo, Close\r\n\r\nquantity=12";
const CHUNKED: &[u8] = b"POST /x HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: Chunked\r\n\r\n8\r\nquantity\r\n3;x\r\n=12\r\n0\r\n\r\n";
const OLD: &[u8] = b"HEAD / HTTP/1.0\nConnection: Keep-Alive\n\n";

/// A request with its parts owned, so that it outlives the parser.
type Owned = (Method, String, Persistence, Option<Vec<u8>>, Vec<u8>);

fn complete(bytes: &[u8]) -> Option<Owned> {
    let mut parser = Parser::default();
    assert!(matches!(parser.advance(bytes), Progress::Complete { .. }));
    owned(&parser, bytes)
}

fn owned(parser: &Parser, bytes: &[u8]) -> Option<Owned> {
    let request = parser.request(bytes)?;
    Some((
        request.method,
        request.target.to_owned(),
        request.persistence,
        request.cookie.map(<[u8]>::to_vec),
        request.body.to_vec(),
    ))
}

fn refusal(bytes: &[u8]) -> Refusal {
    match Parser::default().advance(bytes) {
        Progress::Refused(refusal) => refusal,
        other => panic!("{other:?} for {:?}", String::from_utf8_lossy(bytes)),
    }
}

#[test]
fn whole_requests() {
    let (method, target, persistence, cookie, body) = complete(GET).expect("a request");
    assert_eq!((method, &*target), (Method::Get, "/rdbms/?a=b"));
    assert_eq!(persistence, Persistence::Keep);
    assert_eq!(cookie.as_deref(), Some(&b"csrftoken=x"[..]));
    assert!(body.is_empty());

    let (method, _, persistence, cookie, body) = complete(POST).expect("a request");
    assert_eq!((method, persistence), (Method::Post, Persistence::Close));
    assert_eq!((cookie, &*body), (None, &b"quantity=12"[..]));

    let (.., body) = complete(CHUNKED).expect("a request");
    assert_eq!(&*body, b"quantity=12");

    let (method, _, persistence, ..) = complete(OLD).expect("a request");
    assert_eq!(
        (method, persistence),
        (Method::Head, Persistence::KeepAnnounced)
    );
    let (.., persistence, _, _) = complete(b"GET / HTTP/1.0\r\n\r\n").expect("a request");
    assert_eq!(persistence, Persistence::Close);
}

#[test]
fn cut_at_every_byte_a_request_reads_the_same() {
    for whole in [GET, POST, CHUNKED, OLD] {
        let expected = complete(whole);
        for cut in 0..whole.len() {
            let mut parser = Parser::default();
            let partial = Progress::Partial {
                send_continue: false,
            };
            assert_eq!(parser.advance(&whole[..cut]), partial, "cut at {cut}");
            let pipelined = [whole, GET].concat();
            let consumed = whole.len();
            assert_eq!(parser.advance(&pipelined), Progress::Complete { consumed });
            assert_eq!(owned(&parser, &pipelined), expected, "cut at {cut}");
        }
        let mut dribbled = Parser::default();
        for length in 1..whole.len() {
            assert!(matches!(
                dribbled.advance(&whole[..length]),
                Progress::Partial { .. }
            ));
        }
        assert!(matches!(dribbled.advance(whole), Progress::Complete { .. }));
        assert_eq!(owned(&dribbled, whole), expected);
    }
}

#[test]
fn errors_are_named() {
    let malformed = |bytes: &[u8]| matches!(refusal(bytes), Refusal::Malformed(_));
    assert!(malformed(b"GET / HTTP/1.1\r\n\r\n"), "no Host");
    assert!(malformed(b"\x16\x03\x01\x02\x00\x01\x00"), "TLS, at once");
    assert!(malformed(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
    ));
    assert!(malformed(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
    ));
    assert!(malformed(
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
    ));
    for length in ["-1", "+1", "", "0x1", "1 2"] {
        let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        assert!(malformed(head.as_bytes()), "{length:?}");
    }
    for length in ["65537", "99999999999999999999999999"] {
        let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        assert_eq!(refusal(head.as_bytes()), Refusal::BodyTooLarge);
    }
    assert_eq!(
        refusal(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
        Refusal::UnknownCoding
    );
    assert_eq!(refusal(b"PRI * HTTP/2.0\r\n\r\n"), Refusal::UnknownVersion);
}

#[test]
fn heads_are_limited() {
    let mut long = b"GET / HTTP/1.1\r\nHost: x\r\nX: ".to_vec();
    long.resize(HEAD_LIMIT - 4, b'x');
    let mut fits = long.clone();
    fits.extend(b"\r\n\r\n");
    assert!(matches!(
        Parser::default().advance(&fits),
        Progress::Complete { .. }
    ));
    long.extend(b"x\r\n\r\n");
    assert_eq!(refusal(&long), Refusal::HeadTooLarge);
    assert_eq!(refusal(&long[..HEAD_LIMIT]), Refusal::HeadTooLarge);
    assert_eq!(refusal(&vec![b'\n'; HEAD_LIMIT]), Refusal::HeadTooLarge);
    let many = [
        &b"GET / HTTP/1.1\r\nHost: x\r\n"[..],
        &b"a: b\r\n".repeat(MAX_HEADERS),
        b"\r\n",
    ]
    .concat();
    assert_eq!(refusal(&many), Refusal::HeadTooLarge);
}

#[test]
fn chunk_framing_is_limited() {
    let mut flood = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    flood.extend(b"1\r\nx\r\n".repeat(RAW_LIMIT / 6 + 1));
    assert_eq!(refusal(&flood), Refusal::BodyTooLarge);
}

#[test]
fn continue_is_sent_once_and_only_while_the_body_is_missing() {
    let whole =
        b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nab";
    let head = whole.len() - 2;
    let mut parser = Parser::default();
    let send_continue = true;
    assert_eq!(
        parser.advance(&whole[..head]),
        Progress::Partial { send_continue }
    );
    let send_continue = false;
    assert_eq!(
        parser.advance(&whole[..head + 1]),
        Progress::Partial { send_continue }
    );
    let consumed = whole.len();
    assert_eq!(parser.advance(whole), Progress::Complete { consumed });
    assert_eq!(
        Parser::default().advance(whole),
        Progress::Complete { consumed }
    );
}

/// What comes of a POST with these fields and this body, fed whole and cut at every byte.
#[track_caller]
fn posted(fields: &str, body: &str) -> Result<Vec<u8>, Refusal> {
    let whole = format!("POST /x HTTP/1.1\r\nHost: shop\r\n{fields}\r\n{body}").into_bytes();
    let outcome = |parser: &mut Parser, bytes: &[u8]| match parser.advance(bytes) {
        Progress::Refused(refusal) => Some(Err(refusal)),
        Progress::Complete { .. } => Some(Ok(parser.request(bytes)?.body.to_vec())),
        Progress::Partial { .. } => None,
    };
    let expected = outcome(&mut Parser::default(), &whole).expect("an end");
    for cut in 1..whole.len() {
        let mut parser = Parser::default();
        let early = outcome(&mut parser, &whole[..cut]);
        let found = early.or_else(|| outcome(&mut parser, &whole));
        assert_eq!(found.as_ref(), Some(&expected), "{fields:?} cut at {cut}");
    }
    expected
}

#[test]
fn bodies_end_where_the_fields_say() {
    const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";
    for (fields, body, expected) in [
        ("", "", ""),
        ("Content-Length: 2\r\n", "ok", "ok"),
        ("Content-Length: 2, 2\r\n", "ok", "ok"),
        ("content-length:\t02 \r\n", "ok", "ok"),
        (CHUNKED, "2\r\nok\r\n0\r\n\r\n", "ok"),
        (
            CHUNKED,
            "00000000000000000002;a=\"b\"\r\nok\r\n0\r\nA: b\r\n c\r\n\r\n",
            "ok",
        ),
        ("Transfer-Encoding: , CHUNKED\r\n", "0\r\n\r\n", ""),
    ] {
        let found = posted(fields, body);
        assert_eq!(
            found.as_deref(),
            Ok(expected.as_bytes()),
            "{fields:?} {body:?}"
        );
    }
    for (fields, body) in [
        ("A: b\r\n folded\r\n", ""),
        ("A : b\r\n", ""),
        ("Content-Length: 2\r\nContent-Length: 3\r\n", "ok"),
        ("Content-Length: 2,3\r\n", "ok"),
        ("Transfer-Encoding: chunked, chunked\r\n", ""),
        ("Transfer-Encoding: chunked;a=b\r\n", ""),
        ("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "ok"),
        (CHUNKED, "2 ;\r\nok\r\n"),
        (CHUNKED, "2;a=\0\r\nok\r\n"),
        (CHUNKED, "2\r\nokay\r\n"),
        (CHUNKED, "0\r\nbad name: x\r\n\r\n"),
        (CHUNKED, "0\r\nA: \0\r\n\r\n"),
    ] {
        let found = posted(fields, body);
        assert!(
            matches!(found, Err(Refusal::Malformed(_))),
            "{fields:?} {body:?}: {found:?}"
        );
    }
    for coding in ["gzip", "gzip, chunked", "chunked, gzip", "x"] {
        let found = posted(&format!("Transfer-Encoding: {coding}\r\n"), "");
        assert_eq!(found, Err(Refusal::UnknownCoding), "{coding}");
    }
}

#[test]
fn a_later_minor_version_is_one_however_its_line_is_split() {
    let wire = b"GET / HTTP/1.2\r\nHost: shop\r\n\r\n";
    for cut in 1..wire.len() {
        let mut parser = Parser::default();
        let partial = parser.advance(&wire[..cut]);
        let send_continue = false;
        assert_eq!(partial, Progress::Partial { send_continue }, "{cut}");
        let consumed = wire.len();
        assert_eq!(
            parser.advance(wire),
            Progress::Complete { consumed },
            "{cut}"
        );
    }
    let major = b"GET / HTTP/2.0\r\n";
    assert_eq!(refusal(major), Refusal::UnknownVersion);
}

#[test]
fn later_minor_versions_are_served_as_1_1() {
    let later = b"POST /x HTTP/1.3\r\nHost: shop\r\nCookie: a=b\r\nContent-Length: 2\r\n\r\nok";
    let (method, target, persistence, cookie, body) = complete(later).expect("a request");
    assert_eq!(
        (method, &*target, persistence),
        (Method::Post, "/x", Persistence::Keep)
    );
    assert_eq!((cookie.as_deref(), &*body), (Some(&b"a=b"[..]), &b"ok"[..]));
    assert_eq!(
        refusal(b"GET / HTTP/2.0\r\nHost: x\r\n\r\n"),
        Refusal::UnknownVersion
    );
}

proptest! {
    #[test]
    fn never_panics_and_never_consumes_more_than_there_is(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        tail in any::<bool>(),
    ) {
        let mut whole = bytes;
        if tail {
            whole.splice(0..0, CHUNKED[..60].iter().copied());
        }
        if let Progress::Complete { consumed } = Parser::default().advance(&whole) {
            prop_assert!(consumed <= whole.len());
        }
    }

    #[test]
    fn pieces_and_whole_agree(cuts in proptest::collection::vec(0..CHUNKED.len(), 0..6)) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        let mut parser = Parser::default();
        for cut in cuts {
            let partial = matches!(parser.advance(&CHUNKED[..cut]), Progress::Partial { .. });
            prop_assert!(partial);
        }
        let consumed = CHUNKED.len();
        prop_assert_eq!(parser.advance(CHUNKED), Progress::Complete { consumed });
        prop_assert_eq!(owned(&parser, CHUNKED), complete(CHUNKED));
    }
}
