//! Tests of the number of rounds needed.

use super::*;
use crate::plan::random::SplitMix64;

#[test]
fn the_level_needs_its_rounds_however_small_the_scatter() {
    assert_eq!(needed(0.0, 0.01, 0.05), Some(6));
    assert_eq!(needed(1e-9, 0.01, 0.05 / 16.0), Some(10));
}

#[test]
fn a_quarter_of_the_width_needs_sixteen_times_the_rounds() {
    let (few, many) = (needed(0.1, 0.02, 0.05), needed(0.1, 0.005, 0.05));
    let ratio = many.expect("many") as f64 / few.expect("few") as f64;
    assert!((15.0..16.1).contains(&ratio), "{ratio}");
}

#[test]
fn what_cannot_be_told_is_absent() {
    assert_eq!(needed(f64::INFINITY, 0.01, 0.05), None);
    assert_eq!(needed(f64::NAN, 0.01, 0.05), None);
    assert_eq!(needed(0.1, 0.0, 0.05), None);
    assert_eq!(needed(1e6, 0.01, 0.05), None);
}

/// With that number of rounds, half of the intervals of normal values are at most so wide, give or take.
#[test]
fn the_rounds_give_the_half_width() {
    let n = needed(0.02, 0.01, 0.05).expect("a number");
    let mut random = SplitMix64(7);
    let mut normal = || {
        (0..12)
            .map(|_| random.below(1 << 32) as f64 / 2f64.powi(32))
            .sum::<f64>()
            - 6.0
    };
    let mut widths: Vec<f64> = (0..200)
        .map(|_| {
            let values: Vec<f64> = (0..n).map(|_| 0.02 * normal()).collect();
            let [low, high] = signed_rank::interval(&values, 0.05).expect("enough");
            (high - low) / 2.0
        })
        .collect();
    widths.sort_by(f64::total_cmp);
    assert!(
        (0.008..0.0115).contains(&widths[100]),
        "{n} rounds: {}",
        widths[100]
    );
}
