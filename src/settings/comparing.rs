//! The settings of `profilerclient compare`.

use std::path::PathBuf;

use crate::comparison::{By, Question};

use super::{ColorChoice, ReadSettings, Threshold};

/// What `compare` is to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CompareSettings {
    /// The rows.
    pub read: ReadSettings,
    /// What makes the sides; chosen by what there is where it is absent.
    pub by: Option<By>,
    /// The side that the others are compared with; the first one where it is absent.
    pub baseline: Option<String>,
    /// What is asked; its floor comes from the next.
    pub question: Question,
    /// The findings of `calibrate --json`.
    pub floor: Option<PathBuf>,
    /// When the exit code is 3.
    pub fail: FailSettings,
    /// Evaluated for each run, and for each variant of it.
    pub thresholds: Vec<Threshold>,
    /// JSON on standard output in place of text.
    pub json: bool,
    /// A file that gets the comparison as an HTML page.
    pub html: Option<PathBuf>,
    /// No text.
    pub quiet: bool,
    /// When the text is coloured.
    pub color: ColorChoice,
}

/// When a comparison fails, by its primary metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailSettings {
    /// If another side is worse than the baseline by more than the margin.
    pub if_slower: bool,
    /// If another side differs, if only a little.
    pub if_different: bool,
    /// Whether it does not fail if the verdict is CANNOT TELL.
    pub allow_unknown: bool,
}
