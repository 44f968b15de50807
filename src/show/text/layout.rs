//! Lines of at most 80 columns: labels on the left, texts wrapped beside them, tables, numbers.

use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::text::{Printable, shortened};

/// The width of the labels on the left.
pub const LABEL: usize = 18;

/// The width of a line, in columns.
pub const WIDTH: usize = 80;

/// A good result.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// A bad result.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// A warning.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// A label.
pub const QUIET: Style = Style::new().dimmed();

/// A labelled text, wrapped. Text from outside must be made printable before.
pub fn line(out: &mut impl Write, label: &str, text: impl Display) -> io::Result<()> {
    let text = text.to_string();
    let indent = " ".repeat(LABEL);
    for (number, part) in wrapped(&text, WIDTH - LABEL).iter().enumerate() {
        match number {
            0 => writeln!(out, "{QUIET}{label:<LABEL$}{QUIET:#}{part}")?,
            _ => writeln!(out, "{indent}{part}")?,
        }
    }
    Ok(())
}

/// A text without a label that begins with a marked word, wrapped.
pub fn marked(out: &mut impl Write, style: Style, word: &str, text: &str) -> io::Result<()> {
    let whole = format!("{word}{text}");
    for (number, part) in wrapped(&whole, WIDTH - 2).iter().enumerate() {
        match part.strip_prefix(word).filter(|_| number == 0) {
            Some(rest) => writeln!(out, "{style}{word}{style:#}{rest}")?,
            None if number == 0 => writeln!(out, "{part}")?,
            None => writeln!(out, "  {part}")?,
        }
    }
    Ok(())
}

/// A text in lines of at most that many columns, broken at blanks; a longer word has its own line.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut present = String::new();
    let mut used = 0;
    for word in words(text) {
        let length = visible(&word);
        if used > 0 && used + 1 + length > width {
            lines.push(std::mem::take(&mut present));
            used = 0;
        }
        if used > 0 {
            present.push(' ');
            used += 1;
        }
        present.push_str(&word);
        used += length;
    }
    lines.push(present);
    lines
}

/// The words of a text; a number and its unit are one.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let bare = word.trim_end_matches(|c: char| ",;:.)".contains(c));
        match words.last_mut() {
            Some(last) if matches!(bare, "%" | "ms" | "s" | "MB") => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// The width of a text in columns: colours have no width.
fn visible(text: &str) -> usize {
    anstream::adapter::strip_str(text)
        .map(|part| part.chars().count())
        .sum()
}

/// Columns as wide as their widest cell: the first to the left, the others to the right. All rows
/// have as many cells.
pub fn table(rows: &[Vec<String>], out: &mut impl Write) -> io::Result<()> {
    let mut widths = Vec::new();
    for row in rows {
        widths.resize(row.len().max(widths.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for (number, row) in rows.iter().enumerate() {
        let mut text = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            text += &match column {
                0 => format!("{cell:<width$}"),
                _ => format!("  {cell:>width$}"),
            };
        }
        match number {
            0 => writeln!(out, "{QUIET}{}{QUIET:#}", text.trim_end())?,
            _ => writeln!(out, "{}", text.trim_end())?,
        }
    }
    Ok(())
}

/// A span of time in the unit that suits it.
pub fn span(nanos: i64) -> String {
    match nanos.unsigned_abs() {
        0..1_000_000_000 => format!("{:.3} ms", nanos as f64 / 1e6),
        _ => format!("{:.3} s", nanos as f64 / 1e9),
    }
}

/// A span of seconds in the form of the command line: `30s`, `1.5s`, `200ms`. A line of a file may have any
/// number: one that cannot be a span is written as it is.
pub fn seconds(seconds: f64) -> String {
    match (seconds, std::time::Duration::try_from_secs_f64(seconds)) {
        (0.0, _) => "0s".to_owned(),
        (_, Ok(span)) => format!("{span:?}"),
        (_, Err(_)) => format!("{seconds:e}s"),
    }
}

/// Milliseconds with that many decimals; a dash for an absent figure.
pub fn ms(nanos: Option<i64>, decimals: usize) -> String {
    match nanos {
        Some(nanos) => format!("{:.decimals$}", nanos as f64 / 1e6),
        None => "-".to_owned(),
    }
}

/// A rate with its significant digits.
pub fn rate(per_second: f64) -> String {
    match per_second {
        ..10.0 => format!("{per_second:.3}"),
        _ => format!("{per_second:.1}"),
    }
}

/// A share in whole percent; a small one is shown as `<1 %`, not as 0.
pub fn percent(share: f64) -> String {
    match share.abs() * 100.0 {
        share_of if share_of > 0.0 && share_of < 0.5 => "<1 %".to_owned(),
        _ => format!("{:.0} %", share * 100.0),
    }
}

/// A server's figure: all its digits, or in exponential form if there are too many.
pub fn plain(figure: f64) -> String {
    match figure.abs() {
        ..1e15 => shortened(&figure.to_string(), 20),
        _ => format!("{figure:e}"),
    }
}

/// A figure that is 0 or more, with three significant digits, or all those before the point.
pub fn three_digits(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        ..1e-5 | 1e15.. => format!("{value:.2e}"),
        999.5.. => format!("{value:.0}"),
        _ => {
            let decimals = 2 - value.log10().floor() as i32;
            format!("{value:.*}", decimals.max(0) as usize)
        }
    }
}

/// Numbers in a sentence: `1, 10 and 100`.
pub fn listed(numbers: &[impl ToString]) -> String {
    let mut texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let last = texts.pop().unwrap_or_default();
    match texts.is_empty() {
        true => last,
        false => format!("{} and {last}", texts.join(", ")),
    }
}

/// The seconds of a unit of rates (`s`, `m` or `h`), and its name; seconds where none is given.
pub fn per(unit: Option<&str>) -> (f64, &'static str) {
    match unit {
        Some("m") => (60.0, "m"),
        Some("h") => (3600.0, "h"),
        _ => (1.0, "s"),
    }
}

/// A rate as it was asked for: in that unit, without the digits that the division by its seconds made.
pub fn rate_asked(per_second: f64, unit: Option<&str>) -> String {
    let (seconds, unit) = per(unit);
    let rate = per_second * seconds;
    match (rate * 1e3).round() / 1e3 {
        0.0 if rate > 0.0 => format!("{}/{unit}", three_digits(rate)),
        rounded => format!("{rounded}/{unit}"),
    }
}

/// Text from outside, short and printable.
pub fn foreign(text: &str, most: usize) -> String {
    Printable(&shortened(text, most)).to_string()
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
