//! A histogram: the distribution of values in memory that does not grow with their number.
//!
//! The buckets are log-linear: every octave of the magnitude (every doubling) has 2,048 of the same
//! width, so that a bucket is never wider than 1/2048 of the values in it, and its middle never
//! further than 1/4096 (0.025 %) from any of them. Magnitudes below 4,096 have a bucket each.
//!
//! An octave takes 16 KiB, and only those that occur are allocated: figures between a microsecond and
//! five minutes need at most 28.

use std::fmt;

/// The binary logarithm of [`BUCKETS`].
const BITS: u32 = 11;

/// Buckets in an octave.
const BUCKETS: usize = 1 << BITS;

/// The first holds the magnitudes below [`BUCKETS`] one by one; the n-th after it those from
/// 2^(BITS + n - 1) to twice that, up to the magnitude of [`i64::MIN`], 2^63.
const OCTAVES: usize = 65 - BITS as usize;

/// The largest count of a bucket, more than any run has: the sum of all buckets fits into 64 bits even
/// if a file is invalid.
const MOST_COUNTED: u64 = 1 << 44;

/// The counts of one octave. They are 64 bits wide: a figure that is always the same, such as a part
/// that takes no time, would fill 32 bits within a day.
type Octave = Box<[u64; BUCKETS]>;

/// Counts of values by their size.
#[derive(Clone, Default)]
pub(super) struct Histogram {
    /// By their magnitudes.
    negative: Side,
    /// Zero is among them.
    positive: Side,
}

impl Histogram {
    pub fn add_all(&mut self, values: &[i64]) {
        values.iter().for_each(|&value| self.add(value));
    }

    #[inline]
    pub fn add(&mut self, value: i64) {
        let side = if value < 0 {
            &mut self.negative
        } else {
            &mut self.positive
        };
        let (octave, bucket) = place(value.unsigned_abs());
        side.octave(octave)[bucket] += 1;
    }

    /// The buckets that are not empty, in ascending order of their values: a number for each, which
    /// says where it is ([`Histogram::add_to`]), and its count.
    pub fn entries(&self) -> impl Iterator<Item = (i64, u64)> {
        let negative = self.negative.entries().rev();
        let negative = negative.map(|(bucket, count)| (-1 - bucket, count));
        negative.chain(self.positive.entries())
    }

    /// The middles of the buckets that are not empty, in ascending order, and their counts.
    pub fn middles(&self) -> impl Iterator<Item = (i64, u64)> {
        let of = |bucket: i64| middle(bucket as usize / BUCKETS, bucket as usize % BUCKETS);
        self.entries().map(move |(bucket, count)| {
            let value = match bucket {
                ..0 => -of(-1 - bucket),
                _ => of(bucket),
            };
            (value.clamp(i64::MIN.into(), i64::MAX.into()) as i64, count)
        })
    }

    /// Adds a value that many times.
    pub fn add_many(&mut self, value: i64, count: u64) {
        let side = match value {
            ..0 => &mut self.negative,
            _ => &mut self.positive,
        };
        let (octave, bucket) = place(value.unsigned_abs());
        let here = &mut side.octave(octave)[bucket];
        *here = here.saturating_add(count).min(MOST_COUNTED);
    }

    /// Adds a count to the bucket of that number; numbers of no bucket are ignored.
    pub fn add_to(&mut self, bucket: i64, count: u64) {
        let (side, magnitude) = match bucket {
            ..0 => (&mut self.negative, -1 - bucket),
            _ => (&mut self.positive, bucket),
        };
        let (octave, place) = (magnitude as usize / BUCKETS, magnitude as usize % BUCKETS);
        if octave < OCTAVES {
            let here = &mut side.octave(octave)[place];
            *here = here.saturating_add(count).min(MOST_COUNTED);
        }
    }

    /// Adds another histogram's counts.
    pub fn merge(&mut self, other: &Histogram) {
        self.negative.merge(&other.negative);
        self.positive.merge(&other.positive);
    }

    /// The middle of the bucket with the value of that rank, counted from 1 in ascending order; absent
    /// where there are fewer values. It may lie outside the range of the values.
    pub fn at_rank(&self, rank: u64) -> Option<i128> {
        let negative = self.negative.octaves().rev().map(|of| (true, of));
        let positive = self.positive.octaves().map(|of| (false, of));
        let mut left = rank;
        for (is_negative, (octave, counts)) in negative.chain(positive) {
            let here: u64 = counts.iter().sum();
            if left > here {
                left -= here;
                continue;
            }
            return Some(if is_negative {
                let from_the_end = reaching(left, counts.iter().rev())?;
                -middle(octave, BUCKETS - 1 - from_the_end)
            } else {
                middle(octave, reaching(left, counts.iter())?)
            });
        }
        None
    }
}

/// Short: a page of zeros does not help the reader of a failed assertion.
impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let octaves = self.negative.octaves().count() + self.positive.octaves().count();
        write!(f, "Histogram of {octaves} octaves")
    }
}

/// The values of one sign.
#[derive(Clone)]
struct Side([Option<Octave>; OCTAVES]);

impl Default for Side {
    fn default() -> Side {
        Side([const { None }; OCTAVES])
    }
}

impl Side {
    fn octave(&mut self, octave: usize) -> &mut [u64; BUCKETS] {
        self.0[octave].get_or_insert_with(empty_octave)
    }

    fn octaves(&self) -> impl DoubleEndedIterator<Item = (usize, &[u64; BUCKETS])> {
        let octaves = self.0.iter().enumerate();
        octaves.filter_map(|(octave, counts)| Some((octave, &**counts.as_ref()?)))
    }

    /// The buckets that are not empty, numbered from the smallest magnitude on.
    fn entries(&self) -> impl DoubleEndedIterator<Item = (i64, u64)> {
        self.octaves().flat_map(|(octave, counts)| {
            let counts = counts.iter().copied().enumerate();
            let filled = counts.filter(|(_, count)| *count > 0);
            filled.map(move |(place, count)| ((octave * BUCKETS + place) as i64, count))
        })
    }

    fn merge(&mut self, other: &Side) {
        for (octave, counts) in other.octaves() {
            let own = self.octave(octave).iter_mut();
            own.zip(counts).for_each(|(own, count)| *own += count);
        }
    }
}

#[cold]
fn empty_octave() -> Octave {
    // A boxed array would be built on the stack first.
    let counts = vec![0; BUCKETS].into_boxed_slice();
    counts.try_into().expect("a slice of that length")
}

/// The octave of a magnitude, and its bucket there.
fn place(magnitude: u64) -> (usize, usize) {
    match magnitude.checked_ilog2() {
        Some(exponent) if exponent >= BITS => {
            let shift = exponent - BITS;
            // The highest bit is the octave's; the BITS after it are the bucket's.
            let bucket = (magnitude >> shift) as usize - BUCKETS;
            (shift as usize + 1, bucket)
        }
        _ => (0, magnitude as usize),
    }
}

/// The middle of a bucket.
fn middle(octave: usize, bucket: usize) -> i128 {
    match octave.checked_sub(1) {
        None => bucket as i128,
        Some(shift) => (((BUCKETS + bucket) as i128) << shift) + ((1 << shift) >> 1),
    }
}

/// The place of the first count with which the sum reaches `rank`.
fn reaching<'a>(rank: u64, mut counts: impl Iterator<Item = &'a u64>) -> Option<usize> {
    let mut sum = 0;
    counts.position(|count| {
        sum += count;
        sum >= rank
    })
}

#[cfg(test)]
#[path = "histogram_tests.rs"]
mod tests;
