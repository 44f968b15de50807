//! A comparison with the thresholds that were evaluated of the same rows: the object of `compare --json`.

use serde::Serialize;

use crate::comparison::Comparison;

use super::schema::ThresholdOutcome;

/// What `compare --json` prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// The comparison, whose keys are those of the object.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// The thresholds of `--fail-if`, of each run, and of each variant of it; left out without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<RunThreshold>,
}

/// A threshold that was evaluated for one run, or for one variant of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunThreshold {
    /// The number of the run in the list of all runs, counted from 1.
    pub run: usize,
    /// Whether it is met.
    #[serde(flatten)]
    pub outcome: ThresholdOutcome,
}
