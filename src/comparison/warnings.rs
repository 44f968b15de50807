//! What to know before believing a comparison.

use crate::stats::extended::{log_ratio, median};
use crate::stats::trend::trend;
use crate::text::counted;

use super::blocks::Matched;
use super::metric::Unit;
use super::part::PartMetrics;
use super::value::{Design, Number, Pair, Question};
use super::verdict::Verdict;

/// A trend counts where one as strong has at most this probability by chance.
const CHANCE: f64 = 0.01;

/// About the parts of one side.
pub(super) fn of_side(
    question: &Question,
    name: &str,
    parts: &[&PartMetrics],
    found: &mut Vec<String>,
) {
    let distrust = |part: &&&PartMetrics| match question.metric.is_of_home() {
        true => part.distrust_home.clone(),
        false => part.distrust_buy.clone(),
    };
    let reasons: Vec<String> = parts.iter().filter_map(|part| distrust(&part)).collect();
    if let Some(first) = reasons.first() {
        found.push(format!(
            "{name}: the latencies of {} of {} parts are NOT TRUSTED ({first})",
            reasons.len(),
            parts.len()
        ));
    }
    let infinite = parts
        .iter()
        .filter(|part| part.values.of(question.metric) == Some(f64::INFINITY))
        .count();
    if infinite > 0 {
        found.push(format!(
            "{name}: {} is that of a failed shopper in {infinite} of {}, and counts as infinite",
            question.metric.name(),
            counted(parts.len() as u64, "part", "parts")
        ));
    }
    let mut in_order = parts.to_vec();
    in_order.sort_by_key(|part| part.began);
    let values: Vec<f64> = (in_order.iter())
        .filter_map(|part| part.values.of(question.metric))
        .collect();
    if let Some(direction) = direction(&values) {
        found.push(format!(
            "{name}: {} {direction} over the rounds (Kendall's tau {:.2}): the machine or the server drifted",
            question.metric.name(),
            trend(&values).map_or(0.0, |of| of.tau)
        ));
    }
}

/// About two sides together.
pub(super) fn of_pair(
    question: &Question,
    pair: &Pair,
    matched: &Matched,
    found: &mut Vec<String>,
) {
    if matched.left_out > 0 {
        found.push(format!(
            "{} and {}: {} left out",
            pair.baseline,
            pair.other,
            counted(
                matched.left_out as u64,
                "part of an incomplete round is",
                "parts of incomplete rounds are"
            )
        ));
    }
    let metric = question.metric;
    if pair.design == Design::Interleaved {
        let pairs = matched.baseline.iter().zip(&matched.other);
        let effects: Vec<f64> = pairs
            .filter_map(|(a, b)| {
                let (a, b) = (a.part.values.of(metric)?, b.part.values.of(metric)?);
                match metric.is_difference() {
                    true => Some(b - a),
                    false => log_ratio(a, b),
                }
            })
            .collect();
        if let Some(direction) = direction(&effects) {
            found.push(format!(
                "the ratio of {} to {} {direction} over the rounds: it is not one figure, look at the blocks",
                pair.other, pair.baseline
            ));
        }
    }
    small(question, pair, matched, found);
}

/// Whether a claimed difference is smaller than what this client or this machine adds.
fn small(question: &Question, pair: &Pair, matched: &Matched, found: &mut Vec<String>) {
    let metric = question.metric;
    if metric.timing_key().is_some() {
        // The server's clock took it: this client has no share in it.
        return;
    }
    let row = &pair.metrics[0];
    let is_claimed = row.verdict.is_some_and(Verdict::is_claim);
    let (Some(Number(change)), Unit::Seconds, true) = (row.change, metric.unit(), is_claimed)
    else {
        return;
    };
    let is_tail = metric
        .quantile()
        .is_some_and(|of| of > crate::stats::Quantile::P50);
    let share = |part: &PartMetrics| {
        let own = match metric.is_of_home() {
            true => part.own_home,
            false => part.own_buy,
        };
        own[usize::from(is_tail)]
    };
    let sides = matched.parts();
    let mut shares: Vec<f64> = sides
        .iter()
        .flatten()
        .filter_map(|part| share(part))
        .collect();
    shares.sort_unstable_by(f64::total_cmp);
    let ms = |seconds: f64| format!("{:.3} ms", seconds * 1e3);
    if let Some(own) = median(&shares)
        && change.abs() < own
    {
        found.push(format!(
            "the difference of {} between {} and {} is below the share of this client of {} in these latencies",
            ms(change.abs()),
            pair.baseline,
            pair.other,
            ms(own)
        ));
    }
    if let Some(floor) = question.floor_seconds
        && change.abs() < floor
    {
        found.push(format!(
            "the difference of {} between {} and {} is below the floor of {} that calibrate measured",
            ms(change.abs()),
            pair.baseline,
            pair.other,
            ms(floor)
        ));
    }
}

/// Whether values rose or fell, where that is hardly chance.
fn direction(values: &[f64]) -> Option<&'static str> {
    let trend = trend(values).filter(|trend| trend.chance < CHANCE)?;
    Some(match trend.tau > 0.0 {
        true => "rose",
        false => "fell",
    })
}
