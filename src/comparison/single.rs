//! Intervals within one part, for runs without rounds.

use crate::stats::bootstrap;

use super::metric::Metric;
use super::part::Series;
use super::value::Number;

/// The seed of the resamples: the same rows give the same interval.
const SEED: u64 = 14;

/// The interval of a metric within the part that the series is of, at the level 1 - `alpha`; absent for
/// metrics that are not of elapsed times, and for few rows.
pub(super) fn interval(metric: Metric, series: &Series, alpha: f64) -> Option<[Number; 2]> {
    let values = match metric.is_of_home() {
        true => &series.home,
        false => &series.buy,
    };
    let [low, high] = match (metric, metric.quantile()) {
        (Metric::Buy(_) | Metric::Home(_), Some(quantile)) => {
            if !quantile.is_supported_by(values.len()) {
                return None;
            }
            let at_quantile = |values: &mut [f64]| {
                let rank = quantile.rank(values.len());
                Some(*values.select_nth_unstable_by(rank - 1, f64::total_cmp).1)
            };
            let figure = at_quantile(&mut values.clone())?;
            // A quantile moves with the share of the values beyond it.
            let beyond: Vec<f64> = (values.iter())
                .map(|value| f64::from(u8::from(*value > figure)))
                .collect();
            let block = bootstrap::block_length(&beyond);
            bootstrap::interval(values, block, alpha, SEED, at_quantile)?
        }
        (Metric::BuyMean | Metric::HomeMean, _) => {
            let finite: Vec<f64> = values.iter().copied().filter(|of| of.is_finite()).collect();
            let block = bootstrap::block_length(&finite);
            bootstrap::interval(&finite, block, alpha, SEED, |values| {
                Some(values.iter().sum::<f64>() / values.len() as f64)
            })?
        }
        _ => return None,
    };
    Some([Number::of(low)?, Number::of(high)?])
}
