//! What a reader of runs passes on to a visitor that makes figures of them: the runs that were found, and each of their
//! rows.

use std::path::PathBuf;

use crate::plan::Kind;
use crate::row::Row;
use crate::rows::runs::{Choices, PartFigures};
use crate::summary::{PartFacts, RunFacts};
use crate::time::clock::Clock;

/// A run that was found in the files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundRun {
    /// Its number in the list of all runs, counted from 1; a selection keeps it.
    pub number: usize,
    /// What is known about it.
    pub facts: RunFacts,
    /// Its parts, in their order: one level in one round each.
    pub parts: Vec<FoundPart>,
    /// The files with its rows, as they were named; in most cases one.
    pub files: Vec<PathBuf>,
    /// When its first shopper started, nanoseconds since the Unix epoch; absent where none started.
    pub began: Option<i64>,
    /// Whether its rows have no lines: then the rows, and perhaps the load, are guessed.
    pub is_guessed: bool,
    /// Whether rows that it wrote are known to be missing: they are in another file, or were lost.
    pub is_incomplete: bool,
    /// What it was planned to do, where that was recorded.
    pub plan: Option<FoundPlan>,
}

/// What a run was planned to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundPlan {
    /// A hash over all settings that determine the load, except seed, target, variant and title.
    pub hash: String,
    /// The same without the load; empty where an earlier version did not record it.
    pub visit_hash: String,
    /// The settings that can be named.
    pub choices: Choices,
}

impl FoundRun {
    /// Rows in the files.
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }

    /// Successful purchases.
    pub fn bought(&self) -> u64 {
        self.parts.iter().map(|part| part.bought).sum()
    }

    /// The levels of its parts, each once, in their order; empty for an open workload.
    pub fn levels(&self) -> Vec<u64> {
        let mut levels = Vec::new();
        for level in self.parts.iter().filter_map(|part| part.facts.level) {
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
        levels
    }

    /// The kind of its load.
    pub fn kind(&self) -> Kind {
        self.facts.load.kind
    }
}

/// A part of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundPart {
    /// What is known about it, the verdict on it included if it was recorded.
    pub facts: PartFacts,
    /// Whether a line of it was recorded: [`Visitor::part_read`] then has what its rows cannot carry.
    pub is_recorded: bool,
    /// Its rows.
    pub rows: u64,
    /// Its successful purchases.
    pub bought: u64,
    /// When its last shopper started, nanoseconds since the Unix epoch.
    pub last_start: Option<i64>,
    /// The share of this client of the home pages' latencies, nanoseconds: p50 and p99.
    pub own_home_nanos: [Option<i64>; 2],
    /// The same of the purchases.
    pub own_buy_nanos: [Option<i64>; 2],
    /// Among the parts of all runs, selected or not.
    pub(super) id: usize,
}

/// The part that a row belongs to, by its place in [`Visitor::begin`]'s runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The run.
    pub run: usize,
    /// The part of it.
    pub part: usize,
}

/// Receives the rows of the selected runs.
///
/// Rows come in the order of the files, which is nearly always that of runs and parts; where runs wrote to one
/// file at the same time, their rows alternate.
pub trait Visitor {
    /// Called once, before all rows: the selected runs, in the order of their first starts.
    fn begin(&mut self, runs: &[FoundRun]);

    /// A row of a part. Its instants are of that clock, to the precision of the columns; it has the phases
    /// of its requests if the report has their columns ([`Row::is_bare`] otherwise).
    fn row(&mut self, at: Place, row: &Row, clock: &Clock);

    /// All rows of a part have come. `record`: what they cannot carry, where it was recorded. Called once for
    /// each part, in any order.
    fn part_read(&mut self, at: Place, record: Option<&PartFigures>);
}

/// Two that want the same rows.
impl<A: Visitor, B: Visitor> Visitor for (A, B) {
    fn begin(&mut self, runs: &[FoundRun]) {
        self.0.begin(runs);
        self.1.begin(runs);
    }

    fn row(&mut self, at: Place, row: &Row, clock: &Clock) {
        self.0.row(at, row, clock);
        self.1.row(at, row, clock);
    }

    fn part_read(&mut self, at: Place, record: Option<&PartFigures>) {
        self.0.part_read(at, record);
        self.1.part_read(at, record);
    }
}

/// One that is lent.
impl<V: Visitor + ?Sized> Visitor for &mut V {
    fn begin(&mut self, runs: &[FoundRun]) {
        (**self).begin(runs);
    }

    fn row(&mut self, at: Place, row: &Row, clock: &Clock) {
        (**self).row(at, row, clock);
    }

    fn part_read(&mut self, at: Place, record: Option<&PartFigures>) {
        (**self).part_read(at, record);
    }
}
