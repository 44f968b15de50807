//! Which of several configurations is better: the finished comparison, as one plain value.
//!
//! The unit is the part of a run: some seconds of one side. Parts of one round of one run make a block, in
//! which sides are compared; the effect is the ratio of the other side to the baseline, block by block.
//! See [`crate::stats::signed_rank`] for estimate and interval, [`Verdict`] for what follows from these.
//!
//! Nothing in here reads files or prints.

mod blocks;
mod metric;
mod part;
mod place;
mod resource;
mod row;
mod settle;
mod single;
mod timings;
mod value;
mod verdict;
mod warnings;
mod whole;

pub use metric::{Level, Metric, Unit};
pub use part::{Context, PartMetrics, Replicate, Series, Values};
pub use place::{Stage, StageChange, Stages};
pub use resource::{LawFacts, LevelFacts, Resource, ResourceFacts, Short, resource};
pub use value::{
    Block, By, Comparison, Design, Group, Number, Pair, Question, Row, SCHEMA_VERSION, Side,
};
pub use verdict::Verdict;

#[cfg(test)]
pub(crate) use whole::tests as samples;
