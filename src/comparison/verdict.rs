//! What an interval says: the verdicts.

use serde::{Serialize, Serializer};

use super::metric::{Metric, Unit};

/// The verdict on one metric of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A time is shorter.
    Faster,
    /// A time is longer.
    Slower,
    /// A rate or a share is higher.
    Higher,
    /// A rate or a share is lower.
    Lower,
    /// There is a difference, and it is within the margin.
    DifferentButSmall,
    /// Any difference is within the margin.
    Same,
    /// The interval contains both no difference and one beyond the margin, or there is none.
    CannotTell,
}

impl Verdict {
    /// The verdict in words.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Faster => "FASTER",
            Verdict::Slower => "SLOWER",
            Verdict::Higher => "HIGHER",
            Verdict::Lower => "LOWER",
            Verdict::DifferentButSmall => "DIFFERENT BUT SMALL",
            Verdict::Same => "SAME",
            Verdict::CannotTell => "CANNOT TELL",
        }
    }

    /// The verdict of a closed interval: of ratios around 1, or of differences around 0.
    pub fn of(metric: Metric, [low, high]: [f64; 2], margin: f64) -> Verdict {
        let centre = match metric.is_difference() {
            true => 0.0,
            false => 1.0,
        };
        let is_within = low >= centre - margin && high <= centre + margin;
        match (low > centre || high < centre, is_within) {
            (true, true) => Verdict::DifferentButSmall,
            (false, true) => Verdict::Same,
            (false, false) => Verdict::CannotTell,
            (true, false) => Verdict::towards(metric, low > centre),
        }
    }

    fn towards(metric: Metric, is_more: bool) -> Verdict {
        match (metric.unit(), is_more) {
            (Unit::Seconds, true) => Verdict::Slower,
            (Unit::Seconds, false) => Verdict::Faster,
            (_, true) => Verdict::Higher,
            (_, false) => Verdict::Lower,
        }
    }

    /// Whether it claims a difference: the interval excludes that there is none.
    pub fn is_claim(self) -> bool {
        !matches!(self, Verdict::Same | Verdict::CannotTell)
    }

    /// Whether it says that the other side is worse by more than the margin: longer times, a lower rate,
    /// more errors, or a higher count, such as of queries.
    pub fn is_worse(self, metric: Metric) -> bool {
        match self {
            Verdict::Slower => true,
            Verdict::Lower => metric == Metric::PurchasesPerSecond,
            Verdict::Higher => metric == Metric::Errors || metric.unit() == Unit::Count,
            _ => false,
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
