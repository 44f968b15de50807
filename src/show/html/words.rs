//! Numbers as the page writes them.

use std::fmt::Write;

use crate::text::Printable;

/// At most that many (2 or more) of some values, evenly chosen, with the first and the last.
pub(super) fn thinned<T>(all: &[T], most: usize) -> impl Iterator<Item = &T> {
    let shown = all.len().min(most.max(2));
    let gaps = shown.saturating_sub(1).max(1);
    (0..shown).map(move |number| &all[number * (all.len() - 1) / gaps])
}

/// A span with three significant digits and its unit; `seconds` may be below 0.
pub(super) fn span(seconds: f64) -> String {
    let size = seconds.abs();
    match size {
        _ if size == 0.0 => "0 s".to_owned(),
        _ if size < 0.999_5e-6 => format!("{} ns", short(seconds * 1e9)),
        _ if size < 0.999_5e-3 => format!("{} µs", short(seconds * 1e6)),
        _ if size < 0.999_5 => format!("{} ms", short(seconds * 1e3)),
        _ => format!("{} s", short(seconds)),
    }
}

/// The same of nanoseconds.
pub(super) fn nanos(nanos: i64) -> String {
    span(nanos as f64 / 1e9)
}

/// Nanoseconds as milliseconds, to the microsecond: the precision of the columns.
pub(super) fn millis(nanos: i64) -> String {
    format!("{:.3}", nanos as f64 / 1e6)
}

/// A number with three significant digits, or all of its integer part.
pub(super) fn short(number: f64) -> String {
    let size = number.abs();
    let decimals = match size {
        _ if size >= 99.95 || size == 0.0 => 0,
        _ if size >= 9.995 => 1,
        _ if size >= 0.999_5 => 2,
        _ if size >= 0.0995 => 3,
        _ => 4,
    };
    let text = format!("{number:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => grouped(&text),
    }
}

/// A count with a thin space between thousands from 10,000 on.
pub(super) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

fn grouped(digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let mut text = sign.to_owned();
    for (place, digit) in digits.char_indices() {
        let left = digits.len() - place;
        if digits.len() > 4 && place > 0 && left % 3 == 0 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A share of 1 as percent.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        // Not all of it is not 100 %.
        _ if (99.0..100.0).contains(&percent) => format!("{:.1} %", percent.min(99.9)),
        _ if percent.abs() >= 9.95 || percent == 0.0 => format!("{percent:.0} %"),
        _ if percent.abs() >= 0.05 => format!("{percent:.1} %"),
        _ => "< 0.1 %".to_owned(),
    }
}

/// Text from outside: what could reorder or hide a line of the page is written as an escape.
pub(super) fn clean(text: &str) -> String {
    Printable(text).to_string()
}

/// With a capital at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// A time stamp to the second, with a space for the T.
pub(super) fn moment(stamp: &str) -> String {
    let whole = stamp.split('.').next().unwrap_or(stamp);
    let zone = if stamp.ends_with('Z') && !whole.ends_with('Z') {
        " UTC"
    } else {
        ""
    };
    clean(&whole.replacen('T', " ", 1)) + zone
}

/// A coordinate with one decimal at most.
pub(super) fn at(coordinate: f64) -> String {
    let mut text = String::new();
    put(&mut text, coordinate);
    text
}

/// Appends a coordinate with one decimal at most.
pub(super) fn put(out: &mut String, coordinate: f64) {
    let tenths = (coordinate * 10.0).round() as i64;
    let _ = match tenths % 10 {
        0 => write!(out, "{}", tenths / 10),
        _ => write!(out, "{}", tenths as f64 / 10.0),
    };
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
