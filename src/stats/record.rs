//! A sample as it is stored in a file: mergeable, with values to within 0.05 %.

use serde::{Deserialize, Serialize};

/// Values, in nanoseconds: their number, extremes and sum, and how many lie in each of the buckets of
/// a log-linear histogram.
///
/// A bucket's number b counts from the smallest magnitude: 2,048 of them to every doubling, one by one
/// below 4,096 ns; the value in its middle is `b` up to 4,095, and beyond that
/// `(2048 + b % 2048 + 0.5) * 2^(b / 2048 - 1)`. Values below zero have the number `-1 - b` of their
/// magnitude.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleRecord {
    /// The number of values.
    pub n: u64,
    /// The smallest; absent where there are none.
    pub min: Option<i64>,
    /// The largest.
    pub max: Option<i64>,
    /// The sum.
    pub sum: i64,
    /// How many are below zero.
    pub negatives: u64,
    /// For each bucket that is not empty, in ascending order of the values: by how much its number
    /// exceeds that of the one before (the first: its number), and its count.
    pub counts: Vec<i64>,
}

/// Buckets as pairs of differences and counts, in one flat list.
pub(super) fn deltas(entries: impl Iterator<Item = (i64, u64)>) -> Vec<i64> {
    let mut list = Vec::new();
    let mut before = 0;
    for (bucket, count) in entries {
        list.extend([bucket - before, i64::try_from(count).unwrap_or(i64::MAX)]);
        before = bucket;
    }
    list
}

/// The buckets of such a list. A list from a file may be anything.
pub(super) fn entries(list: &[i64]) -> impl Iterator<Item = (i64, u64)> {
    let mut bucket = 0i64;
    list.chunks_exact(2).map(move |pair| {
        bucket = bucket.saturating_add(pair[0]);
        (bucket, u64::try_from(pair[1]).unwrap_or(0))
    })
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
