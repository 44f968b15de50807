//! The settings of the commands that read rows back.

use std::path::PathBuf;

use super::{ColorChoice, Threshold, Verbosity};

/// Which rows are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSettings {
    /// The files, at least one; `-` is standard input, at most once.
    pub paths: Vec<PathBuf>,
    /// Which of their runs are wanted.
    pub selection: Selection,
    /// What to do with rows that cannot be understood.
    pub bad_rows: BadRows,
}

/// Which runs are wanted; everything where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Runs with one of these titles.
    pub titles: Vec<String>,
    /// The parts of runs with one of these levels.
    pub levels: Vec<u64>,
    /// Numbers in the list, run ids, or prefixes of these; `all`, `last`.
    pub runs: Vec<String>,
    /// Runs that began at that instant or later, nanoseconds since the Unix epoch.
    pub since: Option<i64>,
}

impl Selection {
    /// Whether it is everything.
    pub fn is_everything(&self) -> bool {
        *self == Selection::default()
    }
}

/// What to do with rows that cannot be understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadRows {
    /// The first of them is an error.
    #[default]
    Refuse,
    /// They are skipped and counted.
    Skip,
}

/// What `summary` is to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SummarySettings {
    /// The rows.
    pub read: ReadSettings,
    /// Evaluated for each run that is summarized.
    pub thresholds: Vec<Threshold>,
    /// JSON on standard output in place of text.
    pub json: bool,
    /// A file that gets the JSON.
    pub json_file: Option<PathBuf>,
    /// The amount of output.
    pub verbosity: Verbosity,
    /// When the text is coloured.
    pub color: ColorChoice,
}

/// What `report` is to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportSettings {
    /// The rows.
    pub read: ReadSettings,
    /// The page; `-` is standard output.
    pub page: PathBuf,
}
