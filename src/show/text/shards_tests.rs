//! Tests of the lines about shards.

use super::*;
use crate::rows::shards::ShardClocks;
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
fn a_run_without_shards_has_no_line() {
    let mut out = Vec::new();
    write(&summary(), &mut out).expect("a buffer");
    assert_eq!(out, b"");
}
