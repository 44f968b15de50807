//! The figures of the HTML page: of each run its summary, and what its charts show.
//!
//! [`Collector`] takes the rows of a run, one by one, in memory that does not grow with their number.
//! When all are taken, [`RunPage::of`] makes one finished plain value of it and of the run's summary;
//! renderers compute nothing. Several runs are several values: nothing is pooled.

mod axis;
mod collect;
mod column;
mod curve;
mod known;
mod latency;
mod sweep;
mod timeline;
mod went;
mod whole;

pub use collect::Collector;
pub use curve::{Curve, CurvePoint};
pub use known::{Fineness, PartKnown, STEPS};
pub use sweep::{LawPoint, LevelPoint, RoundPoint, Sweep};
pub use timeline::{Heat, PartMark, ServerPoint, Timeline, TimelineColumn, Window};
pub use went::{Bar, PartName, Slice, Went};
pub use whole::{Charts, Page, RunPage};

#[cfg(test)]
pub(crate) use collect::tests as visits;
