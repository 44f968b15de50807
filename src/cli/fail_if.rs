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
use crate::output::errors::Place;
use crate::share::Share;
use crate::stats::Quantile;
use crate::threshold::{Comparison, Condition, Limit, Statistic};

/// Reads a condition.
pub fn parse(text: &str) -> Result<Condition, UsageError> {
    condition(text).map_err(|mend| UsageError(format!("--fail-if {text:?}: {mend}")))
}

/// The error is what to do.
fn condition(text: &str) -> Result<Condition, String> {
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
    let condition = Condition {
        text: words.join(" "),
        comparison,
        limit: figure_and_limit(figure.trim(), limit.trim())?,
    };
    match condition.never_true() {
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

const PLACES: [Place; 4] = [Place::Home, Place::Buy, Place::Server, Place::Rest];

fn unknown(figure: &str) -> String {
    format!(
        "unknown figure {figure:?}: give home, buy, server or rest with .min, .mean, .max, .errors or a \
         percentile (buy.p99, home.p99.9), or errors, or purchases_per_second"
    )
}

fn elapsed(of: Place, statistic: Statistic, limit: &str) -> Result<Limit, String> {
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

fn errors(of: Option<Place>, limit: &str) -> Result<Limit, String> {
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
mod tests {
    use super::*;

    fn elapsed(of: Place, statistic: Statistic, nanos: i64) -> Limit {
        Limit::Elapsed {
            of,
            statistic,
            nanos,
        }
    }

    #[test]
    fn every_figure_and_every_comparison() {
        use Comparison::{Above, AtLeast, AtMost, Below};
        let percentile = |percent: &str| {
            Statistic::Percentile(Quantile::percent(percent).expect("a percentile"))
        };
        let share = |text: &str| Share::parse(text).expect("a share");
        let errors = |of, text| Limit::Errors {
            of,
            share: share(text),
        };
        for (text, comparison, limit) in [
            (
                "buy.p99>300ms",
                Above,
                elapsed(Place::Buy, percentile("99"), 300_000_000),
            ),
            (
                "home.mean>=1.5s",
                AtLeast,
                elapsed(Place::Home, Statistic::Mean, 1_500_000_000),
            ),
            (
                "server.max > 2s",
                Above,
                elapsed(Place::Server, Statistic::Max, 2_000_000_000),
            ),
            (
                "rest.p50 <100us",
                Below,
                elapsed(Place::Rest, percentile("50"), 100_000),
            ),
            (
                "buy.p99.9<= 1 s",
                AtMost,
                elapsed(Place::Buy, percentile("99.9"), 1_000_000_000),
            ),
            (
                "buy.min>3",
                Above,
                elapsed(Place::Buy, Statistic::Min, 3_000_000_000),
            ),
            (
                "\tbuy.min\n>\n3s ",
                Above,
                elapsed(Place::Buy, Statistic::Min, 3_000_000_000),
            ),
            ("errors>1%", Above, errors(None, "0.01")),
            ("errors >= 0.01", AtLeast, errors(None, "1%")),
            ("errors>=100%", AtLeast, errors(None, "1")),
            ("errors>0", Above, errors(None, "0")),
            (
                "home.errors>0.5%",
                Above,
                errors(Some(Place::Home), "0.005"),
            ),
            ("buy.errors>1%", Above, errors(Some(Place::Buy), "0.01")),
            (
                "server.errors>1 %",
                Above,
                errors(Some(Place::Server), "0.01"),
            ),
            ("rest.errors<1%", Below, errors(Some(Place::Rest), "0.01")),
            (
                "purchases_per_second<100",
                Below,
                Limit::Rate { per_second: 100.0 },
            ),
            ("rate<2.5/s", Below, Limit::Rate { per_second: 2.5 }),
            ("rate < 100 /s", Below, Limit::Rate { per_second: 100.0 }),
        ] {
            let condition = parse(text).expect(text);
            assert_eq!(
                (condition.comparison, condition.limit),
                (comparison, limit),
                "{text}"
            );
            let words: Vec<&str> = text.split_whitespace().collect();
            assert_eq!(condition.text, words.join(" "));
        }
    }

    #[test]
    fn errors_name_the_input_and_the_mend() {
        let known = "home, buy, server or rest with .min, .mean, .max, .errors";
        for (text, mend) in [
            ("", "no comparison"),
            ("buy.p99", "in quotes"),
            ("buy.p99=3s", "> >= < or <="),
            (">3s", known),
            ("p99>3s", known),
            ("cart.p99>3s", known),
            ("buy.median>3s", known),
            ("buy.p>3s", known),
            ("buy.>3s", known),
            ("buy>3s", "purchases_per_second"),
            ("Buy.p99>3s", known),
            ("buy.p99!>3s", "p0.001 to p99.999"),
            ("buy.p100>3s", "p0.001 to p99.999"),
            ("buy.p0>3s", "or max"),
            ("buy.p99.9999>3s", "three decimals"),
            ("buy.p99>", "\"\" is no limit for a time: give a span"),
            ("buy.p99>>3s", "300ms"),
            ("buy.p99>=>3s", "300ms"),
            ("buy.p99>1%", "\"1%\" is no limit for a time"),
            ("buy.p99>-1s", "300ms"),
            ("buy.p99>soon", "300ms"),
            (
                "errors>300ms",
                "\"300ms\" is no limit for a share: give a percentage such as 1%",
            ),
            ("errors>5", "0.01"),
            ("errors>101%", "0.01"),
            ("errors>", "0.01"),
            ("errors>1", "never come true, as a share is at most 1"),
            ("buy.errors<0%", "never come true"),
            ("rate<0", "never come true"),
            ("rate<many", "\"many\" is no limit for a rate"),
            ("rate<1e3", "2.5/s"),
            ("rate<inf", "2.5/s"),
            ("rate<-1", "2.5/s"),
            ("rate</s", "2.5/s"),
            ("buy.p99\x1b>3s", "p0.001"),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.starts_with("--fail-if \""), "{error}");
            assert!(error.contains(mend), "{text:?}: {error:?} lacks {mend:?}");
            assert!(!error.contains(char::is_control), "{error:?}");
        }
    }
}
