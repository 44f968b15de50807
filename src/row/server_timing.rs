//! The Server-Timing field (W3C Server Timing, section 4; RFC 9110 section 5.6.6), and fields with one time
//! each such as X-Runtime.
//!
//! Whatever a server sends is read within bounds: at most 64 metrics of a value, names of at most 64
//! characters. A metric that breaks the grammar is left out, and those around it are read.

use crate::text::{bounded, cleaned};

/// The most metrics that are read of one value.
pub const MOST_METRICS: usize = 64;

/// The longest name of a metric, characters.
pub const LONGEST_NAME: usize = 64;

/// The longest unit of a count, characters.
pub const LONGEST_UNIT: usize = 20;

/// The longest value that a row keeps, characters.
pub const LONGEST_KEPT: usize = 4096;

/// The longest time that is taken for one, seconds: about 11 days.
const LONGEST_SECONDS: f64 = 1e6;

/// One metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric<'a> {
    /// A token.
    pub name: &'a str,
    /// `dur`, seconds, from 0 on; the field has it in milliseconds.
    pub seconds: Option<f64>,
    /// A count at the beginning of `desc`, with its unit: `7 queries`.
    pub count: Option<(f64, &'a str)>,
}

/// The metrics of a value, as far as they can be read.
pub fn metrics(value: &str) -> impl Iterator<Item = Metric<'_>> {
    Split::new(value, b',')
        .filter_map(metric)
        .take(MOST_METRICS)
}

/// What is taken for the service time: the metric of that name, or else `total` or `app`, or else
/// the longest. Seconds.
pub fn service_seconds(value: &str, name: Option<&str>) -> Option<f64> {
    let named = |name: &str| {
        let mut found = metrics(value).filter(|metric| metric.name.eq_ignore_ascii_case(name));
        found.find_map(|metric| metric.seconds)
    };
    match name {
        Some(name) => named(name),
        None => named("total").or_else(|| named("app")).or_else(|| {
            let all = metrics(value).filter_map(|metric| metric.seconds);
            all.reduce(f64::max)
        }),
    }
}

/// The seconds of a field such as X-Runtime: a number is seconds, `ms`, `us` and `s` may follow it. Of
/// several, as nginx writes them for several upstreams (`0.010, 0.020 : 0.030`, `-` for none), the sum.
/// `0,041` is none: it may be one number with a decimal comma.
pub fn header_seconds(value: &str) -> Option<f64> {
    let mut sum = None;
    for list in value.split(" : ") {
        for part in list.split(", ").map(|part| part.trim_matches([' ', '\t'])) {
            if !matches!(part, "" | "-") {
                sum = Some(sum.unwrap_or(0.0) + one_time(part)?);
            }
        }
    }
    sum.filter(|seconds| (0.0..=LONGEST_SECONDS).contains(seconds))
}

fn one_time(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 6] = [
        ("ms", 1e3),
        ("us", 1e6),
        ("µs", 1e6),
        ("μs", 1e6),
        ("sec", 1.0),
        ("s", 1.0),
    ];
    let with_unit = |(unit, in_second): &(&str, f64)| Some((text.strip_suffix(unit)?, *in_second));
    let (number, in_second) = UNITS.iter().find_map(with_unit).unwrap_or((text, 1.0));
    let number = number.trim_end_matches([' ', '\t']);
    // Neither a sign nor a word such as inf.
    let is_number = number.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let number = number.parse::<f64>().ok().filter(|_| is_number)?;
    Some(number / in_second)
}

/// A value as rows keep it: one line of at most [`LONGEST_KEPT`] characters.
pub fn kept(value: &[u8]) -> Box<str> {
    let text = String::from_utf8_lossy(value);
    bounded(&cleaned(&text), LONGEST_KEPT).into()
}

/// Whether a text is a token (RFC 9110 section 5.6.2).
pub(super) fn is_token(text: &str) -> bool {
    let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_of_token)
}

/// Whether a text is a unit: one word of lower-case letters.
pub(super) fn is_unit(text: &str) -> bool {
    let is_lower = |byte: u8| byte.is_ascii_lowercase();
    (1..=LONGEST_UNIT).contains(&text.len()) && text.bytes().all(is_lower)
}

fn metric(text: &str) -> Option<Metric<'_>> {
    let mut parts = Split::new(text, b';');
    let name = parts.next()?.trim_matches([' ', '\t']);
    if name.len() > LONGEST_NAME || !is_token(name) {
        return None;
    }
    let mut metric = Metric {
        name,
        seconds: None,
        count: None,
    };
    let (mut has_dur, mut has_desc) = (false, false);
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let (key, value) = (key.trim_matches([' ', '\t']), unquoted(value));
        // The first of a name counts (section 4).
        if key.eq_ignore_ascii_case("dur") && !has_dur {
            has_dur = true;
            metric.seconds = milliseconds(value);
        } else if key.eq_ignore_ascii_case("desc") && !has_desc {
            has_desc = true;
            metric.count = count(value);
        }
    }
    Some(metric)
}

/// Milliseconds as seconds.
fn milliseconds(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    let seconds = number / 1e3;
    (0.0..=LONGEST_SECONDS)
        .contains(&seconds)
        .then_some(seconds)
}

/// A number and the one word that follows it.
fn count(text: &str) -> Option<(f64, &str)> {
    let (number, unit) = text.trim().split_once(' ')?;
    if !is_unit(unit) || number.len() > 9 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((number.parse().ok()?, unit))
}

/// A value without white space around it, and without its quotes.
fn unquoted(value: &str) -> &str {
    let value = value.trim_matches([' ', '\t']);
    match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').unwrap_or(rest),
        None => value,
    }
}

/// The parts of a text between delimiters that do not stand within quotes.
struct Split<'a> {
    rest: Option<&'a str>,
    delimiter: u8,
}

impl<'a> Split<'a> {
    fn new(text: &'a str, delimiter: u8) -> Split<'a> {
        Split {
            rest: Some(text),
            delimiter,
        }
    }
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.take()?;
        let (mut is_quoted, mut is_escaped) = (false, false);
        for (at, byte) in text.bytes().enumerate() {
            if is_escaped {
                is_escaped = false;
                continue;
            }
            match byte {
                b'\\' if is_quoted => is_escaped = true,
                b'"' => is_quoted = !is_quoted,
                _ if byte == self.delimiter && !is_quoted => {
                    self.rest = Some(&text[at + 1..]);
                    return Some(&text[..at]);
                }
                _ => {}
            }
        }
        Some(text)
    }
}

#[cfg(test)]
#[path = "server_timing_tests.rs"]
mod tests;
