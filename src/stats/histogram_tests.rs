//! Tests of histogram.

use super::*;
use proptest::prelude::*;

/// What the histogram makes of one value.
fn told(value: i64) -> i128 {
    let mut histogram = Histogram::default();
    histogram.add(value);
    assert_eq!(histogram.at_rank(2), None);
    histogram.at_rank(1).expect("one value")
}

#[test]
fn small_values_are_exact() {
    for value in -4095..=4095 {
        assert_eq!(told(value), i128::from(value));
    }
}

#[test]
fn octaves_follow_one_another_up_to_the_largest_magnitude() {
    assert_eq!(place(0), (0, 0));
    assert_eq!(place(2047), (0, 2047));
    assert_eq!(place(2048), (1, 0));
    assert_eq!(place(4095), (1, 2047));
    assert_eq!(place(4096), (2, 0));
    assert_eq!(place(i64::MAX as u64), (OCTAVES - 2, BUCKETS - 1));
    assert_eq!(place(i64::MIN.unsigned_abs()), (OCTAVES - 1, 0));
}

#[test]
fn ranks_start_at_the_most_negative_value() {
    let mut histogram = Histogram::default();
    for value in [7, -3, 0, -3_000, 3_000, -3, 0] {
        histogram.add(value);
    }
    let ranked: Vec<_> = (1..=8).map(|rank| histogram.at_rank(rank)).collect();
    let expected = [-3_000, -3, -3, 0, 0, 7, 3_000].map(Some);
    assert_eq!(ranked[..7], expected);
    assert_eq!(ranked[7], None);
}

#[test]
fn only_octaves_that_occur_take_memory() {
    let mut histogram = Histogram::default();
    assert_eq!(format!("{histogram:?}"), "Histogram of 0 octaves");
    (1_000_000..1_050_000).for_each(|nanos| histogram.add(nanos));
    assert_eq!(format!("{histogram:?}"), "Histogram of 2 octaves");
}

proptest! {
    #[test]
    fn the_middle_is_near(value in any::<i64>(), bits in 0u32..64) {
        // Of every magnitude alike: nearly all 64-bit numbers are of the highest ones.
        let value = value >> bits;
        let off = (told(value) - i128::from(value)).abs();
        prop_assert!(off * 4096 <= i128::from(value).abs(), "{value} is told as {}", told(value));
    }
}
