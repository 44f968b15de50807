//! Reading values: spans of time, sizes in bytes, arrival rates.

use std::time::Duration;

use crate::settings::RateUnit;

use super::error::Wrong;

/// The longest span, seconds: 1000 days.
const LONGEST: f64 = 86_400_000.0;

/// Arrivals per second that no client of one thread exceeds.
const MOST_PER_SECOND: f64 = 10_000_000.0;

/// One in 1000 days.
const LEAST_PER_SECOND: f64 = 1.0 / LONGEST;

/// A span of time: `5ms`, `250us`, `1.5s`, `2m`, `1h30m`, `1m 30s`, or bare seconds; at most 1000 days.
pub fn span(text: &str) -> Result<Duration, Wrong> {
    parse_span(text).ok_or_else(|| {
        Wrong::hint("give a span of time such as 5ms, 1.5s, 2m or 1h30m (at most 1000 days)")
    })
}

/// A span of time that is not zero.
pub fn length(text: &str) -> Result<Duration, Wrong> {
    parse_span(text)
        .filter(|length| !length.is_zero())
        .ok_or_else(|| {
            Wrong::hint("give a span of time above 0, such as 30s, 5m or 1h30m (at most 1000 days)")
        })
}

/// A decimal number and `us`, `ms`, `s`, `m` or `h`; several of them from the largest unit to the
/// smallest, each once; or seconds without a unit.
pub fn parse_span(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut nanos: u64 = 0;
    let mut above = f64::INFINITY;
    let mut is_positive = false;
    loop {
        let is_of_number = |c: char| c.is_ascii_digit() || c == '.';
        let end = rest.find(|c| !is_of_number(c)).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let tail = tail.trim_start();
        let end = tail
            .find(|c: char| is_of_number(c) || c.is_whitespace())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let unit = match unit {
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" | "sec" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            // Bare seconds stand alone.
            "" if above == f64::INFINITY && tail.is_empty() => 1.0,
            _ => return None,
        };
        let number: f64 = number.parse().ok()?;
        let seconds = number * unit;
        if unit >= above || !(0.0..=LONGEST).contains(&seconds) {
            return None;
        }
        above = unit;
        is_positive |= number > 0.0;
        nanos += (seconds * 1e9).round() as u64;
        rest = tail.trim_start();
        if rest.is_empty() {
            break;
        }
    }
    let span = Duration::from_nanos(nanos);
    let is_too_long = span.as_secs_f64() > LONGEST;
    // Zero has a special meaning: other values must not be rounded to it.
    let least = Duration::from_nanos(u64::from(is_positive));
    (!is_too_long).then(|| span.max(least))
}

/// Bytes: `65536`, `512K`, `4M`, `2G` (binary; `KiB` and so on likewise), above 0 and at most `most`.
pub fn parse_size(text: &str, most: u64) -> Option<usize> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return None,
    };
    let size = digits.parse::<u64>().ok()?.checked_mul(1 << shift)?;
    let size = usize::try_from(size).ok()?;
    (size > 0 && size as u64 <= most).then_some(size)
}

/// Arrivals per second: `500`, `500/s`, `30/m`, `0.5/s`; 0, or from one in 1000 days to 10 million.
pub fn parse_rate(text: &str) -> Option<f64> {
    parse_rate_and_unit(text).map(|(rate, _)| rate)
}

/// The same, and the unit in which it was given.
pub fn parse_rate_and_unit(text: &str) -> Option<(f64, RateUnit)> {
    let (number, unit) = match text.trim().split_once('/') {
        None => (text.trim(), RateUnit::Second),
        Some((number, unit)) => {
            let unit = match unit.trim() {
                "s" | "sec" => RateUnit::Second,
                "m" | "min" => RateUnit::Minute,
                "h" => RateUnit::Hour,
                _ => return None,
            };
            (number.trim(), unit)
        }
    };
    let is_plain = |c: char| c.is_ascii_digit() || c == '.';
    if !number.chars().all(is_plain) {
        return None;
    }
    let rate = number.parse::<f64>().ok()? / unit.seconds();
    let is_sound = rate == 0.0 || (LEAST_PER_SECOND..=MOST_PER_SECOND).contains(&rate);
    is_sound.then_some((rate, unit))
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
