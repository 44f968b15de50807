//! The figures of a sample that need no stored values.

/// The figures of all values that need no stored values.
#[derive(Clone, Debug)]
pub struct Totals {
    /// The number of values.
    pub n: usize,
    /// The smallest; `i64::MAX` without values.
    pub min: i64,
    /// The largest; `i64::MIN` without values.
    pub max: i64,
    /// Their sum.
    pub sum: i128,
    /// How many are negative.
    pub negatives: usize,
}

impl Default for Totals {
    fn default() -> Totals {
        Totals {
            n: 0,
            min: i64::MAX,
            max: i64::MIN,
            sum: 0,
            negatives: 0,
        }
    }
}

impl Totals {
    /// Adds values, in nanoseconds.
    pub fn add_all(&mut self, values: &[i64]) {
        let mut sum = self.sum;
        for &nanos in values {
            self.min = self.min.min(nanos);
            self.max = self.max.max(nanos);
            sum += i128::from(nanos);
        }
        self.n += values.len();
        self.sum = sum;
        if self.min < 0 {
            self.negatives += values.iter().filter(|nanos| **nanos < 0).count();
        }
    }

    /// Adds those of another sample.
    pub fn merge(&mut self, other: &Totals) {
        self.n = self.n.saturating_add(other.n);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        self.negatives = self.negatives.saturating_add(other.negatives);
    }

    /// The arithmetic mean of at least one value, rounded to the nearest nanosecond.
    pub fn mean(&self) -> i64 {
        let n = self.n as i128;
        // The mean of i64 values fits into an i64.
        (2 * self.sum + n).div_euclid(2 * n) as i64
    }
}
