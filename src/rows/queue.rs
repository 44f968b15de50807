//! Rows waiting to be written, in memory: their text in chunks, and where each row ends.

use std::collections::VecDeque;

/// A chunk that has reached this size, in bytes, gets no further row: of a long queue only whole chunks are
/// given back, and nothing is moved.
const CHUNK: usize = 64 << 10;

/// Whole rows, the first perhaps with a prefix before it (a header, a line break), or without the part
/// that was taken already.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// There is always a row that ends where a chunk ends.
    chunks: VecDeque<Vec<u8>>,
    /// Bytes of the first chunk that were taken already.
    taken: usize,
    /// Bytes waiting.
    bytes: usize,
    /// The length of what waits to go before the first row, bytes.
    prefix: usize,
    /// Where each of the rows ends, counted from the first byte that was ever in the queue.
    ends: VecDeque<u64>,
    /// Bytes that have left the queue.
    passed: u64,
}

impl Queue {
    /// Bytes waiting.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Rows that are not completely written.
    pub fn rows(&self) -> u64 {
        self.ends.len() as u64
    }

    /// Lets `encode` append one row.
    pub fn push(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        if self.chunks.back().is_none_or(|chunk| chunk.len() >= CHUNK) {
            self.chunks.push_back(Vec::new());
        }
        let chunk = self.chunks.back_mut().expect("there is one now");
        let before = chunk.len();
        encode(chunk);
        self.bytes += chunk.len() - before;
        self.ends.push_back(self.passed + self.bytes as u64);
    }

    /// Puts this before the first row, in the place of the prefix that waits there.
    ///
    /// Must not be called between the parts of a row.
    pub fn set_prefix(&mut self, prefix: &[u8]) {
        if self.chunks.is_empty() {
            self.chunks.push_back(Vec::new());
        }
        let old = self.taken..self.taken + self.prefix;
        self.chunks[0].splice(old, prefix.iter().copied());
        self.bytes = self.bytes - self.prefix + prefix.len();
        for end in &mut self.ends {
            *end = *end - self.prefix as u64 + prefix.len() as u64;
        }
        self.prefix = prefix.len();
    }

    /// The first bytes that wait, up to the end of a row; none if no row waits.
    pub fn front(&self) -> &[u8] {
        match self.chunks.front() {
            Some(chunk) if !self.ends.is_empty() => &chunk[self.taken..],
            _ => &[],
        }
    }

    /// The rows of [`Queue::front`] that fit whole into that many bytes; the first row if it is longer.
    pub fn whole_front(&self, most: usize) -> &[u8] {
        let front = self.front();
        let (_, whole) = self.whole_within(front.len().min(most));
        let first = || self.ends.front().map_or(0, |end| end - self.passed) as usize;
        &front[..if whole > 0 { whole } else { first() }]
    }

    /// The number of complete rows in the first `n` bytes, and their size in bytes.
    pub fn whole_within(&self, n: usize) -> (usize, usize) {
        let limit = self.passed + n as u64;
        let rows = self.ends.partition_point(|end| *end <= limit);
        match rows.checked_sub(1).and_then(|last| self.ends.get(last)) {
            Some(end) => (rows, (end - self.passed) as usize),
            None => (0, 0),
        }
    }

    /// Takes the first `n` bytes of [`Queue::front`] out.
    pub fn advance(&mut self, n: usize) {
        let (rows, _) = self.whole_within(n);
        self.ends.drain(..rows);
        self.passed += n as u64;
        self.bytes -= n;
        self.prefix -= self.prefix.min(n);
        self.taken += n;
        if self.chunks[0].len() == self.taken {
            self.taken = 0;
            if self.chunks.len() > 1 {
                self.chunks.pop_front();
            } else {
                // Its memory is for the next rows.
                self.chunks[0].clear();
            }
        }
    }

    /// The rows, without the prefix, in pieces.
    pub fn rows_text(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces(self.taken + self.prefix)
    }

    /// Everything that waits, in pieces.
    pub fn text(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces(self.taken)
    }

    fn pieces(&self, skipped: usize) -> impl Iterator<Item = &[u8]> {
        let pieces = self.chunks.iter().enumerate();
        pieces.map(move |(place, chunk)| &chunk[if place == 0 { skipped } else { 0 }..])
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
