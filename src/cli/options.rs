//! Reading single options: what all commands share.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use pico_args::Arguments;

pub use crate::exit::UsageError;

/// The words of a command line with `--name=value` and `-n=value` taken apart, since pico-args refuses
/// an empty value there and takes quotes off one that has them. What follows one of the `free` options
/// (their names) is text, whatever it looks like.
pub fn split_equals(argv: Vec<OsString>, free: &[Name]) -> Vec<OsString> {
    let is_free = |word: &OsStr| {
        free.iter()
            .any(|name| word == name.0 || word == name.1 || word == name.2)
    };
    let mut words = Vec::with_capacity(argv.len());
    let mut is_text = false;
    for word in argv {
        let pair = word.to_str().filter(|_| !is_text).and_then(split);
        is_text = !is_text && is_free(&word);
        match pair {
            Some((name, value)) => words.extend([name.into(), value.into()]),
            None => words.push(word),
        }
    }
    words
}

/// `--name=value` or `-n=value` in two.
fn split(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = match name.strip_prefix("--") {
        Some(long) => {
            !long.is_empty()
                && long
                    .chars()
                    .all(|c| c.is_alphanumeric() || "-_".contains(c))
        }
        None => name.len() == 2 && name.starts_with('-'),
    };
    is_name.then_some((name, value))
}

/// An option's names: the short one (or `""`), the long one, and the long one as the old client's
/// users write it, with `_` for `-`.
#[derive(Clone, Copy, Debug)]
pub struct Name(pub &'static str, pub &'static str, pub &'static str);

impl Name {
    /// The spellings as pico-args wants its keys: one pair, and the other long name where it differs.
    fn keys(self) -> impl Iterator<Item = pico_args::Keys> {
        let Name(short, long, old) = self;
        let first = if short.is_empty() {
            pico_args::Keys::from(long)
        } else {
            pico_args::Keys::from([short, long])
        };
        let second = (old != long).then(|| pico_args::Keys::from(old));
        std::iter::once(first).chain(second)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }
}

/// The text of an option that takes a value, given at most once.
///
/// pico-args looks for options in an arbitrary order, so options whose values are free text must be
/// read before all others, and flags last: then a title such as `-cache` is not taken for `-c`.
pub fn text(args: &mut Arguments, name: Name) -> Result<Option<String>, UsageError> {
    let mut values = texts(args, name)?;
    match values.len() {
        0 => Ok(None),
        1 => Ok(values.pop()),
        _ => Err(UsageError(format!("{name} is given twice: give it once"))),
    }
}

/// The texts of an option that may be repeated, in the order they were given.
pub fn texts(args: &mut Arguments, name: Name) -> Result<Vec<String>, UsageError> {
    let mut values = Vec::new();
    for keys in name.keys() {
        let mut found: Vec<String> = args.values_from_str(keys).map_err(|error| {
            UsageError(match error {
                pico_args::Error::OptionWithoutAValue(_) => format!("{name} wants a value"),
                pico_args::Error::NonUtf8Argument => {
                    format!("{name}: the value is not UTF-8: write it as UTF-8 text")
                }
                other => format!("{name}: {other}"),
            })
        })?;
        values.append(&mut found);
    }
    Ok(values)
}

/// Whether a flag is given.
pub fn flag(args: &mut Arguments, name: Name) -> bool {
    // No short circuit: each spelling that was given must be taken out of the arguments.
    name.keys()
        .fold(false, |found, keys| args.contains(keys) | found)
}

/// The parsed value of an option, with what it should have been in the error.
pub fn parsed<T: FromStr>(
    args: &mut Arguments,
    name: Name,
    expected: &str,
) -> Result<Option<T>, UsageError> {
    let Some(value) = text(args, name)? else {
        return Ok(None);
    };
    match value.trim().parse() {
        Ok(parsed) => Ok(Some(parsed)),
        Err(_) => Err(UsageError(format!("{name} {value:?}: give {expected}"))),
    }
}

/// A span of time: `5ms`, `250us`, `1.5s`, `2m`, or bare seconds.
pub fn duration(args: &mut Arguments, name: Name) -> Result<Option<Duration>, UsageError> {
    let Some(value) = text(args, name)? else {
        return Ok(None);
    };
    match parse_duration(&value) {
        Some(duration) => Ok(Some(duration)),
        None => Err(UsageError(format!(
            "{name} {value:?}: give a span of time such as 5ms, 1.5s or 2m (at most 1000 days)"
        ))),
    }
}

/// Parses a span of time: a decimal number and `us`, `ms`, `s` (the default), `m` or `h`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds = match unit.trim() {
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    let seconds = number * seconds;
    if !(0.0..=86_400_000.0).contains(&seconds) {
        return None;
    }
    // Zero has a meaning of its own: what is not zero must not become it.
    let least = u64::from(number > 0.0);
    Some(Duration::from_nanos(
        ((seconds * 1e9).round() as u64).max(least),
    ))
}

/// Refuses what no option has taken.
pub fn finish(args: Arguments) -> Result<(), UsageError> {
    match args.finish().first() {
        None => Ok(()),
        Some(left) => {
            let left = left.to_string_lossy();
            Err(UsageError(if left.starts_with('-') && left.len() > 1 {
                format!("unknown or repeated option {left:?}: see --help")
            } else {
                format!("unexpected argument {left:?}: see --help")
            }))
        }
    }
}

#[cfg(test)]
#[path = "options_tests.rs"]
mod tests;
