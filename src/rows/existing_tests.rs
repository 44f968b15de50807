//! Tests of existing.

use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::row::Row;
use crate::rows::encode::Encoder;
use crate::rows::read::read_rows;
use crate::time::clock::Clock;

fn header() -> String {
    COLUMNS.map(|name| format!("\"{name}\"")).join(";")
}

fn row(last: &str) -> String {
    format!("{}{last}", "1;".repeat(27))
}

fn check_for(text: &str, phases: bool) -> Result<Continuation, String> {
    let input = Cursor::new(text.as_bytes());
    let mut unwatched = |_| ControlFlow::Continue(());
    check(input, text.len() as u64, phases, &mut unwatched).map_err(|why| why.to_string())
}

fn checked(text: &str) -> Result<Continuation, String> {
    check_for(text, false)
}

#[test]
fn phases_and_no_phases_do_not_mix() {
    let with_phases = columns(true).collect::<Vec<_>>().join(";") + "\n";
    let plain = header() + "\n";
    let continued = Ok(Continuation::LineBreak(""));
    assert_eq!(check_for(&with_phases, true), continued);
    assert_eq!(check_for(&plain, false), continued);
    for (text, phases, expected) in [
        (&with_phases, false, "it has the phases' columns"),
        (&plain, true, "it has no columns for the phases"),
    ] {
        let error = check_for(text, phases).expect_err("refused");
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("--phases to append to it"), "{error}");
    }
    for width in [47, 50, 56] {
        let earlier: Vec<&str> = columns(true).take(width).collect();
        let earlier = earlier.join(";") + "\n";
        let error = check_for(&earlier, true).expect_err("refused");
        let expected = format!("it has {width} columns as an earlier version wrote them");
        assert!(error.contains(&expected), "{error}");
    }
    let damaged = with_phases.replace("buy_in_server", "buy_out_server");
    let error = check_for(&damaged, true).expect_err("refused");
    assert!(error.contains("its column 46 is"), "{error}");
    let torn = format!("{with_phases}{}", "1;".repeat(27));
    let error = check_for(&torn, true).expect_err("refused");
    assert!(
        error.contains("after 28 of 58 fields (truncated?)"),
        "{error}"
    );
}

#[test]
fn an_empty_report_needs_a_header() {
    assert_eq!(checked(""), Ok(Continuation::Header));
    assert_eq!(checked(BOM), Ok(Continuation::Header));
}

#[test]
fn reports_of_any_csv_writer_are_continued() {
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
fn a_complete_last_row_without_a_line_break_gets_one() {
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
        Err("the last line (3) ends after 2 of 28 fields (truncated?)".to_owned())
    );
    for end in ["\"", "\"a", "\"a\"\"", "\"a\r\n"] {
        let torn = format!("{}\n{}\n{}", header(), row("1"), row(end));
        assert_eq!(
            checked(&torn),
            Err("the last record (line 3) ends inside a quoted field (truncated?)".to_owned()),
            "{end:?}"
        );
    }
}

#[test]
fn other_files_are_refused_with_a_description() {
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
        (
            old(0),
            "it is an old report with 21 columns, current reports have 28",
        ),
        (
            old(2),
            "it is an old report with 19 columns, current reports have 28",
        ),
        (
            "a;b;c\n".to_owned(),
            "its first line has 3 columns, a report's header has 28",
        ),
        (
            "#!/bin/sh\n".to_owned(),
            "its first line is not a report's header: \"#!/bin/sh\"",
        ),
        ("\n\n".to_owned(), "it has only blank lines, no header"),
        (
            header().replace(';', ",") + "\r\n",
            "its first line is not a report's header: \"concurrent_requests,\\\"benchmark_title",
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

/// Whatever three bytes a file begins with, only the mark alone is as good as nothing.
#[test]
fn a_partial_byte_order_mark_is_not_one() {
    for text in ["\"ab", "\"\"\"", "\"\"\n", "abc", "\"a\""] {
        let error = checked(text).expect_err("no header");
        assert!(error.contains("not a report's header"), "{text:?}: {error}");
    }
    assert_eq!(checked("\u{feff}"), Ok(Continuation::Header));
}

/// A report made of a beginning, the same text many times, and an end; it counts what is read of it.
struct Long {
    parts: [(Vec<u8>, u64); 3],
    at: u64,
}

impl Long {
    fn new(start: String, middle: String, times: u64, end: &str) -> Long {
        Long {
            parts: [
                (start.into_bytes(), 1),
                (middle.into_bytes(), times),
                (end.as_bytes().to_vec(), 1),
            ],
            at: 0,
        }
    }

    fn length(&self) -> u64 {
        (self.parts.iter())
            .map(|(text, times)| text.len() as u64 * times)
            .sum()
    }

    fn check(
        self,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Continuation, Refusal> {
        let length = self.length();
        check(self, length, false, progress)
    }
}

impl Read for Long {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut start = 0;
        let mut n = 0;
        for (text, times) in &self.parts {
            let length = text.len() as u64 * times;
            while n < buffer.len() && (start..start + length).contains(&self.at) {
                let from = ((self.at - start) % text.len() as u64) as usize;
                let part = &text[from..(from + buffer.len() - n).min(text.len())];
                buffer[n..n + part.len()].copy_from_slice(part);
                n += part.len();
                self.at += part.len() as u64;
            }
            start += length;
        }
        Ok(n)
    }
}

impl Seek for Long {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(at) = to else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        self.at = at;
        Ok(at)
    }
}

#[test]
fn long_reports_are_read_with_progress_and_can_be_interrupted() {
    let long = || Long::new(header() + "\n", row("\"a;\nb\"") + "\n", 20_000, "");
    let mut told = Vec::new();
    let found = long().check(&mut |progress| {
        told.push(progress);
        ControlFlow::Continue(())
    });
    assert_eq!(found.expect("a report"), Continuation::LineBreak(""));
    let total = long().length();
    let last = told.last().expect("it was told");
    assert_eq!(*last, Progress { read: total, total });
    assert!(told.is_sorted_by_key(|progress| progress.read));
    assert!(
        told.windows(2)
            .all(|two| two[1].read - two[0].read <= 1 << 20)
    );

    let mut left = 3;
    let found = long().check(&mut |progress| {
        assert!(progress.read < progress.total);
        left -= 1;
        if left == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert!(matches!(found, Err(Refusal::Interrupted)), "{found:?}");
}

#[test]
fn a_line_of_delimiters_takes_no_memory() {
    let line = ";".repeat(1 << 20);
    let mut unwatched = |_| ControlFlow::Continue(());
    let found = Long::new(header() + "\n", line.clone(), 8, "\n").check(&mut unwatched);
    assert_eq!(
        found.expect("rows are not judged, but for the last"),
        Continuation::LineBreak("")
    );
    let found = Long::new(header() + "\n", line.clone(), 8, "").check(&mut unwatched);
    let error = found.expect_err("torn").to_string();
    assert!(
        error.contains("the last line (2) ends after 8388609 of 28 fields"),
        "{error}"
    );
    let found = Long::new(String::new(), line, 8, "\n").check(&mut unwatched);
    assert!(matches!(found, Err(Refusal::LongFirstLine)), "{found:?}");
}

proptest! {
    /// In whatever can be continued, the row that is appended is a row of its own.
    #[test]
    fn what_can_be_continued_gets_a_row_more(
        mark in "\u{feff}?",
        start in prop_oneof![Just(header()), Just(header() + "\r\n"), Just(COLUMNS.join(";") + "\n"), Just(String::new())],
        rows in proptest::collection::vec(prop_oneof![Just(row("1\n")), Just(row("\"a\"\r\n")), Just(row("\"a\n\"\"\"\r")), "[a\";\r\n]{0,4}"], 0..4),
        end in "[a\";\r\n]{0,3}",
    ) {
        let mut file = format!("{mark}{start}{}{end}", rows.concat());
        if let Ok(continuation) = checked(&file) {
            let before: Vec<_> = read_rows(file.as_bytes()).map_or(Vec::new(), Iterator::collect);
            let damage = before.iter().find_map(|row| row.as_ref().err().map(ToString::to_string));
            let encoder = &mut Encoder::new("title".to_owned(), true);
            let mut text = Vec::new();
            match continuation {
                Continuation::Header => encoder.header(&mut text),
                Continuation::LineBreak(end) => file.push_str(end),
            }
            let appended = Row { concurrent_requests: 77, ..Row::default() };
            encoder.row(&appended, &Clock::start(), &mut text);
            file.push_str(&String::from_utf8(text).expect("text"));
            let rows: Vec<_> = read_rows(file.as_bytes()).expect("a header").collect();
            // What a damaged row ends with depends on what follows; that it is damaged does not.
            if let Some(damage) = damage {
                let found = rows.iter().find_map(|row| row.as_ref().err().map(ToString::to_string));
                prop_assert!(found.is_some(), "{damage}: {file:?}");
                return Ok(());
            }
            prop_assert_eq!(rows.len(), before.len() + 1, "{:?}", file);
            let last = rows.last().expect("a row").as_ref().expect("the row that was appended");
            prop_assert_eq!(last.concurrent_requests, Some(77));
            prop_assert_eq!(&*last.title, "title");
        }
    }
}
