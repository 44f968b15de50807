//! Tests of report.

use super::*;
use crate::row::server_report::ServerReport;

const REPORT: Report<'static> = Report {
    figures: Some(Figures {
        cpu_usage: 29.34,
        interval_seconds: 0.1,
    }),
    memory: Some(3093),
    error: "",
    started: Stamp::at(1_000_000),
    second_stage: None,
    stopped: Stamp::at(6_000_042),
};

fn written(report: Report<'_>) -> ServerReport {
    let mut out = String::new();
    report.write(&Clock::start(), &mut WallClockFormat::local(), &mut out);
    ServerReport::parse(out.as_bytes()).expect("a report")
}

#[test]
fn the_client_reads_it() {
    let read = written(REPORT).main;
    assert_eq!(
        read.cpu_usage.map(|n| n.to_string()).as_deref(),
        Some("29.3")
    );
    assert_eq!(
        read.elapsed_seconds.map(|n| n.to_string()).as_deref(),
        Some("0.005000042")
    );
    assert_eq!(
        read.memory_usage.map(|n| n.to_string()).as_deref(),
        Some("3093")
    );
    assert_eq!(
        (read.result, read.error_msg.as_deref()),
        (Some(true), Some(""))
    );
    assert_eq!(read.cpu_seconds, None, "of a purchase, not of the process");
    let started = read.started_time.expect("a time");
    assert_eq!(started.len(), "2015-01-03T00:33:40.520812".len());
    assert!(Some(&*started) < read.stopped_time.as_deref());
}

#[test]
fn refused_unmeasured_and_with_a_second_server() {
    let read = written(Report {
        figures: None,
        memory: None,
        error: "inventory: only 3 left",
        second_stage: Some(Stamp::at(4_000_042)),
        ..REPORT
    });
    assert_eq!(read.main.result, Some(false));
    assert_eq!(
        read.main.error_msg.as_deref(),
        Some("inventory: only 3 left")
    );
    assert_eq!((read.main.cpu_usage, read.main.memory_usage), (None, None));
    let rest = read.rest.expect("a second server");
    assert_eq!(
        rest.elapsed_seconds.map(|n| n.to_string()).as_deref(),
        Some("0.002000000")
    );
    assert_eq!(rest.stopped_time, read.main.stopped_time);
    assert!(rest.started_time.as_deref() > read.main.started_time.as_deref());
}
