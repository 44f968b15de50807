//! One metric of two sides: estimate, interval, verdict.

use crate::stats::extended::{difference, log_ratio, mean_and_deviation, median};
use crate::stats::{rank_sum, rounds, signed_rank};

use super::metric::Metric;
use super::part::PartMetrics;
use super::single;
use super::timings;
use super::value::{Design, Number, Question, Row};
use super::verdict::Verdict;

/// What the qualifier of a verdict says.
pub(super) const SINGLE_RUNS: &str = "single runs";
pub(super) const NOT_INTERLEAVED: &str = "not interleaved";

/// Two sides' parts: of an interleaved pair, those at the same place are of one block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides<'a> {
    pub design: Design,
    pub baseline: &'a [&'a PartMetrics],
    pub other: &'a [&'a PartMetrics],
}

/// The values of a metric on both sides, or why it tells nothing.
pub(super) fn values(metric: Metric, sides: &Sides) -> Result<[Vec<f64>; 2], String> {
    let all = || sides.baseline.iter().chain(sides.other);
    if metric.is_of_successes() {
        let (what, failed): (_, fn(&PartMetrics) -> bool) = match metric.is_of_home() {
            true => ("home pages", |part| part.opened < part.due),
            false => ("purchases", |part| part.bought < part.due),
        };
        if all().any(|part| failed(part)) {
            return Err(format!("{what} failed, and it is of successful ones only"));
        }
    }
    let lacking = all()
        .filter(|part| part.values.of(metric).is_none())
        .count();
    if lacking > 0 {
        if let Some(reason) = timings::unknown(metric, all().copied()) {
            return Err(reason);
        }
        let parts = all().count();
        let needed = metric
            .quantile()
            .map(|quantile| quantile.values_needed() as u64);
        return Err(match needed {
            Some(needed) if all().any(|part| part.due < needed) => format!(
                "too few shoppers in {lacking} of {parts} parts: {needed} are needed in each"
            ),
            _ => format!("{lacking} of {parts} parts have no such figure"),
        });
    }
    let of = |side: &[&PartMetrics]| -> Vec<f64> {
        side.iter()
            .filter_map(|part| part.values.of(metric))
            .collect()
    };
    let values = [of(sides.baseline), of(sides.other)];
    // Corrected by an estimated offset of clocks, a time can be 0 or less.
    let needs_positive = metric.is_of_successes();
    if needs_positive && values.iter().flatten().any(|value| *value <= 0.0) {
        return Err("it is not above 0 in every part, which a ratio needs".to_owned());
    }
    Ok(values)
}

/// A metric that tells nothing, and why.
pub(super) fn untold(metric: Metric, is_primary: bool, reason: String) -> Row {
    Row {
        metric,
        is_primary,
        unit: metric.unit(),
        baseline: None,
        other: None,
        baseline_interval: None,
        other_interval: None,
        ratio: None,
        ratio_interval: None,
        change: None,
        change_interval: None,
        confidence: None,
        verdict: is_primary.then_some(Verdict::CannotTell),
        qualifier: None,
        reason: Some(reason),
        rounds_needed: None,
    }
}

/// The row of a metric at the level 1 - `alpha`.
pub(super) fn row(
    question: &Question,
    metric: Metric,
    alpha: f64,
    sides: &Sides,
    [baseline, other]: [Vec<f64>; 2],
) -> Row {
    let effects = effects(metric, sides.design, &baseline, &other);
    let medians = [&baseline, &other].map(|values| {
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        median(&sorted).unwrap_or(f64::NAN)
    });
    let interval = match sides.design {
        Design::SingleRuns => None,
        _ => effects.interval(alpha),
    };
    let mut row = untold(metric, metric == question.metric, String::new());
    row.reason = None;
    row.baseline = Number::of(medians[0]);
    row.other = Number::of(medians[1]);
    let shown = Shown { metric, medians };
    if let Some(estimate) = effects.estimate() {
        row.ratio = shown.ratio(estimate);
        row.change = shown.change(estimate);
    }
    if let Some([low, high]) = interval {
        row.ratio_interval = shown.ratio(low).zip(shown.ratio(high)).map(<[_; 2]>::from);
        row.change_interval = shown
            .change(low)
            .zip(shown.change(high))
            .map(<[_; 2]>::from);
    }
    row.confidence = (sides.design != Design::SingleRuns).then_some(1.0 - alpha);
    judge(&mut row, question, alpha, sides.design, &effects, interval);
    if sides.design == Design::SingleRuns {
        let within = |side: &[&PartMetrics], figure: f64| match side {
            [part] => {
                let alpha = 1.0 - question.confidence;
                let [low, high] = single::interval(metric, &part.series, alpha)?;
                // Of very many rows, the figure is of all of them and the interval of every n-th.
                Some([Number(low.0.min(figure)), Number(high.0.max(figure))])
            }
            _ => None,
        };
        row.baseline_interval = within(sides.baseline, medians[0]);
        row.other_interval = within(sides.other, medians[1]);
    }
    row
}

/// Verdict, what it is subject to, and what would settle it.
fn judge(
    row: &mut Row,
    question: &Question,
    alpha: f64,
    design: Design,
    effects: &Effects,
    interval: Option<[f64; 2]>,
) {
    let metric = row.metric;
    row.qualifier = match design {
        Design::Interleaved => None,
        Design::Separate => Some(NOT_INTERLEAVED),
        Design::SingleRuns => Some(SINGLE_RUNS),
    };
    let is_told =
        design == Design::Interleaved || (design == Design::Separate && question.accept_separate);
    row.verdict = Some(match interval {
        Some([low, high]) if is_told => {
            let interval = match metric.is_difference() {
                true => [low, high],
                false => [low.exp(), high.exp()],
            };
            Verdict::of(metric, interval, question.margin)
        }
        _ => Verdict::CannotTell,
    });
    if row.verdict != Some(Verdict::CannotTell) || design == Design::SingleRuns {
        return;
    }
    if interval.is_none() {
        row.reason = Some(format!(
            "{} rounds reach this level, there are {}",
            effects.least(alpha),
            effects.rounds()
        ));
    }
    let half_margin = match metric.is_difference() {
        true => question.margin / 2.0,
        false => question.margin.ln_1p() / 2.0,
    };
    let more = effects.rounds() as u64 + 1;
    row.rounds_needed = effects
        .deviation()
        .and_then(|deviation| rounds::needed(deviation, half_margin, alpha))
        .map(|needed| match interval {
            Some(_) => needed.max(more),
            None => needed.max(effects.least(alpha) as u64),
        });
}

/// Effects block by block, or the values of both sides where these are separate; logarithms, but for
/// differences.
enum Effects {
    Blocks(Vec<f64>),
    Samples([Vec<f64>; 2]),
}

fn effects(metric: Metric, design: Design, baseline: &[f64], other: &[f64]) -> Effects {
    let scale = |value: f64| match metric.is_difference() {
        true => value,
        false => value.ln(),
    };
    if design == Design::Interleaved || (baseline.len() == 1 && other.len() == 1) {
        let pairs = baseline.iter().zip(other);
        return Effects::Blocks(match metric.is_difference() {
            true => pairs.map(|(a, b)| difference(*a, *b)).collect(),
            false => pairs
                .map(|(a, b)| log_ratio(*a, *b).unwrap_or(0.0))
                .collect(),
        });
    }
    let of = |values: &[f64]| values.iter().map(|value| scale(*value)).collect();
    Effects::Samples([of(baseline), of(other)])
}

impl Effects {
    fn estimate(&self) -> Option<f64> {
        match self {
            Effects::Blocks(effects) => signed_rank::estimate(effects),
            Effects::Samples([a, b]) => rank_sum::estimate(a, b),
        }
    }

    fn interval(&self, alpha: f64) -> Option<[f64; 2]> {
        match self {
            Effects::Blocks(effects) => signed_rank::interval(effects, alpha),
            Effects::Samples([a, b]) => rank_sum::interval(a, b, alpha),
        }
    }

    /// The rounds of the side with fewer.
    fn rounds(&self) -> usize {
        match self {
            Effects::Blocks(effects) => effects.len(),
            Effects::Samples([a, b]) => a.len().min(b.len()),
        }
    }

    fn least(&self, alpha: f64) -> usize {
        match self {
            Effects::Blocks(_) => signed_rank::least(alpha),
            Effects::Samples(_) => rank_sum::least(alpha),
        }
    }

    /// The standard deviation of a difference of one round of each side.
    fn deviation(&self) -> Option<f64> {
        match self {
            Effects::Blocks(effects) => Some(mean_and_deviation(effects)?.1),
            Effects::Samples([a, b]) => {
                let [(_, a), (_, b)] = [mean_and_deviation(a)?, mean_and_deviation(b)?];
                Some(a.hypot(b))
            }
        }
    }
}

/// How effects are shown.
struct Shown {
    metric: Metric,
    medians: [f64; 2],
}

impl Shown {
    fn ratio(&self, effect: f64) -> Option<Number> {
        match self.metric.is_difference() {
            true => None,
            false => Number::of(effect.exp()),
        }
    }

    /// In the metric's own unit: the ratio, applied to the baseline.
    fn change(&self, effect: f64) -> Option<Number> {
        if self.metric.is_difference() {
            return Number::of(effect);
        }
        let [baseline, other] = self.medians;
        let change = baseline * effect.exp_m1();
        match change.is_nan() || baseline.is_infinite() {
            true => Number::of(difference(baseline, other)),
            false => Number::of(change),
        }
    }
}

#[cfg(test)]
#[path = "row_tests.rs"]
mod tests;
