//! Conditions under which a run counts as failed (`--fail-if`), and what became of them.
//!
//! A condition that cannot be told counts as failed: a check that passes because there was nothing to
//! check is none.

use crate::row::Source;
use crate::settings::{Comparison, Limit, Statistic, Threshold};
use crate::stats::Sample;
use crate::stats::share::Share;
use crate::summary::{RunFacts, Server, Summary};

/// A figure as it was in the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A span of time.
    Nanos(i64),
    /// So many of so many, at least one.
    Part(u64, u64),
    /// Per second.
    Rate(f64),
}

/// What became of a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// It came true: the run failed.
    Crossed(Value),
    /// It did not.
    Held(Value),
    /// It cannot be told, which is why; counts as failed.
    Unknown(String),
}

/// A condition, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The condition as it was given.
    pub condition: String,
    /// What became of it.
    pub finding: Finding,
}

impl Outcome {
    /// Whether the run counts as failed for it.
    pub fn failed(&self) -> bool {
        !matches!(self.finding, Finding::Held(_))
    }
}

impl Threshold {
    /// What became of it in a run that has ended.
    pub fn evaluate(&self, summary: &Summary, facts: &RunFacts) -> Outcome {
        let finding = match self.judged(summary, facts) {
            Ok((true, value)) => Finding::Crossed(value),
            Ok((false, value)) => Finding::Held(value),
            Err(why) => Finding::Unknown(why),
        };
        Outcome {
            condition: self.text.clone(),
            finding,
        }
    }

    /// Whether it came true, and with which figure; or why that cannot be told.
    fn judged(&self, summary: &Summary, facts: &RunFacts) -> Result<(bool, Value), String> {
        match self.limit {
            Limit::Elapsed {
                of,
                statistic,
                nanos: limit,
            } => {
                let nanos = elapsed(of, statistic, summary)?;
                let came_true = self.comparison.is_between(&nanos, &limit);
                Ok((came_true, Value::Nanos(nanos)))
            }
            Limit::Errors { of, share } => {
                let (part, whole) = errors(of, summary)?;
                // In whole numbers: exactly 7 of 1,000 are not more than 0.7 %.
                let all_billionths = u128::from(Share::WHOLE.billionths());
                let is = u128::from(part) * all_billionths;
                let may_be = u128::from(share.billionths()) * u128::from(whole);
                let came_true = self.comparison.is_between(&is, &may_be);
                Ok((came_true, Value::Part(part, whole)))
            }
            Limit::Rate { per_second } => {
                let seconds = facts.wall_seconds().ok_or("the run took no time")?;
                let rate = summary.bought as f64 / seconds;
                let came_true = self.comparison.is_between(&rate, &per_second);
                Ok((came_true, Value::Rate(rate)))
            }
        }
    }
}

fn elapsed(of: Source, statistic: Statistic, summary: &Summary) -> Result<i64, String> {
    let sample: &Sample = match of {
        Source::Home => &summary.home.elapsed,
        Source::Buy => &summary.buy.elapsed,
        Source::Server => &summary.server.elapsed,
        Source::Rest => &summary.rest.elapsed,
    };
    let value = match statistic {
        Statistic::Min => sample.min(),
        Statistic::Mean => sample.mean(),
        Statistic::Max => sample.max(),
        Statistic::Percentile(quantile) => sample.percentile(quantile),
    };
    value.ok_or_else(|| match statistic {
        Statistic::Percentile(quantile) if !sample.is_empty() => format!(
            "{quantile} needs {} values, of which there are {}",
            quantile.values_needed(),
            sample.len()
        ),
        _ => match of {
            Source::Home => "no home page has an elapsed time".to_owned(),
            Source::Buy => "no purchase has an elapsed time".to_owned(),
            Source::Server => "no report has the server's elapsed time".to_owned(),
            Source::Rest => "no report has the second server's elapsed time".to_owned(),
        },
    })
}

/// How many did not satisfy, and of how many.
fn errors(of: Option<Source>, summary: &Summary) -> Result<(u64, u64), &'static str> {
    let by_client = |failed| (failed, summary.launched, "no shopper was launched");
    let by_server = |server: &Server, nobody| (server.refused, server.results, nobody);
    let (part, whole, nobody) = match of {
        None => by_client(summary.failed_purchases()),
        Some(Source::Home) => by_client(summary.home.failed),
        Some(Source::Buy) => by_client(summary.buy.failed),
        Some(Source::Server) => by_server(&summary.server, "no report has the server's result"),
        Some(Source::Rest) => by_server(&summary.rest, "no report has the second server's result"),
    };
    if whole == 0 {
        return Err(nobody);
    }
    Ok((part, whole))
}

impl Comparison {
    fn is_between<T: PartialOrd>(self, figure: &T, limit: &T) -> bool {
        match self {
            Comparison::Above => figure > limit,
            Comparison::AtLeast => figure >= limit,
            Comparison::Below => figure < limit,
            Comparison::AtMost => figure <= limit,
        }
    }
}

#[cfg(test)]
#[path = "threshold_tests.rs"]
mod tests;
