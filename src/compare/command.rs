//! The command: reads, compares, prints, and decides the exit code.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use anstream::AutoStream;

use crate::comparison::{Comparison, Verdict};
use crate::console::{Console, is_unread};
use crate::exit::{Ending, Error};
use crate::outfile::OutFile;
use crate::report::{Catalogue, Summaries};
use crate::rows::runs;
use crate::settings::{CompareSettings, FailSettings};
use crate::show::{color, html, json, text};
use crate::summary::{Compared, RunThreshold};
use crate::text::Printable;

use super::error::CompareError;
use super::{floor, of_catalogue, of_catalogue_beside};

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
    let compared = compare(settings)?;
    let comparison = &compared.comparison;
    if let Some(page) = page {
        write_page(comparison, page)?;
    }
    let mut shown = Vec::new();
    let written = match (settings.json, settings.quiet) {
        (true, _) => json::write(&compared, &mut shown),
        (false, true) => Ok(()),
        (false, false) => text::comparison::write(comparison, &mut shown),
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
    let failed = (compared.thresholds.iter())
        .filter(|of| of.outcome.failed)
        .map(|of| {
            let (threshold, told) = (&of.outcome.threshold, text::threshold_told(&of.outcome));
            format!("run {}: --fail-if {threshold}: {told}", of.run)
        })
        .chain(failures(settings.comparing.fail, comparison));
    let mut ending = Ending::Done;
    for line in failed {
        Console::stderr().say(&Printable(&format!("profilerclient: {line}")).to_string());
        ending = Ending::ThresholdsMet;
    }
    Ok(ending)
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

/// The comparison, and the thresholds of each run.
fn compare(settings: &CompareSettings) -> Result<Compared, CompareError> {
    let question = floor::question(&settings.comparing)?;
    let read = &settings.read;
    refuse_twice(&read.paths)?;
    let mut catalogue = Catalogue::of(&read.paths, read.bad_rows)?;
    catalogue.select(&read.selection)?;
    let (files, by) = (&read.paths, settings.by);
    let baseline = settings.comparing.baseline.as_deref();
    if settings.thresholds.is_empty() {
        return Ok(Compared {
            comparison: of_catalogue(&catalogue, files, &question, by, baseline)?,
            thresholds: Vec::new(),
        });
    }
    let mut summaries = Summaries::new(&settings.thresholds);
    let comparison =
        of_catalogue_beside(&catalogue, files, &question, by, baseline, &mut summaries)?;
    let mut thresholds = Vec::new();
    for (run, summary) in summaries.finish() {
        thresholds.extend(summary.thresholds.into_iter().map(|outcome| RunThreshold {
            run: run.number,
            outcome,
        }));
    }
    Ok(Compared {
        comparison,
        thresholds,
    })
}

/// Refuses two names of one file: its runs would be compared with themselves.
fn refuse_twice(paths: &[PathBuf]) -> Result<(), CompareError> {
    let mut known = BTreeSet::new();
    for path in paths {
        // What cannot be opened is an error of the reader, which says why.
        let Ok(file) = fs::metadata(path) else {
            continue;
        };
        if file.is_file() && !known.insert((file.dev(), file.ino())) {
            return Err(CompareError::Twice { path: path.clone() });
        }
    }
    Ok(())
}

/// The exit code, by the primary metric of every pair.
pub fn ending(fail: FailSettings, comparison: &Comparison) -> Ending {
    match failures(fail, comparison).is_empty() {
        true => Ending::Done,
        false => Ending::ThresholdsMet,
    }
}

/// A line for each pair whose primary metric is a failure: the option, and the headline of the pair.
pub fn failures(fail: FailSettings, comparison: &Comparison) -> Vec<String> {
    if !fail.is_asked() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let groups = comparison.groups.iter();
    for (group, pair) in groups.flat_map(|of| of.pairs.iter().map(move |pair| (of, pair))) {
        let row = &pair.metrics[0];
        let option = match row.verdict {
            None | Some(Verdict::CannotTell) if !fail.allow_unknown => fail.names(),
            Some(verdict) if fail.if_slower && verdict.is_worse(row.metric) => "--fail-if-slower",
            Some(verdict) if fail.if_different && verdict.is_claim() => "--fail-if-different",
            _ => continue,
        };
        lines.push(format!(
            "{option}: {}",
            text::comparison::headline(group, pair)
        ));
    }
    if comparison.primary_rows().next().is_none() && !fail.allow_unknown {
        lines.push(format!(
            "{}: CANNOT TELL: no two sides have a part in common",
            fail.names()
        ));
    }
    lines
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
