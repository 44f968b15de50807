use proptest::prelude::*;

use super::*;
use crate::http::response::ResponseParser;

/// What a response comes to: everything that can be seen of it.
fn outcome(pieces: &[&[u8]], body_use: BodyUse, memo: &mut HeadMemo) -> String {
    let mut parser = ResponseParser::new(body_use);
    let mut told = String::new();
    for piece in pieces {
        let fed = parser.feed_in_place(piece, memo);
        told += &format!("{fed:?} {:?} ", parser.body_in(piece));
        if fed.is_err() || parser.is_complete() {
            break;
        }
    }
    let head = parser.head().cloned();
    told + &format!(
        "{head:?} {:?} {} {}",
        parser.status(),
        parser.is_complete(),
        parser.body_bytes()
    )
}

const KEEP: BodyUse = BodyUse::Keep { limit: 100 };

#[test]
fn a_head_that_is_known_comes_to_the_same() {
    let mut memo = HeadMemo::default();
    for response in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        "HTTP/1.1 404 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Encoding: gzip\r\n\r\nok",
        "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\nok",
        "HTTP/1.1 204 None\r\n\r\n",
    ] {
        for body_use in [BodyUse::Count, KEEP, BodyUse::KeepPage { limit: 100 }] {
            let alone = outcome(&[response.as_bytes()], body_use, &mut HeadMemo::default());
            for _ in 0..2 {
                let again = outcome(&[response.as_bytes()], body_use, &mut memo);
                assert_eq!(again, alone, "{response}");
            }
        }
    }
}

#[test]
fn heads_are_remembered_up_to_a_number_and_a_size() {
    let mut memo = HeadMemo::default();
    let head = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
    for length in 10..50 {
        outcome(&[head(length).as_bytes()], KEEP, &mut memo);
        let known = memo
            .find(head(length).as_bytes(), KEEP)
            .expect("remembered");
        assert_eq!(
            (known.0.framing, known.1),
            (Framing::Sized(length as u64), 39)
        );
        assert_eq!(memo.find(head(length).as_bytes(), BodyUse::Count), None);
    }
    assert_eq!(memo.heads.len(), REMEMBERED);
    let long = format!(
        "HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 2\r\n\r\n",
        "x".repeat(MOST_BYTES)
    );
    outcome(&[long.as_bytes()], KEEP, &mut memo);
    assert_eq!(memo.find(long.as_bytes(), KEEP), None);
}

proptest! {
    #[test]
    fn a_memo_changes_nothing(
        responses in prop::collection::vec(
            ("(HTTP/1.1 100 Continue\r\n\r\n)?", "HTTP/1\\.[01] (200|404) x\r\n", "(Content-Length: [0-3]\r\n|A: b\r\n)?", "(Connection: close\r\n)?\r\n", "[a-c]{0,4}"),
            1..12,
        ),
        cut in 0..40_usize,
        keeps in any::<bool>(),
    ) {
        let mut memo = HeadMemo::default();
        let body_use = if keeps { KEEP } else { BodyUse::Count };
        for (interim, line, length, end, body) in responses {
            let text = format!("{interim}{line}{length}{end}{body}");
            let (first, second) = text.as_bytes().split_at(cut.min(text.len()));
            let pieces: &[&[u8]] = if first.is_empty() { &[second] } else { &[first, second] };
            let alone = outcome(pieces, body_use, &mut HeadMemo::default());
            prop_assert_eq!(outcome(pieces, body_use, &mut memo), alone);
        }
    }
}
