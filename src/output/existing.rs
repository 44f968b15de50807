//! Whether a report that is already there can be continued, and how.

use std::io::Read;

use super::columns::{COLUMNS, PHASE_COLUMNS, columns};
use super::read::{BOM, header_name};
use super::records::Records;
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
mod tests {
    use super::*;

    fn header() -> String {
        COLUMNS.map(|name| format!("\"{name}\"")).join(";")
    }

    fn row(last: &str) -> String {
        format!("{}{last}", "1;".repeat(27))
    }

    fn checked(text: &str) -> Result<Continuation, String> {
        check(text.as_bytes(), false)
    }

    #[test]
    fn phases_and_no_phases_do_not_mix() {
        let with_phases = columns(true).collect::<Vec<_>>().join(";") + "\n";
        let plain = header() + "\n";
        let continued = Ok(Continuation::LineBreak(""));
        assert_eq!(check(with_phases.as_bytes(), true), continued);
        assert_eq!(check(plain.as_bytes(), false), continued);
        for (text, phases, expected) in [
            (&with_phases, false, "it has the phases' columns"),
            (&plain, true, "it has no columns for the phases"),
        ] {
            let error = check(text.as_bytes(), phases).expect_err("refused");
            assert!(error.contains(expected), "{error}");
            assert!(error.contains("--phases it can be continued"), "{error}");
        }
        let damaged = with_phases.replace("buy_in_server", "buy_out_server");
        let error = check(damaged.as_bytes(), true).expect_err("refused");
        assert!(error.contains("its column 46 is"), "{error}");
        let torn = format!("{with_phases}{}", "1;".repeat(27));
        let error = check(torn.as_bytes(), true).expect_err("refused");
        assert!(error.contains("after 28 of 47 fields"), "{error}");
    }

    #[test]
    fn what_is_empty_wants_a_header() {
        assert_eq!(checked(""), Ok(Continuation::Header));
        assert_eq!(checked(BOM), Ok(Continuation::Header));
    }

    #[test]
    fn a_report_is_continued_whatever_wrote_it() {
        let crlf = format!("{}\r\n{}\r\n", header(), row("\"a\""));
        for text in [
            crlf.clone(),
            format!("{BOM}{crlf}"),
            crlf.replace("\r\n", "\n"),
            format!("{}\r\n", header()),
            format!("{}\n", COLUMNS.join(";")),
            format!("{BOM}{}\n", COLUMNS.join(";")),
            format!("{}\n{}\n", header(), row("\"a\n\"\"b\"\"\"")),
        ] {
            assert_eq!(checked(&text), Ok(Continuation::LineBreak("")), "{text:?}");
        }
    }

    #[test]
    fn a_whole_last_row_gets_the_line_break_it_lacks() {
        for (end, expected) in [("\"a\"", "\r\n"), ("\"a\"\r", "\n"), ("1\r", "\n")] {
            let text = format!("{}\n{}", header(), row(end));
            assert_eq!(
                checked(&text),
                Ok(Continuation::LineBreak(expected)),
                "{end:?}"
            );
        }
        let bare = COLUMNS.join(";");
        for text in [header(), bare, format!("{BOM}{}", header())] {
            assert_eq!(checked(&text), Ok(Continuation::LineBreak("\r\n")));
        }
    }

    #[test]
    fn a_last_row_that_may_be_cut_is_refused() {
        for end in ["", "1"] {
            let text = format!("{}\n{}", header(), row(end));
            let error = checked(&text).expect_err("nobody can tell");
            assert!(
                error.contains("the last line (2) has no line break"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_torn_last_row_is_refused_by_its_line() {
        let torn = format!("{}\n{}\n1;2", header(), row("1"));
        assert_eq!(
            checked(&torn),
            Err("the last line (3) breaks off after 2 of 28 fields".to_owned())
        );
        for end in ["\"", "\"a", "\"a\"\"", "\"a\r\n"] {
            let torn = format!("{}\n{}\n{}", header(), row("1"), row(end));
            assert_eq!(
                checked(&torn),
                Err("the last record (line 3) breaks off within quotes".to_owned()),
                "{end:?}"
            );
        }
    }

    #[test]
    fn other_files_are_refused_by_what_they_are() {
        let old = |skipped: usize| {
            let names: Vec<&str> = COLUMNS
                .into_iter()
                .filter(|name| !name.starts_with("server_rest"))
                .skip(skipped)
                .collect();
            names.join(";") + "\n"
        };
        let swapped = header().replace("cpu_usage\";\"server_buy_e", "e\";\"server_buy_cpu_usage");
        for (text, expected) in [
            (old(0), "it is an old report of 21 columns, today's have 28"),
            (old(2), "it is an old report of 19 columns, today's have 28"),
            (
                "a;b;c\n".to_owned(),
                "its first line has 3 columns, a report's header has 28",
            ),
            (
                "#!/bin/sh\n".to_owned(),
                "its first line is no report's header: \"#!/bin/sh\"",
            ),
            ("\n\n".to_owned(), "it has only blank lines, no header"),
            (
                header().replace(';', ",") + "\r\n",
                "its first line is no report's header: \"concurrent_requests,\\\"benchmark_title",
            ),
            (
                swapped,
                "its column 9 is \"server_buy_e\", not \"server_buy_cpu_usage\"",
            ),
        ] {
            let error = checked(&text).expect_err("no report of 28 columns");
            assert!(error.contains(expected), "{error}");
        }
    }
}
