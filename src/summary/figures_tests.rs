use std::time::Duration;

use super::*;
use crate::plan::Kind;
use crate::row::server_report::ServerReport;
use crate::row::{ClockSource, Exchange};
use crate::rows::load::Load;
use crate::summary::errors::{MAX_GROUPS, MAX_MESSAGE};
use crate::summary::{PartFacts, RunEnding, RunFacts, Summary, Usage, Whole};
use crate::sys::contention::Contention;
use crate::time::clock::Stamp;

fn exchange(nanos: u64, status: Option<u16>, failure: Option<Failure>) -> Exchange {
    Exchange {
        started: Some(Stamp::at(1_000)),
        connected: Some(Stamp::at(1_000 + nanos / 10)),
        sent: Some(Stamp::at(1_000 + nanos / 10)),
        first_byte: Some(Stamp::at(1_000 + nanos)),
        stopped: Some(Stamp::at(1_000 + nanos)),
        seen: Some(Stamp::at(11_000 + nanos)),
        clock: match failure {
            None => ClockSource::Kernel,
            Some(_) => ClockSource::User,
        },
        status,
        failure,
        ..Exchange::default()
    }
}

fn row(buy: Exchange, report: Option<&str>) -> Row {
    Row {
        concurrent_requests: 100,
        due: Some(Stamp::at(500)),
        home: exchange(1_500_000, Some(200), None),
        buy,
        report: report.map(|body| ServerReport::parse(body.as_bytes()).expect("a report")),
        ..Row::default()
    }
}

/// 96 purchases of 1 to 96 ms and one of each kind of failure.
pub fn sample() -> Figures {
    let mut figures = Figures::default();
    let clock = Clock::of_unix_time();
    let report = r#"{"cpu_usage": 29.3, "memory_usage": 3093, "elapsed_seconds": 0.0005,
        "result": true, "error_msg": ""}"#;
    for ms in 1..=96 {
        figures.add(
            &row(exchange(ms * 1_000_000, Some(200), None), Some(report)),
            &clock,
        );
    }
    let failures = [
        (
            Some(500),
            FailureKind::Status(500),
            Some("ValueError at /rdbms/2/\x1b[2J"),
        ),
        (Some(500), FailureKind::Status(500), Some("another")),
        (None, FailureKind::ConnectionReset, None),
    ];
    for (status, kind, detail) in failures {
        let failure = match detail {
            Some(detail) => Failure::with_detail(kind, detail),
            None => kind.into(),
        };
        figures.add(
            &row(exchange(2_000_000_000, status, Some(failure)), None),
            &clock,
        );
    }
    let refused = r#"{"cpu_usage": 30, "result": false, "error_msg": "sold\u009b out",
        "rest": {"elapsed_seconds": 1.25, "result": false}}"#;
    figures.add(
        &row(exchange(5_000_000, Some(200), None), Some(refused)),
        &clock,
    );
    figures
}

/// What is known of the run beside its rows.
pub fn facts() -> RunFacts {
    RunFacts {
        shards: None,
        variants: Vec::new(),
        insecure: None,
        resume: None,
        version: "1.2.3".to_owned(),
        id: Some("1a-2b".to_owned()),
        ending: Some(RunEnding::Done),
        rows_lost: Some(0),
        rows_skipped: 0,
        title: "a title".to_owned(),
        note: String::new(),
        machine: None,
        precise: None,
        load_average_after: None,
        report_file: "report.csv".to_owned(),
        rows_written: 100,
        target: Some("http://shop:8000".to_owned()),
        app: Some("rdbms".to_owned()),
        load: Load {
            levels: vec![100],
            rounds: 1,
            ..Load::default()
        },
        seed: Some(42),
        preconnect: Some(false),
        keep_alive: Some(false),
        started_time: "2026-01-02T03:04:05.678901".to_owned(),
        interrupted: None,
        clock_drift_nanos: Some(20),
        cpu_user: Some(Duration::from_millis(12)),
        cpu_system: Some(Duration::from_millis(34)),
        peak_memory_bytes: Some(7_500_000),
        discipline: None,
        is_remote: false,
    }
}

/// What others took of the CPU in it.
const CONTENTION: Contention = Contention {
    run_queue_nanos: Some(400_000),
    timeslices: Some(200),
    steal_nanos: Some(0),
    involuntary_switches: Some(5),
};

/// What is known of its only part.
pub fn part() -> PartFacts {
    PartFacts {
        variant: None,
        is_cut: false,
        tls: None,
        level: Some(100),
        round: 1,
        kind: Kind::Burst,
        first_start: Some(1_000),
        wall_nanos: 2_000_000_000,
        span_nanos: 2_000_000_000,
        starts_spread_nanos: Some(3_250_000),
        paused_nanos: 0,
        backoffs: 0,
        most_in_flight: 100,
        warmed_up: None,
        usage: Some(Usage {
            cpu: Duration::from_millis(30),
            spun: Duration::ZERO,
            wall: Duration::from_secs(2),
            longest_iteration_nanos: 250_000,
            descriptors_used: 108,
            descriptors_limit: 1024,
            ports_used: 200,
            ports_available: Some(28_232),
            contention: CONTENTION,
        }),
        verdict: None,
    }
}

/// The summary of a run of one part.
pub fn summary_of(run: RunFacts, part: &PartFacts, figures: &Figures) -> Summary {
    let mut whole = Whole::default();
    whole.add(part, figures);
    Summary::of(run, whole, &[])
}

/// That of the sample.
pub fn summary() -> Summary {
    summary_of(facts(), &part(), &sample())
}

#[test]
fn rows_are_counted_where_they_belong() {
    let summary = sample();
    assert_eq!((summary.shoppers, summary.bought), (100, 96));
    assert_eq!(summary.failed_purchases(), 4);
    assert_eq!(summary.home.elapsed().len(), 100);
    assert_eq!(summary.buy.elapsed().len(), 100);
    assert_eq!(summary.buy.elapsed_ok.len(), 97);
    assert_eq!((summary.home.failed, summary.buy.failed), (0, 3));
    let statuses: Vec<_> = summary.buy.statuses.into_iter().collect();
    assert_eq!(statuses, [(None, 1), (Some(200), 97), (Some(500), 2)]);
    assert_eq!(summary.server.elapsed.len(), 96);
    let server = summary.server.elapsed.summary().expect("figures");
    assert_eq!((server.min, server.max), (500_000, 500_000));
    assert_eq!(summary.server.max_cpu, Some(30.0));
    assert_eq!(summary.server.max_memory, Some(3093.0));
    assert_eq!(summary.rest.elapsed.len(), 1);
    assert_eq!(summary.rest.max_cpu, None);
    assert_eq!((summary.server.results, summary.server.refused), (97, 1));
    assert_eq!((summary.rest.results, summary.rest.refused), (1, 1));
}

#[test]
fn errors_are_grouped_the_most_frequent_first() {
    let summary = sample();
    let groups: Vec<_> = (summary.errors.most_frequent().into_iter())
        .map(|group| (group.source, group.what.to_string(), group.count))
        .collect();
    assert_eq!(
        groups,
        [
            (Source::Buy, "HTTP 500 Internal Server Error".to_owned(), 2),
            (Source::Buy, "connection reset by the server".to_owned(), 1),
            (Source::Server, "sold\\u{9b} out".to_owned(), 1),
            (
                Source::Rest,
                "refused without an error message".to_owned(),
                1
            ),
        ]
    );
    let first = summary.errors.most_frequent()[0];
    assert_eq!(
        first.example.as_deref(),
        Some("ValueError at /rdbms/2/\\u{1b}[2J")
    );
    assert_eq!((summary.errors.total(), summary.errors.ungrouped()), (5, 0));
}

#[test]
fn distinct_error_messages_use_bounded_memory() {
    let mut summary = Figures::default();
    for n in 0..1000 {
        let message = format!("{n} {}", "x".repeat(10_000));
        let body = format!("{{\"result\": false, \"error_msg\": \"{message}\"}}");
        summary.add(
            &row(exchange(1, Some(200), None), Some(&body)),
            &Clock::of_unix_time(),
        );
    }
    let groups = summary.errors.most_frequent();
    assert_eq!(groups.len(), MAX_GROUPS);
    assert_eq!(groups[0].what.to_string().chars().count(), MAX_MESSAGE + 1);
    assert_eq!(summary.errors.ungrouped(), 800);
    assert_eq!(summary.errors.total(), 1000);
}

#[test]
fn a_shopper_without_a_start_is_counted_as_launched_and_has_no_figures() {
    let mut summary = Figures::default();
    summary.add(
        &Row {
            home: Exchange {
                failure: Some(FailureKind::Interrupted.into()),
                ..Exchange::default()
            },
            ..Row::default()
        },
        &Clock::of_unix_time(),
    );
    assert_eq!((summary.shoppers, summary.failed_purchases()), (1, 1));
    assert!(summary.home.elapsed().is_empty() && summary.buy.elapsed().is_empty());
    assert_eq!(summary.buy.statuses.get(&None), Some(&1));
    assert_eq!((summary.home.failed, summary.buy.failed), (1, 1));
    assert_eq!(summary.errors.total(), 1);
}
