//! What the rank tests share: the limits of distributions, exact and by the normal approximation.

use statrs::distribution::{ContinuousCDF, Normal};

/// The value that a standard normal variable exceeds in either direction with the probability `alpha`.
pub(super) fn two_sided(alpha: f64) -> f64 {
    Normal::standard().inverse_cdf(1.0 - alpha / 2.0)
}

/// The probability that a standard normal variable is further from 0 than `z`.
pub(super) fn beyond(z: f64) -> f64 {
    2.0 * Normal::standard().cdf(-z.abs())
}

/// The first place of a distribution, counted from 0, up to which its probabilities reach `share`; with a
/// margin for their rounding.
pub(super) fn first_reaching(probabilities: &[f64], share: f64) -> usize {
    let mut sum = 0.0;
    let reached = probabilities.iter().position(|probability| {
        sum += probability;
        sum >= share * (1.0 - 1e-12)
    });
    reached.unwrap_or(0)
}

/// The same of a statistic with whole values that is nearly normal, counted from 1; with the correction for
/// continuity.
pub(super) fn place(mean: f64, deviation: f64, alpha: f64) -> usize {
    (mean + 0.5 - two_sided(alpha) * deviation).floor().max(1.0) as usize
}
