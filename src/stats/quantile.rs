//! Quantiles, and the number of values that they need.

use std::fmt;

/// A share of a sample, in hundred-thousandths (1 to 99,999): percentiles of up to three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantile(u32);

impl Quantile {
    /// The median.
    pub const P50: Quantile = Quantile(50_000);
    /// The 90th percentile.
    pub const P90: Quantile = Quantile(90_000);
    /// The 95th percentile.
    pub const P95: Quantile = Quantile(95_000);
    /// The 99th percentile.
    pub const P99: Quantile = Quantile(99_000);
    /// The 99.9th percentile.
    pub const P99_9: Quantile = Quantile(99_900);

    /// The scale: a quantile of 1.
    const WHOLE: u32 = 100_000;

    /// A quantile in hundred-thousandths; absent outside 1 to 99,999.
    pub fn per_100_000(parts: u32) -> Option<Quantile> {
        (1..Self::WHOLE).contains(&parts).then_some(Quantile(parts))
    }

    /// A quantile in thousandths; absent outside 1 to 999.
    pub fn per_mille(thousandths: u32) -> Option<Quantile> {
        Self::per_100_000(thousandths.checked_mul(Self::WHOLE / 1000)?)
    }

    /// A quantile in percent, in digits: `50`, `99.9`, `99.999`. Absent where the text is not such a
    /// number, has more than three decimals, or is not between 0 and 100.
    pub fn percent(text: &str) -> Option<Quantile> {
        let (whole, decimals) = match text.split_once('.') {
            Some((whole, decimals)) => (whole, decimals),
            None => (text, "0"),
        };
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) || decimals.len() > 3 {
            return None;
        }
        let whole: u32 = whole.parse().ok()?;
        let thousandths: u32 = format!("{decimals:0<3}").parse().ok()?;
        Self::per_100_000(whole.checked_mul(1000)?.checked_add(thousandths)?)
    }

    /// As a share of 1.
    pub fn share(self) -> f64 {
        f64::from(self.0) / f64::from(Self::WHOLE)
    }

    /// Whether a sample of `n` values supports this quantile: on average at least one value
    /// lies above it, n ≥ 1 / (1 - q).
    pub fn is_supported_by(self, n: usize) -> bool {
        n >= self.values_needed()
    }

    /// The size of the smallest sample that supports this quantile: 2 to 100,000.
    pub fn values_needed(self) -> usize {
        Self::WHOLE.div_ceil(Self::WHOLE - self.0) as usize
    }

    /// The nearest rank in a sample of `n` values, counted from 1: ⌈q·n⌉.
    pub fn rank(self, n: usize) -> usize {
        (n as u128 * u128::from(self.0)).div_ceil(u128::from(Self::WHOLE)) as usize
    }
}

/// The usual form: `p50`, `p99.9`.
impl fmt::Display for Quantile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, thousandths) = (self.0 / 1000, self.0 % 1000);
        if thousandths == 0 {
            return write!(f, "p{whole}");
        }
        let decimals = format!("{thousandths:03}");
        write!(f, "p{whole}.{}", decimals.trim_end_matches('0'))
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

#[cfg(test)]
#[path = "quantile_tests.rs"]
mod tests;
