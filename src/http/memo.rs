//! Response heads that were read before: servers send the same one over and over, until the second in
//! its Date changes.

use crate::http::body_use::BodyUse;
use crate::http::framing::Framing;

/// Heads that are remembered. Those of the home page and of purchases differ, and those of purchases in
/// their Content-Length, which varies with the digits of the report.
const REMEMBERED: usize = 8;

/// A longer head, in bytes, is parsed each time.
const MOST_BYTES: usize = 1024;

/// What a head comes to that has neither a location nor cookies nor a content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlainHead {
    /// The status code.
    pub status: u16,
    /// Whether the connection may be used again.
    pub keep_alive: bool,
    /// How the end of the body is found.
    pub framing: Framing,
    /// Whether it has a Server-Timing field.
    pub has_timing: bool,
}

/// The last heads, byte for byte, each with what it came to. Equal bytes are equal heads: a parser that
/// finds its input here need not parse it.
#[derive(Debug, Default)]
pub struct HeadMemo {
    heads: Vec<(Vec<u8>, BodyUse, PlainHead)>,
    /// The entry that is replaced next.
    next: usize,
}

impl HeadMemo {
    /// What the head at the beginning of `input` comes to for that use of its body, and its length.
    pub(super) fn find(&self, input: &[u8], body_use: BodyUse) -> Option<(PlainHead, usize)> {
        let known = self
            .heads
            .iter()
            .find(|(bytes, of_use, _)| *of_use == body_use && input.starts_with(bytes));
        known.map(|(bytes, _, head)| (*head, bytes.len()))
    }

    /// Remembers a head, which ends with its empty line.
    pub(super) fn remember(&mut self, bytes: &[u8], body_use: BodyUse, head: PlainHead) {
        if bytes.len() > MOST_BYTES {
            return;
        }
        if self.heads.len() < REMEMBERED {
            self.heads.push((bytes.to_vec(), body_use, head));
            return;
        }
        let (kept, of_use, known) = &mut self.heads[self.next];
        kept.clear();
        kept.extend_from_slice(bytes);
        (*of_use, *known) = (body_use, head);
        self.next = (self.next + 1) % REMEMBERED;
    }
}

#[cfg(test)]
#[path = "memo_tests.rs"]
mod tests;
