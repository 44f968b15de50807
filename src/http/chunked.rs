//! The chunked transfer coding (RFC 9112 section 7.1), decoded incrementally.

use crate::http::fields::{is_token_byte, is_value_byte};
use crate::http::head::HEAD_LIMIT;
use crate::row::failure::{Failure, FailureKind};

/// Longest chunk-size line, leading zeros and extensions included. Usual ones have a dozen bytes.
const SIZE_LINE_LIMIT: usize = 8 * 1024;

/// ```text
///  ┌──────────────────────────────────────────────────────────┐
///  ▼                               size > 0                   │
/// Size ─► Padding ─► Extension ─► SizeLf ─► Data ─► DataCr ─► DataLf
///                     (grammar)     │ size = 0
///                                   ▼        CR            LF
///                            TrailerStart ───────► EndLf ─────► Done
///                              │   ▲  ╲ fold
///                              ▼   │ LF╲
///                       TrailerName ─► TrailerValue ─► TrailerLf
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size,
    Padding,
    Extension(Extension),
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// `first`: no trailer field precedes that could be folded.
    TrailerStart {
        first: bool,
    },
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Done,
}

/// Within `; name = value`, where the value is a token or a quoted string (RFC 9112 section 7.1.1);
/// white space around the signs is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extension {
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Token,
    Quoted,
    Escaped,
    AfterValue,
}

impl Extension {
    /// The state after a byte other than the line's end; `None` where it is not allowed.
    fn after(self, byte: u8) -> Option<Extension> {
        use Extension::*;
        Some(match (self, byte) {
            (BeforeName | BeforeValue | AfterName | AfterValue, b' ' | b'\t') => self,
            (BeforeName | Name, _) if is_token_byte(byte) => Name,
            (BeforeValue | Token, _) if is_token_byte(byte) => Token,
            (BeforeValue, b'"') => Quoted,
            (Quoted, b'"') => AfterValue,
            (Quoted, b'\\') => Escaped,
            (Quoted | Escaped, _) if is_value_byte(byte) => Quoted,
            (Name, b' ' | b'\t') => AfterName,
            (Name | AfterName, b'=') => BeforeValue,
            (Token, b' ' | b'\t') => AfterValue,
            (Name | AfterName | Token | AfterValue, b';') => BeforeName,
            _ => return None,
        })
    }

    /// Whether the line may end here.
    fn may_end(self) -> bool {
        use Extension::*;
        matches!(self, Name | AfterName | Token | AfterValue)
    }
}

/// The decoder of one chunked body.
#[derive(Clone, Copy, Debug)]
pub struct ChunkedDecoder {
    state: State,
    /// Bytes left of the present chunk; while its size is being read, the size so far.
    remaining: u64,
    /// Bytes of the present size line, or of all trailers.
    line: usize,
    /// Whether the present size has a digit.
    has_digits: bool,
}

impl Default for ChunkedDecoder {
    fn default() -> ChunkedDecoder {
        ChunkedDecoder {
            state: State::Size,
            remaining: 0,
            line: 0,
            has_digits: false,
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

    /// Whether the last chunk and the trailers are complete.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    fn step(&mut self, byte: u8) -> Result<State, Failure> {
        match (self.state, byte) {
            (State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => self.digit(byte),
            (State::Size, _) if !self.has_digits => bad("chunk size expected"),
            (State::Size | State::Padding, b' ' | b'\t') => self.size_line(State::Padding),
            (State::Size | State::Padding, b';') => {
                self.size_line(State::Extension(Extension::BeforeName))
            }
            (State::Size | State::Padding, b'\r') => Ok(State::SizeLf),
            (State::Size | State::Padding, _) => bad("unexpected byte in a chunk size"),
            (State::Extension(at), b'\r') if at.may_end() => Ok(State::SizeLf),
            (State::Extension(_), b'\n') => bad("line feed without carriage return"),
            (State::Extension(at), _) => match at.after(byte) {
                Some(next) => self.size_line(State::Extension(next)),
                None => bad("malformed chunk extension"),
            },
            (State::SizeLf, b'\n') => {
                self.line = 0;
                self.has_digits = false;
                Ok(match self.remaining {
                    0 => State::TrailerStart { first: true },
                    _ => State::Data,
                })
            }
            (State::DataCr, b'\r') => Ok(State::DataLf),
            (State::DataLf, b'\n') => Ok(State::Size),
            (State::DataCr | State::DataLf, _) => bad("chunk longer than its size"),
            (State::TrailerLf, b'\n') => Ok(State::TrailerStart { first: false }),
            (State::EndLf, b'\n') => Ok(State::Done),
            (State::SizeLf | State::TrailerLf | State::EndLf, _) => {
                bad("carriage return without line feed")
            }
            (State::Data | State::Done, _) => unreachable!("feed() handles data and the end"),
            (state, _) => self.trailer_step(state, byte),
        }
    }

    /// In a trailer field, to which the rules of header fields apply (RFC 9112 section 7.1.2): a
    /// folded line continues the value of the one before.
    fn trailer_step(&mut self, state: State, byte: u8) -> Result<State, Failure> {
        match (state, byte) {
            (State::TrailerStart { .. }, b'\r') => Ok(State::EndLf),
            (State::TrailerStart { first: false }, b' ' | b'\t') => {
                self.trailer(State::TrailerValue)
            }
            (State::TrailerName, b':') => self.trailer(State::TrailerValue),
            (State::TrailerStart { .. } | State::TrailerName, _) if is_token_byte(byte) => {
                self.trailer(State::TrailerName)
            }
            (State::TrailerValue, b'\r') => Ok(State::TrailerLf),
            (State::TrailerValue, _) if is_value_byte(byte) => self.trailer(State::TrailerValue),
            _ => bad("malformed trailer"),
        }
    }

    /// One more digit of a chunk's size; leading zeros are limited only by the length of the line.
    fn digit(&mut self, byte: u8) -> Result<State, Failure> {
        let digit = (byte as char).to_digit(16).expect("matched a hex digit");
        self.has_digits = true;
        if self.remaining > u64::MAX >> 4 {
            return bad("chunk size too large");
        }
        self.remaining = self.remaining << 4 | u64::from(digit);
        match self.remaining {
            0 => self.size_line(State::Size),
            _ => Ok(State::Size),
        }
    }

    fn size_line(&mut self, next: State) -> Result<State, Failure> {
        self.line += 1;
        if self.line > SIZE_LINE_LIMIT {
            return bad("chunk size line too long");
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
