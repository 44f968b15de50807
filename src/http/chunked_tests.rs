//! Tests of chunked.

use super::*;
use proptest::prelude::*;

fn decode(input: &[u8]) -> Result<(Vec<u8>, usize, bool), Failure> {
    let mut decoder = ChunkedDecoder::default();
    let mut body = Vec::new();
    let consumed = decoder.feed(input, |bytes| {
        body.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok((body, consumed, decoder.is_done()))
}

#[test]
fn chunks_extensions_and_trailers() {
    let input = b"4;name=\"va;l\"\r\nWiki\r\n00A \t;x\r\n0123456789\r\n0\r\nA: b\r\nC:\r\n\r\nnext";
    let (body, consumed, done) = decode(input).expect("well formed");
    assert_eq!(body, b"Wiki0123456789");
    assert_eq!(&input[consumed..], b"next");
    assert!(done);
}

#[test]
fn broken_framing_is_refused() {
    for (input, what) in [
        (&b"\r\n"[..], "chunk size expected"),
        (b";x\r\n", "chunk size expected"),
        (b"-1\r\n", "chunk size expected"),
        (b"0x4\r\n", "unexpected byte in a chunk size"),
        (b"4 4\r\n", "unexpected byte in a chunk size"),
        (b"4\nWiki", "unexpected byte in a chunk size"),
        (b"4;x\nWiki", "line feed without"),
        (b"4\rW", "carriage return without"),
        (b"4\r\nWikipedia", "chunk longer than its size"),
        (b"4\r\nWiki\rx", "chunk longer than its size"),
        (b"11111111111111111\r\n", "chunk size too large"),
        (b"00010000000000000000\r\n", "chunk size too large"),
        (b"4;\r\n", "malformed chunk extension"),
        (b"4 ;\r\n", "malformed chunk extension"),
        (b"4;a;\r\n", "malformed chunk extension"),
        (b"4;a=\r\n", "malformed chunk extension"),
        (b"4;=b\r\n", "malformed chunk extension"),
        (b"4;a b\r\n", "malformed chunk extension"),
        (b"4;a=b c\r\n", "malformed chunk extension"),
        (b"4;a=\"b\r\n", "malformed chunk extension"),
        (b"4;a=\"b\"c\r\n", "malformed chunk extension"),
        (b"4;a\0b\r\n", "malformed chunk extension"),
        (b"4;a=\"\0\"\r\n", "malformed chunk extension"),
        (b"4;(a)\r\n", "malformed chunk extension"),
        (b"0\r\n folded first\r\n", "malformed trailer"),
        (b"0\r\na b: c\r\n", "malformed trailer"),
        (b"0\r\na : c\r\n", "malformed trailer"),
        (b"0\r\n(a): c\r\n", "malformed trailer"),
        (b"0\r\na: \0\r\n", "malformed trailer"),
        (b"0\r\na: b\n\r\n", "malformed trailer"),
        (b"0\r\na: b\rc\r\n", "carriage return without"),
        (b"0\r\nno trailer\r\n", "malformed trailer"),
        (b"0\r\n: b\r\n", "malformed trailer"),
        (b"0\r\n\rx", "carriage return without"),
    ] {
        let failure = decode(input).expect_err(what);
        assert_eq!(failure.kind, FailureKind::BadChunk);
        assert!(failure.to_string().contains(what), "{failure} lacks {what}");
    }
}

#[test]
fn endless_lines_are_bounded() {
    let extension = [b"1;".to_vec(), vec![b'x'; SIZE_LINE_LIMIT + 1]].concat();
    assert_eq!(decode(&extension).unwrap_err().kind, FailureKind::BadChunk);
    let trailers = [b"0\r\n".to_vec(), b"a: b\r\n".repeat(HEAD_LIMIT / 4 + 1)].concat();
    assert_eq!(
        decode(&trailers).unwrap_err().kind,
        FailureKind::HeadTooLarge
    );
}

#[test]
fn extensions_and_folded_trailers_are_ignored() {
    for wire in [
        &b"2;a\r\nok\r\n0;b=c;d\r\n\r\n"[..],
        b"2 ; a = b ; c = \"d;\\\" \xe9\" \r\nok\r\n0\r\n\r\n",
        b"2 \t\r\nok\r\n0\r\n\r\n",
        b"2\r\nok\r\n0\r\nA: b\r\n c\r\n\td: e\r\nF:\r\n \r\n\r\n",
    ] {
        let (body, consumed, done) = decode(wire).expect("well formed");
        assert_eq!(
            (body.as_slice(), consumed, done),
            (&b"ok"[..], wire.len(), true)
        );
    }
}

#[test]
fn leading_zeros_are_bounded_by_the_line_only() {
    let zeros = |count: usize| [vec![b'0'; count], b"2\r\nok\r\n0\r\n\r\n".to_vec()].concat();
    for count in [15, 16, 17, 100, SIZE_LINE_LIMIT] {
        assert_eq!(
            decode(&zeros(count)).expect("well formed").0,
            b"ok",
            "{count}"
        );
    }
    let failure = decode(&zeros(SIZE_LINE_LIMIT + 1)).expect_err("endless");
    assert_eq!(failure.kind, FailureKind::BadChunk);
    let last = [vec![b'0'; 40], b"\r\n\r\n".to_vec()].concat();
    assert!(decode(&last).expect("well formed").2);
}

#[test]
fn the_largest_size_does_not_overflow() {
    let (body, _, done) = decode(b"ffffffffffffffff\r\nabc").expect("a size that fits");
    assert_eq!((body.as_slice(), done), (&b"abc"[..], false));
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(chunks in proptest::collection::vec(
        proptest::collection::vec(any::<u8>(), 1..40), 0..8), split in 0usize..400) {
        let mut wire = Vec::new();
        for chunk in &chunks {
            wire.extend(format!("{:X}\r\n", chunk.len()).bytes());
            wire.extend(chunk);
            wire.extend(b"\r\n");
        }
        wire.extend(b"0\r\n\r\n");
        let split = split.min(wire.len());
        let mut decoder = ChunkedDecoder::default();
        let mut body = Vec::new();
        for part in [&wire[..split], &wire[split..]] {
            let consumed = decoder.feed(part, |bytes| {
                body.extend_from_slice(bytes);
                Ok(())
            }).expect("well formed");
            prop_assert_eq!(consumed, part.len());
        }
        prop_assert!(decoder.is_done());
        prop_assert_eq!(body, chunks.concat());
    }
}
