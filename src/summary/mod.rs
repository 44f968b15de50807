//! From observations to figures, and from figures to one finished summary.
//!
//! Rows go into [`Figures`], once each, as they come from the reactor or as they are read back from a
//! file. At the end of a part its figures and [`PartFacts`] go into [`Whole`]; that and [`RunFacts`]
//! make a [`Summary`], which is complete and ready to be rendered.

mod compared;
pub mod errors;
mod evidence;
mod facts;
mod figures;
mod finish;
mod handshakes;
mod instrument;
mod journeys;
mod levels;
mod own;
mod pace;
mod phases;
mod reason;
mod record;
mod schema;
mod server;
mod site;
mod step;
mod thresholds;
mod tls;
mod variants;
mod verdict;
mod whole;

pub use crate::rows::judged::{FigureVerdict, OwnShare, ReasonGiven, Trust, Verdict};
pub use compared::{Compared, RunThreshold};
pub use facts::{PartFacts, RunFacts, VariantFacts};
pub use figures::Figures;
pub use instrument::Usage;
pub use journeys::{Journeys, Stage};
pub use phases::PhaseSamples;
pub use record::{part_facts, part_line};
pub use schema::*;
pub use site::{SECURE_COOKIES_HINT, SiteFigures};
pub use tls::Tls;
pub use whole::Whole;

#[cfg(test)]
pub(crate) use figures::tests as samples;
#[cfg(test)]
pub(crate) use levels::tests as sweeps;
