//! Tests of body.

use super::*;

const WHOLE: &[u8] =
    b"4\r\nWiki\r\n5;ext=\"a\"\r\npedia\r\n0B \r\n in\r\nchunks\r\n0\r\nTrailer: x\r\nB: y\r\n\r\n";

#[test]
fn cut_at_every_byte_it_decodes_the_same() {
    for cut in 0..WHOLE.len() {
        let mut decoder = ChunkedBody::default();
        let (first, done) = decoder.decode(&WHOLE[..cut]).expect("well formed");
        assert!(!done, "cut at {cut}");
        assert_eq!(first, cut);
        let mut rest = WHOLE[cut..].to_vec();
        rest.extend(b"GET /");
        let (second, done) = decoder.decode(&rest).expect("well formed");
        assert!(done);
        assert_eq!(
            first + second,
            WHOLE.len(),
            "the next request is left alone"
        );
        assert_eq!(decoder.body(), b"Wikipedia in\r\nchunks");
    }
}

#[test]
fn input_refused_by_the_decoder_is_malformed() {
    for raw in [&b"x\r\n"[..], b"1\r\nab", b"0\r\nno trailer\r\n"] {
        let result = ChunkedBody::default().decode(raw);
        assert_eq!(result, Err(BodyError::Malformed), "{raw:?}");
    }
}

#[test]
fn the_body_is_limited() {
    let mut decoder = ChunkedBody::default();
    let fits = [
        format!("{BODY_LIMIT:x}\r\n").into_bytes(),
        vec![b'x'; BODY_LIMIT],
    ]
    .concat();
    assert_eq!(decoder.decode(&fits), Ok((fits.len(), false)));
    assert_eq!(decoder.decode(b"\r\n1\r\nx"), Err(BodyError::TooLarge));
}
