//! The records of a CSV file, with the lines they stand on and within bounds.

use std::fmt;
use std::io::{self, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::rows::columns::DELIMITER;
use crate::text::Printable;

/// The longest record that is read, in bytes: neither a quote that is never closed may fill the memory,
/// nor a line of nothing but delimiters, of which each takes 8 bytes.
const MAX_RECORD: usize = 4 << 20;

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
    reader: Reader<Bounded<R>>,
    record: ByteRecord,
    line: u64,
    /// Where the record before the last one ended.
    begin: u64,
}

impl<R: Read> Records<R> {
    pub fn new(input: R) -> Records<R> {
        Records {
            reader: ReaderBuilder::new()
                .delimiter(DELIMITER)
                .has_headers(false)
                .flexible(true)
                .from_reader(Bounded {
                    input,
                    left: MAX_RECORD,
                    given: 0,
                    chunk: Vec::new(),
                }),
            record: ByteRecord::new(),
            line: 1,
            begin: 0,
        }
    }

    /// The next record; `None` at the end.
    pub fn next(&mut self) -> Result<Option<&ByteRecord>, ReadError> {
        self.reader.get_mut().left = MAX_RECORD;
        let before = self.reader.position().clone();
        self.begin = before.byte();
        let ends_with_return = self.reader.get_ref().byte_before(before.byte()) == Some(b'\r');
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                self.line = self.first_line(before.line());
                Ok(Some(&self.record))
            }
            Ok(false) => Ok(None),
            Err(error) => Err(ReadError {
                line: before.line() + u64::from(ends_with_return),
                message: error.to_string(),
            }),
        }
    }

    /// The line on which the last record began, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The CSV reader counts line feeds, and leaves that of a CRLF (and blank lines) to the record
    /// that follows: what it counted beyond the record's own line feeds lies before the record.
    fn first_line(&self, line_before: u64) -> u64 {
        let end = self.reader.position();
        let is_line_feed = |byte: &&u8| **byte == b'\n';
        let within = self.record.as_slice().iter().filter(is_line_feed).count() as u64;
        let at_end = u64::from(self.reader.get_ref().byte_before(end.byte()) == Some(b'\n'));
        let counted = end.line() - line_before;
        line_before + counted.saturating_sub(within + at_end)
    }

    /// The byte behind the record before the last; a line break may follow it.
    pub fn begin(&self) -> u64 {
        self.begin
    }

    /// The byte behind the last record; its line break may be beyond it.
    pub fn end(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The last record.
    pub fn last(&self) -> &ByteRecord {
        &self.record
    }
}

/// An input limited to `left` bytes until the limit is raised; it remembers the last bytes.
#[derive(Debug)]
struct Bounded<R> {
    input: R,
    left: usize,
    /// Bytes given so far.
    given: u64,
    /// The last of them.
    chunk: Vec<u8>,
}

impl<R> Bounded<R> {
    /// The byte before an offset that lies in the last chunk.
    fn byte_before(&self, offset: u64) -> Option<u8> {
        let from_end = usize::try_from(self.given.checked_sub(offset)?).ok()?;
        let place = self.chunk.len().checked_sub(from_end + 1)?;
        self.chunk.get(place).copied()
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let limit = MAX_RECORD >> 20;
            return Err(io::Error::other(format!(
                "a record of more than {limit} MiB: is a quote not closed?"
            )));
        }
        let room = buffer.len().min(self.left);
        let n = self.input.read(&mut buffer[..room])?;
        self.left -= n;
        if n > 0 {
            self.given += n as u64;
            self.chunk.clear();
            self.chunk.extend_from_slice(&buffer[..n]);
        }
        Ok(n)
    }
}
