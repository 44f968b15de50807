//! Reads reports back: from rows, and the lines beside them, to the summaries of their runs.
//!
//! A report is read once for the parts with lines, and twice more for the rest: old reports
//! have no lines, and lines that no longer match their rows are ignored. Groups of these rows with one
//! title and one concurrency are split into runs where nothing was in flight for long.

mod guessed;
mod recorded;

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use crate::rows::read::{ReadError, ReadRow, Rows, read_rows};
use crate::rows::runs;
use crate::settings::Threshold;
use crate::summary::Summary;

use guessed::Guesses;
use recorded::Recorded;

/// A run of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadRun {
    /// Its summary.
    pub summary: Summary,
    /// Whether it has no lines: then its rows and its load are guessed.
    pub is_guessed: bool,
}

/// The runs of a report, in the order of their rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadReport {
    /// Runs with lines first, then guessed ones.
    pub runs: Vec<ReadRun>,
    /// Warnings about the lines, one line each.
    pub warnings: Vec<String>,
}

/// Why a report cannot be read.
#[derive(Debug)]
pub enum ReportError {
    /// The file, or the one beside it, cannot be read.
    Io {
        /// Its path.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// A row, or the header, is invalid.
    Row {
        /// The report.
        path: PathBuf,
        /// Where, and why.
        error: ReadError,
    },
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReportError::Io { path, error } => write!(f, "{}: {error}", path.display()),
            ReportError::Row { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for ReportError {}

/// Reads a report and the lines beside it, and summarizes each run. Thresholds are evaluated for each.
pub fn read(path: &Path, thresholds: &[Threshold]) -> Result<ReadReport, ReportError> {
    let source = Source { path };
    let (lines, unreadable) = runs::read(path).map_err(|error| ReportError::Io {
        path: runs::path_of(path),
        error,
    })?;
    let mut warnings = Vec::new();
    if unreadable > 0 {
        warnings.push(format!(
            "{}: {unreadable} lines cannot be read and are ignored",
            runs::path_of(path).display()
        ));
    }
    let mut recorded = Recorded::of(lines);
    let mut others = 0u64;
    for row in source.rows()? {
        let row = row.map_err(|error| source.error(error))?;
        others += u64::from(!recorded.take(&row));
    }
    let unfit = recorded.unfit();
    if unfit > 0 {
        warnings.push(format!(
            "{}: the lines of {unfit} parts do not match the rows, which were edited, cut or replaced: \
             they are ignored",
            runs::path_of(path).display()
        ));
    }
    let mut report = ReadReport {
        runs: Vec::new(),
        warnings,
    };
    if others > 0 || unfit > 0 {
        report.runs = guess(&source, &recorded, thresholds)?;
    }
    let mut runs = recorded.summaries(path, thresholds);
    runs.append(&mut report.runs);
    report.runs = runs;
    Ok(report)
}

fn guess(
    source: &Source<'_>,
    recorded: &Recorded,
    thresholds: &[Threshold],
) -> Result<Vec<ReadRun>, ReportError> {
    let mut guesses = Guesses::default();
    for row in source.rows()? {
        let row = row.map_err(|error| source.error(error))?;
        if !recorded.has(&row) {
            guesses.see(&row);
        }
    }
    guesses.cut();
    for row in source.rows()? {
        let row = row.map_err(|error| source.error(error))?;
        if !recorded.has(&row) {
            guesses.take(&row);
        }
    }
    Ok(guesses.summaries(source.path, thresholds))
}

struct Source<'a> {
    path: &'a Path,
}

impl Source<'_> {
    /// The rows from the beginning.
    fn rows(&self) -> Result<Rows<BufReader<File>>, ReportError> {
        let file = File::open(self.path).map_err(|error| ReportError::Io {
            path: self.path.to_owned(),
            error,
        })?;
        read_rows(BufReader::with_capacity(1 << 16, file)).map_err(|error| self.error(error))
    }

    fn error(&self, error: ReadError) -> ReportError {
        ReportError::Row {
            path: self.path.to_owned(),
            error,
        }
    }
}

/// When the home request of a row started, nanoseconds since the Unix epoch.
fn start(row: &ReadRow) -> Option<i64> {
    let started = row.row.home.started?;
    i64::try_from(started.0).ok()
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
