//! The distribution of a sample, as summaries have it.

use serde::Serialize;

use super::quantile::Quantile;
use crate::time::span::{maybe_seconds, seconds};

/// The distribution of a sample, in nanoseconds. The percentiles are exact up to [`EXACT`](super::EXACT) values, and
/// to within 0.05 % beyond that; the other figures are exact.
///
/// As JSON, its times are in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// The number of values, 1 or more.
    pub n: usize,
    /// The smallest value.
    #[serde(serialize_with = "seconds")]
    pub min: i64,
    /// The arithmetic mean, rounded to the nearest nanosecond.
    #[serde(serialize_with = "seconds")]
    pub mean: i64,
    /// The median; needs 2 values.
    #[serde(serialize_with = "maybe_seconds")]
    pub p50: Option<i64>,
    /// The 90th percentile; needs 10 values.
    #[serde(serialize_with = "maybe_seconds")]
    pub p90: Option<i64>,
    /// The 95th percentile; needs 20 values.
    #[serde(serialize_with = "maybe_seconds")]
    pub p95: Option<i64>,
    /// The 99th percentile; needs 100 values.
    #[serde(serialize_with = "maybe_seconds")]
    pub p99: Option<i64>,
    /// The 99.9th percentile; needs 1,000 values.
    #[serde(serialize_with = "maybe_seconds")]
    pub p99_9: Option<i64>,
    /// The largest value.
    #[serde(serialize_with = "seconds")]
    pub max: i64,
}

impl Distribution {
    /// The same with every value shifted by that many nanoseconds.
    pub fn moved(self, by: i64) -> Distribution {
        let move_one = |nanos: i64| nanos.saturating_add(by);
        Distribution {
            n: self.n,
            min: move_one(self.min),
            mean: move_one(self.mean),
            p50: self.p50.map(move_one),
            p90: self.p90.map(move_one),
            p95: self.p95.map(move_one),
            p99: self.p99.map(move_one),
            p99_9: self.p99_9.map(move_one),
            max: move_one(self.max),
        }
    }

    /// The value at one of the quantiles that it has; absent where the sample does not support it, and for
    /// other quantiles.
    pub fn at(&self, quantile: Quantile) -> Option<i64> {
        match quantile {
            Quantile::P50 => self.p50,
            Quantile::P90 => self.p90,
            Quantile::P95 => self.p95,
            Quantile::P99 => self.p99,
            Quantile::P99_9 => self.p99_9,
            _ => None,
        }
    }

    /// The median, also of a single value.
    pub fn middle(&self) -> i64 {
        self.p50.unwrap_or(self.max)
    }
}
