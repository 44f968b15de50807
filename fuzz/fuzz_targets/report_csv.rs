//! What is written as CSV is read back the same; and any bytes behind a header are rows or errors.
//!
//! The texts of the input are separated by zero bytes: title, detail of a failure, the server's report or
//! foreign rows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use profilerclient::row::failure::{Failure, FailureKind};
use profilerclient::row::server_report::{ServerFigures, ServerReport};
use profilerclient::row::{Exchange, Row};
use profilerclient::rows::columns::columns;
use profilerclient::rows::encode::Encoder;
use profilerclient::rows::read::read_rows;
use profilerclient::text::cleaned;
use profilerclient::time::clock::{Clock, Stamp};

/// Days, nanoseconds.
const LONGEST: u64 = 1_000_000_000_000_000;

/// Absent and empty texts are the same in a CSV, and some figures have no column.
fn as_read(mut figures: ServerFigures) -> ServerFigures {
    figures.error_msg = figures.error_msg.filter(|text| !text.is_empty());
    figures.started_time = figures.started_time.filter(|text| !text.is_empty());
    figures.stopped_time = figures.stopped_time.filter(|text| !text.is_empty());
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
    let rest = as_read(*written.rest.unwrap_or_default());
    assert_eq!(*read.rest.unwrap_or_default(), rest);
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
    let (mut last, mut end) = (1, 0);
    for row in rows {
        let line = match &row {
            Ok(row) => {
                assert!(row.end > end && row.end <= file.len() as u64);
                end = row.end;
                let _ = (row.row.home.phases(), row.row.buy.phases());
                row.line
            }
            Err(error) => {
                assert!(!error.to_string().contains(char::is_control));
                error.line
            }
        };
        assert!((last..=most).contains(&line), "{last} {line} {most}");
        last = line;
    }
}

fuzz_target!(|input: (u64, u64, u16, &[u8])| {
    let (started, stopped, status, bytes) = input;
    let mut texts = bytes.splitn(3, |&byte| byte == 0);
    let mut text = || texts.next().unwrap_or_default();
    let title = String::from_utf8_lossy(text());
    let detail = String::from_utf8_lossy(text());
    let rest = text();
    let exchange = Exchange {
        started: Some(Stamp::at(started % LONGEST)),
        stopped: Some(Stamp::at(stopped % LONGEST)),
        status: Some(status % 1000),
        failure: (!detail.is_empty())
            .then(|| Failure::with_detail(FailureKind::BadReport, &detail)),
        ..Exchange::default()
    };
    let row = Row {
        concurrent_requests: started,
        home: Exchange::default(),
        buy: exchange,
        report: ServerReport::parse(rest).ok(),
        ..Row::default()
    };
    written_and_read(&title, &row, started % 2 == 0);
    read_foreign(status, rest);
    if let Ok(rows) = read_rows(rest) {
        rows.for_each(drop);
    }
});
