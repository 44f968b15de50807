//! Percentile curves: latency over percentile, on an axis on which every further nine takes the same room
//! (as HdrHistogram draws it).

use crate::stats::Sample;
use crate::stats::order::rank_bounds;

use super::collect::Collector;
use super::known::STEPS;

/// Points in each decade of 1/(1 - q): each nine.
const PER_NINE: u32 = 8;

/// The percentile curve of one kind of request, of one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// `home` or `purchase`.
    pub step: &'static str,
    /// From due, rather than from the start.
    pub is_from_due: bool,
    /// The virtual users of a closed workload; absent where that is not known.
    pub level: Option<u64>,
    /// Values.
    pub n: usize,
    /// In ascending order.
    pub points: Vec<CurvePoint>,
    /// The largest value, nanoseconds.
    pub max: i64,
}

/// A percentile with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// The quantile, 0 to below 1.
    pub quantile: f64,
    /// Nanoseconds.
    pub value: i64,
    /// The 95 % confidence interval by order statistics, nanoseconds: each end is absent where the number
    /// of values does not support one.
    pub interval: [Option<i64>; 2],
}

/// The curves of a run: those of its levels, in ascending order.
pub(super) fn curves(collected: &Collector) -> Vec<Curve> {
    let mut curves = Vec::new();
    for (level, figures) in &collected.levels {
        for (step, name) in STEPS.iter().enumerate() {
            let samples = [&figures.elapsed[step], &figures.from_due[step]];
            for (sample, is_from_due) in samples.into_iter().zip([false, true]) {
                curves.extend(curve(sample).map(|curve| Curve {
                    step: name,
                    is_from_due,
                    level: Some(*level).filter(|level| *level > 0),
                    ..curve
                }));
            }
        }
    }
    curves
}

/// The curve of a sample; absent if it is empty.
fn curve(sample: &Sample) -> Option<Curve> {
    let n = sample.len();
    let max = sample.max()?;
    let quantiles = quantiles(n);
    let mut ranks = Vec::new();
    for quantile in &quantiles {
        let [below, above] = rank_bounds(n, *quantile);
        let rank = ((n as f64 * quantile).ceil() as usize).clamp(1, n);
        ranks.extend([rank, below.unwrap_or(rank), above.unwrap_or(rank)]);
    }
    let values = sample.at_ranks(&ranks);
    let points = quantiles
        .iter()
        .zip(values.chunks(3))
        .map(|(quantile, of)| {
            let [below, above] = rank_bounds(n, *quantile);
            CurvePoint {
                quantile: *quantile,
                value: of[0],
                interval: [below.map(|_| of[1]), above.map(|_| of[2])],
            }
        });
    Some(Curve {
        step: "",
        is_from_due: false,
        level: None,
        n,
        points: points.collect(),
        max,
    })
}

/// From 0 to the last quantile that `n` values support, 1 - 1/n.
fn quantiles(n: usize) -> Vec<f64> {
    let last = 1.0 - 1.0 / n as f64;
    let steps = 0..;
    let quantiles = steps.map(|step: u32| 1.0 - 10f64.powf(-f64::from(step) / f64::from(PER_NINE)));
    let mut quantiles: Vec<f64> = quantiles.take_while(|of| *of < last - 1e-12).collect();
    quantiles.push(last);
    quantiles
}

#[cfg(test)]
#[path = "curve_tests.rs"]
mod tests;
