//! The chunked transfer coding (RFC 9112 section 7.1), decoded as the bytes come.

use crate::failure::{Failure, FailureKind};
use crate::http::response::HEAD_LIMIT;

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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(input: &[u8]) -> Result<(Vec<u8>, usize, bool), Failure> {
        let mut decoder = ChunkedDecoder::default();
        let mut body = Vec::new();
        let consumed = decoder.feed(input, |bytes| {
            body.extend_from_slice(bytes);
            Ok(())
        })?;
        Ok((body, consumed, decoder.is_done()))
    }

    #[test]
    fn chunks_extensions_and_trailers() {
        let input =
            b"4;name=\"va;l\"\r\nWiki\r\n00A \t;x\r\n0123456789\r\n0\r\nA: b\r\nC:\r\n\r\nnext";
        let (body, consumed, done) = decode(input).expect("well formed");
        assert_eq!(body, b"Wiki0123456789");
        assert_eq!(&input[consumed..], b"next");
        assert!(done);
    }

    #[test]
    fn broken_framing_is_refused() {
        for (input, what) in [
            (&b"\r\n"[..], "chunk size expected"),
            (b";x\r\n", "chunk size expected"),
            (b"-1\r\n", "chunk size expected"),
            (b"0x4\r\n", "unexpected byte in a chunk size"),
            (b"4 4\r\n", "unexpected byte in a chunk size"),
            (b"4\nWiki", "unexpected byte in a chunk size"),
            (b"4;x\nWiki", "line feed without"),
            (b"4\rW", "carriage return without"),
            (b"4\r\nWikipedia", "chunk longer than its size"),
            (b"4\r\nWiki\rx", "chunk longer than its size"),
            (b"11111111111111111\r\n", "chunk size too large"),
            (b"0\r\nno trailer\r\n", "malformed trailer"),
            (b"0\r\n: b\r\n", "malformed trailer"),
            (b"0\r\n\rx", "carriage return without"),
        ] {
            let failure = decode(input).expect_err(what);
            assert_eq!(failure.kind, FailureKind::BadChunk);
            assert!(failure.to_string().contains(what), "{failure} lacks {what}");
        }
    }

    #[test]
    fn endless_lines_are_bounded() {
        let extension = [b"1;".to_vec(), vec![b'x'; SIZE_LINE_LIMIT + 1]].concat();
        assert_eq!(decode(&extension).unwrap_err().kind, FailureKind::BadChunk);
        let trailers = [b"0\r\n".to_vec(), b"a: b\r\n".repeat(HEAD_LIMIT / 4 + 1)].concat();
        assert_eq!(
            decode(&trailers).unwrap_err().kind,
            FailureKind::HeadTooLarge
        );
    }

    #[test]
    fn the_largest_size_does_not_overflow() {
        let (body, _, done) = decode(b"ffffffffffffffff\r\nabc").expect("a size that fits");
        assert_eq!((body.as_slice(), done), (&b"abc"[..], false));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(chunks in proptest::collection::vec(
            proptest::collection::vec(any::<u8>(), 1..40), 0..8), split in 0usize..400) {
            let mut wire = Vec::new();
            for chunk in &chunks {
                wire.extend(format!("{:X}\r\n", chunk.len()).bytes());
                wire.extend(chunk);
                wire.extend(b"\r\n");
            }
            wire.extend(b"0\r\n\r\n");
            let split = split.min(wire.len());
            let mut decoder = ChunkedDecoder::default();
            let mut body = Vec::new();
            for part in [&wire[..split], &wire[split..]] {
                let consumed = decoder.feed(part, |bytes| {
                    body.extend_from_slice(bytes);
                    Ok(())
                }).expect("well formed");
                prop_assert_eq!(consumed, part.len());
            }
            prop_assert!(decoder.is_done());
            prop_assert_eq!(body, chunks.concat());
        }
    }
}
