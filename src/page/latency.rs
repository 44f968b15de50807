//! Counts of latencies by size: 32 buckets in every octave (doubling), so that a bucket is at most 3.1 %
//! wide and its middle within 1.6 % of every value in it.

/// The binary logarithm of the buckets in an octave.
const BITS: u32 = 5;

/// Buckets in an octave.
pub(super) const PER_OCTAVE: usize = 1 << BITS;

/// The first octave begins at 2 to the power of this, nanoseconds: shorter times are in its first bucket.
const FIRST: u32 = 10;

/// Octaves: up to 2^42 ns, 73 minutes. Longer times are in the last bucket.
const OCTAVES: usize = 32;

/// All buckets.
pub(super) const BUCKETS: usize = OCTAVES * PER_OCTAVE;

/// The bucket of a span in nanoseconds.
pub(super) fn bucket(nanos: i64) -> usize {
    let nanos = u64::try_from(nanos).unwrap_or(0);
    let Some(octave) = nanos.max(1).ilog2().checked_sub(FIRST) else {
        return 0;
    };
    let within = (nanos >> (octave + FIRST - BITS)) as usize - PER_OCTAVE;
    (octave as usize * PER_OCTAVE + within).min(BUCKETS - 1)
}

/// Where a bucket begins, nanoseconds; of [`BUCKETS`], where the last one ends.
pub(super) fn begin(bucket: usize) -> i64 {
    let (octave, within) = (bucket / PER_OCTAVE, bucket % PER_OCTAVE);
    ((PER_OCTAVE + within) as i64) << (octave as u32 + FIRST - BITS)
}

/// Counts by bucket, and the exact largest value.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub n: u64,
    /// Nanoseconds.
    pub max: i64,
    /// Empty as long as there are none of them.
    pub buckets: Vec<u32>,
}

impl Counts {
    /// Adds a span in nanoseconds.
    pub fn add(&mut self, nanos: i64) {
        if self.buckets.is_empty() {
            self.buckets = vec![0; BUCKETS];
        }
        self.n += 1;
        self.max = self.max.max(nanos);
        let count = &mut self.buckets[bucket(nanos)];
        *count = count.saturating_add(1);
    }

    /// Adds other counts.
    pub fn merge(&mut self, other: &Counts) {
        self.n += other.n;
        self.max = self.max.max(other.max);
        if self.buckets.is_empty() {
            self.buckets.clone_from(&other.buckets);
            return;
        }
        for (own, count) in self.buckets.iter_mut().zip(&other.buckets) {
            *own = own.saturating_add(*count);
        }
    }

    /// The value of a rank, counted from 1, to within 1.6 %: the middle of its bucket, and no more than the
    /// largest value. Absent where there are fewer values.
    pub fn at_rank(&self, rank: u64) -> Option<i64> {
        let mut sum = 0;
        let bucket = self.buckets.iter().position(|count| {
            sum += u64::from(*count);
            sum >= rank.max(1)
        })?;
        let middle = i64::midpoint(begin(bucket), begin(bucket + 1));
        Some(middle.min(self.max))
    }
}

#[cfg(test)]
#[path = "latency_tests.rs"]
mod tests;
