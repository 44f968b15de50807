//! The chunked transfer coding (RFC 9112 section 7.1), decoded as the bytes come.

use crate::http::response::HEAD_LIMIT;
use crate::row::failure::{Failure, FailureKind};

/// Longest chunk-size line, extensions included. Real ones have a dozen bytes.
const SIZE_LINE_LIMIT: usize = 8 * 1024;

/// ```text
///  ┌────────────────────────────────────────────────┐
///  ▼            ;ext            size > 0            │
/// Size ─► Padding/Extension ─► SizeLf ─► Data ─► DataCr ─► DataLf
///                                │ size = 0
///                                ▼     CR            LF
///                          TrailerStart ──► EndLf ─────► Done
///                            │   ▲
///                            ▼   │ LF
///                          Trailer ─► TrailerLf
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size,
    Padding,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    Trailer { colon: bool },
    TrailerLf,
    EndLf,
    Done,
}

/// The decoder of one chunked body.
#[derive(Clone, Copy, Debug)]
pub struct ChunkedDecoder {
    state: State,
    /// Bytes left of the present chunk; while its size is being read, the size so far.
    remaining: u64,
    /// Bytes of the present size line, or of all trailers.
    line: usize,
    digits: u8,
}

impl Default for ChunkedDecoder {
    fn default() -> ChunkedDecoder {
        ChunkedDecoder {
            state: State::Size,
            remaining: 0,
            line: 0,
            digits: 0,
        }
    }
}

impl ChunkedDecoder {
    /// Decodes from `input`, hands the data to `body`, and returns how much of the input belonged to
    /// this body: less than all of it only when the body is done.
    pub fn feed(
        &mut self,
        input: &[u8],
        mut body: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<usize, Failure> {
        let mut at = 0;
        while at < input.len() && self.state != State::Done {
            if self.state == State::Data {
                let available = input.len() - at;
                let take = usize::try_from(self.remaining).map_or(available, |n| n.min(available));
                body(&input[at..at + take])?;
                at += take;
                self.remaining -= take as u64;
                if self.remaining == 0 {
                    self.state = State::DataCr;
                }
            } else {
                self.state = self.step(input[at])?;
                at += 1;
            }
        }
        Ok(at)
    }

    /// Whether the last chunk and the trailers are through.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    fn step(&mut self, byte: u8) -> Result<State, Failure> {
        match (self.state, byte) {
            (State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = (byte as char).to_digit(16).expect("matched a hex digit");
                self.digits += 1;
                self.remaining = self.remaining << 4 | u64::from(digit);
                // Leading zeroes may be many in theory; sixteen digits are all that a u64 holds.
                if self.digits > 16 {
                    return bad("chunk size too large");
                }
                Ok(State::Size)
            }
            (State::Size, _) if self.digits == 0 => bad("chunk size expected"),
            (State::Size | State::Padding, b' ' | b'\t') => self.size_line(State::Padding),
            (State::Size | State::Padding, b';') => self.size_line(State::Extension),
            (State::Size | State::Padding | State::Extension, b'\r') => Ok(State::SizeLf),
            (State::Size | State::Padding, _) => bad("unexpected byte in a chunk size"),
            (State::Extension, b'\n') => bad("line feed without carriage return"),
            (State::Extension, _) => self.size_line(State::Extension),
            (State::SizeLf, b'\n') => {
                self.line = 0;
                self.digits = 0;
                Ok(match self.remaining {
                    0 => State::TrailerStart,
                    _ => State::Data,
                })
            }
            (State::DataCr, b'\r') => Ok(State::DataLf),
            (State::DataLf, b'\n') => Ok(State::Size),
            (State::DataCr | State::DataLf, _) => bad("chunk longer than its size"),
            (State::TrailerStart, b'\r') => Ok(State::EndLf),
            (State::TrailerStart, b':' | b' ' | b'\t' | b'\n') => bad("malformed trailer"),
            (State::TrailerStart, _) => self.trailer(State::Trailer { colon: false }),
            (State::Trailer { colon: true }, b'\r') => Ok(State::TrailerLf),
            (State::Trailer { .. }, b'\r' | b'\n') => bad("malformed trailer"),
            (State::Trailer { colon }, _) => self.trailer(State::Trailer {
                colon: colon || byte == b':',
            }),
            (State::TrailerLf, b'\n') => Ok(State::TrailerStart),
            (State::EndLf, b'\n') => Ok(State::Done),
            (State::SizeLf | State::TrailerLf | State::EndLf, _) => {
                bad("carriage return without line feed")
            }
            (State::Data | State::Done, _) => unreachable!("feed() handles data and the end"),
        }
    }

    fn size_line(&mut self, next: State) -> Result<State, Failure> {
        self.line += 1;
        if self.line > SIZE_LINE_LIMIT {
            return bad("chunk extensions too long");
        }
        Ok(next)
    }

    fn trailer(&mut self, next: State) -> Result<State, Failure> {
        self.line += 1;
        if self.line > HEAD_LIMIT {
            return Err(Failure::with_detail(FailureKind::HeadTooLarge, "trailers"));
        }
        Ok(next)
    }
}

fn bad(what: &str) -> Result<State, Failure> {
    Err(Failure::with_detail(FailureKind::BadChunk, what))
}

#[cfg(test)]
#[path = "chunked_tests.rs"]
mod tests;
