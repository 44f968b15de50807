//! Reads reports back: those of today (28 columns) and the old client's (19 or 21 columns).

use std::io::{self, Read};
use std::{fmt, str};

use csv::{ByteRecord, Reader, ReaderBuilder};
use serde_json::Number;

use super::columns::{COLUMNS, DELIMITER, NO_RESPONSE};
use crate::server_report::ServerFigures;
use crate::text::{Printable, shortened};

/// Columns that the oldest reports lack; all others must be there.
const OPTIONAL_PREFIXES: [&str; 3] = ["concurrent_requests", "benchmark_title", "server_rest_"];

/// The longest record that is read, bytes: a quote that is never closed must not fill the memory.
const MAX_RECORD: usize = 64 << 20;

/// The mark that some programs put in front of UTF-8 text.
pub(super) const BOM: &str = "\u{feff}";

/// Starts reading a report: takes the header and finds its columns by name, in any order. Unknown
/// columns are ignored.
pub fn read_rows<R: Read>(input: R) -> Result<Rows<R>, ReadError> {
    let mut records = Records::new(input);
    let header = records.next()?.ok_or_else(|| ReadError {
        line: 1,
        message: "the report is empty: it has no header".to_owned(),
    })?;
    let columns = Columns::find(header).map_err(|message| ReadError { line: 1, message })?;
    Ok(Rows {
        width: header.len(),
        columns,
        records,
        ended: false,
    })
}

/// One shopper, as a report tells of it. What is absent or empty there is `None` (texts: empty).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParsedRow {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// Shoppers launched together with this one; absent in the oldest reports.
    pub concurrent_requests: Option<u64>,
    /// The run's description.
    pub benchmark_title: Box<str>,
    /// The home page.
    pub home: ParsedExchange,
    /// The purchase.
    pub buy: ParsedExchange,
    /// What the main server reported.
    pub server: ServerFigures,
    /// What the second server reported.
    pub rest: ServerFigures,
}

/// One request as a report tells of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParsedExchange {
    /// From start to stop, nanoseconds.
    pub elapsed_nanos: Option<i64>,
    /// Why it did not satisfy; empty where it did.
    pub error_msg: Box<str>,
    /// The response's status; absent where no response came.
    pub status: Option<u16>,
    /// Whether it satisfied.
    pub result: Option<bool>,
    /// ISO 8601, as it stands there; empty where the request never began.
    pub started_time: Box<str>,
    /// ISO 8601, as it stands there.
    pub stopped_time: Box<str>,
}

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

/// The rows of a report, one by one. A row that cannot be understood is an error and the next row
/// follows; an input that cannot be read on is an error and the end.
#[derive(Debug)]
pub struct Rows<R> {
    records: Records<R>,
    columns: Columns,
    width: usize,
    ended: bool,
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<ParsedRow, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.records.next() {
            Ok(Some(_)) => Some(self.row()),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }
}

impl<R: Read> Rows<R> {
    fn row(&self) -> Result<ParsedRow, ReadError> {
        let line = self.records.line();
        let record = &self.records.record;
        let row = if record.len() == self.width {
            self.columns.row(line, record)
        } else {
            let found = record.len();
            let width = self.width;
            Err(format!("{found} fields where the header has {width}"))
        };
        row.map_err(|message| ReadError { line, message })
    }
}

/// Where each of the known columns stands in the records of one report, in the order of
/// [`COLUMNS`].
#[derive(Debug)]
struct Columns([Option<usize>; COLUMNS.len()]);

impl Columns {
    fn find(header: &ByteRecord) -> Result<Columns, String> {
        let mut found = [None; COLUMNS.len()];
        for (place, field) in header.iter().enumerate() {
            let name = header_name(place, field);
            let Some(column) = COLUMNS.iter().position(|column| *column == name) else {
                continue;
            };
            if found[column].replace(place).is_some() {
                return Err(format!("the header names {name} twice"));
            }
        }
        let missing = COLUMNS.iter().zip(&found).find(|(name, place)| {
            place.is_none()
                && !OPTIONAL_PREFIXES
                    .iter()
                    .any(|prefix| name.starts_with(prefix))
        });
        match missing {
            None => Ok(Columns(found)),
            Some((name, _)) => Err(format!(
                "this is no report of profilerclient: its header has no column {name}"
            )),
        }
    }

    fn row(&self, line: u64, record: &ByteRecord) -> Result<ParsedRow, String> {
        let mut cells = Cells {
            record,
            places: COLUMNS.iter().zip(&self.0),
        };
        // In the order of the columns.
        let concurrent_requests = cells.next(parse_count, "a count")?;
        let benchmark_title = cells.text();
        let home = cells.exchange()?;
        let server = cells.server()?;
        let rest = cells.server()?;
        let buy = cells.exchange()?;
        Ok(ParsedRow {
            line,
            concurrent_requests,
            benchmark_title,
            home,
            buy,
            server,
            rest,
        })
    }
}

/// The cells of one record, in the order of [`COLUMNS`]; those of absent columns are empty.
struct Cells<'a> {
    record: &'a ByteRecord,
    places: std::iter::Zip<std::slice::Iter<'a, &'static str>, std::slice::Iter<'a, Option<usize>>>,
}

impl<'a> Cells<'a> {
    fn exchange(&mut self) -> Result<ParsedExchange, String> {
        Ok(ParsedExchange {
            elapsed_nanos: self.next(parse_seconds, "a number of seconds")?,
            error_msg: self.text(),
            status: self.next(parse_status, "an HTTP status or -100")?.flatten(),
            result: self.next(parse_truth, "True or False")?,
            started_time: self.text(),
            stopped_time: self.text(),
        })
    }

    fn server(&mut self) -> Result<ServerFigures, String> {
        Ok(ServerFigures {
            cpu_usage: self.next(parse_number, "a number")?,
            elapsed_seconds: self.next(parse_number, "a number")?,
            error_msg: self.present_text(),
            memory_usage: self.next(parse_number, "a number")?,
            result: self.next(parse_truth, "True or False")?,
            started_time: self.present_text(),
            stopped_time: self.present_text(),
        })
    }

    /// The next cell's value, absent where the cell is empty.
    fn next<T>(
        &mut self,
        parse: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) -> Result<Option<T>, String> {
        let (name, cell) = self.cell();
        if cell.is_empty() {
            return Ok(None);
        }
        match str::from_utf8(cell).ok().and_then(parse) {
            Some(value) => Ok(Some(value)),
            None => {
                let found = shortened(&String::from_utf8_lossy(cell), 40);
                Err(format!("{name} is {found:?}, not {expected}"))
            }
        }
    }

    fn text(&mut self) -> Box<str> {
        String::from_utf8_lossy(self.cell().1).into()
    }

    fn present_text(&mut self) -> Option<Box<str>> {
        Some(self.text()).filter(|text| !text.is_empty())
    }

    fn cell(&mut self) -> (&'static str, &'a [u8]) {
        let (name, place) = self.places.next().expect("a row has 28 columns");
        let cell = place.and_then(|place| self.record.get(place));
        (name, cell.unwrap_or_default())
    }
}

fn parse_count(text: &str) -> Option<u64> {
    // Tables that were edited elsewhere may have whole numbers as floats.
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}

fn parse_status(text: &str) -> Option<Option<u16>> {
    let text = text.strip_suffix(".0").unwrap_or(text);
    if text.parse() == Ok(NO_RESPONSE) {
        return Some(None);
    }
    text.parse().ok().map(Some)
}

fn parse_truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn parse_number(text: &str) -> Option<Number> {
    text.parse()
        .ok()
        .or_else(|| text.parse().ok().and_then(Number::from_f64))
}

/// Seconds to nanoseconds: exact for plain decimals (digits beyond the ninth are cut), by way of a
/// float for those with an exponent.
fn parse_seconds(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        let nanos = text.parse::<f64>().ok()? * 1e9;
        // Beyond this a float is no nearer than a microsecond, and an i64 is near its end.
        return (nanos.abs() < 9e18).then(|| nanos.round() as i64);
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let nanos = (0..9).fold(0, |nanos, place| {
        let digit = fraction.as_bytes().get(place).map_or(0, |byte| byte - b'0');
        nanos * 10 + i128::from(digit)
    });
    let total = whole.checked_mul(1_000_000_000)?.checked_add(nanos)?;
    i64::try_from(if negative { -total } else { total }).ok()
}

/// A header's field, without the byte order mark and the quotes behind it that it may hide.
pub(super) fn header_name(place: usize, field: &[u8]) -> String {
    let name = String::from_utf8_lossy(field);
    match name.strip_prefix(BOM) {
        Some(rest) if place == 0 => rest.trim_matches('"').to_owned(),
        _ => name.into_owned(),
    }
}

/// The records of a report, header included, each at most [`MAX_RECORD`] bytes long.
#[derive(Debug)]
pub(super) struct Records<R> {
    reader: Reader<Bounded<R>>,
    record: ByteRecord,
    line: u64,
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
        }
    }

    /// The next record; `None` at the end.
    pub fn next(&mut self) -> Result<Option<&ByteRecord>, ReadError> {
        self.reader.get_mut().left = MAX_RECORD;
        let before = self.reader.position().clone();
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

    pub fn into_input(self) -> R {
        self.reader.into_inner().input
    }
}

/// An input that may give only so many bytes until it is allowed more, and remembers the last ones.
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
                "a record of more than {limit} MiB: is a quote left open?"
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

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
