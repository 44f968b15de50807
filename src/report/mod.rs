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

use crate::rows::read::{ReadError, ReadRow, Rows, ZoneRange, read_rows};
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
    /// Whether its rows have no lines: then the rows, and perhaps the load, are guessed.
    pub is_guessed: bool,
    /// Whether rows that it wrote are known to be missing: they are in another file, or were lost.
    pub is_incomplete: bool,
}

/// The runs of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadReport {
    /// In the order of their first starts.
    pub runs: Vec<ReadRun>,
    /// Warnings about rows and lines, one line each.
    pub warnings: Vec<String>,
}

/// A run, and when its first shopper started, nanoseconds since the Unix epoch.
struct Found {
    began: i64,
    run: ReadRun,
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
    let source = Source {
        path,
        zones: recorded.zones(),
    };
    let mut rows = 0;
    let torn = source.each(|row| {
        rows += 1;
        recorded.take(&row);
    })?;
    if let Some(torn) = torn {
        warnings.push(format!(
            "{}: the last row is torn and left out ({torn})",
            path.display()
        ));
    }
    recorded.settle();
    if recorded.unfit() > 0 {
        warnings.push(format!(
            "{}: the lines of {} of the runs' parts do not match the rows, which were edited, cut or \
             replaced: they are ignored",
            runs::path_of(path).display(),
            recorded.unfit()
        ));
    }
    let mut found = guess(&source, &recorded, thresholds)?;
    found.append(&mut recorded.summaries(path, thresholds, &mut warnings));
    found.sort_by_key(|found| found.began);
    Ok(ReadReport {
        runs: found.into_iter().map(|found| found.run).collect(),
        warnings,
    })
}

/// The runs of the rows without lines.
fn guess(
    source: &Source<'_>,
    recorded: &Recorded,
    thresholds: &[Threshold],
) -> Result<Vec<Found>, ReportError> {
    let mut guesses = Guesses::new(recorded.without_parts());
    source.each(|row| {
        if !recorded.has(&row) {
            guesses.see(&row);
        }
    })?;
    if guesses.is_empty() {
        return Ok(Vec::new());
    }
    guesses.cut();
    source.each(|row| {
        if !recorded.has(&row) {
            guesses.take(&row);
        }
    })?;
    Ok(guesses.summaries(source.path, thresholds))
}

struct Source<'a> {
    path: &'a Path,
    zones: Vec<ZoneRange>,
}

impl Source<'_> {
    /// Reads all rows. Gives what is wrong with the last one, where that was cut or is being written: it
    /// does not count. Any other row that cannot be understood is an error.
    fn each(&self, mut take: impl FnMut(ReadRow)) -> Result<Option<ReadError>, ReportError> {
        let mut wrong = None;
        for row in self.rows()? {
            if let Some(error) = wrong.take() {
                return Err(self.error(error));
            }
            match row {
                Ok(row) => take(row),
                Err(error) => wrong = Some(error),
            }
        }
        Ok(wrong)
    }

    /// The rows from the beginning.
    fn rows(&self) -> Result<Rows<BufReader<File>>, ReportError> {
        let file = File::open(self.path).map_err(|error| ReportError::Io {
            path: self.path.to_owned(),
            error,
        })?;
        read_rows(BufReader::with_capacity(1 << 16, file))
            .map(|rows| rows.with_zones(self.zones.clone()))
            .map_err(|error| self.error(error))
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
    i64::try_from(started.nanos()).ok()
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
