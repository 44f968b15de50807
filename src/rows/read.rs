//! Reads reports back: current ones (28 columns or more) and those of the old client (19 or 21 columns).

use std::io::Read;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::cells::Cells;
use super::known::Columns;
use super::records::Records;
use crate::time::reading::ReportClock;
use crate::time::zone::local_zone;

pub use super::cells::ReadRow;
pub use super::records::ReadError;

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
    let names: Vec<String> = (header.iter().enumerate())
        .map(|(place, field)| header_name(place, field))
        .collect();
    let columns = Columns::find(&names).map_err(|message| ReadError { line: 1, message })?;
    Ok(Rows {
        width: names.len(),
        columns,
        clock: ReportClock::new(local_zone()),
        near: i64::MIN,
        zones: Vec::new(),
        zone: None,
        title: Arc::default(),
        is_brief: false,
        is_damaged: false,
        records,
        ended: false,
    })
}

/// Rows whose times without an offset are of a zone other than this machine's.
#[derive(Clone, Debug)]
pub struct ZoneRange {
    /// The first byte of the rows, and the first beyond them.
    pub range: [u64; 2],
    /// Their zone.
    pub zone: TimeZone,
    /// An instant near the first of them, nanoseconds since the Unix epoch: it decides which is meant
    /// where a local time occurs twice.
    pub near: Option<i64>,
}

/// The rows of a report, one by one. A row that cannot be understood is an error and the next row
/// follows; an input that cannot be read on is an error and the end.
#[derive(Debug)]
pub struct Rows<R> {
    records: Records<R>,
    columns: Columns,
    /// Reads times without an offset as local ones.
    clock: ReportClock,
    /// The last start, nanoseconds since the Unix epoch.
    near: i64,
    /// In ascending order, none overlapping another.
    zones: Vec<ZoneRange>,
    /// Which of them is the clock's; this machine's zone if none.
    zone: Option<usize>,
    /// The title of the last row.
    title: Arc<str>,
    /// Whether the next rows are read in brief.
    is_brief: bool,
    /// Whether the last record may have taken more than its line: the next one is looked for behind that.
    is_damaged: bool,
    width: usize,
    ended: bool,
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<ReadRow, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = ReadRow::default();
        let read = self.read(&mut row)?;
        Some(read.map(|()| row))
    }
}

impl<R: Read> Rows<R> {
    /// The next row, in the place of another one: a row is large. After an error it is neither.
    pub fn read(&mut self, row: &mut ReadRow) -> Option<Result<(), ReadError>> {
        if std::mem::take(&mut self.is_damaged) {
            self.ended |= !self.records.begin_again().unwrap_or(false);
        }
        if self.ended {
            return None;
        }
        match self.records.next() {
            Ok(Some(_)) => Some(self.put(row)),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = self.records.has_failed();
                self.is_damaged = true;
                Some(Err(error))
            }
        }
    }

    /// Reads the rows in those ranges in the zones given. Ranges ascend, and none overlaps another.
    pub fn with_zones(mut self, zones: Vec<ZoneRange>) -> Rows<R> {
        self.zones = zones;
        self
    }

    /// Reads of each row only what its run is found by and whether its shopper bought; other cells are
    /// not looked at, and rows have no phases.
    pub fn in_brief(mut self) -> Rows<R> {
        self.is_brief = true;
        self
    }

    /// Whether a line break followed the last row, so that it was not cut.
    pub fn is_terminated(&self) -> bool {
        self.records.is_terminated()
    }

    fn put(&mut self, row: &mut ReadRow) -> Result<(), ReadError> {
        let (line, begin) = (self.records.line(), self.records.begin());
        let end = self.records.end();
        self.choose_zone(end);
        let record = self.records.last();
        let is_brief = self.is_brief && self.records.is_terminated();
        let wrong = if self.records.is_torn() {
            "the file ends inside this record (truncated?)".to_owned()
        } else if record.len() == self.width {
            let (columns, clock) = (&self.columns, &mut self.clock);
            let mut cells = Cells::new(columns, record, clock, &self.title, self.near);
            let put = match is_brief {
                true => cells.brief(row),
                false => cells.row(row),
            };
            match put {
                Ok(()) => {
                    if !Arc::ptr_eq(&row.title, &self.title) {
                        self.title = Arc::clone(&row.title);
                    }
                    let started = row.row.home.started.map(|at| at.nanos());
                    self.near =
                        started.map_or(self.near, |at| i64::try_from(at).unwrap_or(i64::MAX));
                    (row.line, row.begin, row.end) = (line, begin, end);
                    return Ok(());
                }
                Err(error) => error,
            }
        } else {
            let found = record.len();
            let width = self.width;
            self.is_damaged = self.records.is_of_several_lines();
            format!("{found} fields where the header has {width}")
        };
        Err(ReadError {
            line,
            message: wrong,
        })
    }

    /// Takes up the zone of the row that ends there.
    fn choose_zone(&mut self, end: u64) {
        let place = self.zones.partition_point(|zone| zone.range[1] < end);
        let place = Some(place)
            .filter(|place| (self.zones.get(*place)).is_some_and(|zone| zone.range[0] < end));
        if place == self.zone {
            return;
        }
        self.zone = place;
        let (zone, near) = match place.map(|place| &self.zones[place]) {
            Some(zone) => (zone.zone.clone(), zone.near),
            None => (local_zone(), None),
        };
        self.clock = ReportClock::new(zone);
        self.near = near.unwrap_or(i64::MIN);
    }
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
