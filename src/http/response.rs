//! Parses one response incrementally, without sockets and clocks.
//!
//! ```text
//!          1xx
//!         ┌───┐
//!         ▼   │      framing says empty
//!        Head ┴──────────────────────────► Complete
//!          │                                  ▲
//!          └──► Body (sized, chunked) ────────┤
//!          └──► Body (until close) ── end() ──┘
//! ```

mod heads;

use std::sync::Arc;

use crate::html;
use crate::http::body_use::BodyUse;
use crate::http::chunked::ChunkedDecoder;
use crate::http::head::HeadSearch;
use crate::http::kept::{KeptFields, Wanted};
use crate::http::memo::HeadMemo;
use crate::row::failure::{Failure, FailureKind};

/// A buffer larger than this, in bytes, is freed when the response is done, a smaller one is kept.
const KEPT_CAPACITY: usize = 4 * 1024;

/// How much of an error page is kept, in bytes: enough for the title and the message of Django's debug
/// page.
pub const REFUSAL_BYTES: usize = html::TOP_BYTES;

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
pub const DATE_BYTES: usize = 29;

/// The content of a final head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// Whether the connection may be used again once the body is complete.
    pub keep_alive: bool,
    /// The first Location field of a 3xx response.
    pub location: Option<Box<[u8]>>,
    /// Kept only with a page.
    pub page: Option<Box<PageFields>>,
    /// The field that gives the encoding of the body (`Content-Encoding: gzip`), though `identity` is what
    /// requests ask for; kept only where the body is.
    pub coding: Option<Box<str>>,
    /// Whether there is a Server-Timing field.
    pub has_timing: bool,
    /// The fields that were asked for, where there are any.
    pub kept: Option<Box<KeptFields>>,
}

/// What is kept of the head of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageFields {
    /// The values of the Set-Cookie fields, one a line.
    pub cookies: Vec<u8>,
    /// The Date field, if it has the length of the one form in use (RFC 9110 section 5.6.7).
    pub date: Option<[u8; DATE_BYTES]>,
    /// All fields of the last head, with their names.
    pub fields: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Head,
    Sized(u64),
    Chunked(ChunkedDecoder),
    UntilClose,
    Complete,
}

/// The incremental parser of one response.
#[derive(Debug)]
pub struct ResponseParser {
    phase: Phase,
    body_use: BodyUse,
    head: Head,
    /// The status of a final head that was read, even if the rest failed.
    status: Option<u16>,
    /// Interim heads (1xx) so far.
    interim_heads: u32,
    /// Bytes of heads so far, interim ones included; at most
    /// [`HEAD_LIMIT`](crate::http::head::HEAD_LIMIT).
    head_bytes: u32,
    /// The transfer codings of a body that is read to the close and cannot be decoded.
    unreadable: Option<Box<str>>,
    /// A head that arrived in pieces; absent for most, which arrive as a whole.
    pieces: Option<Box<Pieces>>,
    /// The fields of heads that are kept; absent for most loads.
    wanted: Option<Arc<Wanted>>,
    body: Vec<u8>,
    body_bytes: u64,
    /// Where the whole body lies in the input that completed the response, if it was not copied.
    in_place: Option<(u32, u32)>,
}

/// A head that arrives in pieces.
#[derive(Debug, Default)]
struct Pieces {
    /// From its first byte.
    bytes: Vec<u8>,
    /// Decides when to parse them.
    search: HeadSearch,
}

impl ResponseParser {
    /// A parser before the first byte.
    pub fn new(body_use: BodyUse) -> ResponseParser {
        ResponseParser {
            phase: Phase::Head,
            body_use,
            head: Head::default(),
            status: None,
            interim_heads: 0,
            head_bytes: 0,
            unreadable: None,
            pieces: None,
            wanted: None,
            body: Vec::new(),
            body_bytes: 0,
            in_place: None,
        }
    }

    /// Resets it for the next response, keeping small buffers, and from one page to the next (after
    /// a redirect) the cookies.
    pub fn reset(&mut self, body_use: BodyUse) {
        let mut body = std::mem::take(&mut self.body);
        body.clear();
        body.shrink_to(KEPT_CAPACITY);
        let mut head = Head::default();
        if let (BodyUse::KeepPage { .. }, BodyUse::KeepPage { .. }) = (self.body_use, body_use) {
            head.page = self.head.page.take();
        }
        *self = ResponseParser {
            body,
            head,
            wanted: self.wanted.take(),
            ..ResponseParser::new(body_use)
        };
    }

    /// Sets which fields of heads are kept from now on.
    pub fn keep_fields(&mut self, wanted: Option<Arc<Wanted>>) {
        self.wanted = wanted;
    }

    /// Takes received bytes and returns how many belonged to this response: fewer than all of
    /// them only when it is complete.
    pub fn feed(&mut self, input: &[u8]) -> Result<usize, Failure> {
        let consumed = self.feed_in_place(input, &mut HeadMemo::default())?;
        if let Some((from, to)) = self.in_place.take() {
            extend(&mut self.body, &input[from as usize..to as usize])?;
        }
        Ok(consumed)
    }

    /// The same without a copy of a body that lies in `input` as a whole: [`ResponseParser::body_in`]
    /// finds it there. Heads that were read before are looked up in the memo.
    pub fn feed_in_place(&mut self, input: &[u8], memo: &mut HeadMemo) -> Result<usize, Failure> {
        let mut consumed = 0;
        while consumed < input.len() {
            let rest = &input[consumed..];
            consumed += match &mut self.phase {
                Phase::Complete => break,
                Phase::Head => self.feed_head(rest, memo)?,
                Phase::UntilClose => {
                    self.keep(rest)?;
                    rest.len()
                }
                Phase::Sized(remaining) => {
                    let take =
                        usize::try_from(*remaining).map_or(rest.len(), |n| n.min(rest.len()));
                    *remaining -= take as u64;
                    let is_last = *remaining == 0;
                    if is_last {
                        self.phase = Phase::Complete;
                    }
                    let may_stay = matches!(self.body_use, BodyUse::Keep { .. });
                    if is_last && self.body_bytes == 0 && may_stay {
                        // The head has said that it is within the limit.
                        self.body_bytes = take as u64;
                        let range = u32::try_from(consumed)
                            .ok()
                            .zip((consumed + take).try_into().ok());
                        self.in_place = range;
                        if range.is_none() {
                            extend(&mut self.body, &rest[..take])?;
                        }
                    } else {
                        self.keep(&rest[..take])?;
                    }
                    take
                }
                Phase::Chunked(decoder) => {
                    let mut decoder = *decoder;
                    let used = decoder.feed(rest, |bytes| self.keep(bytes))?;
                    self.phase = match decoder.is_done() {
                        true => Phase::Complete,
                        false => Phase::Chunked(decoder),
                    };
                    used
                }
            };
        }
        Ok(consumed)
    }

    /// The server closed the connection: the end of a body without a length, a failure elsewhere.
    pub fn end(&mut self) -> Result<(), Failure> {
        match self.phase {
            Phase::Complete => Ok(()),
            Phase::UntilClose => match self.unreadable.take() {
                Some(codings) => Err(Failure::with_detail(
                    FailureKind::BadTransferEncoding,
                    &format!("{codings:?} is not decoded"),
                )),
                None => {
                    self.phase = Phase::Complete;
                    Ok(())
                }
            },
            Phase::Head if !self.has_begun() => Err(FailureKind::ClosedWithoutAnswer.into()),
            Phase::Head => {
                // If the bytes are not HTTP at all, that is the better message than a truncated head.
                let pieces = self.pieces.take().unwrap_or_default().bytes;
                self.parse_head(&pieces)?;
                Err(Failure::with_detail(
                    FailureKind::ClosedInHead,
                    &format!("after {} bytes", self.head_len() + pieces.len()),
                ))
            }
            Phase::Sized(remaining) => Err(Failure::with_detail(
                FailureKind::ClosedInBody,
                &format!("{remaining} of its bytes are missing"),
            )),
            Phase::Chunked(_) => Err(Failure::with_detail(
                FailureKind::ClosedInBody,
                "before the last chunk",
            )),
        }
    }

    /// Whether the body has no length, and ends with the connection.
    pub fn ends_with_stream(&self) -> bool {
        matches!(self.phase, Phase::UntilClose)
    }

    /// Whether the response is complete.
    pub fn is_complete(&self) -> bool {
        matches!(self.phase, Phase::Complete)
    }

    /// Whether any byte of a response has arrived.
    pub fn has_begun(&self) -> bool {
        self.head_bytes > 0 || self.pieces.is_some()
    }

    /// Interim heads (1xx, RFC 9110 section 15.2) so far: they precede the final response.
    pub fn interim_heads(&self) -> u32 {
        self.interim_heads
    }

    /// Whether bytes have arrived beyond the complete interim heads.
    pub fn has_begun_final(&self) -> bool {
        !matches!(self.phase, Phase::Head) || self.pieces.is_some()
    }

    /// Bytes that are kept until the response is complete.
    pub fn held_bytes(&self) -> usize {
        self.body.len() + self.pieces_len()
    }

    /// The final head, once it is complete.
    pub fn head(&self) -> Option<&Head> {
        match self.phase {
            Phase::Head => None,
            _ => Some(&self.head),
        }
    }

    /// Takes the fields that are kept of a final head.
    pub fn take_kept(&mut self) -> Option<Box<KeptFields>> {
        self.head.kept.take()
    }

    /// The status, once a final head was read, even one that was refused for its framing.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The kept bytes of the body, fed by [`ResponseParser::feed`].
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The kept bytes of the body; `input` is what [`ResponseParser::feed_in_place`] was last given.
    pub fn body_in<'a>(&'a self, input: &'a [u8]) -> &'a [u8] {
        match self.in_place {
            // The input is the one that completed the response, and has all of it.
            Some((from, to)) => input.get(from as usize..to as usize).unwrap_or_default(),
            None => &self.body,
        }
    }

    /// The size of the body so far, transfer coding removed.
    pub fn body_bytes(&self) -> u64 {
        self.body_bytes
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.body_bytes = self.body_bytes.saturating_add(bytes.len() as u64);
        let Some(limit) = self.body_use.limit() else {
            if self.head.status >= 400 {
                let room = REFUSAL_BYTES - self.body.len();
                self.body.extend_from_slice(&bytes[..bytes.len().min(room)]);
            }
            return Ok(());
        };
        if self.body_bytes > limit as u64 {
            return Err(too_large(limit));
        }
        extend(&mut self.body, bytes)
    }
}

/// Appends, or fails where memory cannot be allocated.
fn extend(buffer: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Failure> {
    if buffer.try_reserve(bytes.len()).is_err() {
        return Err(FailureKind::MemoryLimit.into());
    }
    buffer.extend_from_slice(bytes);
    Ok(())
}

fn too_large(limit: usize) -> Failure {
    Failure::with_detail(FailureKind::BodyTooLarge, &format!("{limit} bytes"))
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "rfc9112_tests.rs"]
mod rfc9112_tests;
