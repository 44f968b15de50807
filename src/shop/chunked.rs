//! Chunked request bodies: the client's decoder, with the shop's limit and the shop's answers.

use super::http::{BODY_LIMIT, Refusal};
use crate::failure::{Failure, FailureKind};
use crate::http::chunked::ChunkedDecoder;

/// Decodes one chunked body, in whatever pieces it comes.
#[derive(Debug, Default)]
pub struct ChunkDecoder {
    decoder: ChunkedDecoder,
    body: Vec<u8>,
}

impl ChunkDecoder {
    /// The body decoded so far.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Decodes what has arrived: the bytes used, and whether the body is complete with them.
    pub fn decode(&mut self, raw: &[u8]) -> Result<(usize, bool), Refusal> {
        let body = &mut self.body;
        let used = self.decoder.feed(raw, |data| {
            if body.len() + data.len() > BODY_LIMIT {
                return Err(Failure::from(FailureKind::BodyTooLarge));
            }
            body.extend_from_slice(data);
            Ok(())
        });
        match used {
            Ok(used) => Ok((used, self.decoder.is_done())),
            Err(failure) if failure.kind == FailureKind::BodyTooLarge => Err(Refusal::BodyTooLarge),
            Err(_) => Err(Refusal::Malformed("the chunked body is malformed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"4\r\nWiki\r\n5;ext=\"a\"\r\npedia\r\n0B \r\n in\r\nchunks\r\n0\r\nTrailer: x\r\nB: y\r\n\r\n";

    #[test]
    fn cut_at_every_byte_it_decodes_the_same() {
        for cut in 0..WHOLE.len() {
            let mut decoder = ChunkDecoder::default();
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
    fn what_the_decoder_refuses_is_answered() {
        for raw in [&b"x\r\n"[..], b"1\r\nab", b"0\r\nno trailer\r\n"] {
            let result = ChunkDecoder::default().decode(raw);
            assert!(matches!(result, Err(Refusal::Malformed(_))), "{result:?}");
        }
    }

    #[test]
    fn the_body_is_limited() {
        let mut decoder = ChunkDecoder::default();
        let fits = [
            format!("{BODY_LIMIT:x}\r\n").into_bytes(),
            vec![b'x'; BODY_LIMIT],
        ]
        .concat();
        assert_eq!(decoder.decode(&fits), Ok((fits.len(), false)));
        assert_eq!(decoder.decode(b"\r\n1\r\nx"), Err(Refusal::BodyTooLarge));
    }
}
