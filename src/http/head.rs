//! Message heads: their limits, finding their end, and their version, for client and embedded shop.

use memchr::memchr_iter;

/// The most bytes before a response's body: interim responses, status line, header fields. Trailers
/// have the same limit.
pub const HEAD_LIMIT: usize = 64 * 1024;

/// The most header fields in one response head.
pub const HEADER_LIMIT: usize = 256;

/// Decides when to parse a head that arrives in pieces: when the empty line at
/// its end is there, or else (to detect early that it is not HTTP) when its length has doubled. The cost of
/// both stays linear.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeadSearch {
    /// Bytes that were searched for the end.
    searched: usize,
    /// Length at which a head without an end is parsed anyway.
    parse_at: usize,
}

impl HeadSearch {
    /// Whether to parse `bytes`: all of the head so far, from its first byte. They only grow from one
    /// call to the next.
    pub fn is_worth_parsing(&mut self, bytes: &[u8]) -> bool {
        let worth_it = self.finds_end(bytes) || bytes.len() >= self.parse_at;
        if worth_it {
            self.parse_at = 2 * bytes.len();
        }
        worth_it
    }

    /// Searches for an empty line, in the bytes not searched before.
    fn finds_end(&mut self, bytes: &[u8]) -> bool {
        // It may have begun in what was searched before: "\n\r" or "\n".
        let from = self.searched.saturating_sub(2).min(bytes.len());
        self.searched = bytes.len();
        let new = &bytes[from..];
        // Most requests end with their head.
        new.ends_with(b"\r\n\r\n")
            // Heads have few lines: comparing at each byte costs ten times as much.
            || memchr_iter(b'\n', new)
                .any(|end| matches!(&new[end + 1..], [b'\n', ..] | [b'\r', b'\n', ..]))
    }
}

/// How many bytes of empty lines stand before a message (RFC 9112 section 2.2: they are ignored).
pub fn empty_lines(bytes: &[u8]) -> usize {
    let is_line_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
    bytes.iter().take_while(is_line_end).count()
}

/// A response head whose minor version is above 1, with 1 in its place: it is read as
/// the highest minor version that the reader knows (RFC 9110 section 2.5). `None` for any other.
pub fn response_as_1_1(bytes: &[u8]) -> Option<Vec<u8>> {
    as_1_1(bytes, empty_lines(bytes))
}

/// The same for a request head, whose version is at the end of the request line.
pub fn request_as_1_1(bytes: &[u8]) -> Option<Vec<u8>> {
    let start = empty_lines(bytes);
    let line_end = bytes[start..].iter().position(|&byte| byte == b'\n')? + start;
    let line = bytes[..line_end]
        .strip_suffix(b"\r")
        .unwrap_or(&bytes[..line_end]);
    let version = line.iter().rposition(|&byte| byte == b' ')? + 1;
    (line.len() == version + VERSION_BYTES).then(|| as_1_1(bytes, version))?
}

/// The length of `HTTP/1.1`.
const VERSION_BYTES: usize = 8;

fn as_1_1(bytes: &[u8], at: usize) -> Option<Vec<u8>> {
    let version = bytes.get(at..at + VERSION_BYTES)?;
    let minor = version.strip_prefix(b"HTTP/1.")?[0];
    matches!(minor, b'2'..=b'9').then(|| {
        let mut copy = bytes.to_vec();
        copy[at + VERSION_BYTES - 1] = b'1';
        copy
    })
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
