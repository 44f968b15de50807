//! Values collected one by one: exact while they are few, in a histogram beyond.

use std::borrow::Cow;

use super::distribution::Distribution;
use super::histogram::Histogram;
use super::quantile::{Quantile, percentile};
use super::record::{self, SampleRecord};
use super::totals::Totals;

/// Up to this number of values (128 KiB) a sample keeps the values themselves: the percentiles of
/// bursts are exact. Beyond that it keeps a histogram.
pub const EXACT: usize = 16_384;

/// The most values of a record: a file may say any number, and sums of that many are those of 128 bits.
const MOST_RECORDED: u64 = 1 << 48;

/// Values that are counted at once: their additions to the histogram do not wait for each other's memory, and
/// the totals stay in registers.
const COUNTED_AT_ONCE: usize = 16;

/// Values that are moved into the histogram with each lot that is counted. All at once would take a tenth
/// of a millisecond, in two dozen samples at the same moment, during which the sockets would wait.
const MOVED_AT_ONCE: usize = 4 * COUNTED_AT_ONCE;

/// Values collected one by one, in bounded memory.
///
/// Number, extremes, sum and number of negatives are exact. Percentiles are exact up to [`EXACT`]
/// values; beyond that they come from a histogram, with an error below 0.05 %.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Of all values but those that are not counted yet.
    counted: Totals,
    /// All values, or those that are not yet in the histogram. The last ones may not be counted yet.
    values: Vec<i64>,
    /// How many of `values` are counted.
    counted_here: usize,
    /// Present soon after the first value beyond [`EXACT`].
    histogram: Option<Box<Histogram>>,
}

impl Sample {
    /// Adds a value, in nanoseconds.
    #[inline]
    pub fn push(&mut self, nanos: i64) {
        self.values.push(nanos);
        if self.values.len() - self.counted_here >= COUNTED_AT_ONCE {
            self.count();
        }
    }

    /// Counts the values that are not counted yet.
    #[inline(never)]
    fn count(&mut self) {
        self.counted.add_all(&self.values[self.counted_here..]);
        if self.histogram.is_none() && self.values.len() <= EXACT {
            self.counted_here = self.values.len();
            return;
        }
        let kept = self
            .counted_here
            .saturating_sub(MOVED_AT_ONCE - COUNTED_AT_ONCE);
        let histogram = self.histogram.get_or_insert_default();
        histogram.add_all(&self.values[kept..]);
        self.values.truncate(kept);
        self.counted_here = kept;
        if kept == 0 && self.values.capacity() > COUNTED_AT_ONCE {
            // Not only the values, the memory too.
            self.values = Vec::with_capacity(COUNTED_AT_ONCE);
        }
    }

    /// The totals of all values.
    fn totals(&self) -> Totals {
        let mut totals = self.counted.clone();
        totals.add_all(&self.values[self.counted_here..]);
        totals
    }

    /// The values that are not in the histogram go there, and those that are not counted are.
    fn fold(&mut self) -> &mut Histogram {
        self.counted = self.totals();
        self.counted_here = 0;
        let histogram = self.histogram.get_or_insert_default();
        histogram.add_all(&std::mem::take(&mut self.values));
        histogram
    }

    /// Adds another sample's values: reports over several files merge values, never percentiles.
    pub fn merge(&mut self, other: &Sample) {
        let Some(histogram) = &other.histogram else {
            return other.values.iter().for_each(|&nanos| self.push(nanos));
        };
        let own = self.fold();
        own.merge(histogram);
        own.add_all(&other.values);
        self.counted.merge(&other.totals());
    }

    /// The same with all values moved, nanoseconds. Those in a histogram move with the middles of their buckets.
    pub fn shifted(&self, nanos: i64) -> Sample {
        let mut moved = Sample::default();
        for &value in &self.values {
            moved.push(value.saturating_add(nanos));
        }
        let Some(histogram) = &self.histogram else {
            return moved;
        };
        let own = moved.fold();
        let mut negatives = 0u64;
        for (value, count) in histogram.middles() {
            let value = value.saturating_add(nanos);
            if value < 0 {
                negatives = negatives.saturating_add(count);
            }
            own.add_many(value, count);
        }
        let Totals {
            n, min, max, sum, ..
        } = self.totals();
        moved.counted = Totals {
            n,
            min: min.saturating_add(nanos),
            max: max.saturating_add(nanos),
            sum: sum.saturating_add(i128::from(nanos).saturating_mul(n as i128)),
            negatives: moved.counted.negatives.saturating_add(negatives as usize),
        };
        moved
    }

    /// The values in a form that can be stored and merged later: number, extremes and sum exact, the
    /// values themselves to within 0.05 %.
    pub fn record(&self) -> SampleRecord {
        let mut histogram = match &self.histogram {
            Some(histogram) => Histogram::clone(histogram),
            None => Histogram::default(),
        };
        histogram.add_all(&self.values);
        let Totals {
            n,
            min,
            max,
            sum,
            negatives,
        } = self.totals();
        SampleRecord {
            n: n as u64,
            min: self.min().map(|_| min),
            max: self.max().map(|_| max),
            // Sums beyond 292 years saturate.
            sum: sum.clamp(i64::MIN.into(), i64::MAX.into()) as i64,
            negatives: negatives as u64,
            counts: record::deltas(histogram.entries()),
        }
    }

    /// Adds values that were stored as a record.
    pub fn merge_record(&mut self, record: &SampleRecord) {
        let (Some(one), Some(other), 1..) = (record.min, record.max, record.n) else {
            return;
        };
        // Of a file, where they may be any numbers.
        let (min, max) = (one.min(other), one.max(other));
        let own = self.fold();
        for (bucket, count) in record::entries(&record.counts) {
            own.add_to(bucket, count);
        }
        self.counted.merge(&Totals {
            n: record.n.min(MOST_RECORDED) as usize,
            min,
            max,
            sum: record.sum.into(),
            negatives: record.negatives as usize,
        });
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.counted.n + self.values.len() - self.counted_here
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sum of all values.
    pub fn sum(&self) -> i128 {
        self.totals().sum
    }

    /// How many values are negative.
    pub fn negatives(&self) -> usize {
        self.totals().negatives
    }

    /// The smallest value.
    pub fn min(&self) -> Option<i64> {
        (!self.is_empty()).then(|| self.totals().min)
    }

    /// The arithmetic mean, rounded to the nearest nanosecond.
    pub fn mean(&self) -> Option<i64> {
        (!self.is_empty()).then(|| self.totals().mean())
    }

    /// The largest value.
    pub fn max(&self) -> Option<i64> {
        (!self.is_empty()).then(|| self.totals().max)
    }

    /// The value at a quantile; absent where there are too few values to support it. For several of
    /// them, [`Sample::summary`] sorts once.
    pub fn percentile(&self, quantile: Quantile) -> Option<i64> {
        if !quantile.is_supported_by(self.len()) {
            return None;
        }
        self.at_rank(quantile.rank(self.len()))
    }

    /// The value at a quantile of `all` values, of which the sample has the smallest ones and the others are
    /// infinite; absent where `all` are too few to support it.
    pub fn percentile_among(&self, quantile: Quantile, all: usize) -> Option<f64> {
        if !quantile.is_supported_by(all) {
            return None;
        }
        match quantile.rank(all) {
            rank if rank > self.len() => Some(f64::INFINITY),
            rank => self.at_rank(rank).map(|nanos| nanos as f64),
        }
    }

    /// The value of a rank, 1 up to the number of values, in ascending order.
    fn at_rank(&self, rank: usize) -> Option<i64> {
        match self.whole_histogram() {
            Some(histogram) => self.at_rank_in(&histogram, rank),
            None => {
                let mut values = self.values.clone();
                (rank <= values.len()).then(|| *values.select_nth_unstable(rank - 1).1)
            }
        }
    }

    /// The values of some ranks, counted from 1; those beyond the number of values give the largest. Empty
    /// for an empty sample. They are as exact as percentiles.
    pub fn at_ranks(&self, ranks: &[usize]) -> Vec<i64> {
        let n = self.len();
        if n == 0 {
            return Vec::new();
        }
        let in_range = ranks.iter().map(|rank| (*rank).clamp(1, n));
        match self.whole_histogram() {
            Some(histogram) => {
                let Totals { min, max, .. } = self.totals();
                let value = |rank| match histogram.at_rank(rank as u64) {
                    // The largest value is known.
                    Some(middle) if rank < n => middle.clamp(min.into(), max.into()) as i64,
                    _ => max,
                };
                in_range.map(value).collect()
            }
            None => {
                let mut sorted = self.values.clone();
                sorted.sort_unstable();
                in_range.map(|rank| sorted[rank - 1]).collect()
            }
        }
    }

    /// The distribution of the values; absent for an empty sample.
    pub fn summary(&self) -> Option<Distribution> {
        Some(match self.whole_histogram() {
            Some(histogram) => {
                self.distribution(|quantile| self.percentile_in(&histogram, quantile))?
            }
            None => {
                let mut sorted = self.values.clone();
                sorted.sort_unstable();
                self.distribution(|quantile| percentile(&sorted, quantile))?
            }
        })
    }

    /// The histogram of all values; absent where the values themselves are kept.
    fn whole_histogram(&self) -> Option<Cow<'_, Histogram>> {
        let mut histogram = match &self.histogram {
            Some(histogram) => Cow::Borrowed(&**histogram),
            None if self.values.len() > EXACT => Cow::default(),
            None => return None,
        };
        if !self.values.is_empty() {
            histogram.to_mut().add_all(&self.values);
        }
        Some(histogram)
    }

    fn percentile_in(&self, histogram: &Histogram, quantile: Quantile) -> Option<i64> {
        let n = self.len();
        if !quantile.is_supported_by(n) {
            return None;
        }
        self.at_rank_in(histogram, quantile.rank(n))
    }

    fn at_rank_in(&self, histogram: &Histogram, rank: usize) -> Option<i64> {
        let middle = histogram.at_rank(rank as u64)?;
        let Totals { min, max, .. } = self.totals();
        // A value between two numbers of 64 bits fits into 64 bits.
        Some(middle.clamp(min.into(), max.into()) as i64)
    }

    fn distribution(&self, of: impl Fn(Quantile) -> Option<i64>) -> Option<Distribution> {
        Some(Distribution {
            n: self.len(),
            min: self.min()?,
            mean: self.mean()?,
            p50: of(Quantile::P50),
            p90: of(Quantile::P90),
            p95: of(Quantile::P95),
            p99: of(Quantile::P99),
            p99_9: of(Quantile::P99_9),
            max: self.max()?,
        })
    }
}

impl FromIterator<i64> for Sample {
    fn from_iter<I: IntoIterator<Item = i64>>(values: I) -> Sample {
        let mut sample = Sample::default();
        values.into_iter().for_each(|nanos| sample.push(nanos));
        sample
    }
}

#[cfg(test)]
#[path = "sample_tests.rs"]
mod tests;
