//! What is written as CSV is read back the same; and any bytes read as a report are rows or errors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use profilerclient::time::clock::{Clock, Stamp};
use profilerclient::row::failure::{Failure, FailureKind};
use profilerclient::rows::encode::Encoder;
use profilerclient::rows::read::{ParsedExchange, read_rows};
use profilerclient::row::{Exchange, Row};
use profilerclient::row::server_report::{ServerFigures, ServerReport};

/// Absent and empty texts are the same in a CSV.
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
    figures
}

fn assert_same(read: &ParsedExchange, written: &Exchange) {
    assert_eq!(read.elapsed_nanos, written.elapsed());
    assert_eq!(read.status, written.status);
    assert_eq!(read.result, Some(written.satisfied()));
    let error = written
        .failure
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    assert_eq!(*read.error_msg, *error);
}

fuzz_target!(|input: (&str, &str, u64, u64, u16, &[u8])| {
    let (title, detail, started, stopped, status, bytes) = input;
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
    let mut encoder = Encoder::new(title.to_owned(), false).with_phases(started % 2 == 0);
    let mut csv = Vec::new();
    encoder.header(&mut csv);
    encoder.row(&row, &Clock::start(), &mut csv);

    let mut rows = read_rows(csv.as_slice()).expect("the header just written");
    let read = rows.next().expect("a row").expect("the row just written");
    assert!(rows.next().is_none());
    assert_eq!(*read.benchmark_title, *title);
    assert_eq!(read.concurrent_requests, Some(row.concurrent_requests));
    assert_same(&read.buy, &row.buy);
    let report = row.report.unwrap_or_default();
    assert_eq!(read.server, as_read(report.main));
    assert_eq!(read.rest, as_read(report.rest.unwrap_or_default()));

    if let Ok(rows) = read_rows(bytes) {
        rows.for_each(drop);
    }
});
