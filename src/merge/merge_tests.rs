//! Tests of what is said of missing shards.

use super::*;

fn shards(count: u64, missing: &[u64]) -> Shards {
    let each = (1..=count).map(|index| Shard {
        index,
        merged: !missing.contains(&index),
        problem: missing
            .contains(&index)
            .then(|| format!("rows-{index}.csv is empty")),
        ..Shard::default()
    });
    Shards {
        count,
        merged: count - missing.len() as u64,
        partial: !missing.is_empty(),
        each: each.collect(),
        ..Shards::default()
    }
}

#[test]
fn every_missing_shard_is_named_up_to_ten() {
    assert_eq!(partial(&shards(3, &[])), None);
    let told = partial(&shards(4, &[2])).expect("one is missing");
    let expected = "PARTIAL: 3 of 4 shards: shard 2: rows-2.csv is empty: nothing is extrapolated to what is missing";
    assert_eq!(told, expected);
    let told = partial(&shards(20, &(1..=15).collect::<Vec<_>>())).expect("some are missing");
    assert!(
        told.contains("shard 10: ") && !told.contains("shard 11: "),
        "{told}"
    );
    assert!(told.contains("; 5 more: "), "{told}");
}
