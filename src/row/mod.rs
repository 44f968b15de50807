//! What one shopper leaves: its two exchanges, what failed, what the servers reported of themselves.

mod exchange;
pub mod failure;
pub mod figure;
pub mod journey;
pub mod server_report;

pub use exchange::{Arrival, ClockSource, Exchange, Phase, Phases, Row, Source};
