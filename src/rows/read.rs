//! Reads reports back: those of today (28 columns) and the old client's (19 or 21 columns).

use std::io::Read;
use std::str;

use crate::row::figure::Figure;
use crate::row::server_report::ServerFigures;
use crate::rows::columns::{COLUMNS, NO_RESPONSE};
pub use crate::rows::records::ReadError;
use crate::rows::records::Records;
use crate::text::shortened;
use csv::ByteRecord;

/// Columns that the oldest reports lack; all others must be there.
const OPTIONAL_PREFIXES: [&str; 3] = ["concurrent_requests", "benchmark_title", "server_rest_"];

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
        let record = self.records.last();
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
            cpu_usage: self.next(Figure::parse, "a number")?,
            elapsed_seconds: self.next(Figure::parse, "a number")?,
            error_msg: self.present_text(),
            memory_usage: self.next(Figure::parse, "a number")?,
            result: self.next(parse_truth, "True or False")?,
            started_time: self.present_text(),
            stopped_time: self.present_text(),
            // It has no column.
            cpu_seconds: None,
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

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
