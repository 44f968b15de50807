use super::*;
use crate::row::failure::Failure;
use crate::row::server_report::ServerReport;

/// 2015-01-03T00:00:00Z.
pub(crate) const BEGIN: u64 = 1_420_243_200_000_000_000;

const MS: u64 = 1_000_000;

/// A visit that starts `at` ms after [`BEGIN`], with a home page of `home` ms and a purchase of `buy` ms.
pub(crate) fn visit_of(at: u64, home: u64, buy: u64) -> Row {
    let stamp = |ms: u64| Some(Stamp::at(BEGIN + ms * MS));
    let exchange = |from: u64, to: u64| Exchange {
        started: stamp(from),
        stopped: stamp(to),
        status: Some(200),
        ..Exchange::default()
    };
    Row {
        concurrent_requests: 10,
        home: exchange(at, at + home),
        buy: exchange(at + home, at + home + buy),
        is_bare: true,
        ..Row::default()
    }
}

/// The same with a server that worked from `from` to `to` ms after [`BEGIN`], by its clock in UTC.
pub(crate) fn served(mut row: Row, from: u64, to: u64) -> Row {
    let time = |ms: u64| {
        let (seconds, ms) = (ms / 1000, ms % 1000);
        let text = format!(
            "2015-01-03T00:{:02}:{:02}.{ms:03}000Z",
            seconds / 60,
            seconds % 60
        );
        Some(text.as_str().into())
    };
    row.report = Some(ServerReport {
        main: ServerFigures {
            cpu_usage: Figure::parse("29.3"),
            memory_usage: Figure::parse("3093"),
            elapsed_seconds: Figure::from_f64((to - from) as f64 / 1e3),
            result: Some(true),
            started_time: time(from),
            stopped_time: time(to),
            ..ServerFigures::default()
        },
        rest: None,
        odd: None,
    });
    row
}

fn total(collector: &Collector, of: impl Fn(&super::super::column::Column) -> u64) -> u64 {
    collector.axis.columns().iter().map(of).sum()
}

#[test]
fn every_shopper_is_counted_once_where_it_belongs() {
    let mut collector = Collector::default();
    for at in 0..50 {
        let row = visit_of(at * 10, 20, 30);
        collector.add(&served(row, at * 10 + 25, at * 10 + 45), Some(10), 0);
    }
    let mut failed = visit_of(600, 20, 30);
    failed.buy.failure = Some(Failure::from(FailureKind::Timeout));
    collector.add(&failed, Some(10), 0);
    let mut dropped = Row {
        due: Some(Stamp::at(BEGIN + 700 * MS)),
        ..Row::default()
    };
    dropped.home.failure = Some(Failure::from(FailureKind::NotLaunched));
    collector.add(&dropped, None, 0);
    collector.add(&Row::default(), None, 0);
    assert_eq!(total(&collector, |of| of.started), 51);
    assert_eq!(total(&collector, |of| of.bought), 50);
    assert_eq!(total(&collector, |of| of.failed[1]), 1);
    assert_eq!(total(&collector, |of| of.dropped), 1);
    assert_eq!(total(&collector, |of| of.latency[0].n), 51);
    let in_flight: i64 = collector.axis.columns().iter().map(|of| of.in_flight).sum();
    assert_eq!((in_flight, collector.timeless), (0, 1));
    assert_eq!(collector.levels[&10].elapsed[1].len(), 51);
    assert_eq!(
        collector.levels[&10].longest.map(|(whole, _)| whole),
        Some(50 * MS as i64)
    );
}

#[test]
fn levels_and_parts_beyond_the_limits_are_counted_and_take_no_memory() {
    let mut collector = Collector::default();
    for level in 0..1000 {
        collector.add(&visit_of(level, 2, 3), Some(level + 1), level as usize);
    }
    assert_eq!(
        (collector.levels.len(), collector.left_out.len()),
        (LEVELS, 1000 - LEVELS)
    );
    assert_eq!(collector.parts.len(), PARTS);
    assert_eq!(total(&collector, |of| of.started), 1000);
}
