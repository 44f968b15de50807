//! The one definition of a percentile in the program: nearest rank on the sorted values.
//!
//! Values are whole nanoseconds and may be negative.

/// Values collected one by one.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    values: Vec<i64>,
}

impl Sample {
    /// Adds a value, in nanoseconds.
    pub fn push(&mut self, nanos: i64) {
        self.values.push(nanos);
    }

    /// Takes in another sample's values: reports over several files merge values, never percentiles.
    pub fn merge(&mut self, other: &Sample) {
        self.values.extend_from_slice(&other.values);
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value yet.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All values together.
    pub fn sum(&self) -> i128 {
        self.values.iter().copied().map(i128::from).sum()
    }

    /// How many values are negative.
    pub fn negatives(&self) -> usize {
        self.values.iter().filter(|nanos| **nanos < 0).count()
    }

    /// How the values are distributed; absent where there is none.
    pub fn summary(&self) -> Option<Distribution> {
        let mut sorted = self.values.clone();
        sorted.sort_unstable();
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        Some(Distribution {
            n: sorted.len(),
            min,
            mean: mean(&sorted),
            p50: percentile(&sorted, Quantile::P50),
            p90: percentile(&sorted, Quantile::P90),
            p99: percentile(&sorted, Quantile::P99),
            p99_9: percentile(&sorted, Quantile::P99_9),
            max,
        })
    }
}

impl FromIterator<i64> for Sample {
    fn from_iter<I: IntoIterator<Item = i64>>(values: I) -> Sample {
        Sample {
            values: values.into_iter().collect(),
        }
    }
}

/// How a sample is distributed, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// The number of values, 1 or more.
    pub n: usize,
    /// The smallest value.
    pub min: i64,
    /// The arithmetic mean, rounded to the nearest nanosecond.
    pub mean: i64,
    /// The median; needs 2 values.
    pub p50: Option<i64>,
    /// The 90th percentile; needs 10 values.
    pub p90: Option<i64>,
    /// The 99th percentile; needs 100 values.
    pub p99: Option<i64>,
    /// The 99.9th percentile; needs 1,000 values.
    pub p99_9: Option<i64>,
    /// The largest value.
    pub max: i64,
}

/// A share of a sample, in thousandths: 0 to 999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantile(u32);

impl Quantile {
    /// The median.
    pub const P50: Quantile = Quantile(500);
    /// The 90th percentile.
    pub const P90: Quantile = Quantile(900);
    /// The 99th percentile.
    pub const P99: Quantile = Quantile(990);
    /// The 99.9th percentile.
    pub const P99_9: Quantile = Quantile(999);

    /// A quantile in thousandths; absent outside 1 to 999.
    pub fn per_mille(thousandths: u32) -> Option<Quantile> {
        (1..1000)
            .contains(&thousandths)
            .then_some(Quantile(thousandths))
    }

    /// Whether a sample of `n` values says anything of this quantile: at least one value in the
    /// mean lies above it, n ≥ 1 / (1 - q).
    pub fn is_supported_by(self, n: usize) -> bool {
        n as u128 * u128::from(1000 - self.0) >= 1000
    }

    /// The nearest rank in a sample of `n` values, counted from 1: ⌈q·n⌉.
    fn rank(self, n: usize) -> usize {
        (n as u128 * u128::from(self.0)).div_ceil(1000) as usize
    }
}

/// The value at a quantile of values in ascending order: the smallest one that at least that share
/// of them does not exceed. Absent where the sample is too small to support it.
pub fn percentile(sorted: &[i64], quantile: Quantile) -> Option<i64> {
    debug_assert!(sorted.is_sorted(), "percentiles are of sorted values");
    if !quantile.is_supported_by(sorted.len()) {
        return None;
    }
    let rank = quantile.rank(sorted.len());
    Some(sorted[rank - 1])
}

fn mean(values: &[i64]) -> i64 {
    let n = values.len() as i128;
    let sum: i128 = values.iter().copied().map(i128::from).sum();
    // The mean of i64 values is one.
    (2 * sum + n).div_euclid(2 * n) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [(Quantile, f64, usize); 4] = [
        (Quantile::P50, 0.5, 2),
        (Quantile::P90, 0.9, 10),
        (Quantile::P99, 0.99, 100),
        (Quantile::P99_9, 0.999, 1000),
    ];

    #[test]
    fn one_to_a_thousand() {
        let summary = (1..=1000).rev().collect::<Sample>().summary();
        assert_eq!(
            summary,
            Some(Distribution {
                n: 1000,
                min: 1,
                mean: 501, // 500.5, rounded
                p50: Some(500),
                p90: Some(900),
                p99: Some(990),
                p99_9: Some(999),
                max: 1000,
            })
        );
    }

    #[test]
    fn nothing_and_one_value() {
        assert_eq!(Sample::default().summary(), None);
        let one = Sample::from_iter([-7]).summary().expect("one value");
        assert_eq!((one.n, one.min, one.mean, one.max), (1, -7, -7, -7));
        assert_eq!(
            (one.p50, one.p90, one.p99, one.p99_9),
            (None, None, None, None)
        );
    }

    #[test]
    fn too_small_a_sample_supports_no_high_percentile() {
        for (quantile, _, needed) in ALL {
            assert!(quantile.is_supported_by(needed), "{quantile:?}");
            assert!(!quantile.is_supported_by(needed - 1), "{quantile:?}");
        }
    }

    #[test]
    fn quantiles_lie_between_the_ends() {
        assert_eq!(Quantile::per_mille(999), Some(Quantile::P99_9));
        assert_eq!(Quantile::per_mille(0), None);
        assert_eq!(Quantile::per_mille(1000), None);
    }

    #[test]
    fn the_mean_of_extremes_does_not_overflow() {
        assert_eq!(mean(&[i64::MIN; 3]), i64::MIN);
        assert_eq!(mean(&[i64::MAX; 3]), i64::MAX);
        assert_eq!(mean(&[i64::MIN, i64::MAX]), 0); // -0.5
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
            for (quantile, share, needed) in ALL {
                let naive = (values.len() >= needed).then(|| {
                    (-20i64..20)
                        .filter(|candidate| values.contains(candidate))
                        .filter(|candidate| {
                            let below = values.iter().filter(|value| *value <= candidate).count();
                            // In thousandths, as a float of q·n may lie a hair above the integer.
                            below * 1000 >= (share * 1000.0).round() as usize * values.len()
                        })
                        .min()
                        .expect("the largest value qualifies")
                });
                prop_assert_eq!(percentile(&sorted, quantile), naive);
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
}
