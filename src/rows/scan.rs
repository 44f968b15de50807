//! Where records begin and end in a CSV text of any length, without looking into them.

use crate::rows::columns::DELIMITER;

/// The state after the text read so far.
///
/// A quote opens a quoted field at the beginning of a field only, as in RFC 4180; elsewhere it is a
/// character like others. A record ends with CR, LF or both, outside quotes.
#[derive(Debug)]
pub(super) struct Scan {
    /// Bytes that were read.
    length: u64,
    is_quoted: bool,
    /// The last byte that was read.
    last: u8,
    /// Where the last quoted field was closed, if it was.
    closed: Option<u64>,
    /// Where the last two records begin.
    records: [u64; 2],
    /// Delimiters outside quotes, where they are counted.
    delimiters: u64,
    /// Line feeds outside quotes, likewise.
    line_feeds: u64,
}

impl Default for Scan {
    fn default() -> Scan {
        Scan {
            length: 0,
            is_quoted: false,
            // The state before the first field.
            last: b'\n',
            closed: None,
            records: [0; 2],
            delimiters: 0,
            line_feeds: 0,
        }
    }
}

impl Scan {
    /// Reads more text.
    pub fn feed(&mut self, text: &[u8]) {
        self.walk(text, Scan::note_line_breaks);
    }

    /// Reads more text, and counts the delimiters and line feeds outside quotes too.
    pub fn feed_counting(&mut self, text: &[u8]) {
        self.walk(text, |scan, unquoted, start| {
            scan.note_line_breaks(unquoted, start);
            scan.delimiters += memchr::memchr_iter(DELIMITER, unquoted).count() as u64;
            scan.line_feeds += memchr::memchr_iter(b'\n', unquoted).count() as u64;
        });
    }

    /// Bytes that were read.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Whether the text ends within quotes.
    pub fn is_within_quotes(&self) -> bool {
        self.is_quoted
    }

    /// The last byte that was read.
    pub fn last_byte(&self) -> u8 {
        self.last
    }

    /// Where the last record begins, bytes from the beginning: the one that the last line break ended, if
    /// nothing follows it.
    pub fn last_record(&self) -> u64 {
        let [before, last] = self.records;
        if last == self.length { before } else { last }
    }

    /// Delimiters outside quotes.
    pub fn delimiters(&self) -> u64 {
        self.delimiters
    }

    /// Line feeds outside quotes.
    pub fn line_feeds(&self) -> u64 {
        self.line_feeds
    }

    /// Hands the parts outside quotes to `take`, with their place in the whole text.
    fn walk(&mut self, text: &[u8], mut take: impl FnMut(&mut Scan, &[u8], u64)) {
        let is_marked = self.length == 0 && text.starts_with(BOM);
        let begin = if is_marked { BOM.len() } else { 0 };
        let mut from = begin;
        for quote in memchr::memchr_iter(b'"', &text[begin..]).map(|quote| quote + begin) {
            let at = self.length + quote as u64;
            if self.is_quoted {
                self.is_quoted = false;
                self.closed = Some(at);
            } else {
                // Only the byte order mark precedes the first field.
                let before = match quote.checked_sub(1) {
                    Some(_) if is_marked && quote == begin => b'\n',
                    Some(before) => text[before],
                    None => self.last,
                };
                let is_doubled = before == b'"' && self.closed == at.checked_sub(1);
                self.is_quoted = is_doubled || matches!(before, DELIMITER | b'\n' | b'\r');
                take(self, &text[from..quote], self.length + from as u64);
            }
            from = quote + 1;
        }
        if !self.is_quoted {
            take(self, &text[from..], self.length + from as u64);
        }
        self.length += text.len() as u64;
        self.last = match text.last() {
            Some(_) if is_marked && text.len() == begin => b'\n',
            Some(last) => *last,
            None => self.last,
        };
    }

    #[inline]
    fn note_line_breaks(&mut self, unquoted: &[u8], start: u64) {
        let Some(last) = last_line_break(unquoted) else {
            return;
        };
        self.records[0] = match last_line_break(&unquoted[..last]) {
            Some(before) => start + before as u64 + 1,
            None => self.records[1],
        };
        self.records[1] = start + last as u64 + 1;
    }
}

/// The mark that some programs put in front of UTF-8 text.
const BOM: &[u8] = "\u{feff}".as_bytes();

#[inline]
fn last_line_break(text: &[u8]) -> Option<usize> {
    // Between two quotes there is mostly a delimiter and no more.
    if text.len() < 16 {
        return text.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
    }
    memchr::memrchr2(b'\n', b'\r', text)
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
