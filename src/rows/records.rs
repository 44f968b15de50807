//! The records of a CSV file, with the lines they stand on and within bounds.
//!
//! A quote opens a quoted field at the beginning of a field only, as in RFC 4180; elsewhere it is a
//! character like others. A record ends with CR, LF or both, outside quotes; blank lines are none. The end
//! of the file ends a record, too, within quotes as well.

use std::fmt;
use std::io::{self, Read};

use super::columns::DELIMITER;
use super::fields::{Fields, Split};
use crate::text::Printable;

pub(super) use super::fields::Record;

/// The longest record that is read, in bytes: a quote that is never closed must not fill the memory.
const MAX_RECORD: usize = 4 << 20;

/// Bytes read at a time.
const CHUNK: usize = 256 << 10;

/// Bytes that may be read once more, in all, to begin again on the second line of a damaged record; also
/// the longest line that is passed over.
const MOST_REREAD: usize = 64 << 20;

/// What is wrong with a report, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The line on which the record begins, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, Printable(&self.message))
    }
}

impl std::error::Error for ReadError {}

/// The records of a report, header included, each at most [`MAX_RECORD`] bytes long.
#[derive(Debug)]
pub(super) struct Records<R> {
    input: R,
    /// What was read: free up to `from` and beyond `to`. One more byte follows `to`, so that the end of the
    /// file can be read as a line break.
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    is_at_end: bool,
    /// Where in the file the buffer begins.
    offset: u64,
    fields: Fields,
    /// The line of `from`, counted from 1.
    next_line: u64,
    /// That of the last record.
    line: u64,
    /// Where the last record begins in the buffer.
    first: usize,
    /// Where the record before the last one ended, and where the last one did.
    begin: u64,
    end: u64,
    /// Whether a line break followed the last record.
    is_terminated: bool,
    /// Whether the end of the file came within the quotes of its last field.
    is_within_quotes: bool,
    /// Whether the input cannot be read on.
    has_failed: bool,
    reread: usize,
}

impl<R: Read> Records<R> {
    pub fn new(input: R) -> Records<R> {
        Records {
            input,
            buffer: Vec::new(),
            from: 0,
            to: 0,
            is_at_end: false,
            offset: 0,
            fields: Fields::default(),
            next_line: 1,
            line: 1,
            first: 0,
            begin: 0,
            end: 0,
            is_terminated: true,
            is_within_quotes: false,
            has_failed: false,
            reread: 0,
        }
    }

    /// The next record; `None` at the end. After an error, [`Records::begin_again`] passes over the line on
    /// which the record begins.
    pub fn next(&mut self) -> Result<Option<Record<'_>>, ReadError> {
        self.begin = self.end;
        self.is_within_quotes = false;
        self.skip_line_breaks()?;
        self.line = self.next_line;
        self.first = self.from;
        loop {
            if self.is_at_end {
                self.buffer[self.to] = b'\n';
            }
            let end = self.to + usize::from(self.is_at_end);
            if self.from >= self.to && self.is_at_end {
                return Ok(None);
            }
            match self.fields.split(&self.buffer[..end], self.from) {
                Split::Record { end, line_feeds } => {
                    self.from = end;
                    self.next_line += line_feeds;
                    self.end = self.offset + end as u64;
                    self.is_terminated = end < self.to;
                    return Ok(Some(self.last()));
                }
                Split::WithinQuotes if self.is_at_end => {
                    let line_feeds = self.fields.end_within_quotes(&self.buffer, self.to);
                    self.from = self.to;
                    self.next_line += line_feeds;
                    self.end = self.offset + self.to as u64;
                    self.is_terminated = false;
                    self.is_within_quotes = true;
                    return Ok(Some(self.last()));
                }
                Split::TooMany(most) => {
                    return Err(self.wrong(format!("a record of more than {most} fields")));
                }
                Split::Part | Split::WithinQuotes if self.to - self.from >= MAX_RECORD => {
                    let limit = MAX_RECORD >> 20;
                    return Err(self.wrong(format!(
                        "a record of more than {limit} MiB: is a quote not closed?"
                    )));
                }
                Split::Part | Split::WithinQuotes => self.fill()?,
            }
        }
    }

    /// Goes on behind the line on which the last record began, whatever that record took of the following
    /// lines: a quote that is not closed costs one line. `false` if too much was read twice, or the line is too
    /// long.
    pub fn begin_again(&mut self) -> Result<bool, ReadError> {
        let mut passed = 0;
        loop {
            let rest = &self.buffer[self.first..self.to];
            if let Some(length) = memchr::memchr(b'\n', rest) {
                let next = self.first + length;
                self.reread += self.from.saturating_sub(next);
                if self.reread > MOST_REREAD {
                    return Ok(false);
                }
                self.from = next;
                self.next_line = self.line;
                self.end = self.offset + next as u64;
                return Ok(true);
            }
            passed += self.to - self.first;
            if passed > MOST_REREAD {
                return Ok(false);
            }
            self.from = self.to;
            self.first = self.to;
            self.end = self.offset + self.to as u64;
            if self.is_at_end {
                return Ok(true);
            }
            self.fill()?;
            self.first = self.from;
        }
    }

    /// The line on which the last record began, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether the last record reaches over more than one line.
    pub fn is_of_several_lines(&self) -> bool {
        self.next_line > self.line
    }

    /// Whether a line break followed the last record, so that it is not cut.
    pub fn is_terminated(&self) -> bool {
        self.is_terminated
    }

    /// Whether the file ends within the last record: within quotes, or behind a delimiter (an absent last value
    /// is written as two quotes).
    pub fn is_torn(&self) -> bool {
        let last = self.from.checked_sub(1).map(|last| self.buffer[last]);
        self.is_within_quotes || (!self.is_terminated && last == Some(DELIMITER))
    }

    /// Whether the input cannot be read on.
    pub fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// The byte behind the record before the last; a line break may follow it.
    pub fn begin(&self) -> u64 {
        self.begin
    }

    /// The byte behind the last record; its line break is beyond it.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The last record.
    #[inline]
    pub fn last(&self) -> Record<'_> {
        self.fields.record(&self.buffer)
    }

    fn wrong(&self, message: String) -> ReadError {
        ReadError {
            line: self.line,
            message,
        }
    }

    fn skip_line_breaks(&mut self) -> Result<(), ReadError> {
        loop {
            while self.from < self.to {
                match self.buffer[self.from] {
                    b'\n' => self.next_line += 1,
                    b'\r' => {}
                    _ => return Ok(()),
                }
                self.from += 1;
            }
            if self.is_at_end {
                return Ok(());
            }
            self.fill()?;
        }
    }

    /// Reads more behind what is there, which moves to the beginning of the buffer.
    fn fill(&mut self) -> Result<(), ReadError> {
        if self.from > 0 {
            self.buffer.copy_within(self.from..self.to, 0);
            self.offset += self.from as u64;
            self.first = self.first.saturating_sub(self.from);
            self.to -= self.from;
            self.from = 0;
        }
        if self.buffer.len() < self.to + CHUNK + 1 {
            self.buffer.resize(self.to + CHUNK + 1, 0);
        }
        let most = self.buffer.len() - 1;
        while self.to < most {
            match self.input.read(&mut self.buffer[self.to..most]) {
                Ok(0) => {
                    self.is_at_end = true;
                    break;
                }
                Ok(n) => self.to += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.is_at_end = true;
                    self.has_failed = true;
                    self.line = self.next_line;
                    return Err(self.wrong(error.to_string()));
                }
            }
        }
        Ok(())
    }
}
