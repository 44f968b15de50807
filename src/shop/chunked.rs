//! Decoding chunked request bodies, strictly: lines end in CRLF, sizes are plain hexadecimal.

use super::http::{BODY_LIMIT, Refusal};

/// Longest size line with its extensions, and longest trailer section, bytes.
const LINE_LIMIT: usize = 1024;

const MALFORMED: Refusal = Refusal::Malformed("the chunked body is malformed");

/// Decodes one chunked body, in whatever pieces it comes.
#[derive(Debug, Default)]
pub struct ChunkDecoder {
    state: State,
    /// Bytes of the present chunk that are still to come, or its size while that is being read.
    remaining: usize,
    /// Length of the present size line, or of the trailer section so far.
    line: usize,
    body: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Size,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    TrailerLf,
    LastLf,
    Done,
}

impl ChunkDecoder {
    /// The body decoded so far.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Decodes what has arrived: the bytes used, and whether the body is complete with them.
    pub fn decode(&mut self, raw: &[u8]) -> Result<(usize, bool), Refusal> {
        let mut at = 0;
        while self.state != State::Done && at < raw.len() {
            if self.state == State::Data {
                let take = self.remaining.min(raw.len() - at);
                self.body.extend_from_slice(&raw[at..at + take]);
                self.remaining -= take;
                at += take;
                if self.remaining == 0 {
                    self.state = State::DataCr;
                }
            } else {
                self.state = self.framing(raw[at])?;
                at += 1;
            }
        }
        Ok((at, self.state == State::Done))
    }

    /// One byte outside of the data.
    fn framing(&mut self, byte: u8) -> Result<State, Refusal> {
        self.line += 1;
        if self.line > LINE_LIMIT {
            return Err(MALFORMED);
        }
        let next = match (self.state, byte) {
            (State::Size, _) if byte.is_ascii_hexdigit() => {
                let digit = (byte as char).to_digit(16).unwrap_or(0) as usize;
                self.remaining = self.remaining * 16 + digit;
                if self.body.len() + self.remaining > BODY_LIMIT {
                    return Err(Refusal::BodyTooLarge);
                }
                State::Size
            }
            // A size line needs a digit before anything else.
            (State::Size, _) if self.line == 1 => return Err(MALFORMED),
            (State::Size, b';' | b' ' | b'\t') => State::Extension,
            (State::Size | State::Extension, b'\r') => State::SizeLf,
            (State::Extension, b'\n') => return Err(MALFORMED),
            (State::Extension, _) => State::Extension,
            (State::SizeLf, b'\n') if self.remaining == 0 => State::TrailerStart,
            (State::SizeLf, b'\n') => State::Data,
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size,
            (State::TrailerStart, b'\r') => State::LastLf,
            (State::Trailer, b'\r') => State::TrailerLf,
            (State::TrailerStart | State::Trailer, b'\n') => return Err(MALFORMED),
            (State::TrailerStart | State::Trailer, _) => State::Trailer,
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::LastLf, b'\n') => State::Done,
            _ => return Err(MALFORMED),
        };
        // The next size line is counted anew; the trailers are counted all together.
        if self.state == State::DataLf || self.state == State::SizeLf {
            self.line = 0;
        }
        Ok(next)
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
    fn malformed_bodies_are_refused() {
        for raw in [
            &b"\r\n"[..],
            b"x\r\n",
            b";\r\n",
            b"-1\r\n",
            b"0x5\r\n",
            b"5\nhello",
            b"5\r\r",
            b"1\r\nab",
            b"1\r\na\n",
            b"0\r\n\n",
            b"0\r\nA: b\n\r\n",
            b"1;\n",
        ] {
            let result = ChunkDecoder::default().decode(raw);
            assert_eq!(result, Err(MALFORMED), "{:?}", String::from_utf8_lossy(raw));
        }
    }

    #[test]
    fn sizes_and_lines_are_limited() {
        let too_large = Err(Refusal::BodyTooLarge);
        assert_eq!(ChunkDecoder::default().decode(b"10001\r\n"), too_large);
        assert_eq!(
            ChunkDecoder::default().decode(b"fffffffffffffffffffff\r\n"),
            too_large
        );
        let mut line = b"1;".to_vec();
        line.resize(LINE_LIMIT + 1, b'x');
        assert_eq!(ChunkDecoder::default().decode(&line), Err(MALFORMED));
        let mut zeroes = vec![b'0'; LINE_LIMIT + 1];
        assert_eq!(ChunkDecoder::default().decode(&zeroes), Err(MALFORMED));
        zeroes.truncate(3);
        zeroes.extend(b"\r\n");
        zeroes.extend(b"a: b\r\n".repeat(LINE_LIMIT / 6 + 1));
        assert_eq!(ChunkDecoder::default().decode(&zeroes), Err(MALFORMED));
    }
}
