//! How many rounds a comparison needs.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::signed_rank;

/// The efficiency of the signed-rank interval for normal values, relative to that of the t interval (Hodges
/// and Lehmann, 1956): 3 / π.
const EFFICIENCY: f64 = 3.0 / std::f64::consts::PI;

/// More rounds than this are not worth a number.
pub const MOST: u64 = 1_000_000;

/// The number of rounds from which the half-width of the signed-rank interval at the level 1 - `alpha` is
/// expected to be at most `half_width`, where the values of rounds scatter with that standard deviation.
/// At least what the level needs; absent beyond [`MOST`].
pub fn needed(deviation: f64, half_width: f64, alpha: f64) -> Option<u64> {
    if !(deviation.is_finite() && half_width > 0.0) {
        return None;
    }
    let suffices = |n: u64| {
        let t = StudentsT::new(0.0, 1.0, n as f64 - 1.0).map(|t| t.inverse_cdf(1.0 - alpha / 2.0));
        t.is_ok_and(|t| t * deviation / (EFFICIENCY * n as f64).sqrt() <= half_width)
    };
    let mut low = signed_rank::least(alpha).max(2) as u64;
    if suffices(low) {
        return Some(low);
    }
    let mut high = low;
    while !suffices(high) {
        low = high;
        high *= 2;
        if high > 2 * MOST {
            return None;
        }
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match suffices(middle) {
            true => high = middle,
            false => low = middle,
        }
    }
    Some(high).filter(|n| *n <= MOST)
}

#[cfg(test)]
#[path = "rounds_tests.rs"]
mod tests;
