//! What is written as CSV is read back the same; any bytes behind a header are rows or errors; and in a
//! report that can be continued, the row that is appended is a row of its own.
#![no_main]

use std::io::Cursor;
use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use profilerclient::row::failure::{Failure, FailureKind};
use profilerclient::row::server_report::{ServerFigures, ServerReport};
use profilerclient::row::{Exchange, Row};
use profilerclient::rows::columns::{columns, header_line};
use profilerclient::rows::encode::Encoder;
use profilerclient::rows::existing::{Continuation, check};
use profilerclient::rows::read::read_rows;
use profilerclient::text::cleaned;
use profilerclient::time::clock::{Clock, Stamp};

/// Absent and empty texts are the same in a CSV, and some figures have no column.
fn as_read(mut figures: ServerFigures) -> ServerFigures {
    for text in [
        &mut figures.error_msg,
        &mut figures.started_time,
        &mut figures.stopped_time,
    ] {
        if text.as_deref() == Some("") {
            *text = None;
        }
    }
    figures.cpu_seconds = None;
    figures
}

fn assert_same(read: &Exchange, written: &Exchange) {
    assert_eq!(read.elapsed(), written.elapsed());
    assert_eq!(read.status, written.status);
    assert_eq!(read.satisfied(), written.satisfied());
}

fn written_and_read(title: &str, row: &Row, phases: bool) {
    let mut encoder = Encoder::new(title.to_owned(), true).with_phases(phases);
    let mut csv = Vec::new();
    encoder.header(&mut csv);
    encoder.row(row, &Clock::start(), &mut csv);
    let mut rows = read_rows(csv.as_slice()).expect("the header just written");
    let read = rows.next().expect("a row").expect("the row just written");
    assert!(rows.next().is_none());
    assert_eq!(*read.title, *cleaned(title));
    assert_eq!(read.concurrent_requests, Some(row.concurrent_requests));
    assert_same(&read.row.buy, &row.buy);
    let read = read.row.report.unwrap_or_default();
    let written = row.report.clone().unwrap_or_default();
    let mut main = as_read(written.main);
    if read.main.error_msg.is_none() {
        // The client's error may say the same.
        main.error_msg = None;
    }
    assert_eq!(read.main, main);
    let rest = as_read(written.rest.unwrap_or_default());
    assert_eq!(read.rest.unwrap_or_default(), rest);
}

/// Foreign rows below a header of ours, of the old client, or in another order.
fn read_foreign(which: u16, bytes: &[u8]) {
    let names = columns(which & 1 == 1);
    let names: Vec<&str> = match which >> 1 & 3 {
        0 => names.collect(),
        1 => names.collect::<Vec<_>>().into_iter().rev().collect(),
        2 => names
            .filter(|name| !name.starts_with("server_rest"))
            .collect(),
        _ => names.skip(2).collect(),
    };
    let mut file = (names.join(";") + "\r\n").into_bytes();
    file.extend_from_slice(bytes);
    let rows = read_rows(file.as_slice()).expect("a header");
    let breaks = file.iter().filter(|byte| matches!(byte, b'\n' | b'\r'));
    let most = 1 + breaks.count() as u64;
    let mut last = 1;
    for row in rows {
        let line = match &row {
            Ok(row) => row.line,
            Err(error) => {
                assert!(!error.to_string().contains(char::is_control));
                error.line
            }
        };
        assert!((last..=most).contains(&line), "{last} {line} {most}");
        last = line;
    }
}

fn continue_report(which: u16, bytes: &[u8]) {
    let phases = which & 1 == 1;
    let mut encoder = Encoder::new("title".to_owned(), true).with_phases(phases);
    let mut row = Vec::new();
    let appended = Row {
        concurrent_requests: 77,
        ..Row::default()
    };
    encoder.row(&appended, &Clock::start(), &mut row);
    let header = header_line(phases);
    let mut file = match which >> 1 & 3 {
        0 => bytes.to_vec(),
        1 => [&header, bytes].concat(),
        2 => [&header, bytes, &row].concat(),
        _ => ["\u{feff}".as_bytes(), &header, &row, bytes].concat(),
    };
    let mut unwatched = |_| ControlFlow::Continue(());
    let input = Cursor::new(&file);
    let Ok(how) = check(input, file.len() as u64, phases, &mut unwatched) else {
        return;
    };
    let before = read_rows(file.as_slice()).map_or(0, Iterator::count);
    match how {
        Continuation::Header => file.extend_from_slice(&header),
        Continuation::LineBreak(text) => file.extend_from_slice(text.as_bytes()),
    }
    file.extend_from_slice(&row);
    let rows = read_rows(file.as_slice()).expect("a report that can be continued");
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows.len(), before + 1);
    let last = rows.last().expect("a row").as_ref();
    let last = last.expect("the row just appended");
    assert_eq!(last.concurrent_requests, Some(77));
    assert_eq!(&*last.title, "title");
}

fuzz_target!(|input: (&str, &str, u64, u64, u16, &[u8])| {
    let (title, detail, started, stopped, status, bytes) = input;
    // Days, in nanoseconds.
    let (started, stopped) = (
        started % 1_000_000_000_000_000,
        stopped % 1_000_000_000_000_000,
    );
    let exchange = Exchange {
        started: Some(Stamp(started)),
        stopped: Some(Stamp(stopped)),
        status: Some(status % 1000),
        failure: (!detail.is_empty()).then(|| Failure::with_detail(FailureKind::BadReport, detail)),
        ..Exchange::default()
    };
    let row = Row {
        concurrent_requests: started,
        home: Exchange::default(),
        buy: exchange,
        report: ServerReport::parse(bytes).ok(),
        ..Row::default()
    };
    written_and_read(title, &row, started % 2 == 0);
    read_foreign(status, bytes);
    continue_report(status, bytes);
    if let Ok(rows) = read_rows(bytes) {
        rows.for_each(drop);
    }
});
