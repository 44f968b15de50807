//! Tests of the figures of parts.

use super::*;
use crate::comparison::Level;
use crate::row::failure::FailureKind;
use crate::row::server_report::ServerReport;
use crate::row::{Exchange, SiteRow};
use crate::summary::Figures;
use crate::time::clock::Stamp;

const AT: Place = Place { run: 0, part: 0 };

/// A request that began after `start` and took `ms`.
fn exchange(start: u64, ms: u64) -> Exchange {
    let at = |nanos: u64| Some(Stamp::at(nanos));
    Exchange {
        started: at(start),
        connected: at(start + 100_000),
        sent: at(start + 100_000),
        first_byte: at(start + ms * 1_000_000),
        stopped: at(start + ms * 1_000_000),
        seen: at(start + ms * 1_000_000),
        status: Some(200),
        ..Exchange::default()
    }
}

/// A shopper: bought after `ms`, or failed.
fn row(number: u64, ms: Option<u64>) -> Row {
    let start = number * 1_000_000_000;
    let mut buy = exchange(start + 10_000_000, ms.unwrap_or(1));
    let mut report = None;
    match ms {
        None => buy.failure = Some(FailureKind::Status(500).into()),
        Some(_) => {
            let body = r#"{"cpu_usage": 40, "cpu_seconds": 0.001, "elapsed_seconds": 0.004, "result": true}"#;
            report = Some(ServerReport::parse(body.as_bytes()).expect("a report"));
        }
    }
    Row {
        home: exchange(start, 2),
        buy,
        report,
        ..Row::default()
    }
}

fn found(is_recorded: bool) -> FoundRun {
    let mut part = FoundPart::default();
    part.is_recorded = is_recorded;
    part.own_buy_nanos = [Some(20_000), Some(90_000)];
    part.facts.span_nanos = 2_000_000_000;
    part.facts.wall_nanos = 2_500_000_000;
    part.facts.first_start = Some(1_000);
    FoundRun {
        parts: vec![part],
        ..FoundRun::default()
    }
}

fn collected(rows: &[Row], record: Option<&PartFigures>) -> PartMetrics {
    let mut collector = Collector::new(vec![AT]);
    let clock = Clock::of_unix_time();
    collector.begin(&[found(record.is_some())]);
    rows.iter().for_each(|row| collector.row(AT, row, &clock));
    collector.part_read(AT, record);
    collector.finish().remove(0).remove(0)
}

#[test]
fn failed_shoppers_are_the_slowest_of_all() {
    let mut rows: Vec<Row> = (1..=9).map(|ms| row(ms, Some(ms))).collect();
    rows.push(row(10, None));
    let part = collected(&rows, None);
    let value = |metric| part.values.of(metric);
    assert_eq!((part.due, part.bought, part.opened), (10, 9, 10));
    // The fifth and the ninth of ten.
    assert_eq!(value(Metric::Buy(Level::P50)), Some(0.005));
    assert_eq!(value(Metric::Buy(Level::P90)), Some(0.009));
    assert_eq!(value(Metric::Buy(Level::P99)), None);
    assert_eq!(value(Metric::BuyMean), Some(0.005));
    assert_eq!(value(Metric::Errors), Some(0.1));
    assert_eq!(value(Metric::PurchasesPerSecond), Some(4.5));
    assert_eq!(value(Metric::ServerP50), Some(0.004));
    assert_eq!(value(Metric::Home(Level::P50)), Some(0.002));
    assert_eq!(part.ended, Some(2_500_001_000));
}

#[test]
fn with_half_of_them_failed_the_median_is_infinite() {
    let rows: Vec<Row> = (0..10).map(|n| row(n, (n < 4).then_some(1))).collect();
    let part = collected(&rows, None);
    assert_eq!(part.values.of(Metric::Buy(Level::P50)), Some(f64::INFINITY));
    assert_eq!(
        part.series.buy.iter().filter(|of| of.is_infinite()).count(),
        6
    );
}

#[test]
fn shoppers_dropped_without_a_row_count_too() {
    let rows: Vec<Row> = (0..10).map(|n| row(n, Some(1))).collect();
    let record = PartFigures {
        dropped_without_row: 20,
        ..PartFigures::default()
    };
    let part = collected(&rows, Some(&record));
    assert_eq!((part.due, part.bought), (30, 10));
    assert_eq!(part.values.of(Metric::Buy(Level::P50)), Some(f64::INFINITY));
}

#[test]
fn the_record_replaces_what_rows_cannot_carry() {
    let mut figures = Figures::default();
    let clock = Clock::of_unix_time();
    let rows: Vec<Row> = (0..10).map(|n| row(n, Some(8))).collect();
    rows.iter().for_each(|row| figures.add(row, &clock));
    let bare: Vec<Row> = (rows.iter().cloned())
        .map(|row| Row {
            is_bare: true,
            ..row
        })
        .collect();
    let part = collected(&bare, Some(&figures.record()));
    let connect = part
        .stages
        .buy
        .iter()
        .find(|(stage, _)| *stage == Stage::Connect);
    let (_, mean) = connect.expect("recorded");
    assert!((mean - 0.0001).abs() < 1e-7, "{mean}");
    assert_eq!(part.own_buy, [Some(0.00002), Some(0.00009)]);
    assert_eq!(part.resource.server_cpu, Some(0.4));
    assert_eq!(part.resource.on_cpu, Some(0.25));
}

#[test]
fn times_of_the_server_come_from_rows_and_from_records() {
    let rows: Vec<Row> = (0..10)
        .map(|n| Row {
            site: Some(Box::new(SiteRow {
                home_timing: Some("db;dur=3".into()),
                buy_timing: Some("db;dur=40;desc=\"7 queries\", cache;dur=0.5".into()),
                ..SiteRow::default()
            })),
            ..row(n, Some(8))
        })
        .collect();
    let mut figures = Figures::default();
    let clock = Clock::of_unix_time();
    rows.iter().for_each(|row| figures.add(row, &clock));
    let bare: Vec<Row> = (rows.iter().cloned())
        .map(|row| Row {
            site: None,
            is_bare: true,
            ..row
        })
        .collect();
    for part in [
        collected(&rows, None),
        collected(&bare, Some(&figures.record())),
    ] {
        let value = |name: &str| part.values.of(Metric::named(name).expect(name));
        assert_eq!(value("buy.timing.db.p50"), Some(0.04));
        assert_eq!(value("buy.timing.db.p90"), Some(0.04));
        assert_eq!(value("buy.timing.db.p99"), None);
        assert_eq!(value("buy.timing.db.mean"), Some(0.04));
        assert_eq!(value("buy.timing.db:queries"), Some(7.0));
        assert_eq!(value("home.timing.db"), Some(0.003));
        assert_eq!(value("home.timing.cache"), None);
    }
}

#[test]
fn refused_purchases_are_failures() {
    let mut refused = row(1, Some(1));
    let body = r#"{"result": false, "error_msg": "sold out"}"#;
    refused.report = Some(ServerReport::parse(body.as_bytes()).expect("a report"));
    let part = collected(&[row(0, Some(1)), refused], None);
    assert_eq!((part.due, part.bought), (2, 1));
    assert_eq!(part.values.of(Metric::Errors), Some(0.5));
}

#[test]
fn long_series_keep_their_order_in_bounded_memory() {
    let mut order = Order::default();
    let number = 5 * MOST_IN_ORDER;
    for value in 0..number {
        order.add(value as i64, value as f64, 0.0);
    }
    let series = order.finish();
    assert!(series.home.len() <= MOST_IN_ORDER && series.home.len() >= MOST_IN_ORDER / 2);
    let steps = series.home.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(
        steps.clone().all(|step| step == 8.0),
        "{:?}",
        steps.take(3).collect::<Vec<_>>()
    );
}

#[test]
fn distrust_has_its_reason() {
    let verdict = FigureVerdict {
        state: Trust::NotTrusted,
        ..FigureVerdict::default()
    };
    assert_eq!(
        distrust(Some(&verdict)).as_deref(),
        Some("the reason is not recorded")
    );
    assert_eq!(distrust(Some(&FigureVerdict::default())), None);
    assert_eq!(distrust(None), None);
}
