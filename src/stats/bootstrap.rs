//! The interval of a figure within one run: the moving-block bootstrap.
//!
//! Requests that follow one another resemble one another. Blocks of neighbours are drawn, so that the
//! resemblance within a block remains (Künsch, *The jackknife and the bootstrap for general stationary
//! observations*, 1989). Their length comes from the autocorrelation of the values by the rule of Politis
//! and White (*Automatic block-length selection for the dependent bootstrap*, 2004, with the correction of
//! Patton, Politis and White, 2009, for the circular bootstrap, which differs from this one by a term that
//! vanishes).
//!
//! The interval says how the figure would vary if the same run went on. It says nothing about another run.

use crate::plan::random::{SplitMix64, mix};

/// Resamples: the limits of a 95 % interval are then the 25th from either end.
const RESAMPLES: usize = 1_000;

/// Values that are drawn in all, at most: fewer resamples of long series.
const MOST_DRAWN: usize = 8_000_000;

/// The fewest resamples.
const FEWEST: usize = 200;

/// The interval, at the level 1 - `alpha`, of a statistic of values in the order of time. Absent for fewer
/// than 20 values, or where the statistic is absent. The same values, block length and seed give the same
/// interval. Values may be infinite, the statistic not NaN.
pub fn interval(
    values: &[f64],
    block: usize,
    alpha: f64,
    seed: u64,
    statistic: impl Fn(&mut [f64]) -> Option<f64>,
) -> Option<[f64; 2]> {
    let n = values.len();
    if n < 20 {
        return None;
    }
    let block = block.clamp(1, n);
    let resamples = (MOST_DRAWN / n).clamp(FEWEST, RESAMPLES);
    let mut random = SplitMix64(mix(seed));
    let mut drawn = Vec::with_capacity(n + block);
    let mut figures = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        drawn.clear();
        while drawn.len() < n {
            let begin = random.below((n - block + 1) as u64) as usize;
            drawn.extend_from_slice(&values[begin..begin + block]);
        }
        drawn.truncate(n);
        figures.push(statistic(&mut drawn)?);
    }
    figures.sort_unstable_by(f64::total_cmp);
    let beyond = ((alpha / 2.0 * resamples as f64).round() as usize).max(1);
    Some([figures[beyond - 1], figures[resamples - beyond]])
}

/// The block length for a series, from its autocorrelation: 1 for independent values, at most a third of
/// the series.
pub fn block_length(values: &[f64]) -> usize {
    let n = values.len();
    if n < 10 {
        return 1;
    }
    let size = n as f64;
    let mean = values.iter().sum::<f64>() / size;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let covariance = |lag: usize| {
        let pairs = centred.iter().zip(&centred[lag..]);
        pairs.map(|(a, b)| a * b).sum::<f64>() / size
    };
    let variance = covariance(0);
    if !(variance.is_finite() && variance > 0.0) {
        return 1;
    }
    // After the last notable lag come as many that are not.
    let after = (size.log10().sqrt().ceil() as usize).max(5);
    let last = (size.sqrt().ceil() as usize + after).min(n - 1);
    let covariances: Vec<f64> = (0..=last).map(covariance).collect();
    let notable = 2.0 * (size.log10() / size).sqrt() * variance;
    let is_notable = |lag: &usize| covariances[*lag].abs() >= notable;
    let mut width = 0;
    for lag in 1..=last {
        if is_notable(&lag) {
            width = lag;
        } else if lag - width >= after {
            break;
        }
    }
    let width = (2 * width).min(last);
    if width == 0 {
        return 1;
    }
    // The flat-top window: 1 up to its half, then falling to 0.
    let (mut spread, mut total) = (0.0, variance);
    for (lag, covariance) in covariances.iter().enumerate().take(width + 1).skip(1) {
        let place = lag as f64 / width as f64;
        let weight = (2.0 * (1.0 - place)).clamp(0.0, 1.0);
        spread += 2.0 * weight * lag as f64 * covariance;
        total += 2.0 * weight * covariance;
    }
    let square = 4.0 / 3.0 * total * total;
    let length = (2.0 * spread * spread / square * size).cbrt();
    let most = (3.0 * size.sqrt()).min(size / 3.0).ceil();
    match length.is_finite() {
        true => length.ceil().clamp(1.0, most) as usize,
        false => most as usize,
    }
}

#[cfg(test)]
#[path = "bootstrap_tests.rs"]
mod tests;
