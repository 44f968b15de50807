//! Thresholds (`--fail-if`): whether they are met by the figures of a run.
//!
//! A threshold that cannot be evaluated counts as failed: a check without data must not pass.
//!
//! Elapsed times and rates of a sweep are judged level by level, since a mixture of levels describes none
//! of them; shares of failures are over all levels.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::row::timing_key::TimingKey;
use crate::row::{Phase, Source};
use crate::settings::{Comparison, Limit, Statistic, Threshold};
use crate::stats::Sample;
use crate::stats::share::Share;
use crate::time::span::to_seconds;

use super::figures::Figures;
use super::levels::Level;
use super::schema::{ThresholdOutcome, ThresholdState};
use super::server::ServerSamples;

/// The most names in a reason.
const MOST_NAMED: usize = 8;

/// Why pages of forms have no figure.
const NO_FORM_PAGE: &str =
    "no shopper opened a page of the form (--cookies with --csrf --csrf-page PATH)";

/// The value that a threshold is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    /// A span of time.
    Nanos(i64),
    /// A count and its whole, which is at least 1.
    Part(u64, u64),
    /// A rate per second.
    Rate(f64),
    /// A count, billionths.
    Count(i64),
}

/// Evaluates a threshold. `rate`: purchases per second; absent if the span is 0. Of several levels the
/// worst counts.
pub fn evaluate(
    threshold: &Threshold,
    figures: &Figures,
    rate: Option<f64>,
    levels: &[Level],
) -> ThresholdOutcome {
    if levels.len() < 2
        || matches!(
            threshold.limit,
            Limit::Errors { .. } | Limit::FormErrors { .. }
        )
    {
        return outcome(threshold, figures, rate);
    }
    let of_levels = levels.iter().map(|level| ThresholdOutcome {
        level: Some(level.concurrent),
        ..outcome(threshold, &level.figures, level.rate())
    });
    of_levels
        .reduce(
            |worst, other| match is_worse(threshold.comparison, &other, &worst) {
                true => other,
                false => worst,
            },
        )
        .expect("there are several levels")
}

/// Whether an outcome is worse than another: by its state, then by its figure.
fn is_worse(comparison: Comparison, one: &ThresholdOutcome, other: &ThresholdOutcome) -> bool {
    let rank = |of: &ThresholdOutcome| match of.state {
        ThresholdState::Met => 2,
        ThresholdState::CannotBeEvaluated => 1,
        ThresholdState::NotMet => 0,
    };
    match (rank(one).cmp(&rank(other)), one.value, other.value) {
        (Ordering::Greater, ..) => true,
        (Ordering::Equal, Some(one), Some(other)) => match comparison {
            Comparison::Above | Comparison::AtLeast => one > other,
            Comparison::Below | Comparison::AtMost => one < other,
        },
        _ => false,
    }
}

/// Evaluates a threshold by the figures of a run, or of one level.
fn outcome(threshold: &Threshold, figures: &Figures, rate: Option<f64>) -> ThresholdOutcome {
    let (state, value, reason) = match judged(threshold, figures, rate) {
        Ok((true, value)) => (ThresholdState::Met, Some(value), None),
        Ok((false, value)) => (ThresholdState::NotMet, Some(value), None),
        Err(why) => (ThresholdState::CannotBeEvaluated, None, Some(why)),
    };
    let (value, part, whole) = match value {
        None => (None, None, None),
        Some(Value::Nanos(nanos)) => (Some(to_seconds(nanos)), None, None),
        Some(Value::Part(part, whole)) => {
            (Some(part as f64 / whole as f64), Some(part), Some(whole))
        }
        Some(Value::Rate(rate)) => (Some(rate), None, None),
        Some(Value::Count(billionths)) => (Some(billionths as f64 / 1e9), None, None),
    };
    ThresholdOutcome {
        threshold: threshold.text.clone(),
        state,
        failed: state != ThresholdState::NotMet,
        value,
        unit: match threshold.limit {
            Limit::Timing { key, .. } if !key.is_time() => "count",
            Limit::Elapsed { .. } | Limit::Tls { .. } => "seconds",
            Limit::Timing { .. } | Limit::FormPage { .. } => "seconds",
            Limit::Errors { .. } | Limit::FormErrors { .. } => "share",
            Limit::Rate { .. } => "per_second",
        },
        part,
        whole,
        variant: None,
        level: None,
        reason,
    }
}

/// Whether it is met, and with which figure; or why it cannot be evaluated.
fn judged(
    threshold: &Threshold,
    figures: &Figures,
    rate: Option<f64>,
) -> Result<(bool, Value), String> {
    let comparison = threshold.comparison;
    match threshold.limit {
        Limit::Elapsed {
            of,
            statistic,
            nanos: limit,
        } => {
            let nanos = elapsed(of, statistic, figures)?;
            Ok((comparison.holds(&nanos, &limit), Value::Nanos(nanos)))
        }
        Limit::Tls {
            of,
            statistic,
            nanos: limit,
        } => {
            let nanos = handshake(of, statistic, figures)?;
            Ok((comparison.holds(&nanos, &limit), Value::Nanos(nanos)))
        }
        Limit::Timing {
            key,
            statistic,
            billionths: limit,
        } => {
            let value = timing(key, statistic, figures)?;
            let shown = match key.is_time() {
                true => Value::Nanos(value),
                false => Value::Count(value),
            };
            Ok((comparison.holds(&value, &limit), shown))
        }
        Limit::FormPage {
            statistic,
            nanos: limit,
        } => {
            let nanos = form_page(statistic, figures)?;
            Ok((comparison.holds(&nanos, &limit), Value::Nanos(nanos)))
        }
        Limit::FormErrors { share } => Ok(part(comparison, form_errors(figures)?, share)),
        Limit::Errors { of, share } => Ok(part(comparison, errors(of, figures)?, share)),
        Limit::Rate { per_second } => {
            let rate = rate.ok_or("the run has a span of 0 s")?;
            Ok((comparison.holds(&rate, &per_second), Value::Rate(rate)))
        }
    }
}

/// Whether a count and its whole are at the limit.
fn part(comparison: Comparison, (part, whole): (u64, u64), share: Share) -> (bool, Value) {
    // In whole numbers: exactly 7 of 1,000 are not more than 0.7 %.
    let is = u128::from(part) * u128::from(Share::WHOLE.billionths());
    let may_be = u128::from(share.billionths()) * u128::from(whole);
    (comparison.holds(&is, &may_be), Value::Part(part, whole))
}

/// A time of the server, or a count.
fn timing(key: TimingKey, statistic: Statistic, figures: &Figures) -> Result<i64, String> {
    let site = figures.site.as_deref();
    let sample = site.and_then(|site| site.timing(&key));
    figure(sample.unwrap_or(&Sample::default()), statistic).map_err(|why| {
        why.unwrap_or_else(|| {
            let known = site.into_iter().flat_map(|site| site.timing_keys());
            let mut names: Vec<String> = known.map(|of| of.to_string()).collect();
            if names.len() > MOST_NAMED {
                names.truncate(MOST_NAMED);
                names.push("…".to_owned());
            }
            match names.is_empty() {
                true => "no response has times of the server (Server-Timing)".to_owned(),
                false => format!("no response has it; there are {}", names.join(", ")),
            }
        })
    })
}

/// How long the pages of the form took.
fn form_page(statistic: Statistic, figures: &Figures) -> Result<i64, String> {
    let site = figures.site.as_deref();
    let sample = site.map(|site| &site.form_page);
    figure(sample.unwrap_or(&Sample::default()), statistic)
        .map_err(|why| why.unwrap_or_else(|| NO_FORM_PAGE.to_owned()))
}

/// The failed pages of the form, and the shoppers.
fn form_errors(figures: &Figures) -> Result<(u64, u64), &'static str> {
    let opened = (figures.site.as_deref())
        .filter(|site| !site.form_page.is_empty() || site.form_pages_failed > 0);
    match (opened, figures.due()) {
        (Some(site), due @ 1..) => Ok((site.form_pages_failed, due)),
        _ => Err(NO_FORM_PAGE),
    }
}

fn elapsed(of: Source, statistic: Statistic, figures: &Figures) -> Result<i64, String> {
    let sample = match of {
        Source::Home => figures.home.elapsed(),
        Source::Buy => figures.buy.elapsed(),
        Source::Server => Cow::Borrowed(&figures.server.elapsed),
        Source::Rest => Cow::Borrowed(&figures.rest.elapsed),
    };
    figure(&sample, statistic).map_err(|why| {
        why.unwrap_or_else(|| match of {
            Source::Home => "no home page has an elapsed time".to_owned(),
            Source::Buy => "no purchase has an elapsed time".to_owned(),
            Source::Server => "no report has the server's elapsed time".to_owned(),
            Source::Rest => "no report has the second server's elapsed time".to_owned(),
        })
    })
}

/// How long the TLS handshakes took.
fn handshake(of: Source, statistic: Statistic, figures: &Figures) -> Result<i64, String> {
    let (step, name) = match of {
        Source::Home => (&figures.home, "home page"),
        _ => (&figures.buy, "purchase"),
    };
    let sample = step.phases.of(Phase::Tls);
    figure(sample, statistic)
        .map_err(|why| why.unwrap_or_else(|| format!("no {name} has a TLS handshake")))
}

/// A figure of a sample; or why it is not supported, if there are values.
fn figure(sample: &Sample, statistic: Statistic) -> Result<i64, Option<String>> {
    let value = match statistic {
        Statistic::Min => sample.min(),
        Statistic::Mean => sample.mean(),
        Statistic::Max => sample.max(),
        Statistic::Percentile(quantile) => sample.percentile(quantile),
    };
    value.ok_or_else(|| match statistic {
        Statistic::Percentile(quantile) if !sample.is_empty() => Some(format!(
            "{quantile} needs {} values, of which there are {}",
            quantile.values_needed(),
            sample.len()
        )),
        _ => None,
    })
}

/// The number of failures, and the whole.
fn errors(of: Option<Source>, figures: &Figures) -> Result<(u64, u64), &'static str> {
    let by_client = |failed| (failed, figures.due(), "no shopper was launched");
    let by_server = |server: &ServerSamples, nobody| (server.refused, server.results, nobody);
    let (part, whole, nobody) = match of {
        None => by_client(figures.failed_purchases()),
        Some(Source::Home) => by_client(figures.home.failed),
        Some(Source::Buy) => by_client(figures.buy.failed),
        Some(Source::Server) => by_server(&figures.server, "no report has the server's result"),
        Some(Source::Rest) => by_server(&figures.rest, "no report has the second server's result"),
    };
    if whole == 0 {
        return Err(nobody);
    }
    Ok((part, whole))
}

impl Comparison {
    fn holds<T: PartialOrd>(self, figure: &T, limit: &T) -> bool {
        match self {
            Comparison::Above => figure > limit,
            Comparison::AtLeast => figure >= limit,
            Comparison::Below => figure < limit,
            Comparison::AtMost => figure <= limit,
        }
    }
}

#[cfg(test)]
#[path = "thresholds_tests.rs"]
mod tests;
