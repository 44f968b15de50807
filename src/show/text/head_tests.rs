//! Tests of the first lines.

use super::*;
use crate::row::failure::FailureKind;
use crate::row::{Exchange, Row};
use crate::summary::samples::{facts, part, sample, summary, summary_of};
use crate::summary::{Figures, PartFacts, RunFacts};
use crate::sys::clock::Discipline;
use crate::time::clock::Clock;
use crate::time::offset::{Bounds, Offsets};
use std::time::Duration;

const MS: i64 = 1_000_000;
const HOUR: i64 = 3_600_000 * MS;

fn written(summary: &Summary) -> String {
    let mut out = Vec::new();
    super::super::write(summary, super::super::Detail::Brief, &mut out).expect("written");
    anstream::adapter::strip_str(&String::from_utf8(out).expect("text")).to_string()
}

#[test]
fn the_result_comes_first() {
    let text = written(&summary());
    assert!(
        text.starts_with("96 of 100 purchases, 4 failed, 48.0/s in 2.000 s\n"),
        "{text}"
    );
    let second = text.lines().nth(1).expect("what was run");
    assert_eq!(
        second,
        "burst of 100 at http://shop:8000/rdbms, seed 42, titled \"a title\""
    );
}

#[test]
fn untrusted_latencies_are_marked_in_the_first_line() {
    for (home, purchase, mark) in [
        (true, false, " - home NOT TRUSTED"),
        (false, true, " - purchase NOT TRUSTED"),
        (true, true, " - NOT TRUSTED"),
    ] {
        let mut summary = summary();
        for (is_limited, of) in [
            (home, &mut summary.verdict.home),
            (purchase, &mut summary.verdict.purchase),
        ] {
            if is_limited {
                of.state = Trust::NotTrusted;
            }
        }
        let first = first_line(&summary);
        assert!(first.ends_with(mark), "{first}");
    }
    let mut summary = summary();
    summary.verdict.pace.state = Trust::NotTrusted;
    assert!(!first_line(&summary).contains("TRUSTED"));
}

#[test]
fn a_run_without_success_says_so_first_with_the_reason() {
    let mut figures = Figures::default();
    let refused = Exchange {
        failure: Some(FailureKind::ConnectionRefused.into()),
        ..Exchange::default()
    };
    let row = Row {
        home: refused.clone(),
        buy: refused,
        ..Row::default()
    };
    figures.add(&row, &Clock::of_unix_time());
    let summary = summary_of(facts(), &part(), &figures);
    let expected = "NOTHING SUCCEEDED: 0 of 1 purchases: home: connection refused (nothing listens there: \
                    is the server up, on this address and port?)";
    assert_eq!(first_line(&summary), expected);
}

#[test]
fn a_run_without_shoppers() {
    let nothing = summary_of(facts(), &PartFacts::default(), &Figures::default());
    assert_eq!(first_line(&nothing), "no shopper was launched");
    let stopped = RunFacts {
        interrupted: Some("SIGINT".to_owned()),
        ..facts()
    };
    let stopped = summary_of(stopped, &PartFacts::default(), &Figures::default());
    assert_eq!(
        first_line(&stopped),
        "interrupted by SIGINT before a shopper was launched"
    );
}

#[test]
fn interruption_drift_and_connections_are_reported() {
    let facts = RunFacts {
        interrupted: Some("SIGINT".to_owned()),
        clock_drift_nanos: Some(-2_500_000),
        keep_alive: Some(true),
        preconnect: Some(true),
        ..facts()
    };
    let text = written(&summary_of(facts, &part(), &sample()));
    assert!(
        text.contains("\nINTERRUPTED by SIGINT: not all shoppers have finished\n"),
        "{text}"
    );
    assert!(text.contains("preconnect, keep-alive"), "{text}");
    assert!(
        text.contains("WARNING: the wall clock moved by -2.500 ms"),
        "{text}"
    );
}

#[test]
fn loads_in_words() {
    let words = |load: Load| load_of(&load);
    let closed = Load {
        kind: Kind::Closed,
        levels: vec![20],
        duration_seconds: Some(30.0),
        think_time_seconds: Some(0.2),
        think_time_distribution: Some("exponential".to_owned()),
        ramp_up_seconds: Some(1.0),
        rounds: 2,
        pause_seconds: 2.0,
        ..Load::default()
    };
    assert_eq!(
        words(closed),
        "closed workload of 20 virtual users, for 30s, think time 200ms on average, ramp-up 1s, 2 rounds, \
         pause 2s"
    );
    let open = Load {
        kind: Kind::Open,
        rate_per_second: Some(500.0),
        arrivals: Some("poisson".to_owned()),
        count: Some(9),
        warm_up_seconds: Some(5.0),
        rounds: 1,
        ..Load::default()
    };
    assert_eq!(
        words(open),
        "open workload, 500/s (Poisson), 9 in all, warm-up of 5s"
    );
    let rate = |per_second, unit: &str| {
        words(Load {
            kind: Kind::Open,
            rate_per_second: Some(per_second),
            rate_unit: Some(unit.to_owned()),
            ..Load::default()
        })
    };
    assert_eq!(rate(5.0 / 3600.0, "h"), "open workload, 5/h");
    assert_eq!(rate(0.5, "m"), "open workload, 30/m");
    assert_eq!(rate(0.5, "s"), "open workload, 0.5/s");
    assert_eq!(rate(1.0 / 3.0, "s"), "open workload, 0.333/s");
    let bursts = Load {
        levels: vec![4, 1],
        rounds: 2,
        ..Load::default()
    };
    assert_eq!(words(bursts), "bursts of 4 and 1, 2 rounds");
}

#[test]
fn a_rate_is_told_in_its_unit_and_the_planned_span_as_such() {
    let mut of = summary();
    of.load.load.kind = Kind::Open;
    of.load.load.rate_per_second = Some(5.0 / 3600.0);
    of.load.load.rate_unit = Some("h".to_owned());
    (of.span_nanos, of.wall_nanos) = (720_000 * MS, 12 * MS);
    of.purchases_per_second = Some(5.0 / 3600.0);
    let expected = "96 of 100 purchases, 4 failed, 5.000/h over the planned 720s (took 12.000 ms)";
    assert_eq!(first_line(&of), expected);
    of.wall_nanos = 719_000 * MS;
    assert!(first_line(&of).ends_with(", 5.000/h in 720.000 s"));
}

#[test]
fn lost_rows_are_said_first() {
    let mut of = summary();
    of.ending = Some(RunEnding::Failed);
    of.rows_lost = Some(42);
    let line = first_line(&of);
    let begin = "FAILED: 42 rows lost - 96 of 100 purchases, 4 failed";
    assert!(line.starts_with(begin), "{line}");
    of.rows_lost = None;
    assert!(first_line(&of).starts_with("FAILED: rows lost - "));
    of.rows_lost = Some(0);
    assert!(first_line(&of).starts_with("FAILED - "));
}

#[test]
fn levels_that_were_not_run_are_said() {
    let mut of = crate::summary::sweeps::sweep(vec![crate::summary::sweeps::level(1, &[10.0])]);
    of.load.load.levels = vec![1, 10, 100];
    of.load.load.rounds = 1;
    let text = written(&of);
    assert!(
        text.contains("\nbursts of 1 (not run: 10 and 100) at http"),
        "{text}"
    );
}

fn load_of(of: &Load) -> String {
    load(of, &summary())
}

fn with_clock(rows: &[(i64, i64)], synchronised: Option<bool>, is_remote: bool) -> String {
    let mut figures = sample();
    let mut offsets = Offsets::default();
    for &(at_least, at_most) in rows {
        offsets.add(Bounds {
            at_least: Some(at_least),
            at_most: Some(at_most),
        });
    }
    figures.journeys.main = offsets;
    let facts = RunFacts {
        is_remote,
        discipline: synchronised.map(|synchronised| Discipline {
            synchronised,
            estimated_error: Duration::from_micros(50),
        }),
        ..facts()
    };
    written(&summary_of(facts, &part(), &figures)).replace("\n  ", " ")
}

#[test]
fn a_clock_that_agrees_is_no_warning() {
    for (synchronised, is_remote) in [(Some(true), true), (Some(false), false), (None, true)] {
        let text = with_clock(&[(-200_000, 100_000)], synchronised, is_remote);
        assert!(!text.contains("WARNING"), "{text}");
        assert!(text.contains("clock within 0.200 ms of this one"), "{text}");
    }
    let text = with_clock(&[(-200_000, 100_000)], Some(false), true);
    assert!(
        text.contains("WARNING: this machine's clock is not synchronized by a time service"),
        "{text}"
    );
    assert!(!with_clock(&[], Some(false), true).contains("WARNING"));
}

#[test]
fn clock_warnings_include_a_hint() {
    for (rows, parts) in [
        (
            &[(5 * MS, 6 * MS)][..],
            &["+5.000 ms to +6.000 ms", "chronyc tracking"][..],
        ),
        (
            &[(-5 * HOUR, -5 * HOUR + MS)],
            &["-18000.000 s", "another zone (-5:00 h)", "TZ"],
        ),
        (
            &[(5 * MS, 6 * MS), (-6 * MS, -5 * MS)],
            &["contradict each other", "chronyc tracking"],
        ),
        (
            &[(0, MS), (0, MS), (2 * MS + 1, 3 * MS)],
            &["moved by at least +1.000 ms"],
        ),
    ] {
        let text = with_clock(rows, Some(true), false);
        for part in parts.iter().chain(&["WARNING"]) {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    assert_eq!(zone(-5.25), "-5:15 h");
}

#[test]
fn dropped_arrivals_are_reported() {
    let mut figures = sample();
    figures.dropped = 3;
    figures.dropped_without_row = 1_000_000;
    let text = written(&summary_of(facts(), &part(), &figures)).replace("\n  ", " ");
    assert!(text.contains("WARNING: dropped x 1000003, never sent: max in flight was reached; 1000000 of them have no row"), "{text}");
}
