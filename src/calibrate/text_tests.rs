use std::num::NonZeroUsize;
use std::time::Duration;

use serde_json::Value;

use super::super::arithmetic::{Comparison, Purchase, Standard};
use super::super::{Drift, Floor, json};
use super::*;

const MS: i64 = 1_000_000;

/// 200 purchases of 5 ms, with errors of 20 µs by the kernel's clock and the given error by the program's.
fn level(shoppers: usize, user_error: i64) -> Level {
    let purchase = Purchase {
        started: 0,
        taken_up: MS,
        answered: 6 * MS + 3_000,
        stopped: Some(6 * MS + 23_000),
        seen: 6 * MS + 3_000 + user_error,
    };
    let standard = Standard {
        service: Duration::from_millis(5),
        workers: NonZeroUsize::new(1000),
    };
    let mut comparison = Comparison::default();
    comparison.add(vec![purchase; 200], standard);
    Level {
        standard,
        shoppers,
        rounds: 200 / shoppers,
        comparison,
    }
}

fn findings() -> Findings {
    Findings {
        kernel_stamps: Ok(()),
        floor: Floor {
            new_connection: Sample::from_iter([60_000, 70_000, 90_000]),
            kept_connection: Sample::from_iter([30_000, 40_000, 50_000]),
        },
        levels: vec![level(1, 30_000), level(100, 3 * MS)],
        left_out: None,
        precise: None,
        drift: Drift { nanos: 0 },
        is_over_tls: false,
    }
}

fn shown(findings: &Findings) -> String {
    let mut out = Vec::new();
    write(findings, &mut out).expect("memory takes all");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn the_text() {
    let shown = shown(&findings());
    let begin = "\
floor: one shopper at a time, a shop that takes no time
  new connection   min     60 µs   p50     70 µs   p99      - µs
  kept connection  min     30 µs   p50     40 µs   p99      - µs

";
    assert!(shown.starts_with(begin), "{shown}");
    let words: Vec<String> = shown
        .lines()
        .filter(|line| line.starts_with("  100 x"))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        words,
        [
            "100 x 2, 5 ms, 1000 at a time 6.000 6.000 6.000 6.023 6.023 6.023 9.003 9.003 9.003",
            "100 x 2, 5 ms, 1000 at a time 3 3 3 20 20 20 yes 3000 3000 3000 no",
        ]
    );
    let end = "\
floor: 40 µs, 70 µs with a new connection
kernel clock: off by 20, 20 µs at p99 with 1, 100 at once; within 1 % or 50 µs with all of them
user clock: off by 30, 3000 µs at p99 with 1, 100 at once; within 1 % or 50 µs with 1
";
    assert!(shown.ends_with(end), "{shown}");
}

#[test]
fn a_clock_without_figures_gets_no_conclusion() {
    let mut findings = findings();
    for level in &mut findings.levels {
        level.comparison.kernel = Reported::default();
        level.comparison.user = Reported::default();
        let late = Purchase {
            started: 0,
            taken_up: 0,
            answered: 0,
            stopped: None,
            seen: MS,
        };
        level.comparison.add(vec![late; 100], level.standard);
    }
    let mut out = Vec::new();
    conclusion(&findings, &mut out).expect("memory takes all");
    let text = String::from_utf8(out).expect("UTF-8");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("user clock: off by 1000, 1000 µs"), "{text}");
    assert!(text.ends_with("with none of them\n"), "{text}");
}

#[test]
fn columns_stand_beneath_their_headings() {
    let shown = shown(&findings());
    let widths: Vec<usize> = shown
        .lines()
        .filter(|line| line.contains("      p50      p99") || line.starts_with("  100 x"))
        .map(|line| line.chars().count())
        .collect();
    assert_eq!(widths.len(), 4, "two tables: {shown}");
    assert_eq!(widths[0], widths[1], "{shown}");
    assert_eq!(widths[2], widths[3], "{shown}");
}

#[test]
fn obstacles_are_reported() {
    let shown = shown(&Findings {
        kernel_stamps: Err(io::Error::other("not permitted")),
        left_out: Some("too few open files".to_owned()),
        drift: Drift { nanos: 2 * MS },
        ..findings()
    });
    for part in [
        "not available here (not permitted)",
        "left out: too few open files",
        "+2.000 ms during the calibration",
    ] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
}

#[test]
fn the_object() {
    let mut out = Vec::new();
    json::write(&findings(), &mut out).expect("memory takes all");
    assert_eq!(out.iter().filter(|&&byte| byte == b'\n').count(), 1);
    let object: Value = serde_json::from_slice(&out).expect("JSON");
    for (pointer, expected) in [
        ("/schema_version", 1.0),
        ("/floor/kept_connection_seconds/p50", 40e-6),
        ("/levels/0/shoppers", 1.0),
        ("/levels/0/service_seconds", 5e-3),
        ("/levels/1/workers", 1000.0),
        ("/levels/1/arithmetic_seconds/p99", 6e-3),
        ("/levels/1/shop_late_seconds/max", 3e-6),
        ("/levels/1/kernel/error_seconds/p99", 20e-6),
        ("/levels/1/user/elapsed_seconds/max", 9.003e-3),
        ("/within/kernel/1", 100.0),
        ("/within/user/0", 1.0),
    ] {
        let found = object.pointer(pointer).and_then(Value::as_f64);
        assert_eq!(found, Some(expected), "{pointer}");
    }
    assert_eq!(
        object.pointer("/levels/1/user/within"),
        Some(&Value::Bool(false))
    );
    assert_eq!(
        object["floor"]["new_connection_seconds"]["p99"],
        Value::Null
    );
}

#[test]
fn it_says_that_it_is_over_tls() {
    let shown = shown(&Findings {
        is_over_tls: true,
        ..findings()
    });
    for part in [
        "a shop that takes no time, over TLS",
        "floor, over TLS: 40 µs, 70 µs",
    ] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
}
