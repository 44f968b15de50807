//! The text of a threshold: `--fail-if 'buy.p99>300ms'`.
//!
//! | figure | what | limit |
//! |---|---|---|
//! | `home.S`, `buy.S`, `server.S`, `rest.S` | elapsed times; S is `min`, `mean`, `max` or a percentile `p50` … `p99.999` | `300ms`, `1.5s`, …; bare numbers are seconds |
//! | `home.tls.S`, `buy.tls.S` | TLS handshakes | the same |
//! | `home.timing.NAME.S`, `buy.timing.NAME.S` | times that the server sent, by the names of Server-Timing or header fields | the same |
//! | `home.timing.NAME:UNIT.S`, `buy.timing.NAME:UNIT.S` | counts that it sent | a number |
//! | `form.S` | pages of the form with the CSRF token | a span |
//! | `errors` | share of shoppers without a purchase | `1%`, or `0.01` |
//! | `home.errors`, `buy.errors`, `form.errors` | share of shoppers whose request failed on the client's side | the same |
//! | `server.errors`, `rest.errors` | share of reports with the result false | the same |
//! | `purchases_per_second`, `rate` | successful purchases | `100`, or `100/s` |
//!
//! Between figure and limit stands `>`, `>=`, `<` or `<=`, with or without blanks.

use super::error::Wrong;
use super::values::parse_span;
use crate::row::Source;
use crate::row::timing_key::TimingKey;
use crate::settings::{Comparison, Limit, Statistic, Threshold};
use crate::stats::Quantile;
use crate::stats::share::Share;

/// Reads a threshold.
pub fn threshold(text: &str) -> Result<Threshold, Wrong> {
    let Some((figure, rest)) = text.find(['<', '>']).map(|place| text.split_at(place)) else {
        // `--fail-if buy.p99>1s` makes a shell write the output into a file named 1s.
        return Err(Wrong::new(
            "it has no comparison",
            "give > >= < or <= and a limit, all in quotes since a shell takes > for itself, such as \
             'buy.p99>300ms'",
        ));
    };
    let (comparison, limit) = match rest.as_bytes() {
        [b'>', b'=', ..] => (Comparison::AtLeast, &rest[2..]),
        [b'<', b'=', ..] => (Comparison::AtMost, &rest[2..]),
        [b'>', ..] => (Comparison::Above, &rest[1..]),
        _ => (Comparison::Below, &rest[1..]),
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let threshold = Threshold {
        text: words.join(" "),
        comparison,
        limit: figure_and_limit(figure.trim(), limit.trim())?,
    };
    match threshold.never_met() {
        None => Ok(threshold),
        Some(why) => Err(Wrong::new(
            format!("it can never be met, as {why}"),
            "give another limit",
        )),
    }
}

fn figure_and_limit(figure: &str, limit: &str) -> Result<Limit, Wrong> {
    match figure {
        "errors" => return errors(None, limit),
        "purchases_per_second" | "rate" => return rate(limit),
        _ => {}
    }
    match figure.strip_prefix("form.") {
        Some("errors") => {
            return Ok(Limit::FormErrors {
                share: share(limit)?,
            });
        }
        Some(name) => {
            return Ok(Limit::FormPage {
                statistic: statistic(figure, name)?,
                nanos: span(limit)?,
            });
        }
        None => {}
    }
    let place = |name: &str| PLACES.into_iter().find(|place| place.name() == name);
    // The first point: percentiles have one, too.
    let of_place = figure.split_once('.');
    let Some((place, name)) = of_place.and_then(|(of, name)| Some((place(of)?, name))) else {
        return Err(unknown(figure));
    };
    let is_client = matches!(place, Source::Home | Source::Buy);
    if is_client && name.starts_with("timing.") {
        return timing(figure, limit);
    }
    let of_tls = name.strip_prefix("tls.").filter(|_| is_client);
    if of_tls.is_none() && name == "errors" {
        return errors(Some(place), limit);
    }
    let statistic = statistic(figure, of_tls.unwrap_or(name))?;
    let nanos = span(limit)?;
    Ok(match of_tls {
        None => Limit::Elapsed {
            of: place,
            statistic,
            nanos,
        },
        Some(_) => Limit::Tls {
            of: place,
            statistic,
            nanos,
        },
    })
}

const PLACES: [Source; 4] = [Source::Home, Source::Buy, Source::Server, Source::Rest];

/// Which figure of a distribution.
fn statistic(figure: &str, name: &str) -> Result<Statistic, Wrong> {
    let percent = name.strip_prefix('p');
    Ok(match name {
        "min" => Statistic::Min,
        "mean" => Statistic::Mean,
        "max" => Statistic::Max,
        _ => match percent.map(|percent| (percent, Quantile::percent(percent))) {
            Some((_, Some(quantile))) => Statistic::Percentile(quantile),
            Some((percent, None)) if percent.starts_with(|c: char| c.is_ascii_digit()) => {
                return Err(Wrong::new(
                    format!("unknown percentile {name:?}"),
                    "give p0.001 to p99.999, with at most three decimals, or max",
                ));
            }
            _ => return Err(unknown(figure)),
        },
    })
}

/// A time of the server, or a count, by name: `buy.timing.db.p99`, `buy.timing.db:queries.max`. Names may have
/// points, and so may percentiles.
fn timing(figure: &str, limit: &str) -> Result<Limit, Wrong> {
    let points = figure.rmatch_indices('.').map(|(at, _)| at);
    let read = points.take(2).find_map(|at| {
        let key = TimingKey::parse(&figure[..at])?;
        let statistic = statistic(figure, &figure[at + 1..]).ok()?;
        Some((key, statistic))
    });
    let Some((key, statistic)) = read else {
        return Err(Wrong::new(
            format!("unknown figure {figure:?}"),
            "give the name of a metric and min, mean, max or a percentile, such as buy.timing.db.p99, or \
             buy.timing.db:queries.max for a count",
        ));
    };
    let billionths = match key.is_time() {
        true => span(limit)?,
        false => count(limit)?,
    };
    Ok(Limit::Timing {
        key,
        statistic,
        billionths,
    })
}

/// A count, billionths.
fn count(limit: &str) -> Result<i64, Wrong> {
    let is_plain = limit.chars().all(|c| c.is_ascii_digit() || c == '.');
    match limit.parse::<f64>() {
        // At most a billion: its billionths are well within the numbers there are.
        Ok(number) if is_plain && number <= 1e9 => Ok((number * 1e9).round() as i64),
        _ => Err(Wrong::new(
            format!("{limit:?} is not a limit for a count"),
            "give a number such as 20",
        )),
    }
}

fn unknown(figure: &str) -> Wrong {
    Wrong::new(
        format!("unknown figure {figure:?}"),
        "give home, buy, server, rest or form with .min, .mean, .max, .errors or a \
         percentile (buy.p99, home.p99.9), or errors, or purchases_per_second, or a \
         time of the server (buy.timing.db.p99)",
    )
}

/// A span of time, nanoseconds.
fn span(limit: &str) -> Result<i64, Wrong> {
    let Some(limit) = parse_span(limit) else {
        return Err(Wrong::new(
            format!("{limit:?} is not a limit for a time"),
            "give a span such as 300ms, 1.5s or 2m (at most 1000 days)",
        ));
    };
    // At most 1000 days: well within the numbers there are.
    Ok(limit.as_nanos() as i64)
}

fn errors(of: Option<Source>, limit: &str) -> Result<Limit, Wrong> {
    share(limit).map(|share| Limit::Errors { of, share })
}

fn share(limit: &str) -> Result<Share, Wrong> {
    Share::parse(limit).ok_or_else(|| {
        Wrong::new(
            format!("{limit:?} is not a limit for a share"),
            "give a percentage such as 1%, or a fraction such as 0.01",
        )
    })
}

fn rate(limit: &str) -> Result<Limit, Wrong> {
    let number = limit.strip_suffix("/s").unwrap_or(limit).trim_end();
    let is_plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    match number.parse::<f64>() {
        Ok(per_second) if is_plain && per_second.is_finite() => Ok(Limit::Rate { per_second }),
        _ => Err(Wrong::new(
            format!("{limit:?} is not a limit for a rate"),
            "give purchases per second, such as 100 or 2.5/s",
        )),
    }
}

/// A threshold, with the option in the error; for tests of what evaluates them.
#[cfg(test)]
pub fn parse(text: &str) -> Result<Threshold, super::error::Invalid> {
    threshold(text)
        .map_err(|wrong| super::given::invalid(&super::table::FAIL_IF, text.to_owned(), wrong))
}

#[cfg(test)]
#[path = "fail_if_tests.rs"]
mod tests;
