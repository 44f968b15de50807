//! The settings of `profilerclient compare`, and of the comparison that ends a run with variants.

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
    /// What is asked, and when it fails.
    pub comparing: Comparing,
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

/// What is asked of a comparison, and when it fails.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparing {
    /// The side that the others are compared with; the first one where it is absent.
    pub baseline: Option<String>,
    /// What is asked; its floor comes from the next.
    pub question: Question,
    /// The findings of `calibrate --json`.
    pub floor: Option<PathBuf>,
    /// When the exit code is 3.
    pub fail: FailSettings,
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

impl FailSettings {
    /// Whether the verdict of the primary metric decides the exit code.
    pub fn is_asked(self) -> bool {
        self.if_slower || self.if_different
    }

    /// The options that are given, as a line of a failure begins.
    pub fn names(self) -> &'static str {
        match (self.if_slower, self.if_different) {
            (true, true) => "--fail-if-slower, --fail-if-different",
            (false, true) => "--fail-if-different",
            _ => "--fail-if-slower",
        }
    }
}
