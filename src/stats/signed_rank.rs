//! Differences within blocks: the Hodges-Lehmann estimate, and the interval of Wilcoxon's signed-rank test.
//!
//! Both come from the Walsh averages, the means of all pairs of values (each value with itself included):
//! the estimate is their median, and the interval lies between the k-th smallest and the k-th largest,
//! where k follows from the exact distribution of the test's statistic (Hodges and Lehmann, *Estimates of
//! location based on rank tests*, 1963; Hollander, Wolfe and Chicken, *Nonparametric Statistical Methods*,
//! 3rd edition, section 3.2 and 3.3; R's `wilcox.test(x, exact = TRUE, conf.int = TRUE)`). With ties among
//! the values the closed interval still has at least its level.
//!
//! Values may be infinite; no result is NaN if no value is.

use super::extended::{average, median};
use super::normal;

/// Above this number of values, the distribution is approximated by the normal one: its exact one has
/// n²/2 places, and the two agree to the place of one average.
const EXACT_UP_TO: usize = 300;

/// The Hodges-Lehmann estimate: the median of the Walsh averages. Absent of an empty list.
pub fn estimate(values: &[f64]) -> Option<f64> {
    median(&walsh_averages(values))
}

/// The closed interval that contains the centre of the distribution with a probability of at least
/// 1 - `alpha`; absent where there are fewer than [`least`] values.
pub fn interval(values: &[f64], alpha: f64) -> Option<[f64; 2]> {
    let place = place(values.len(), alpha)?;
    let averages = walsh_averages(values);
    Some([averages[place - 1], averages[averages.len() - place]])
}

/// The smallest number of values with an interval at the level 1 - `alpha`: 6 for 95 %.
pub fn least(alpha: f64) -> usize {
    // The smallest two-sided level of n values is 2 * 2^-n.
    let mut n = 1;
    while n < 1_000 && !reaches(n, alpha) {
        n += 1;
    }
    n
}

/// With a margin for the rounding of quotients such as 0.05 / 16.
fn reaches(n: usize, alpha: f64) -> bool {
    n > 0 && 0.5f64.powi(n.min(1_000) as i32 - 1) <= alpha * (1.0 + 1e-12)
}

/// The place of the lower limit among the Walsh averages, counted from 1.
fn place(n: usize, alpha: f64) -> Option<usize> {
    if !reaches(n, alpha) {
        return None;
    }
    let pairs = n * (n + 1) / 2;
    if n > EXACT_UP_TO {
        let n = n as f64;
        let deviation = (n * (n + 1.0) * (2.0 * n + 1.0) / 24.0).sqrt();
        return Some(normal::place(pairs as f64 / 2.0, deviation, alpha));
    }
    Some(normal::first_reaching(&probabilities(n), alpha / 2.0).max(1))
}

/// The probabilities of the statistic's values 0, 1, ... n(n+1)/2: of the sums of ranks with a positive
/// sign, where every assignment of signs is equally likely.
fn probabilities(n: usize) -> Vec<f64> {
    let mut of = vec![0.0; n * (n + 1) / 2 + 1];
    of[0] = 1.0;
    for rank in 1..=n {
        let last = rank * (rank + 1) / 2;
        for sum in (0..=last).rev() {
            let with = if sum >= rank { of[sum - rank] } else { 0.0 };
            of[sum] = (of[sum] + with) / 2.0;
        }
    }
    of
}

fn walsh_averages(values: &[f64]) -> Vec<f64> {
    let mut averages = Vec::with_capacity(values.len() * (values.len() + 1) / 2);
    for (place, a) in values.iter().enumerate() {
        averages.extend(values[place..].iter().map(|b| average(*a, *b)));
    }
    averages.sort_unstable_by(f64::total_cmp);
    averages
}

#[cfg(test)]
#[path = "signed_rank_tests.rs"]
mod tests;
