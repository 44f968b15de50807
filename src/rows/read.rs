//! Reads reports back: current ones (28 columns or more) and those of the old client (19 or 21 columns).

use std::io::Read;

use super::cells::{Cells, Columns};
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
        records,
        ended: false,
    })
}

/// The rows of a report, one by one. A row that cannot be parsed is an error and the next row
/// follows; an input error ends the iteration.
#[derive(Debug)]
pub struct Rows<R> {
    records: Records<R>,
    columns: Columns,
    /// Reads times without an offset as local ones.
    clock: ReportClock,
    width: usize,
    ended: bool,
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<ReadRow, ReadError>;

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
    fn row(&mut self) -> Result<ReadRow, ReadError> {
        let (line, end) = (self.records.line(), self.records.end());
        let record = self.records.last();
        let row = if record.len() == self.width {
            let mut cells = Cells::new(&self.columns, record, &mut self.clock);
            cells.row().map(|row| ReadRow { line, end, ..row })
        } else {
            let found = record.len();
            let width = self.width;
            Err(format!("{found} fields where the header has {width}"))
        };
        row.map_err(|message| ReadError { line, message })
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
