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

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Status};

use crate::html;
use crate::http::chunked::ChunkedDecoder;
use crate::http::fields;
use crate::http::framing::{self, Framing};
use crate::http::head::{self, HEAD_LIMIT, HEADER_LIMIT, HeadSearch};
use crate::row::failure::{Failure, FailureKind};

/// A buffer larger than this, in bytes, is freed when the response is done, a smaller one is kept.
const KEPT_CAPACITY: usize = 4 * 1024;

/// How much of an error page is kept, in bytes: enough for the title and the message of Django's debug
/// page.
pub const REFUSAL_BYTES: usize = html::TOP_BYTES;

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
pub const DATE_BYTES: usize = 29;

/// How a body's bytes are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyUse {
    /// They are counted; of an error page (4xx, 5xx) the first [`REFUSAL_BYTES`] are kept.
    Count,
    /// They are kept; a body longer than the limit is a failure.
    Keep {
        /// The limit in bytes.
        limit: usize,
    },
    /// They are kept, and so are cookies and date.
    KeepPage {
        /// The limit in bytes.
        limit: usize,
    },
}

impl BodyUse {
    fn limit(self) -> Option<usize> {
        match self {
            BodyUse::Count => None,
            BodyUse::Keep { limit } | BodyUse::KeepPage { limit } => Some(limit),
        }
    }
}

/// The content of a final head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// Whether the connection may be used again once the body is complete.
    pub keep_alive: bool,
    /// The first Location field of a 3xx response.
    pub location: Option<Box<[u8]>>,
    /// The values of the Set-Cookie fields, one a line; kept only with a page.
    pub cookies: Vec<u8>,
    /// The Date field, if it has the length of the one form in use (RFC 9110 section 5.6.7); kept only
    /// with a page.
    pub date: Option<[u8; DATE_BYTES]>,
    /// The field that gives the encoding of the body (`Content-Encoding: gzip`), though `identity` is what
    /// requests ask for; kept only where the body is.
    pub coding: Option<Box<str>>,
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
    /// Bytes of heads so far, interim ones included.
    head_bytes: usize,
    /// A head that arrived in pieces, from its first byte.
    pieces: Vec<u8>,
    /// Decides when to parse the pieces.
    search: HeadSearch,
    /// The transfer codings of a body that is read to the close and cannot be decoded.
    unreadable: Option<Box<str>>,
    body: Vec<u8>,
    body_bytes: u64,
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
            pieces: Vec::new(),
            search: HeadSearch::default(),
            unreadable: None,
            body: Vec::new(),
            body_bytes: 0,
        }
    }

    /// Resets it for the next response, keeping small buffers, and from one page to the next (after
    /// a redirect) the cookies.
    pub fn reset(&mut self, body_use: BodyUse) {
        let mut body = std::mem::take(&mut self.body);
        let mut pieces = std::mem::take(&mut self.pieces);
        for buffer in [&mut body, &mut pieces] {
            buffer.clear();
            buffer.shrink_to(KEPT_CAPACITY);
        }
        let mut head = Head::default();
        if let (BodyUse::KeepPage { .. }, BodyUse::KeepPage { .. }) = (self.body_use, body_use) {
            head.cookies = std::mem::take(&mut self.head.cookies);
        }
        *self = ResponseParser {
            body,
            pieces,
            head,
            ..ResponseParser::new(body_use)
        };
    }

    /// Takes received bytes and returns how many belonged to this response: fewer than all of
    /// them only when it is complete.
    pub fn feed(&mut self, input: &[u8]) -> Result<usize, Failure> {
        let mut consumed = 0;
        while consumed < input.len() {
            let rest = &input[consumed..];
            consumed += match &mut self.phase {
                Phase::Complete => break,
                Phase::Head => self.feed_head(rest)?,
                Phase::UntilClose => {
                    self.keep(rest)?;
                    rest.len()
                }
                Phase::Sized(remaining) => {
                    let take =
                        usize::try_from(*remaining).map_or(rest.len(), |n| n.min(rest.len()));
                    *remaining -= take as u64;
                    if *remaining == 0 {
                        self.phase = Phase::Complete;
                    }
                    self.keep(&rest[..take])?;
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
            Phase::Head if self.head_bytes + self.pieces.len() == 0 => {
                Err(FailureKind::ClosedWithoutAnswer.into())
            }
            Phase::Head => {
                // If the bytes are not HTTP at all, that is the better message than a truncated head.
                let pieces = std::mem::take(&mut self.pieces);
                self.parse_head(&pieces)?;
                Err(Failure::with_detail(
                    FailureKind::ClosedInHead,
                    &format!("after {} bytes", self.head_bytes + pieces.len()),
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
        self.head_bytes + self.pieces.len() > 0
    }

    /// Interim heads (1xx, RFC 9110 section 15.2) so far: they precede the final response.
    pub fn interim_heads(&self) -> u32 {
        self.interim_heads
    }

    /// Whether bytes have arrived beyond the complete interim heads.
    pub fn has_begun_final(&self) -> bool {
        !matches!(self.phase, Phase::Head) || !self.pieces.is_empty()
    }

    /// Bytes that are kept until the response is complete.
    pub fn held_bytes(&self) -> usize {
        self.body.len() + self.pieces.len()
    }

    /// The final head, once it is complete.
    pub fn head(&self) -> Option<&Head> {
        match self.phase {
            Phase::Head => None,
            _ => Some(&self.head),
        }
    }

    /// The status, once a final head was read, even one that was refused for its framing.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The kept bytes of the body.
    pub fn body(&self) -> &[u8] {
        &self.body
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

    fn feed_head(&mut self, input: &[u8]) -> Result<usize, Failure> {
        if self.pieces.is_empty() {
            // Empty lines before a status line are passed over here (RFC 9112 section 2.2), so that an
            // endless row of them is not parsed again and again.
            let empty = head::empty_lines(&input[..input.len().min(HEAD_LIMIT - self.head_bytes)]);
            if empty > 0 {
                self.head_bytes += empty;
                self.check_head_limit()?;
                return Ok(empty);
            }
            // Usually a head arrives as a whole, and is parsed in place.
            let within = &input[..input.len().min(HEAD_LIMIT - self.head_bytes)];
            return match self.parse_head(within)? {
                Some(length) => Ok(length),
                None if within.len() < input.len() => Err(FailureKind::HeadTooLarge.into()),
                None => {
                    extend(&mut self.pieces, within)?;
                    self.search.is_worth_parsing(within);
                    self.check_head_limit()?;
                    Ok(input.len())
                }
            };
        }
        let before = self.pieces.len();
        let room = HEAD_LIMIT - self.head_bytes - before;
        let within = &input[..input.len().min(room)];
        extend(&mut self.pieces, within)?;
        if !self.search.is_worth_parsing(&self.pieces) {
            self.check_head_limit()?;
            return Ok(within.len());
        }
        let pieces = std::mem::take(&mut self.pieces);
        let parsed = self.parse_head(&pieces)?;
        self.pieces = pieces;
        match parsed {
            Some(length) => {
                self.pieces.clear();
                self.search = HeadSearch::default();
                Ok(length - before)
            }
            None if within.len() < input.len() => Err(FailureKind::HeadTooLarge.into()),
            None => {
                self.check_head_limit()?;
                Ok(within.len())
            }
        }
    }

    /// A head that reaches the limit without an end is a failure.
    fn check_head_limit(&mut self) -> Result<(), Failure> {
        if self.head_bytes + self.pieces.len() < HEAD_LIMIT {
            return Ok(());
        }
        let pieces = std::mem::take(&mut self.pieces);
        self.parse_head(&pieces)?;
        Err(FailureKind::HeadTooLarge.into())
    }

    /// Parses a head from its first byte: `None` while it is partial, else its length. A final head
    /// decides the phase that follows; an interim one (1xx) leaves it.
    fn parse_head(&mut self, bytes: &[u8]) -> Result<Option<usize>, Failure> {
        let mut headers = [const { MaybeUninit::<Header<'_>>::uninit() }; HEADER_LIMIT];
        let mut response = httparse::Response::new(&mut []);
        let mut config = ParserConfig::default();
        // A user agent is to take a folding for a space (RFC 9112 section 5.2).
        config.allow_obsolete_multiline_headers_in_responses(true);
        let parsed = config.parse_response_with_uninit_headers(&mut response, bytes, &mut headers);
        let length = match parsed {
            Ok(Status::Partial) => return Ok(None),
            Ok(Status::Complete(length)) => length,
            Err(httparse::Error::TooManyHeaders) => {
                return Err(FailureKind::TooManyHeaders.into());
            }
            Err(error) => {
                return match head::response_as_1_1(bytes) {
                    Some(known) if error == httparse::Error::Version => self.parse_head(&known),
                    _ => Err(Failure::with_detail(
                        FailureKind::BadHead,
                        &error.to_string(),
                    )),
                };
            }
        };
        self.head_bytes += length;
        let status = response.code.expect("a complete head has a status");
        match status {
            101 => return Err(FailureKind::UnaskedUpgrade.into()),
            100..=199 => {
                self.interim_heads += 1;
                return Ok(Some(length));
            }
            _ => {}
        }
        let version = response.version.expect("a complete head has a version");
        self.begin_body(status, version, response.headers)?;
        Ok(Some(length))
    }

    fn begin_body(
        &mut self,
        status: u16,
        version: u8,
        headers: &[Header<'_>],
    ) -> Result<(), Failure> {
        self.status = Some(status);
        let message = framing::of_response(version, status, headers)?;
        let framing = message.framing;
        self.head.status = status;
        self.head.keep_alive = message.keep_alive;
        if (300..400).contains(&status) {
            let location = fields::values(headers, "location").next();
            self.head.location = location.map(|value| value.into_owned().into());
        }
        if let BodyUse::KeepPage { .. } = self.body_use {
            for cookie in fields::values(headers, "set-cookie") {
                self.head.cookies.extend_from_slice(&cookie);
                self.head.cookies.push(b'\n');
            }
            self.head.date = fields::values(headers, "date")
                .next()
                .and_then(|date| (&*date).try_into().ok());
        }
        if message.is_unreadable {
            self.unreadable = Some(fields::listed(headers, "transfer-encoding").into());
        }
        if self.body_use.limit().is_some() {
            self.head.coding = fields::coding_of(headers);
        }
        if let Some(limit) = self.body_use.limit()
            && matches!(framing, Framing::Sized(length) if length > limit as u64)
        {
            return Err(too_large(limit));
        }
        self.phase = match framing {
            Framing::Empty | Framing::Sized(0) => Phase::Complete,
            Framing::Sized(length) => Phase::Sized(length),
            Framing::Chunked => Phase::Chunked(ChunkedDecoder::default()),
            Framing::UntilClose => Phase::UntilClose,
        };
        Ok(())
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
