//! A report and the lines beside it, whatever they say: runs that can be shown, or an error on one line.
//!
//! The input is rows below a header, up to a zero byte, and lines. Lines that begin with `@` are parts that
//! fit: `@FROM TO` claims the rows from one number up to another.
#![no_main]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use profilerclient::pages;
use profilerclient::report::{self, Catalogue};
use profilerclient::rows::columns::header_line;
use profilerclient::rows::read::{ReadRow, read_rows};
use profilerclient::rows::runs::{self, Line, PartLine, RunLine, SCHEMA_VERSION};
use profilerclient::settings::BadRows;
use profilerclient::show::{html, json, text};
use profilerclient::text::is_unprintable;

/// Removed by nobody: a fuzzer ends by a signal. Each process has a directory of its own.
static REPORT: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("profilerclient-fuzz-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    fs::create_dir_all(&directory).expect("a temporary directory");
    directory.join("report.csv")
});

/// The line of a part, of the rows from one number up to another.
fn fitting_part(claim: &str, rows: &[ReadRow], begin: u64, number: u64) -> Option<PartLine> {
    let (from, to) = claim.split_once(' ')?;
    let (from, to): (usize, usize) = (from.parse().ok()?, to.trim().parse().ok()?);
    let claimed = rows.get(from..to)?;
    let start = from.checked_sub(1).map_or(begin, |before| rows[before].end);
    let starts = claimed.iter().filter_map(|row| row.row.home.started);
    let first = starts.map(|at| at.nanos()).min();
    let first = first.and_then(|at| jiff::Timestamp::from_nanosecond(at.into()).ok());
    Some(PartLine {
        run: "r".to_owned(),
        part: number,
        level: Some(1 + number % 3),
        rows: claimed.len() as u64,
        range: Some([start, claimed.last().map_or(start, |row| row.end)]),
        first_start: first.map(|at| at.to_string()),
        wall_nanos: 1_000_000,
        span_nanos: 1_000_000,
        ..PartLine::default()
    })
}

/// The lines: such parts, and whatever else there is.
fn lines(input: &[u8], csv: &[u8], begin: u64) -> Vec<u8> {
    let rows = read_rows(csv).expect("a header");
    let rows: Vec<ReadRow> = rows.map_while(Result::ok).collect();
    let run = RunLine {
        schema_version: SCHEMA_VERSION,
        run: "r".to_owned(),
        ..RunLine::default()
    };
    let mut out = serde_json::to_vec(&Line::Run(Box::new(run))).expect("a line");
    out.push(b'\n');
    for (number, line) in input.split(|&byte| byte == b'\n').enumerate() {
        let claim = line
            .strip_prefix(b"@")
            .and_then(|line| str::from_utf8(line).ok());
        match claim.and_then(|claim| fitting_part(claim, &rows, begin, number as u64)) {
            Some(part) => {
                let part = Line::Part(Box::new(part));
                serde_json::to_writer(&mut out, &part).expect("a Vec takes all");
            }
            None => out.extend_from_slice(line),
        }
        out.push(b'\n');
    }
    out
}

fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(2, |&byte| byte == 0);
    let rows = parts.next().unwrap_or_default();
    let header = header_line(false);
    let csv = [&header, rows].concat();
    let beside = lines(parts.next().unwrap_or_default(), &csv, header.len() as u64);
    fs::write(&*REPORT, &csv).expect("a temporary file");
    fs::write(runs::path_of(&REPORT), &beside).expect("a temporary file");

    let thresholds = ["buy.p50>1s", "errors>50%", "rate<1"];
    let thresholds = thresholds.map(|text| {
        let read = profilerclient::cli::fail_if::threshold(text);
        read.expect("a threshold")
    });
    let report = match report::read(&REPORT, &thresholds) {
        Ok(report) => report,
        Err(error) => {
            let line = error.to_string();
            assert!(
                !line.is_empty() && !line.contains(char::is_control),
                "{line:?}"
            );
            return;
        }
    };
    for warning in &report.warnings {
        assert!(!warning.contains(char::is_control), "{warning:?}");
    }
    for run in &report.runs {
        let mut out = Vec::new();
        for detail in [text::Detail::Brief, text::Detail::Full] {
            text::write(&run.summary, detail, &mut out).expect("a Vec takes all");
        }
        out.write_all(text::first_line(&run.summary).as_bytes())
            .expect("a Vec takes all");
        let shown = String::from_utf8(out).expect("text");
        // ESC is the program's own, for colours.
        let is_odd = |c: char| is_unprintable(c) && !matches!(c, '\n' | '\u{1b}');
        assert!(!shown.contains(is_odd), "{shown:?}");
        let mut out = Vec::new();
        json::write(&run.summary, &mut out).expect("a Vec takes all");
        let value: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert!(value.is_object());
    }
    page();
});

/// The page of the same file: bounded, and nothing of it is markup that came from the rows.
fn page() {
    let files = [REPORT.clone()];
    for bad_rows in [BadRows::Refuse, BadRows::Skip] {
        let Ok(catalogue) = Catalogue::of(&files, bad_rows) else {
            continue;
        };
        let Ok(page) = pages::page_of(&files, &catalogue) else {
            continue;
        };
        let mut out = Vec::new();
        html::write(&page, &mut out).expect("a Vec takes all");
        let text = String::from_utf8(out).expect("text");
        assert!(text.len() < 8 << 20, "{}", text.len());
        assert!(text.matches("<script").count() <= 1, "{text}");
        let is_odd = |c: char| is_unprintable(c) && c != '\n';
        assert!(!text.contains(is_odd), "{text:?}");
    }
}
