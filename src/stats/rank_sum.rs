//! Two separate samples: the Hodges-Lehmann estimate of their shift, and the interval of the test of Mann
//! and Whitney.
//!
//! Both come from the differences of all pairs, one value of each sample: the estimate is their median, and
//! the interval lies between the k-th smallest and the k-th largest, where k follows from the exact
//! distribution of the test's statistic (Hollander, Wolfe and Chicken, *Nonparametric Statistical
//! Methods*, 3rd edition, sections 4.2 and 4.3; R's `wilcox.test(y, x, exact = TRUE, conf.int = TRUE)`).
//!
//! Values may be infinite; no result is NaN if no value is.

use super::extended::{difference, median};
use super::normal;

/// Up to this number of pairs, the distribution is exact; beyond it the normal one approximates it.
const EXACT_UP_TO: usize = 6_400;

/// The Hodges-Lehmann estimate of how far `to` lies above `from`; absent where one of them is empty.
pub fn estimate(from: &[f64], to: &[f64]) -> Option<f64> {
    median(&differences(from, to))
}

/// The closed interval that contains that shift with a probability of at least 1 - `alpha`; absent where
/// there are too few values.
pub fn interval(from: &[f64], to: &[f64], alpha: f64) -> Option<[f64; 2]> {
    let place = place(from.len(), to.len(), alpha)?;
    let differences = differences(from, to);
    Some([
        differences[place - 1],
        differences[differences.len() - place],
    ])
}

/// The smallest number of values in each of two samples of the same size with an interval at the level
/// 1 - `alpha`: 4 for 95 %.
pub fn least(alpha: f64) -> usize {
    let mut n = 1;
    while n < 1_000 && !reaches(n, n, alpha) {
        n += 1;
    }
    n
}

fn reaches(m: usize, n: usize, alpha: f64) -> bool {
    m > 0 && n > 0 && 2.0 / ways(m, n) <= alpha * (1.0 + 1e-12)
}

/// The number of ways to divide m + n values into samples of m and n; infinite where it is beyond all measure.
fn ways(m: usize, n: usize) -> f64 {
    let (few, many) = (m.min(n) as u32, m.max(n) as u32);
    let factors = (1..=few).map(|place| f64::from(many + place) / f64::from(place));
    factors.product()
}

/// The place of the lower limit among the differences, counted from 1.
fn place(m: usize, n: usize, alpha: f64) -> Option<usize> {
    if !reaches(m, n, alpha) {
        return None;
    }
    if m * n > EXACT_UP_TO {
        let (m, n) = (m as f64, n as f64);
        let deviation = (m * n * (m + n + 1.0) / 12.0).sqrt();
        return Some(normal::place(m * n / 2.0, deviation, alpha));
    }
    Some(normal::first_reaching(&probabilities(m, n), alpha / 2.0).max(1))
}

/// The probabilities of the statistic's values 0, 1, ... m * n: of the number of pairs in which the value of
/// the first sample is the larger one.
///
/// The ways for m and n values are those for m - 1 and n, where the largest value is of the first sample and
/// larger than all n of the other, and those for m and n - 1.
fn probabilities(m: usize, n: usize) -> Vec<f64> {
    let (few, many) = (m.min(n), m.max(n));
    let size = few * many + 1;
    // For each number of values of the smaller sample, with no value of the other one.
    let mut of: Vec<Vec<f64>> = (0..=few).map(|_| one_at_zero(size)).collect();
    for others in 1..=many {
        for own in 1..=few {
            let (before, here) = of.split_at_mut(own);
            let (without, here) = (&before[own - 1], &mut here[0]);
            let last = own * others;
            for value in (0..=last).rev() {
                let beyond = value.checked_sub(others);
                here[value] += beyond.map_or(0.0, |value| without[value]);
            }
        }
    }
    let all = ways(m, n);
    let counts = of.pop().expect("a distribution for each number");
    counts.into_iter().map(|count| count / all).collect()
}

fn one_at_zero(size: usize) -> Vec<f64> {
    let mut counts = vec![0.0; size];
    counts[0] = 1.0;
    counts
}

fn differences(from: &[f64], to: &[f64]) -> Vec<f64> {
    let mut differences = Vec::with_capacity(from.len() * to.len());
    for a in from {
        differences.extend(to.iter().map(|b| difference(*a, *b)));
    }
    differences.sort_unstable_by(f64::total_cmp);
    differences
}

#[cfg(test)]
#[path = "rank_sum_tests.rs"]
mod tests;
