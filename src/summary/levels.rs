//! The levels of a sweep.

use crate::rows::judged::Verdict;
use crate::stats::scalability::{self, Fit};

use super::figures::Figures;

/// The rounds of one level.
#[derive(Clone, Debug, Default)]
pub struct Level {
    /// Virtual users in each of its rounds.
    pub concurrent: u64,
    /// Rounds so far.
    pub rounds: u64,
    /// The outcomes of all rounds; see [`Figures::merge_outcomes`].
    pub figures: Figures,
    /// From the first start to the last row, over all rounds, nanoseconds.
    pub wall_nanos: i64,
    /// The span that the rate is divided by, over all rounds, nanoseconds.
    pub span_nanos: i64,
    /// Purchases per second of each round with a span above 0, in their order.
    pub rates: Vec<f64>,
    /// What can be said of the figures of all rounds together.
    pub verdict: Verdict,
    /// Rounds without a known verdict.
    pub unjudged: u64,
}

impl Level {
    /// A level without a round yet.
    pub fn new(concurrent: u64) -> Level {
        Level {
            concurrent,
            ..Level::default()
        }
    }

    /// Adds a round: its figures, its length and the span that its rate is divided by (nanoseconds;
    /// pauses before and after are not the server's), and the verdict on it, where there is one.
    pub fn add_round(
        &mut self,
        figures: &Figures,
        wall_nanos: i64,
        span_nanos: i64,
        verdict: Option<&Verdict>,
    ) {
        self.rounds += 1;
        self.figures.merge_outcomes(figures);
        self.wall_nanos = self.wall_nanos.saturating_add(wall_nanos.max(0));
        self.span_nanos = self.span_nanos.saturating_add(span_nanos.max(0));
        self.rates.extend(rate(figures.bought, span_nanos));
        match verdict {
            Some(verdict) => self.verdict.merge(verdict, None),
            None => self.unjudged += 1,
        }
    }

    /// Purchases per second over all rounds; absent if their span is 0.
    pub fn rate(&self) -> Option<f64> {
        rate(self.figures.bought, self.span_nanos)
    }

    /// The verdict on all rounds: where one is not judged, nothing counts as trusted.
    pub fn judged(&self) -> Verdict {
        self.verdict.with_unjudged(self.unjudged)
    }

    /// Whether the latencies of every round can be trusted; absent without rounds, or where one is not
    /// known and no other is bad, or where nothing was bought.
    pub fn is_trusted(&self) -> Option<bool> {
        self.judged().is_trusted(self.figures.bought)
    }
}

/// Purchases per second; absent if the span is 0.
pub fn rate(bought: u64, span_nanos: i64) -> Option<f64> {
    (span_nanos > 0).then(|| bought as f64 / (span_nanos as f64 / 1e9))
}

/// The scalability law that describes the rounds of the levels best; absent if fewer than three
/// levels have purchases. Rounds without a purchase are excluded: the law has no zero.
pub fn fit(levels: &[Level]) -> Option<Fit> {
    let points: Vec<(u64, f64)> = levels
        .iter()
        .flat_map(|level| level.rates.iter().map(|rate| (level.concurrent, *rate)))
        .collect();
    scalability::fit(&points)
}

/// The fewest levels, and rounds of each, for a statement on a knee or a ceiling.
const LEVELS: usize = 4;
const ROUNDS: usize = 2;

/// Why a fit supports no statement on a knee or a ceiling; absent where it does.
pub fn unsupported(fit: &Fit, levels: &[Level]) -> Option<String> {
    let enough = |level: &&Level| level.rates.iter().filter(|rate| **rate > 0.0).count() >= ROUNDS;
    let supported = levels.iter().filter(enough).count();
    if supported < LEVELS {
        return Some(format!(
            "a knee or a ceiling needs {LEVELS} levels of {ROUNDS} rounds each, there are {supported}"
        ));
    }
    (!fit.describes_levels()).then(|| {
        format!(
            "the law does not describe these levels (fit error {:.0} %): go by the table",
            fit.error * 100.0
        )
    })
}

#[cfg(test)]
#[path = "levels_tests.rs"]
pub(crate) mod tests;
