//! Tests of blocks.

use super::*;
use std::collections::HashMap;

#[test]
fn every_block_is_complete() {
    for parts in 0..20 {
        let mut order = block(7, 3, parts);
        order.sort_unstable();
        assert_eq!(order, (0..parts).collect::<Vec<_>>());
    }
}

#[test]
fn the_seed_and_the_round_determine_the_order() {
    // These do not change from one version to the next: reports can be repeated by their seed.
    let orders: Vec<Vec<usize>> = (0..4).map(|round| block(7, round, 4)).collect();
    assert_eq!(orders, KNOWN);
    let other: Vec<Vec<usize>> = (0..4).map(|round| block(8, round, 4)).collect();
    assert_ne!(orders, other);
}

const KNOWN: [[usize; 4]; 4] = [[2, 3, 0, 1], [3, 2, 0, 1], [3, 1, 2, 0], [0, 1, 2, 3]];

#[test]
fn all_orders_occur_equally_often() {
    let mut counts: HashMap<Vec<usize>, u32> = HashMap::new();
    for round in 0..6_000 {
        *counts.entry(block(1, round, 3)).or_default() += 1;
    }
    assert_eq!(counts.len(), 6);
    // 1,000 each; 200 are more than six standard deviations.
    for (order, count) in counts {
        assert!(count.abs_diff(1_000) < 200, "{order:?}: {count}");
    }
}
