//! Whether a report that is already there can be continued, and how.

use std::io::Read;

use crate::rows::columns::{COLUMNS, PHASE_COLUMNS, columns};
use crate::rows::read::{BOM, header_name};
use crate::rows::records::Records;
use crate::text::shortened;

/// What must be written in front of the first row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Continuation {
    /// The file is empty: the header.
    Header,
    /// The line break that the last row lacks (or its second half), or nothing.
    LineBreak(&'static str),
}

/// Reads a report through to its end, and says how rows with or without phases can follow. The error
/// says what is wrong with it.
pub(super) fn check(input: impl Read, phases: bool) -> Result<Continuation, String> {
    // The probe becomes a record of its own if, and only if, the quotes before it are closed.
    const PROBE: &[u8] = b"\r\nprobe";
    let input = Watched {
        input,
        length: 0,
        last: 0,
    };
    let mut records = Records::new(input.chain(PROBE));
    let mut header = None;
    let mut width = 0;
    let mut records_found = 0u64;
    let mut previous = Last::default();
    let mut last = Last::default();
    loop {
        let record = match records.next() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(error) => return Err(error.to_string()),
        };
        let fields = record.len();
        let is_probe = fields == 1 && &record[0] == b"probe";
        if header.is_none() {
            width = fields;
            header = Some(
                record
                    .iter()
                    .take(COLUMNS.len() + PHASE_COLUMNS.len())
                    .enumerate()
                    .map(|(place, field)| header_name(place, field))
                    .collect::<Vec<_>>(),
            );
        }
        records_found += 1;
        previous = last;
        last = Last {
            line: records.line(),
            fields,
            is_probe,
        };
    }
    let (watched, _) = records.into_input().into_inner();
    if watched.length == 0 || (watched.length == BOM.len() as u64 && previous.fields == 0) {
        return Ok(Continuation::Header);
    }
    if previous.fields == 0 && last.is_probe {
        return Err("it has only blank lines, no header".to_owned());
    }
    check_header(&header.unwrap_or_default(), width, phases)?;
    if !last.is_probe {
        let line = last.line;
        return Err(format!(
            "the last record (line {line}) breaks off within quotes"
        ));
    }
    match watched.last {
        b'\n' => Ok(Continuation::LineBreak("")),
        _ if previous.fields != width => Err(format!(
            "the last line ({}) breaks off after {} of {width} fields",
            previous.line, previous.fields,
        )),
        b'\r' => Ok(Continuation::LineBreak("\n")),
        // A closed quote ends a field for certain; and a header (the probe is the second record) has
        // all its names.
        b'"' => Ok(Continuation::LineBreak("\r\n")),
        _ if records_found == 2 => Ok(Continuation::LineBreak("\r\n")),
        _ => Err(format!(
            "the last line ({}) has no line break and may be cut off (add one if it is whole)",
            previous.line
        )),
    }
}

fn check_header(found: &[String], width: usize, phases: bool) -> Result<(), String> {
    const PLAIN: usize = COLUMNS.len();
    const WITH_PHASES: usize = COLUMNS.len() + PHASE_COLUMNS.len();
    let wrong = (found.iter().zip(columns(true)))
        .enumerate()
        .find(|(_, (found, column))| found != column);
    match (width, wrong) {
        (PLAIN, None) if phases => Err(
            "it has no columns for the phases (without --phases it can be continued)".to_owned(),
        ),
        (WITH_PHASES, None) if !phases => Err(
            "it has the phases' columns, which need values (with --phases it can be continued)"
                .to_owned(),
        ),
        (PLAIN | WITH_PHASES, None) => Ok(()),
        (PLAIN | WITH_PHASES, Some((place, (found, column)))) => Err(format!(
            "its column {} is {:?}, not {column:?}",
            place + 1,
            shortened(found, 40),
        )),
        (19 | 21, _) if found.iter().all(|name| COLUMNS.contains(&name.as_str())) => Err(format!(
            "it is an old report of {width} columns, today's have 28"
        )),
        (1, _) => Err(format!(
            "its first line is no report's header: {:?}",
            shortened(&found[0], 40)
        )),
        _ => Err(format!(
            "its first line has {width} columns, a report's header has 28"
        )),
    }
}

/// What the end of the file needs to be judged by.
#[derive(Clone, Copy, Default)]
struct Last {
    line: u64,
    fields: usize,
    is_probe: bool,
}

/// An input that remembers its length and its last byte.
struct Watched<R> {
    input: R,
    length: u64,
    last: u8,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.input.read(buffer)?;
        if let Some(&last) = buffer[..n].last() {
            self.last = last;
            self.length += n as u64;
        }
        Ok(n)
    }
}

#[cfg(test)]
#[path = "existing_tests.rs"]
mod tests;
