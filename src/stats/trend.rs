//! Whether values rise or fall over time: Kendall's rank correlation with their order.

use super::normal;

/// Up to this number of values, the distribution is exact; beyond it the normal one approximates it.
const EXACT_UP_TO: usize = 100;

/// A rank correlation with time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Kendall's tau, -1 (always falling) to 1 (always rising); pairs of equal values count as neither.
    pub tau: f64,
    /// The probability of a correlation at least as strong, in either direction, without a trend; with
    /// ties it is an upper bound.
    pub chance: f64,
}

/// The rank correlation of values with their order (Kendall, *A New Measure of Rank Correlation*, 1938; R's
/// `cor.test(seq_along(x), x, method = "kendall", exact = TRUE)`). Absent for fewer than 3 values.
pub fn trend(values: &[f64]) -> Option<Trend> {
    let n = values.len();
    if n < 3 {
        return None;
    }
    let pairs = n * (n - 1) / 2;
    let mut balance = 0i64;
    for (place, earlier) in values.iter().enumerate() {
        for later in &values[place + 1..] {
            balance += i64::from(later > earlier) - i64::from(later < earlier);
        }
    }
    let chance = match n {
        ..=EXACT_UP_TO => {
            // The fewer of the rising and the falling pairs, ties shared between them.
            let fewer = (pairs as u64 - balance.unsigned_abs()).div_ceil(2) as usize;
            let below: f64 = inversions(n).iter().take(fewer + 1).sum();
            (2.0 * below).min(1.0)
        }
        _ => {
            let n = n as f64;
            let variance = n * (n - 1.0) * (2.0 * n + 5.0) / 18.0;
            normal::beyond((balance.unsigned_abs() as f64 - 1.0).max(0.0) / variance.sqrt())
        }
    };
    Some(Trend {
        tau: balance as f64 / pairs as f64,
        chance,
    })
}

/// The probabilities of 0, 1, ... n(n-1)/2 falling pairs in n values in random order.
fn inversions(n: usize) -> Vec<f64> {
    let mut of = vec![1.0];
    for values in 2..=n {
        // A further value falls behind 0 to values - 1 of those before it, all equally likely.
        let mut next = vec![0.0; values * (values - 1) / 2 + 1];
        let mut window = 0.0;
        for (place, here) in next.iter_mut().enumerate() {
            window += of.get(place).copied().unwrap_or(0.0);
            if place >= values {
                window -= of.get(place - values).copied().unwrap_or(0.0);
            }
            *here = (window / values as f64).max(0.0);
        }
        of = next;
    }
    of
}

#[cfg(test)]
#[path = "trend_tests.rs"]
mod tests;
