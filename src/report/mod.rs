//! Reads reports back: from rows, and the lines beside them, to their runs and the summaries of these.
//!
//! [`Catalogue::of`] reads files once to find the runs in them: the parts with lines by the byte ranges
//! that these claim, which are checked; the other rows, of old reports, or beside lines that no longer match, in
//! groups with one title and one concurrency, split where nothing was in flight for long.
//! [`Catalogue::select`] keeps the wanted ones, and [`Catalogue::visit`] reads the rows once more, as a
//! stream, and gives each to a [`Visitor`]; [`Summaries`] is one, which makes summaries as a live run does.

mod batches;
mod catalogue;
mod error;
mod groups;
mod guessed;
mod instants;
mod recorded;
mod select;
mod source;
mod summaries;
mod visit;

use std::path::Path;

use crate::settings::{BadRows, Threshold};
use crate::summary::Summary;

pub use catalogue::Catalogue;
pub use error::ReportError;
pub(crate) use recorded::{instant, zone_of};
pub use select::NothingSelected;
pub use source::name_of;
pub use summaries::Summaries;
pub use visit::{FoundPart, FoundPlan, FoundRun, Place, Visitor};

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

/// Reads a report and the lines beside it, and summarizes each run. Thresholds are evaluated for each.
pub fn read(path: &Path, thresholds: &[Threshold]) -> Result<ReadReport, ReportError> {
    let catalogue = Catalogue::of(&[path.to_owned()], BadRows::Refuse)?;
    let mut summaries = Summaries::new(thresholds);
    catalogue.visit(&mut summaries)?;
    let runs = summaries
        .finish()
        .into_iter()
        .map(|(found, summary)| ReadRun {
            summary,
            is_guessed: found.is_guessed,
            is_incomplete: found.is_incomplete,
        });
    Ok(ReadReport {
        runs: runs.collect(),
        warnings: catalogue.warnings().to_vec(),
    })
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
