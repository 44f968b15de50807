//! Tests of the lines about shards.

use super::*;
use crate::rows::shards::{Shard, ShardClocks};
use crate::summary::samples::summary;

fn written(shards: Shards) -> String {
    let mut summary = summary();
    summary.shards = Some(shards);
    let mut out = Vec::new();
    warnings(&summary, &mut out).expect("a buffer");
    write(&summary, &mut out).expect("a buffer");
    let text = String::from_utf8(out).expect("UTF-8");
    let plain = anstream::adapter::strip_str(&text).to_string();
    prefix(&summary) + &plain
}

#[test]
fn all_shards_with_a_common_clock() {
    let text = written(Shards {
        count: 3,
        merged: 3,
        starts: ShardStarts {
            of_burst: true,
            spread: Some(2_000_000),
            at_least: Some(1_500_000),
            at_most: Some(2_500_000),
            latest: Some(300_000),
        },
        clocks: ShardClocks {
            common: true,
            at_least: Some(0),
            at_most: Some(40_000),
            ..ShardClocks::default()
        },
        ..Shards::default()
    });
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        one_line,
        "Shards 3 of 3, the last one began 0.300 ms after the instant, starts spread over 2.000 ms (1.500 ms to \
         2.500 ms), clocks within 0.040 ms of one another"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn a_missing_shard_and_clocks_that_nothing_compares() {
    let text = written(Shards {
        count: 4,
        merged: 3,
        partial: true,
        starts: ShardStarts {
            spread: Some(2_000_000),
            ..ShardStarts::default()
        },
        clocks: ShardClocks {
            warnings: vec!["the shards have no common clock".to_owned()],
            ..ShardClocks::default()
        },
        ..Shards::default()
    });
    assert!(text.starts_with("PARTIAL: 3 of 4 shards - "), "{text}");
    assert!(
        text.contains("WARNING: the shards have no common clock\n"),
        "{text}"
    );
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let spread =
        "Shards 3 of 4, first starts spread over 2.000 ms (by clocks that nothing compares)";
    assert!(one_line.ends_with(spread), "{one_line}");
}

#[test]
fn each_shard_in_detail() {
    let mut summary = summary();
    let shard = Shard {
        index: 1,
        merged: true,
        rows: 300,
        host_name: Some("n1".to_owned()),
        start_delay: Some(250_000),
        shop_clock_at_least: Some(-5_000),
        shop_clock_at_most: Some(40_000),
        ..Shard::default()
    };
    let missing = Shard {
        index: 2,
        problem: Some("rows-2.csv is empty".to_owned()),
        ..Shard::default()
    };
    summary.shards = Some(Shards {
        each: vec![shard, missing],
        ..Shards::default()
    });
    let mut out = Vec::new();
    details(&summary, &mut out).expect("a buffer");
    let text = String::from_utf8(out).expect("UTF-8");
    let text = anstream::adapter::strip_str(&text).to_string();
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        one_line,
        "Shard 1 300 rows, on n1, began +0.250 ms after the instant, the shop's clock -0.005 ms to +0.040 ms ahead \
         of its own Shard 2 MISSING: rows-2.csv is empty"
    );
}

#[test]
fn a_run_without_shards_has_no_line() {
    let mut out = Vec::new();
    write(&summary(), &mut out).expect("a buffer");
    details(&summary(), &mut out).expect("a buffer");
    assert_eq!(out, b"");
}
