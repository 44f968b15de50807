//! Rows that were read, made into the summaries of their runs.

use crate::plan::Kind;
use crate::row::Row;
use crate::rows::runs::PartFigures;
use crate::settings::Threshold;
use crate::summary::{Figures, Summary, Whole};
use crate::time::clock::Clock;

use super::visit::{FoundRun, Place, Visitor};

/// Makes the summary of each run.
#[derive(Debug)]
pub struct Summaries<'a> {
    thresholds: &'a [Threshold],
    runs: Vec<Run>,
}

#[derive(Debug)]
struct Run {
    found: FoundRun,
    /// Those of the parts that are being read, or have to wait for one before them.
    figures: Vec<Part>,
    /// The parts before this one are in the whole.
    next: usize,
    whole: Whole,
}

#[derive(Debug, Default)]
struct Part {
    figures: Option<Box<Figures>>,
    is_read: bool,
}

impl<'a> Summaries<'a> {
    /// Thresholds are evaluated for each run.
    pub fn new(thresholds: &'a [Threshold]) -> Summaries<'a> {
        Summaries {
            thresholds,
            runs: Vec::new(),
        }
    }

    /// The summary of each run, in their order.
    pub fn finish(self) -> Vec<(FoundRun, Summary)> {
        let thresholds = self.thresholds;
        let finished = self.runs.into_iter().map(|run| {
            let summary = Summary::of(run.found.facts.clone(), run.whole, thresholds);
            (run.found, summary)
        });
        finished.collect()
    }
}

impl Visitor for Summaries<'_> {
    fn begin(&mut self, runs: &[FoundRun]) {
        let runs = runs.iter().map(|found| Run {
            found: found.clone(),
            figures: found.parts.iter().map(|_| Part::default()).collect(),
            next: 0,
            whole: Whole::default(),
        });
        self.runs = runs.collect();
    }

    fn row(&mut self, at: Place, row: &Row, clock: &Clock) {
        let run = &mut self.runs[at.run];
        let figures = run.figures[at.part].figures.get_or_insert_default();
        if row.due.is_some() && run.found.parts[at.part].facts.kind == Kind::Open {
            figures.from_due.get_or_insert_default();
        }
        figures.add(row, clock);
    }

    fn part_read(&mut self, at: Place, record: Option<&PartFigures>) {
        let run = &mut self.runs[at.run];
        let part = &mut run.figures[at.part];
        if let Some(record) = record {
            part.figures.get_or_insert_default().complete(record);
        }
        part.is_read = true;
        // The order of the parts is part of the figures: rates of rounds, drift of clocks.
        while let Some(part) = run.figures.get_mut(run.next).filter(|part| part.is_read) {
            let figures = part.figures.take().unwrap_or_default();
            run.whole.add(&run.found.parts[run.next].facts, &figures);
            run.next += 1;
        }
    }
}
