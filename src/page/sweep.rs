//! Throughput and latency over concurrency.

use crate::stats::Distribution;
use crate::stats::scalability::Law;
use crate::summary::{LevelSummary, Scalability, Summary};

use super::collect::Collector;
use super::known::PartKnown;

/// Points of the drawn law.
const POINTS: usize = 60;

/// The levels of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// In ascending order.
    pub levels: Vec<LevelPoint>,
    /// Every round, as far as it is known.
    pub rounds: Vec<RoundPoint>,
    /// The fitted law from the lowest level to the highest; empty without a fit.
    pub law: Vec<LawPoint>,
    /// The conclusion, in words.
    pub finding: Scalability,
}

/// One level, over all its rounds.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelPoint {
    /// Virtual users.
    pub concurrent: u64,
    /// Rounds.
    pub rounds: u64,
    /// Successful purchases.
    pub bought: u64,
    /// Failed ones.
    pub failed: u64,
    /// Purchases per second over all rounds.
    pub rate: Option<f64>,
    /// The fitted rate.
    pub fitted: Option<f64>,
    /// Of home pages.
    pub home: Option<Distribution>,
    /// Of purchases.
    pub purchase: Option<Distribution>,
    /// Whether its rounds were trusted; absent where that is not known.
    pub trusted: Option<bool>,
}

/// One round of a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoundPoint {
    /// Virtual users.
    pub concurrent: u64,
    /// Counted from 1.
    pub round: u64,
    /// Purchases per second.
    pub rate: Option<f64>,
    /// The rate by the fitted one, less 1.
    pub residual: Option<f64>,
    /// Of purchases, nanoseconds, to within 1.6 %.
    pub p50: Option<i64>,
    /// The same; needs 100 purchases.
    pub p99: Option<i64>,
}

/// A point of the fitted law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LawPoint {
    /// Virtual users.
    pub concurrent: f64,
    /// Purchases per second.
    pub rate: f64,
    /// The rate less and plus twice the root mean square of the relative residuals.
    pub band: [f64; 2],
}

/// The sweep of a run of several levels.
pub(super) fn sweep(
    summary: &Summary,
    collected: &Collector,
    parts: &[PartKnown],
) -> Option<Sweep> {
    let finding = summary.scalability.clone()?;
    let mut levels: Vec<&LevelSummary> = summary.levels.iter().flatten().collect();
    levels.sort_by_key(|level| level.concurrent);
    if levels.len() < 2 {
        return None;
    }
    let law = law(&finding);
    let fitted = |level: u64| Some(law?.throughput(level.max(1) as f64));
    let ends = [levels.first()?.concurrent, levels.last()?.concurrent];
    Some(Sweep {
        rounds: rounds(&levels, collected, parts, &fitted),
        law: (law.iter())
            .flat_map(|law| drawn(law, ends, finding.error.unwrap_or(0.0)))
            .collect(),
        levels: (levels.iter())
            .map(|level| LevelPoint {
                concurrent: level.concurrent,
                rounds: level.rounds,
                bought: level.bought,
                failed: level.failed_purchases,
                rate: level.purchases_per_second,
                fitted: fitted(level.concurrent),
                home: level.home_elapsed_seconds,
                purchase: level.buy_elapsed_seconds,
                trusted: level.trusted,
            })
            .collect(),
        finding,
    })
}

fn law(finding: &Scalability) -> Option<Law> {
    Some(Law {
        lambda: finding.lambda?,
        sigma: finding.sigma?,
        kappa: finding.kappa?,
    })
}

/// The law between two levels, evenly on a logarithmic axis.
fn drawn(law: &Law, ends: [u64; 2], error: f64) -> Vec<LawPoint> {
    let [from, to] = ends.map(|level| (level.max(1) as f64).ln());
    let points = (0..=POINTS).map(|point| {
        let concurrent = (from + (to - from) * point as f64 / POINTS as f64).exp();
        let rate = law.throughput(concurrent);
        LawPoint {
            concurrent,
            rate,
            band: [-2.0, 2.0].map(|times| (rate * (1.0 + times * error)).max(0.0)),
        }
    });
    points.collect()
}

fn rounds(
    levels: &[&LevelSummary],
    collected: &Collector,
    parts: &[PartKnown],
    fitted: &impl Fn(u64) -> Option<f64>,
) -> Vec<RoundPoint> {
    let mut rounds = Vec::new();
    for level in levels {
        let of_level = |part: &&(usize, &PartKnown)| part.1.level == Some(level.concurrent);
        let known: Vec<(usize, &PartKnown)> = parts.iter().enumerate().collect();
        let known: Vec<_> = known.iter().filter(of_level).collect();
        let count = known.len().max(level.round_rates.len());
        for place in 0..count {
            let found = known.get(place).map(|(place, _)| *place);
            let counts = found.and_then(|place| Some(&collected.parts.get(&place)?.buy));
            let at = |percent: u64, least: u64| {
                let counts = counts.filter(|counts| counts.n >= least)?;
                counts.at_rank((counts.n * percent).div_ceil(100))
            };
            let rate = match known.get(place) {
                Some((_, part)) => part.rate,
                None => level.round_rates.get(place).copied(),
            };
            rounds.push(RoundPoint {
                concurrent: level.concurrent,
                round: known
                    .get(place)
                    .map_or(place as u64 + 1, |(_, part)| part.round),
                rate,
                residual: rate.and_then(|rate| Some(rate / fitted(level.concurrent)? - 1.0)),
                p50: at(50, 2),
                p99: at(99, 100),
            });
        }
    }
    rounds
}
