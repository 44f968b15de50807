//! Confidence intervals of quantiles by order statistics.
//!
//! How many of `n` independent values lie at or below the true quantile `q` is binomial, whatever the
//! distribution of the values: two of the sorted values enclose it with at least the confidence wanted
//! (H. A. David and H. N. Nagaraja, *Order Statistics*, Wiley 2003, section 7.1). Requests that wait in one
//! queue are not independent of each other: then the interval is too narrow.

/// What may lie outside on either side: 95 % confidence.
const TAIL: f64 = 0.025;

/// Up to this mean the binomial distribution is summed up; beyond it, it is nearly normal.
const SUMMED: f64 = 400.0;

/// The 97.5th percentile of the normal distribution.
const NORMAL: f64 = 1.959_963_985;

/// The ranks, counted from 1, of the sorted values that enclose the quantile `q` (0 to 1) of `n` values with
/// 95 % confidence. Each is absent where no value is far enough out.
pub fn rank_bounds(n: usize, q: f64) -> [Option<usize>; 2] {
    if n == 0 || !(0.0..=1.0).contains(&q) {
        return [None, None];
    }
    // The r-th value lies above the quantile if fewer than r values are below it: P(B < r) ≤ tail.
    let below = largest_with_tail(n, q);
    // By symmetry, counted from the largest value.
    let above = largest_with_tail(n, 1.0 - q).map(|rank| n + 1 - rank);
    [below, above]
}

/// The largest r from 1 to n with P(Binomial(n, q) ≤ r - 1) ≤ [`TAIL`].
fn largest_with_tail(n: usize, q: f64) -> Option<usize> {
    let mean = n as f64 * q;
    let deviation = (mean * (1.0 - q)).sqrt();
    // From the nearer end: from the other one the first probability may be too small for a float.
    let rank = if q <= 0.5 && mean <= SUMMED {
        summed(n, q)
    } else if q > 0.5 && n as f64 - mean <= SUMMED {
        summed_from_above(n, q)
    } else {
        (mean - NORMAL * deviation).floor() as usize
    };
    (1..=n).contains(&rank).then_some(rank)
}

/// By adding up probabilities from 0 on.
fn summed(n: usize, q: f64) -> usize {
    if q <= 0.0 {
        return 0;
    }
    if q >= 1.0 {
        return n;
    }
    let mut probability = (n as f64 * (-q).ln_1p()).exp();
    let (mut sum, mut rank) = (0.0, 0);
    while rank < n {
        sum += probability;
        if sum > TAIL {
            break;
        }
        probability *= (n - rank) as f64 / (rank + 1) as f64 * q / (1.0 - q);
        rank += 1;
    }
    rank
}

/// The same for quantiles near 1, by the number of values above: P(B ≥ n - r + 1 values above) ≤ tail.
fn summed_from_above(n: usize, q: f64) -> usize {
    let p = 1.0 - q;
    if p <= 0.0 {
        return n;
    }
    let mut probability = (n as f64 * (-p).ln_1p()).exp();
    let (mut sum, mut above) = (0.0, 0);
    // The smallest number `above` with P(B > above - 1) ≤ tail, that is P(B ≤ above - 1) ≥ 1 - tail.
    while above <= n {
        sum += probability;
        probability *= (n - above) as f64 / (above + 1) as f64 * p / (1.0 - p);
        above += 1;
        if sum >= 1.0 - TAIL {
            break;
        }
    }
    (n + 1).saturating_sub(above)
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
