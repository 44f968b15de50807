//! The settings of `profilerclient compare`.

use std::path::PathBuf;

use super::commands::Command;
use super::error::{Invalid, Wrong};
use super::given::Given;
use super::words::Words;
use super::{fail_if, selection, table};
use crate::comparison::{By, Metric, Question};
use crate::settings::{ColorChoice, CompareSettings, Comparing, FailSettings};

/// The settings that a command line asks for.
pub fn settings(command: &Command, mut words: Words) -> Result<CompareSettings, Invalid> {
    let operands = std::mem::take(&mut words.operands);
    let mut given = words.into_given(command)?;
    let read = selection::settings(command, operands, &mut given)?;
    let by = given.one_of(
        &table::BY,
        [
            None,
            Some(By::File),
            Some(By::Title),
            Some(By::Variant),
            Some(By::Level),
            Some(By::Run),
        ],
    )?;
    let mut comparing = comparing(&mut given)?;
    comparing.question.by = by.unwrap_or_default();
    let settings = CompareSettings {
        read,
        by,
        comparing,
        thresholds: given.values(&table::FAIL_IF, fail_if::threshold)?,
        html: given.value(&table::COMPARE_HTML, |text| match text {
            "" => Err(Wrong::hint("give a file name")),
            name => Ok(PathBuf::from(name)),
        })?,
        json: given.flag(&table::JSON),
        quiet: given.flag(&table::QUIET),
        color: given.one_of(
            &table::COLOR,
            [ColorChoice::Auto, ColorChoice::Always, ColorChoice::Never],
        )?,
    };
    given.finish();
    Ok(settings)
}

/// What is asked of a comparison: of rows read back, or of the variants of a run.
pub(super) fn comparing(given: &mut Given) -> Result<Comparing, Invalid> {
    let question = Question {
        metric: given.value_or_default(&table::METRIC, metric)?,
        margin: given.value_or_default(&table::MARGIN, margin)?,
        confidence: given.value_or_default(&table::CONFIDENCE, confidence)?,
        accept_separate: given.flag(&table::ACCEPT_SEPARATE),
        ..Question::default()
    };
    let fail = FailSettings {
        if_slower: given.flag(&table::FAIL_IF_SLOWER),
        if_different: given.flag(&table::FAIL_IF_DIFFERENT),
        allow_unknown: given.flag(&table::ALLOW_UNKNOWN),
    };
    if fail.allow_unknown && !fail.is_asked() {
        return Err(Invalid::Requires {
            option: table::ALLOW_UNKNOWN.long,
            requires: table::FAIL_IF_SLOWER.long.into(),
            hint: "give it, or --fail-if-different, or leave this out".into(),
        });
    }
    Ok(Comparing {
        baseline: given.text(&table::BASELINE)?,
        question,
        floor: given.value(&table::FLOOR, |text| match text {
            "" => Err(Wrong::hint("give a file name")),
            name => Ok(PathBuf::from(name)),
        })?,
        fail,
    })
}

fn metric(text: &str) -> Result<Metric, Wrong> {
    Metric::named(text).ok_or_else(|| {
        let names: Vec<_> = Metric::ALL.into_iter().map(Metric::name).collect();
        Wrong::hint(format!(
            "give one of {}, or a time of the server such as buy.timing.db.p99",
            names.join(", ")
        ))
    })
}

/// `5%` or `0.05`.
fn share(text: &str) -> Option<f64> {
    let text = text.trim();
    let (number, unit) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 100.0),
        None => (text, 1.0),
    };
    let is_plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let share = number.parse::<f64>().ok()? / unit;
    (is_plain && share.is_finite()).then_some(share)
}

fn margin(text: &str) -> Result<f64, Wrong> {
    let hint =
        "give a share of the baseline from 0% up to, but not including, 100%, such as 5% or 0.05";
    share(text)
        .filter(|share| (0.0..1.0).contains(share))
        .ok_or_else(|| Wrong::hint(hint))
}

fn confidence(text: &str) -> Result<f64, Wrong> {
    share(text)
        // 99.9 divided by 100 is not quite 0.999.
        .filter(|share| (0.5..=0.999 + 1e-9).contains(share))
        .ok_or_else(|| Wrong::hint("give a level from 50% to 99.9%, such as 95% or 0.95"))
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
