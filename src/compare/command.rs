//! The command: reads, compares, prints, and decides the exit code.

use std::io::{self, Write};

use anstream::AutoStream;

use crate::comparison::{Comparison, Question};
use crate::console::{Console, is_unread};
use crate::exit::{Ending, Error};
use crate::outfile::OutFile;
use crate::report::{Catalogue, Summaries};
use crate::rows::runs;
use crate::settings::{CompareSettings, FailSettings};
use crate::show::{color, html, json, text};
use crate::text::Printable;

use super::error::CompareError;
use super::{Nobody, floor, of_catalogue_beside};

/// Does what `compare` is asked for.
pub fn run(settings: &CompareSettings) -> Result<Ending, Error> {
    let page = settings
        .html
        .as_deref()
        .map(|path| OutFile::open(path, "--html"));
    let page = page.transpose().map_err(Error::usage)?;
    if let Some(page) = &page
        && (settings.read.paths.iter()).any(|rows| runs::is_of_rows(page, rows))
    {
        return Err(Error::usage(
            "--html is one of the files with rows, or the file beside one: give another file",
        ));
    }
    let (comparison, failed) = compare(settings)?;
    if let Some(page) = page {
        write_page(&comparison, page)?;
    }
    let mut shown = Vec::new();
    let written = match (settings.json, settings.quiet) {
        (true, _) => json::write(&comparison, &mut shown),
        (false, true) => Ok(()),
        (false, false) => text::comparison::write(&comparison, &mut shown),
    };
    let choice = match settings.json {
        true => anstream::ColorChoice::Never,
        false => color::choice(settings.color, &io::stdout()),
    };
    let mut colored = AutoStream::new(Vec::new(), choice);
    written
        .and_then(|()| colored.write_all(&shown))
        .and_then(|()| Console::stdout().write_all(&colored.into_inner()))
        .or_else(|error| match is_unread(&error) {
            true => Ok(()),
            false => Err(CompareError::Output {
                to: "standard output".to_owned(),
                why: error.to_string(),
            }),
        })?;
    for line in &failed {
        Console::stderr().say(&Printable(&format!("profilerclient: {line}")).to_string());
    }
    Ok(match failed.is_empty() {
        true => ending(settings.fail, &comparison),
        false => Ending::ThresholdsMet,
    })
}

fn write_page(comparison: &Comparison, page: OutFile) -> Result<(), CompareError> {
    let to = page.path().display().to_string();
    let mut text = Vec::new();
    let written = html::write_comparison(comparison, &mut text).and_then(|()| page.write(&text));
    written.map_err(|error| CompareError::Output {
        to,
        why: error.to_string(),
    })
}

/// The comparison, and a line for each threshold that fails a run or a variant.
fn compare(settings: &CompareSettings) -> Result<(Comparison, Vec<String>), CompareError> {
    let floor = settings.floor.as_deref().map(floor::floor_seconds);
    let question = Question {
        floor_seconds: floor.transpose()?,
        ..settings.question
    };
    let read = &settings.read;
    let mut catalogue = Catalogue::of(&read.paths, read.bad_rows)?;
    catalogue.select(&read.selection)?;
    let (files, by) = (&read.paths, settings.by);
    let baseline = settings.baseline.as_deref();
    if settings.thresholds.is_empty() {
        let compared =
            of_catalogue_beside(&catalogue, files, &question, by, baseline, &mut Nobody)?;
        return Ok((compared, Vec::new()));
    }
    let mut summaries = Summaries::new(&settings.thresholds);
    let compared = of_catalogue_beside(&catalogue, files, &question, by, baseline, &mut summaries)?;
    let mut failed = Vec::new();
    for (run, summary) in summaries.finish() {
        for outcome in summary.thresholds.iter().filter(|outcome| outcome.failed) {
            let (threshold, told) = (&outcome.threshold, text::threshold_told(outcome));
            failed.push(format!("run {}: --fail-if {threshold}: {told}", run.number));
        }
    }
    Ok((compared, failed))
}

/// The exit code, by the primary metric of every pair.
pub fn ending(fail: FailSettings, comparison: &Comparison) -> Ending {
    let is_asked = fail.if_slower || fail.if_different;
    let is_met = (fail.if_slower && comparison.is_any_worse())
        || (fail.if_different && comparison.is_any_different())
        || (is_asked && !fail.allow_unknown && comparison.is_any_open());
    match is_met {
        true => Ending::ThresholdsMet,
        false => Ending::Done,
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
