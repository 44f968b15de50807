//! Which rows are read back: the files and the selection options, shared by all commands that read rows.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::commands::Command;
use super::error::{Invalid, Wrong};
use super::given::{Given, invalid};
use super::table;
use super::values::parse_span;
use crate::settings::{BadRows, ReadSettings, Selection};
use crate::time::reading;
use crate::time::zone::local_zone;

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// The most files of one command line.
const MOST_FILES: usize = 4096;

/// Below this a bare number is hardly a time since the Unix epoch (it would be in 1973), seconds.
const LEAST_EPOCH: f64 = 1e8;

const DAY: f64 = 86_400.0;

/// The longest span in days: 100 years.
const MOST_DAYS: f64 = 36_500.0;

/// Reads the selection options, and takes `operands` as the files.
pub fn settings(
    command: &Command,
    operands: Vec<String>,
    given: &mut Given,
) -> Result<ReadSettings, Invalid> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| i64::try_from(now.as_nanos()).unwrap_or(i64::MAX));
    let selection = selection(given, now)?;
    let bad_rows = match given.flag(&table::LENIENT) {
        true => BadRows::Skip,
        false => BadRows::Refuse,
    };
    Ok(ReadSettings {
        paths: files(command, operands)?,
        selection,
        bad_rows,
    })
}

fn files(command: &Command, operands: Vec<String>) -> Result<Vec<PathBuf>, Invalid> {
    let call = command.call();
    if operands.is_empty() {
        return Err(Invalid::Missing {
            option: "the file of the rows",
            hint: format!("write {call} report.csv, or {call} - for standard input").into(),
        });
    }
    if operands.len() > MOST_FILES {
        let found = operands.len();
        return Err(Invalid::said(format_args!(
            "{found} files are too many: give at most {MOST_FILES} at once"
        )));
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut seen: HashMap<(u64, u64), String> = HashMap::new();
    for name in operands {
        if name.is_empty() {
            return Err(Invalid::said(
                "the name of a file is empty: give a file name, or - for standard input",
            ));
        }
        // The same rows twice would be two runs.
        if paths.iter().any(|path| path == Path::new(&name)) {
            let name = match name.as_str() {
                STANDARD_INPUT => "- (standard input)".to_owned(),
                name => format!("{name:?}"),
            };
            return Err(Invalid::said(format_args!(
                "{name} is given twice: give each file once"
            )));
        }
        if let Some(file) = regular_file(&name)
            && let Some(other) = seen.insert(file, name.clone())
        {
            return Err(Invalid::said(format_args!(
                "{other:?} and {name:?} are the same file: give each file once"
            )));
        }
        paths.push(PathBuf::from(name));
    }
    Ok(paths)
}

/// The device and the number of a regular file, which are the same under each of its names.
fn regular_file(name: &str) -> Option<(u64, u64)> {
    let found = std::fs::metadata(name).ok()?;
    (name != STANDARD_INPUT && found.is_file()).then(|| (found.dev(), found.ino()))
}

fn selection(given: &mut Given, now: i64) -> Result<Selection, Invalid> {
    let mut levels = Vec::new();
    for text in given.texts(&table::SELECT_LEVEL)? {
        for level in text.split(',') {
            match level.trim().parse::<u64>() {
                Ok(level) => levels.push(level),
                Err(_) => {
                    let wrong = Wrong::hint("give numbers of virtual users, such as 100 or 10,100");
                    return Err(invalid(&table::SELECT_LEVEL, text, wrong));
                }
            }
        }
    }
    Ok(Selection {
        titles: given.texts(&table::SELECT_TITLE)?,
        levels,
        runs: runs(given)?,
        since: given.value(&table::SELECT_SINCE, |text| since(text, now))?,
    })
}

/// Numbers, ids, `last` or `all`, also several with commas between them.
fn runs(given: &mut Given) -> Result<Vec<String>, Invalid> {
    let mut runs = Vec::new();
    for text in given.texts(&table::SELECT_RUN)? {
        for run in text.split(',').map(str::trim) {
            if run.is_empty() {
                let wrong =
                    Wrong::hint("give the number of a run, its id, last or all, such as 2 or 1,3");
                return Err(invalid(&table::SELECT_RUN, text, wrong));
            }
            runs.push(run.to_owned());
        }
    }
    Ok(runs)
}

/// An instant, nanoseconds since the Unix epoch: RFC 3339; a date, or a date and a time, in local time; a
/// number of seconds since the epoch; or a span with a unit, which ends `now`.
pub fn since(text: &str, now: i64) -> Result<i64, Wrong> {
    let text = text.trim();
    let is_number = text.bytes().any(|byte| byte.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_number {
        return epoch(text);
    }
    if let Some(nanos) = span(text) {
        return Ok(now.saturating_sub(nanos));
    }
    reading::of_report(text, &local_zone()).ok_or_else(|| {
        Wrong::hint(
            "give a span such as 30m, 2h or 7d (the last 2 hours), a local time such as 2015-01-03 or \
             '2015-01-03 00:33:34', one with an offset such as 2015-01-03T00:33:34Z, or seconds since the \
             Unix epoch",
        )
    })
}

fn epoch(text: &str) -> Result<i64, Wrong> {
    let too_small = || {
        Wrong::new(
            "too small for seconds since the Unix epoch",
            format!("give a unit ({text}s, {text}m), or a date such as 2015-01-03"),
        )
    };
    match text.parse::<f64>() {
        Ok(seconds) if seconds < LEAST_EPOCH => Err(too_small()),
        Ok(seconds) if seconds * 1e9 < i64::MAX as f64 => {
            // A whole number of seconds stays one.
            let whole = seconds.trunc() as i64;
            Ok(whole * 1_000_000_000 + (seconds.fract() * 1e9).round() as i64)
        }
        _ => Err(Wrong::hint(
            "give seconds since the Unix epoch, such as 1420241614",
        )),
    }
}

/// Nanoseconds of a span with a unit.
fn span(text: &str) -> Option<i64> {
    let days = text.strip_suffix("days").or(text.strip_suffix('d'));
    if let Some(days) = days {
        let days: f64 = days.trim().parse().ok()?;
        return (0.0..=MOST_DAYS)
            .contains(&days)
            .then_some((days * DAY * 1e9) as i64);
    }
    i64::try_from(parse_span(text)?.as_nanos()).ok()
}

#[cfg(test)]
#[path = "selection_tests.rs"]
mod tests;
