//! Chunked request bodies: the client's decoder, with the shop's limits.

use crate::http::chunked::ChunkedDecoder;
use crate::row::failure::{Failure, FailureKind};

/// Longest request body that is read, bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// Longest chunked body with its framing, bytes: one-byte chunks must not cost unbounded memory.
pub const RAW_LIMIT: usize = 2 * BODY_LIMIT;

/// Why a chunked body is not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It breaks the framing.
    Malformed,
    /// It is longer than [`BODY_LIMIT`], or [`RAW_LIMIT`] with its framing.
    TooLarge,
}

/// Decodes one chunked body, which may arrive in pieces.
#[derive(Debug, Default)]
pub struct ChunkedBody {
    decoder: ChunkedDecoder,
    raw: usize,
    body: Vec<u8>,
}

impl ChunkedBody {
    /// The body decoded so far.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Decodes what has arrived: the bytes used, and whether the body is complete with them.
    pub fn decode(&mut self, raw: &[u8]) -> Result<(usize, bool), BodyError> {
        let body = &mut self.body;
        let used = self.decoder.feed(raw, |data| {
            if body.len() + data.len() > BODY_LIMIT {
                return Err(Failure::from(FailureKind::BodyTooLarge));
            }
            body.extend_from_slice(data);
            Ok(())
        });
        let used = used.map_err(|failure| match failure.kind {
            FailureKind::BodyTooLarge => BodyError::TooLarge,
            _ => BodyError::Malformed,
        })?;
        self.raw += used;
        if self.raw > RAW_LIMIT {
            return Err(BodyError::TooLarge);
        }
        Ok((used, self.decoder.is_done()))
    }

    /// Bytes decoded so far, framing included.
    pub fn raw(&self) -> usize {
        self.raw
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
