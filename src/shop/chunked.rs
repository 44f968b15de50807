//! Chunked request bodies: the client's decoder, with the shop's limit and the shop's answers.

use super::http::{BODY_LIMIT, Refusal};
use crate::http::chunked::ChunkedDecoder;
use crate::row::failure::{Failure, FailureKind};

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
#[path = "chunked_tests.rs"]
mod tests;
