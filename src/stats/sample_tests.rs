//! Tests of samples and of the definition of a percentile.

use super::*;
use proptest::prelude::*;

const ALL: [(Quantile, u32, usize); 4] = [
    (Quantile::P50, 500, 2),
    (Quantile::P90, 900, 10),
    (Quantile::P99, 990, 100),
    (Quantile::P99_9, 999, 1000),
];

#[test]
fn percentiles_of_one_to_a_thousand() {
    let summary = (1..=1000).rev().collect::<Sample>().summary();
    assert_eq!(
        summary,
        Some(Distribution {
            n: 1000,
            min: 1,
            mean: 501, // 500.5, rounded
            p50: Some(500),
            p90: Some(900),
            p95: Some(950),
            p99: Some(990),
            p99_9: Some(999),
            max: 1000,
        })
    );
}

#[test]
fn empty_samples_and_samples_of_one_value() {
    let nothing = Sample::default();
    assert_eq!(nothing.summary(), None);
    assert_eq!(
        (nothing.min(), nothing.mean(), nothing.max()),
        (None, None, None)
    );
    assert_eq!(nothing.percentile(Quantile::P50), None);
    let one = Sample::from_iter([-7]).summary().expect("one value");
    assert_eq!((one.n, one.min, one.mean, one.max), (1, -7, -7, -7));
    assert_eq!(
        (one.p50, one.p90, one.p99, one.p99_9),
        (None, None, None, None)
    );
}

#[test]
fn the_mean_of_extremes_does_not_overflow() {
    let mean = |values: &[i64]| values.iter().copied().collect::<Sample>().mean();
    assert_eq!(mean(&[i64::MIN; 3]), Some(i64::MIN));
    assert_eq!(mean(&[i64::MAX; 3]), Some(i64::MAX));
    assert_eq!(mean(&[i64::MIN, i64::MAX]), Some(0)); // -0.5
}

#[test]
fn extremes_are_exact_beyond_the_exact_values() {
    for extreme in [i64::MIN, i64::MAX, 0] {
        let sample: Sample = std::iter::repeat_n(extreme, EXACT + 1).collect();
        let summary = sample.summary().expect("values");
        assert_eq!(
            (summary.min, summary.mean, summary.max),
            (extreme, extreme, extreme)
        );
        assert_eq!((summary.p50, summary.p99_9), (Some(extreme), Some(extreme)));
        assert_eq!(sample.sum(), i128::from(extreme) * (EXACT as i128 + 1));
    }
}

#[test]
fn values_move_into_the_histogram_in_steps_and_free_their_memory() {
    let million = |n: usize| -> Sample { (1..=n as i64).map(|ms| ms * 1_000_000).collect() };
    let exact = million(EXACT);
    assert!(exact.histogram.is_none());
    assert_eq!(exact.percentile(Quantile::P50), Some(8_192_000_000));

    // Those that are not counted yet count all the same.
    let just = million(EXACT + 1);
    assert!(just.histogram.is_none());
    let between = million(EXACT + COUNTED_AT_ONCE);
    assert_eq!(
        between.values.len(),
        EXACT + COUNTED_AT_ONCE - MOVED_AT_ONCE
    );
    let lots = EXACT / (MOVED_AT_ONCE - COUNTED_AT_ONCE) + 1;
    let over = million(EXACT + lots * COUNTED_AT_ONCE);
    assert_eq!(over.values.capacity(), COUNTED_AT_ONCE);
    for sample in [just, between, over] {
        let exact = sample.len().div_ceil(2) as i64 * 1_000_000;
        let off = sample.percentile(Quantile::P50).expect("enough") - exact;
        assert!(off.abs() <= exact / 2000, "{off} of {exact}");
    }
}

#[test]
fn memory_does_not_grow_with_the_number_of_values() {
    let mut sample = Sample::default();
    for n in 0..1_000_000i64 {
        sample.push(1_000_000 + n);
    }
    assert_eq!(
        (sample.len(), sample.values.capacity()),
        (1_000_000, COUNTED_AT_ONCE)
    );
    assert_eq!(
        format!("{:?}", sample.histogram),
        "Some(Histogram of 2 octaves)"
    );
}

/// Numbers that look random (SplitMix64), of every magnitude and both signs, with the extremes among
/// them; in one of four samples all are of one magnitude, as latencies are.
fn random_values(seed: u64, count: usize) -> Vec<i64> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let is_narrow = seed.is_multiple_of(4);
    let values = (0..count).map(|_| match next() % 200 {
        _ if is_narrow => 40_000_000 + (next() % 20_000_000) as i64,
        0 => i64::MIN,
        1 => i64::MAX,
        _ => (next() as i64) >> (next() % 64),
    });
    values.collect()
}

proptest! {
    /// The definition, taken at its word: the smallest value of the sample such that at least
    /// the share q of all values does not exceed it.
    #[test]
    fn percentile_is_the_nearest_rank(
        values in proptest::collection::vec(-20i64..20, 1..1200),
    ) {
        let mut sorted = values.clone();
        sorted.sort_unstable();
        let sample: Sample = values.iter().copied().collect();
        for (quantile, thousandths, needed) in ALL {
            let naive = (values.len() >= needed).then(|| {
                (-20i64..20)
                    .filter(|candidate| values.contains(candidate))
                    .filter(|candidate| {
                        let below = values.iter().filter(|value| *value <= candidate).count();
                        below * 1000 >= thousandths as usize * values.len()
                    })
                    .min()
                    .expect("the largest value qualifies")
            });
            prop_assert_eq!(percentile(&sorted, quantile), naive);
            prop_assert_eq!(sample.percentile(quantile), naive);
        }
    }

    #[test]
    fn order_and_merging_do_not_matter(
        mut values in proptest::collection::vec(any::<i64>(), 1..300),
        cut in 0usize..300,
    ) {
        let whole = Sample::from_iter(values.clone()).summary().expect("values");
        let cut = cut.min(values.len());
        let mut merged = Sample::from_iter(values.split_off(cut));
        merged.merge(&Sample::from_iter(values));
        prop_assert_eq!(merged.len(), whole.n);
        prop_assert_eq!(merged.summary(), Some(whole));
        prop_assert!(whole.min <= whole.mean && whole.mean <= whole.max);
    }
}

proptest! {
    // Each case is a sample beyond what is kept exactly.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_histogram_has_the_percentiles_to_a_two_thousandth(
        seed in any::<u64>(),
        more in 1usize..10_000,
        parts in 1u32..100_000,
    ) {
        let values = random_values(seed, EXACT + more);
        let sample: Sample = values.iter().copied().collect();
        let mut sorted = values.clone();
        sorted.sort_unstable();
        let quantiles = [Quantile::P50, Quantile::P90, Quantile::P99, Quantile::P99_9]
            .into_iter()
            .chain(Quantile::per_100_000(parts));
        for quantile in quantiles {
            let (told, exact) = (sample.percentile(quantile), percentile(&sorted, quantile));
            prop_assert_eq!(told.is_some(), exact.is_some(), "{}", quantile);
            let (Some(told), Some(exact)) = (told, exact) else { continue };
            let off = (i128::from(told) - i128::from(exact)).abs();
            prop_assert!(
                off * 2000 <= i128::from(exact).abs(),
                "{} is {}, told as {}", quantile, exact, told
            );
        }
        let summary = sample.summary().expect("values");
        let sum: i128 = values.iter().copied().map(i128::from).sum();
        prop_assert_eq!(summary.n, values.len());
        prop_assert_eq!(sample.sum(), sum);
        prop_assert_eq!(Some(&summary.min), sorted.first());
        prop_assert_eq!(Some(&summary.max), sorted.last());
        prop_assert_eq!(sample.negatives(), sorted.partition_point(|nanos| *nanos < 0));
        prop_assert_eq!(summary.p99, sample.percentile(Quantile::P99));
        prop_assert!(summary.min <= summary.mean && summary.mean <= summary.max);
    }

    /// Both kept exactly, one or the other, or neither, and caught while going over, too.
    #[test]
    fn merging_is_adding_all(
        seed in any::<u64>(),
        a in prop_oneof![0usize..100, EXACT - 50..EXACT + 50, 2 * EXACT..2 * EXACT + 9],
        b in prop_oneof![0usize..100, EXACT - 50..EXACT + 50, 2 * EXACT..2 * EXACT + 9],
    ) {
        let values = random_values(seed, a + b);
        let all: Sample = values.iter().copied().collect();
        let (first, second) = values.split_at(a);
        let mut merged: Sample = first.iter().copied().collect();
        merged.merge(&second.iter().copied().collect());
        prop_assert_eq!(merged.whole_histogram().is_some(), merged.len() > EXACT);
        prop_assert_eq!(merged.summary(), all.summary());
        prop_assert_eq!((merged.sum(), merged.negatives()), (all.sum(), all.negatives()));
        let low = Quantile::per_100_000(1).expect("a quantile");
        prop_assert_eq!(merged.percentile(low), all.percentile(low));
    }
}

#[test]
fn quantiles_among_infinite_values_are_of_all_of_them() {
    let sample: Sample = (1..=90).collect();
    let among = |quantile, all| sample.percentile_among(quantile, all);
    // Ten of a hundred are infinite: ranks 50, 90 and 99.
    assert_eq!(among(Quantile::P50, 100), Some(50.0));
    assert_eq!(among(Quantile::P90, 100), Some(90.0));
    assert_eq!(among(Quantile::P99, 100), Some(f64::INFINITY));
    assert_eq!(among(Quantile::P99, 99), None);
    assert_eq!(
        among(Quantile::P50, 90),
        sample.percentile(Quantile::P50).map(|of| of as f64)
    );
    assert_eq!(
        Sample::default().percentile_among(Quantile::P50, 2),
        Some(f64::INFINITY)
    );
    let large: Sample = (0..40_000).collect();
    let half = large
        .percentile_among(Quantile::P50, 60_000)
        .expect("supported");
    assert!((half - 30_000.0).abs() < 15.0, "{half}");
    assert_eq!(
        large.percentile_among(Quantile::P99, 60_000),
        Some(f64::INFINITY)
    );
}

#[test]
fn a_sample_moved_there_and_back_is_the_same() {
    for n in [0, 1, 7, EXACT as i64 + 500] {
        let values: Vec<i64> = (0..n).map(|i| i * 1_000 - 50_000).collect();
        let sample: Sample = values.iter().copied().collect();
        for by in [0, 3_600_000_000_000, -77] {
            let moved = sample.shifted(by);
            assert_eq!(moved.len(), sample.len());
            assert_eq!(moved.min(), sample.min().map(|least| least + by));
            assert_eq!(moved.max(), sample.max().map(|most| most + by));
            assert_eq!(moved.sum(), sample.sum() + i128::from(by) * i128::from(n));
            let (found, expected) = (
                moved.percentile(Quantile::P50),
                sample.percentile(Quantile::P50),
            );
            if let (Some(found), Some(expected)) = (found, expected) {
                // The width of a bucket at that distance.
                let off = (found - expected - by).abs();
                assert!(
                    off <= (found.abs() + expected.abs()) / 2_048 + 1,
                    "{n} by {by}: off by {off}"
                );
            }
        }
    }
}
