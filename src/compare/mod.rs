//! `profilerclient compare`: which of several configurations is better, by rows read back.
//!
//! ```text
//! files ─► report::Catalogue ─► sides ─► alike? ─► collect (rows ─► figures of parts) ─► Comparison
//! ```
//! [`of_catalogue`] is the whole way but for printing: a live run with variants calls it on its own rows.

mod alike;
mod collect;
mod command;
mod error;
mod floor;
mod sides;

use crate::comparison::{By, Comparison, Question, Replicate};
use crate::report::{Catalogue, FoundRun, Place, Visitor};
use crate::row::Row;
use crate::rows::runs::PartFigures;
use crate::time::clock::Clock;

use std::path::PathBuf;

use collect::Collector;
pub use command::{ending, failures, run};
pub use error::CompareError;
pub use floor::{floor_seconds, question};

/// The most sides.
pub const MOST_SIDES: usize = 50;

/// The most parts of a side: the intervals look at all pairs of them.
pub const MOST_PARTS: usize = 1_000;

/// Compares the runs of a catalogue that are selected. `by` is chosen where it is not given, and the baseline
/// is the first side.
pub fn of_catalogue(
    catalogue: &Catalogue,
    files: &[PathBuf],
    question: &Question,
    by: Option<By>,
    baseline: Option<&str>,
) -> Result<Comparison, CompareError> {
    of_catalogue_beside(catalogue, files, question, by, baseline, &mut Nobody)
}

/// A visitor that takes nothing.
struct Nobody;

impl Visitor for Nobody {
    fn begin(&mut self, _: &[FoundRun]) {}

    fn row(&mut self, _: Place, _: &Row, _: &Clock) {}

    fn part_read(&mut self, _: Place, _: Option<&PartFigures>) {}
}

/// The same; `beside` gets the rows, too, if they can be compared.
fn of_catalogue_beside(
    catalogue: &Catalogue,
    files: &[PathBuf],
    question: &Question,
    by: Option<By>,
    baseline: Option<&str>,
    beside: &mut impl Visitor,
) -> Result<Comparison, CompareError> {
    let sides = sides::sides(catalogue.runs(), files, by, baseline)?;
    let mut warnings = alike::check(catalogue.runs(), &sides)?;
    let mut both = (Collector::new(sides.alone()), beside);
    catalogue.visit(&mut both)?;
    let mut figures = both.0.finish();
    let parts = sides.members.iter().map(|member| {
        let place = member.place;
        let run = &catalogue.runs()[place.run];
        Replicate {
            side: member.side,
            run: place.run,
            round: run.parts[place.part].facts.round,
            context: member.context.clone(),
            part: std::mem::take(&mut figures[place.run][place.part]),
        }
    });
    let question = Question {
        by: sides.by,
        ..*question
    };
    let mut comparison = Comparison::of(&question, &sides.names, parts.collect());
    warnings.extend(catalogue.warnings().iter().cloned());
    warnings.append(&mut comparison.warnings);
    comparison.warnings = warnings;
    Ok(comparison)
}
