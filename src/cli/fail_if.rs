//! The text of a condition: `--fail-if 'buy.p99>300ms'`.
//!
//! | figure | what | limit |
//! |---|---|---|
//! | `home.S`, `buy.S`, `server.S`, `rest.S` | elapsed times; S is `min`, `mean`, `max` or a percentile `p50` … `p99.999` | `300ms`, `1.5s`, …; bare numbers are seconds |
//! | `errors` | of all shoppers, those who did not buy | `1%`, or `0.01` |
//! | `home.errors`, `buy.errors` | of all shoppers, those whose request failed on the client's side | the same |
//! | `server.errors`, `rest.errors` | of the reports that say a result, those that say false | the same |
//! | `purchases_per_second`, `rate` | purchases that satisfied | `100`, or `100/s` |
//!
//! Between figure and limit stands `>`, `>=`, `<` or `<=`, with or without blanks.

use super::options::{UsageError, parse_duration};
use crate::row::Source;
use crate::settings::{Comparison, Limit, Statistic, Threshold};
use crate::stats::Quantile;
use crate::stats::share::Share;

/// Reads a condition.
pub fn parse(text: &str) -> Result<Threshold, UsageError> {
    condition(text).map_err(|mend| UsageError(format!("--fail-if {text:?}: {mend}")))
}

/// The error is what to do.
fn condition(text: &str) -> Result<Threshold, String> {
    let Some((figure, rest)) = text.find(['<', '>']).map(|place| text.split_at(place)) else {
        // `--fail-if buy.p99>1s` makes a shell write the output into a file named 1s.
        return Err(
            "there is no comparison: give > >= < or <= and a limit, all in quotes since a shell takes \
             > for itself, such as 'buy.p99>300ms'"
                .to_owned(),
        );
    };
    let (comparison, limit) = match rest.as_bytes() {
        [b'>', b'=', ..] => (Comparison::AtLeast, &rest[2..]),
        [b'<', b'=', ..] => (Comparison::AtMost, &rest[2..]),
        [b'>', ..] => (Comparison::Above, &rest[1..]),
        _ => (Comparison::Below, &rest[1..]),
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let condition = Threshold {
        text: words.join(" "),
        comparison,
        limit: figure_and_limit(figure.trim(), limit.trim())?,
    };
    match condition.never_met() {
        None => Ok(condition),
        Some(why) => Err(format!(
            "it can never come true, as {why}: give another limit"
        )),
    }
}

fn figure_and_limit(figure: &str, limit: &str) -> Result<Limit, String> {
    match figure {
        "errors" => return errors(None, limit),
        "purchases_per_second" | "rate" => return rate(limit),
        _ => {}
    }
    let place = |name: &str| PLACES.into_iter().find(|place| place.name() == name);
    // The first point: percentiles have one, too.
    let of_place = figure.split_once('.');
    let Some((place, name)) = of_place.and_then(|(of, name)| Some((place(of)?, name))) else {
        return Err(unknown(figure));
    };
    let statistic = match name {
        "errors" => return errors(Some(place), limit),
        "min" => Statistic::Min,
        "mean" => Statistic::Mean,
        "max" => Statistic::Max,
        _ => {
            let percent = name.strip_prefix('p');
            match percent.map(|percent| (percent, Quantile::percent(percent))) {
                Some((_, Some(quantile))) => Statistic::Percentile(quantile),
                Some((percent, None)) if percent.starts_with(|c: char| c.is_ascii_digit()) => {
                    return Err(format!(
                        "no percentile {name:?}: give p0.001 to p99.999, with at most three decimals, \
                         or max"
                    ));
                }
                _ => return Err(unknown(figure)),
            }
        }
    };
    elapsed(place, statistic, limit)
}

const PLACES: [Source; 4] = [Source::Home, Source::Buy, Source::Server, Source::Rest];

fn unknown(figure: &str) -> String {
    format!(
        "unknown figure {figure:?}: give home, buy, server or rest with .min, .mean, .max, .errors or a \
         percentile (buy.p99, home.p99.9), or errors, or purchases_per_second"
    )
}

fn elapsed(of: Source, statistic: Statistic, limit: &str) -> Result<Limit, String> {
    let Some(limit) = parse_duration(limit) else {
        return Err(format!(
            "{limit:?} is no limit for a time: give a span such as 300ms, 1.5s or 2m (at most 1000 days)"
        ));
    };
    Ok(Limit::Elapsed {
        of,
        statistic,
        // At most 1000 days: well within the numbers there are.
        nanos: limit.as_nanos() as i64,
    })
}

fn errors(of: Option<Source>, limit: &str) -> Result<Limit, String> {
    match Share::parse(limit) {
        Some(share) => Ok(Limit::Errors { of, share }),
        None => Err(format!(
            "{limit:?} is no limit for a share: give a percentage such as 1%, or a fraction such as 0.01"
        )),
    }
}

fn rate(limit: &str) -> Result<Limit, String> {
    let number = limit.strip_suffix("/s").unwrap_or(limit).trim_end();
    let is_plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    match number.parse::<f64>() {
        Ok(per_second) if is_plain && per_second.is_finite() => Ok(Limit::Rate { per_second }),
        _ => Err(format!(
            "{limit:?} is no limit for a rate: give purchases per second, such as 100 or 2.5/s"
        )),
    }
}

#[cfg(test)]
#[path = "fail_if_tests.rs"]
mod tests;
