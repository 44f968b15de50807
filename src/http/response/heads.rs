//! Reads the head of a response: in place where it arrives as a whole, in pieces otherwise.

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Status};

use super::{Head, Phase, ResponseParser, extend, too_large};
use crate::http::body_use::BodyUse;
use crate::http::chunked::ChunkedDecoder;
use crate::http::fields;
use crate::http::framing::{self, Framing};
use crate::http::head::{self, HEAD_LIMIT, HEADER_LIMIT};
use crate::http::kept::SERVER_TIMING;
use crate::http::memo::{HeadMemo, PlainHead};
use crate::row::TlsFailure;
use crate::row::failure::{Failure, FailureKind};

impl ResponseParser {
    pub(super) fn head_len(&self) -> usize {
        self.head_bytes as usize
    }

    pub(super) fn pieces_len(&self) -> usize {
        self.pieces.as_ref().map_or(0, |pieces| pieces.bytes.len())
    }

    /// Takes bytes of a head; returns how many.
    pub(super) fn feed_head(
        &mut self,
        input: &[u8],
        memo: &mut HeadMemo,
    ) -> Result<usize, Failure> {
        if self.pieces.is_some() {
            return self.feed_piece(input);
        }
        if self.head_bytes == 0
            && let Some((known, length)) = memo.find(input, self.body_use)
        {
            self.head_bytes = length as u32;
            self.begin_plain(known)?;
            return Ok(length);
        }
        // Empty lines before a status line are passed over here (RFC 9112 section 2.2), so that an
        // endless row of them is not parsed again and again.
        let within = &input[..input.len().min(HEAD_LIMIT - self.head_len())];
        let empty = head::empty_lines(within);
        if empty > 0 {
            self.head_bytes += empty as u32;
            self.check_head_limit()?;
            return Ok(empty);
        }
        // Usually a head arrives as a whole, and is parsed in place.
        match self.parse_head(within)? {
            Some(length) => {
                if let Some(plain) = self.plain_head().filter(|_| self.head_len() == length) {
                    memo.remember(&within[..length], self.body_use, plain);
                }
                Ok(length)
            }
            None if within.len() < input.len() => Err(FailureKind::HeadTooLarge.into()),
            None => {
                let pieces = self.pieces.insert(Box::default());
                extend(&mut pieces.bytes, within)?;
                pieces.search.is_worth_parsing(within);
                self.check_head_limit()?;
                Ok(input.len())
            }
        }
    }

    /// Takes a further piece of a head.
    fn feed_piece(&mut self, input: &[u8]) -> Result<usize, Failure> {
        let mut pieces = self.pieces.take().unwrap_or_default();
        let before = pieces.bytes.len();
        let room = HEAD_LIMIT - self.head_len() - before;
        let within = &input[..input.len().min(room)];
        extend(&mut pieces.bytes, within)?;
        let parsed = match pieces.search.is_worth_parsing(&pieces.bytes) {
            true => self.parse_head(&pieces.bytes)?,
            false => None,
        };
        match parsed {
            Some(length) => Ok(length - before),
            None => {
                let is_full = within.len() < input.len();
                self.pieces = Some(pieces);
                self.check_head_limit()?;
                match is_full {
                    true => Err(FailureKind::HeadTooLarge.into()),
                    false => Ok(within.len()),
                }
            }
        }
    }

    /// A head that reaches the limit without an end is a failure.
    fn check_head_limit(&mut self) -> Result<(), Failure> {
        if self.head_len() + self.pieces_len() < HEAD_LIMIT {
            return Ok(());
        }
        let pieces = self.pieces.take().unwrap_or_default();
        self.parse_head(&pieces.bytes)?;
        Err(FailureKind::HeadTooLarge.into())
    }

    /// What the head came to that was just read, unless it has fields that are kept with it.
    fn plain_head(&self) -> Option<PlainHead> {
        let Head {
            status,
            keep_alive,
            location: None,
            page: None,
            coding: None,
            has_timing,
            kept: None,
        } = self.head
        else {
            return None;
        };
        let framing = match self.phase {
            Phase::Sized(length) => Framing::Sized(length),
            Phase::Chunked(_) => Framing::Chunked,
            // Interim heads, and bodies with transfer codings, are rare.
            Phase::Head | Phase::UntilClose | Phase::Complete => return None,
        };
        Some(PlainHead {
            status,
            keep_alive,
            framing,
            has_timing,
        })
    }

    /// A head that was read before begins the response.
    fn begin_plain(&mut self, known: PlainHead) -> Result<(), Failure> {
        self.status = Some(known.status);
        self.head.status = known.status;
        self.head.keep_alive = known.keep_alive;
        self.head.has_timing = known.has_timing;
        self.enter_body(known.framing)
    }

    /// Parses a head from its first byte: `None` while it is partial, else its length. A final head
    /// decides the phase that follows; an interim one (1xx) leaves it.
    pub(super) fn parse_head(&mut self, bytes: &[u8]) -> Result<Option<usize>, Failure> {
        // The second byte tells whether it may be a TLS record, however the bytes are split.
        if matches!(bytes, [20..=22]) {
            return Ok(None);
        }
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
                    _ if is_tls_record(bytes) => {
                        Err(FailureKind::Tls(TlsFailure::PlainToTls).into())
                    }
                    _ => Err(Failure::with_detail(
                        FailureKind::BadHead,
                        &error.to_string(),
                    )),
                };
            }
        };
        self.head_bytes += length as u32;
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
            let page = self.head.page.get_or_insert_default();
            for cookie in fields::values(headers, "set-cookie") {
                page.cookies.extend_from_slice(&cookie);
                page.cookies.push(b'\n');
            }
            page.date = fields::values(headers, "date")
                .next()
                .and_then(|date| (&*date).try_into().ok());
            page.fields = (headers.iter())
                .map(|field| {
                    let value = String::from_utf8_lossy(field.value);
                    (field.name.to_owned(), value.into_owned())
                })
                .collect();
        }
        self.head.has_timing = headers.iter().any(|field| {
            field.name.len() == SERVER_TIMING.len()
                && field.name.eq_ignore_ascii_case(SERVER_TIMING)
        });
        if let Some(wanted) = &self.wanted {
            self.head.kept = wanted.kept_of(headers);
        }
        if message.is_unreadable {
            self.unreadable = Some(fields::listed(headers, "transfer-encoding").into());
        }
        if self.body_use.limit().is_some() {
            self.head.coding = fields::coding_of(headers);
        }
        self.enter_body(framing)
    }

    fn enter_body(&mut self, framing: Framing) -> Result<(), Failure> {
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

/// Whether an answer begins as a TLS record does, of an alert or a handshake message (RFC 8446 section
/// 5.1): the server takes a plain request for a broken handshake.
fn is_tls_record(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=22, 3, ..])
}
