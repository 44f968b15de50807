//! One response, parsed as its bytes come. No sockets and no clock in here.
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

use crate::http::chunked::ChunkedDecoder;
use crate::http::framing::{self, Framing};
use crate::row::failure::{Failure, FailureKind};

/// The most bytes before a body: interim responses, status line, header fields.
pub const HEAD_LIMIT: usize = 64 * 1024;

/// The most header fields in one head.
pub const HEADER_LIMIT: usize = 256;

/// A buffer larger than this is given back when the response is done, a smaller one is kept.
const KEPT_CAPACITY: usize = 4 * 1024;

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
pub const DATE_BYTES: usize = 29;

/// What becomes of a body's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyUse {
    /// They are counted.
    Count,
    /// They are kept, at most so many; a longer body is a failure.
    Keep {
        /// The limit in bytes.
        limit: usize,
    },
    /// They are kept likewise, and with them cookies and date.
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

/// What a final head said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// Whether the connection may be used again once the body is through.
    pub keep_alive: bool,
    /// The first Location field of a 3xx response.
    pub location: Option<Box<[u8]>>,
    /// The values of the Set-Cookie fields, one a line; kept only with a page.
    pub cookies: Vec<u8>,
    /// The Date field, if it has the length of the one form in use (RFC 9110 section 5.6.7); kept only
    /// with a page.
    pub date: Option<[u8; DATE_BYTES]>,
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
    /// The status of a final head that was read, whatever came of the rest.
    status: Option<u16>,
    /// Interim heads (1xx) so far.
    interim_heads: u32,
    /// Bytes of heads so far, interim ones included.
    head_bytes: usize,
    /// A head that came in pieces, from its first byte.
    pieces: Vec<u8>,
    /// How far the pieces have been searched for the end of the head.
    searched: usize,
    /// The pieces are parsed when the end of the head is in sight, or else (to see early that they
    /// are no HTTP) when they have doubled: the cost stays linear.
    parse_at: usize,
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
            searched: 0,
            parse_at: 0,
            body: Vec::new(),
            body_bytes: 0,
        }
    }

    /// Makes it new for the next response, keeping small buffers.
    pub fn reset(&mut self, body_use: BodyUse) {
        let mut body = std::mem::take(&mut self.body);
        let mut pieces = std::mem::take(&mut self.pieces);
        for buffer in [&mut body, &mut pieces] {
            buffer.clear();
            buffer.shrink_to(KEPT_CAPACITY);
        }
        *self = ResponseParser {
            body,
            pieces,
            ..ResponseParser::new(body_use)
        };
    }

    /// Takes bytes off the wire and returns how many belonged to this response: fewer than all of
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
            Phase::UntilClose => {
                self.phase = Phase::Complete;
                Ok(())
            }
            Phase::Head if self.head_bytes + self.pieces.len() == 0 => {
                Err(FailureKind::ClosedWithoutAnswer.into())
            }
            Phase::Head => {
                // What came may be no HTTP at all, which says more than that it was cut.
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

    /// Whether all of the response is here.
    pub fn is_complete(&self) -> bool {
        matches!(self.phase, Phase::Complete)
    }

    /// Whether any byte of a response has come.
    pub fn has_begun(&self) -> bool {
        self.head_bytes + self.pieces.len() > 0
    }

    /// Interim heads (1xx, RFC 9110 section 15.2) so far: they come before the action is completed.
    pub fn interim_heads(&self) -> u32 {
        self.interim_heads
    }

    /// Whether bytes have come that belong to no complete interim head.
    pub fn has_begun_final(&self) -> bool {
        !matches!(self.phase, Phase::Head) || !self.pieces.is_empty()
    }

    /// Bytes that are kept until the response is complete.
    pub fn held_bytes(&self) -> usize {
        self.body.len() + self.pieces.len()
    }

    /// The final head, once it is here.
    pub fn head(&self) -> Option<&Head> {
        match self.phase {
            Phase::Head => None,
            _ => Some(&self.head),
        }
    }

    /// The status, once a final head is here, even one that was refused for its framing.
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
            return Ok(());
        };
        if self.body_bytes > limit as u64 {
            return Err(too_large(limit));
        }
        extend(&mut self.body, bytes)
    }

    fn feed_head(&mut self, input: &[u8]) -> Result<usize, Failure> {
        if self.pieces.is_empty() {
            // Empty lines before a status line are passed over (RFC 9112 section 2.2) here, lest an
            // endless row of them be parsed again and again.
            let empty = input
                .iter()
                .take(HEAD_LIMIT - self.head_bytes)
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            if empty > 0 {
                self.head_bytes += empty;
                self.check_head_limit()?;
                return Ok(empty);
            }
            // Mostly a head comes whole, and is parsed where it lies.
            let within = &input[..input.len().min(HEAD_LIMIT - self.head_bytes)];
            return match self.parse_head(within)? {
                Some(length) => Ok(length),
                None if within.len() < input.len() => Err(FailureKind::HeadTooLarge.into()),
                None => {
                    extend(&mut self.pieces, within)?;
                    self.searched = within.len();
                    self.parse_at = 2 * within.len();
                    self.check_head_limit()?;
                    Ok(input.len())
                }
            };
        }
        let before = self.pieces.len();
        let room = HEAD_LIMIT - self.head_bytes - before;
        let within = &input[..input.len().min(room)];
        extend(&mut self.pieces, within)?;
        let ended = self.search_end();
        if !ended && self.pieces.len() < self.parse_at {
            self.check_head_limit()?;
            return Ok(within.len());
        }
        self.parse_at = 2 * self.pieces.len();
        let pieces = std::mem::take(&mut self.pieces);
        let parsed = self.parse_head(&pieces)?;
        self.pieces = pieces;
        match parsed {
            Some(length) => {
                self.pieces.clear();
                self.searched = 0;
                Ok(length - before)
            }
            None if within.len() < input.len() => Err(FailureKind::HeadTooLarge.into()),
            None => {
                self.check_head_limit()?;
                Ok(within.len())
            }
        }
    }

    /// A head that fills the limit without an end has no chance left.
    fn check_head_limit(&mut self) -> Result<(), Failure> {
        if self.head_bytes + self.pieces.len() < HEAD_LIMIT {
            return Ok(());
        }
        let pieces = std::mem::take(&mut self.pieces);
        self.parse_head(&pieces)?;
        Err(FailureKind::HeadTooLarge.into())
    }

    /// Looks for an empty line in the pieces, only where it was not looked for before.
    fn search_end(&mut self) -> bool {
        // An empty line may have begun in what was searched before: "\n\r" or "\n".
        let from = self.searched.saturating_sub(2);
        self.searched = self.pieces.len();
        let new = &self.pieces[from..];
        new.windows(2).any(|two| two == b"\n\n") || new.windows(3).any(|three| three == b"\n\r\n")
    }

    /// Parses a head from its first byte: `None` while it is partial, else its length. A final head
    /// decides the phase that follows; an interim one (1xx) leaves it.
    fn parse_head(&mut self, bytes: &[u8]) -> Result<Option<usize>, Failure> {
        let mut headers = [const { MaybeUninit::<Header<'_>>::uninit() }; HEADER_LIMIT];
        let mut response = httparse::Response::new(&mut []);
        let parsed = ParserConfig::default().parse_response_with_uninit_headers(
            &mut response,
            bytes,
            &mut headers,
        );
        let length = match parsed {
            Ok(Status::Partial) => return Ok(None),
            Ok(Status::Complete(length)) => length,
            Err(httparse::Error::TooManyHeaders) => {
                return Err(FailureKind::TooManyHeaders.into());
            }
            Err(error) => {
                return Err(Failure::with_detail(
                    FailureKind::BadHead,
                    &error.to_string(),
                ));
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
            self.head.location = framing::values(headers, "location").next().map(Box::from);
        }
        if let BodyUse::KeepPage { .. } = self.body_use {
            for cookie in framing::values(headers, "set-cookie") {
                self.head.cookies.extend_from_slice(cookie);
                self.head.cookies.push(b'\n');
            }
            self.head.date = framing::values(headers, "date")
                .next()
                .and_then(|date| date.try_into().ok());
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

/// Appends, or fails where the process gets no more memory.
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
