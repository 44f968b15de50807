//! Whether an existing report can be continued, and how.
//!
//! It is read through once, from its beginning: a line break ends a record unless it is within
//! quotes, and that cannot be decided from the end of a file. Only the header of what is read is kept,
//! so that neither a file of gigabytes nor a line of megabytes takes memory.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use csv::{ByteRecord, ReaderBuilder};

use crate::rows::columns::{COLUMNS, DELIMITER, PHASE_COLUMNS, columns};
use crate::rows::read::{BOM, header_name};
use crate::rows::scan::Scan;
use crate::text::{Printable, shortened};

/// The longest header that is accepted, in bytes; a report with all columns has 1,300.
const MAX_HEADER: usize = 64 << 10;

/// Bytes read at a time.
const CHUNK: usize = 256 << 10;

/// What must be written in front of the first row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuation {
    /// The file is empty: the header.
    Header,
    /// The line break that the last row lacks (or its second half), or nothing.
    LineBreak(&'static str),
}

/// Progress of reading a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that were read.
    pub read: u64,
    /// Bytes of the whole report.
    pub total: u64,
}

/// Why a report cannot be continued.
#[derive(Debug)]
pub enum Refusal {
    /// The caller stopped the reading.
    Interrupted,
    /// It cannot be read.
    Read(io::Error),
    /// It has no header.
    OnlyBlankLines,
    /// Its first line is longer than any header.
    LongFirstLine,
    /// Its first line is a single field.
    NoHeader {
        /// The beginning of the line.
        first: String,
    },
    /// The number of columns in its header is not that of any report.
    Width(usize),
    /// It is a report of the old client.
    Old(usize),
    /// One of its columns has another name.
    Column {
        /// Counted from 1.
        place: usize,
        /// Its name.
        found: String,
        /// The expected name.
        expected: &'static str,
    },
    /// The run has the phases' columns and the report has not.
    LacksPhases,
    /// It has the phases' columns of an earlier version; the number of all columns.
    EarlierPhases(usize),
    /// The report has the phases' columns and the run has not.
    HasPhases,
    /// It ends inside a quoted field.
    WithinQuotes {
        /// Where the record begins, counted from 1.
        line: u64,
    },
    /// Its last line has too few or too many fields.
    Torn {
        /// Where the record begins, counted from 1.
        line: u64,
        /// Fields that are there.
        fields: u64,
        /// Fields that should be.
        width: usize,
    },
    /// Its last line ends without a line break and with a number.
    PerhapsTorn {
        /// Where the record begins, counted from 1.
        line: u64,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Interrupted => f.write_str("interrupted while it was read through"),
            Refusal::Read(error) => write!(f, "it cannot be read: {error}"),
            Refusal::OnlyBlankLines => f.write_str("it has only blank lines, no header"),
            Refusal::LongFirstLine => write!(
                f,
                "its first line is not a report's header: it is longer than {} KiB",
                MAX_HEADER >> 10
            ),
            Refusal::NoHeader { first } => {
                let first = format!("{first:?}");
                write!(
                    f,
                    "its first line is not a report's header: {}",
                    Printable(&first)
                )
            }
            Refusal::Width(width) => write!(
                f,
                "its first line has {width} columns, a report's header has 28"
            ),
            Refusal::Old(width) => {
                write!(
                    f,
                    "it is an old report with {width} columns, current reports have 28"
                )
            }
            Refusal::Column {
                place,
                found,
                expected,
            } => {
                let found = format!("{found:?}");
                let found = Printable(&found);
                write!(f, "its column {place} is {found}, not {expected:?}")
            }
            Refusal::LacksPhases => f.write_str(
                "it has no columns for the phases (run without --phases to append to it)",
            ),
            Refusal::EarlierPhases(width) => write!(
                f,
                "it has {width} columns as an earlier version wrote them with --phases, today's have {}",
                COLUMNS.len() + PHASE_COLUMNS.len()
            ),
            Refusal::HasPhases => f.write_str(
                "it has the phases' columns, which need values (run with --phases to append to it)",
            ),
            Refusal::WithinQuotes { line } => write!(
                f,
                "the last record (line {line}) ends inside a quoted field (truncated?)"
            ),
            Refusal::Torn {
                line,
                fields,
                width,
            } => write!(
                f,
                "the last line ({line}) ends after {fields} of {width} fields (truncated?)"
            ),
            Refusal::PerhapsTorn { line } => write!(
                f,
                "the last line ({line}) has no line break and may be truncated (add one if it is complete)"
            ),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        Refusal::Read(error)
    }
}

/// Reads a report of `total` bytes through, and returns how rows with or without phases can be appended.
pub fn check(
    mut input: impl Read + Seek,
    total: u64,
    phases: bool,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Continuation, Refusal> {
    input.seek(SeekFrom::Start(0))?;
    let mut start = Vec::new();
    let is_whole = (&mut input)
        .take(MAX_HEADER as u64)
        .read_to_end(&mut start)?
        < MAX_HEADER;
    if start.is_empty() || start == BOM.as_bytes() {
        return Ok(Continuation::Header);
    }
    let header = Header::find(&start, is_whole)?;
    header.check(phases)?;

    input.seek(SeekFrom::Start(0))?;
    let mut scan = Scan::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        let n = read_some(&mut input, &mut chunk)?;
        if n == 0 {
            break;
        }
        scan.feed(&chunk[..n]);
        let read = scan.length();
        if progress(Progress { read, total }).is_break() {
            return Err(Refusal::Interrupted);
        }
    }
    if scan.is_within_quotes() {
        let line = line_at(&mut input, scan.last_record())?;
        return Err(Refusal::WithinQuotes { line });
    }
    if scan.last_byte() == b'\n' {
        return Ok(Continuation::LineBreak(""));
    }
    let fields = fields_from(&mut input, scan.last_record())?;
    let width = header.width;
    let is_header = scan.last_record() < header.end;
    match scan.last_byte() {
        _ if fields != width as u64 => Err(Refusal::Torn {
            line: line_at(&mut input, scan.last_record())?,
            fields,
            width,
        }),
        b'\r' => Ok(Continuation::LineBreak("\n")),
        // A closed quote ends a field for certain; and a header has all its names.
        b'"' => Ok(Continuation::LineBreak("\r\n")),
        _ if is_header => Ok(Continuation::LineBreak("\r\n")),
        _ => Err(Refusal::PerhapsTorn {
            line: line_at(&mut input, scan.last_record())?,
        }),
    }
}

/// The first record of a file.
struct Header {
    names: Vec<String>,
    width: usize,
    /// The end of the record, bytes from the beginning of the file.
    end: u64,
}

impl Header {
    /// Finds it in the beginning of a file; `is_whole`: whether that is all of the file.
    fn find(start: &[u8], is_whole: bool) -> Result<Header, Refusal> {
        let mut reader = ReaderBuilder::new()
            .delimiter(DELIMITER)
            .has_headers(false)
            .flexible(true)
            .from_reader(start);
        let mut record = ByteRecord::new();
        let is_there = reader.read_byte_record(&mut record);
        let end = reader.position().byte();
        if !is_whole && end >= start.len() as u64 {
            return Err(Refusal::LongFirstLine);
        }
        if !is_there.unwrap_or(false) {
            return Err(Refusal::OnlyBlankLines);
        }
        let names = record.iter().take(COLUMNS.len() + PHASE_COLUMNS.len());
        let names = names.enumerate();
        Ok(Header {
            names: names
                .map(|(place, name)| header_name(place, name))
                .collect(),
            width: record.len(),
            end,
        })
    }

    fn check(&self, phases: bool) -> Result<(), Refusal> {
        const PLAIN: usize = COLUMNS.len();
        const WITH_PHASES: usize = COLUMNS.len() + PHASE_COLUMNS.len();
        let wrong = (self.names.iter().zip(columns(true)))
            .enumerate()
            .find(|(_, (found, column))| found != column);
        match (self.width, wrong) {
            (PLAIN, None) if phases => Err(Refusal::LacksPhases),
            (WITH_PHASES, None) if !phases => Err(Refusal::HasPhases),
            (PLAIN | WITH_PHASES, None) => Ok(()),
            (PLAIN | WITH_PHASES, Some((place, (found, expected)))) => Err(Refusal::Column {
                place: place + 1,
                found: shortened(found, 40),
                expected,
            }),
            (width @ PLAIN..WITH_PHASES, None) => Err(Refusal::EarlierPhases(width)),
            (19 | 21, _) if self.has_only_known_names() => Err(Refusal::Old(self.width)),
            (1, _) => Err(Refusal::NoHeader {
                first: shortened(&self.names[0], 40),
            }),
            _ => Err(Refusal::Width(self.width)),
        }
    }

    fn has_only_known_names(&self) -> bool {
        (self.names.iter()).all(|name| COLUMNS.contains(&name.as_str()))
    }
}

/// The line on which an offset lies, counted from 1.
fn line_at(input: &mut (impl Read + Seek), offset: u64) -> io::Result<u64> {
    input.seek(SeekFrom::Start(0))?;
    let mut before = input.take(offset);
    let mut chunk = vec![0; CHUNK];
    let mut line = 1;
    loop {
        match read_some(&mut before, &mut chunk)? {
            0 => return Ok(line),
            n => line += memchr::memchr_iter(b'\n', &chunk[..n]).count() as u64,
        }
    }
}

/// The number of fields of the record that begins at an offset and ends the file.
fn fields_from(input: &mut (impl Read + Seek), offset: u64) -> io::Result<u64> {
    input.seek(SeekFrom::Start(offset))?;
    let mut scan = Scan::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        match read_some(input, &mut chunk)? {
            0 => break,
            n => scan.feed_counting(&chunk[..n]),
        }
    }
    Ok(match scan.length() {
        0 => 0,
        _ => scan.delimiters() + 1,
    })
}

fn read_some(input: &mut impl Read, chunk: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
#[path = "existing_tests.rs"]
mod tests;
