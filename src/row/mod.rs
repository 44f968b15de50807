//! The observation of one shopper: its two exchanges, failures, and the servers' reports.

mod exchange;
pub mod failure;
pub mod figure;
pub mod journey;
pub mod server_report;
mod tls;

pub use exchange::{Arrival, ClockSource, Exchange, Phase, Phases, Row, Source};
pub use tls::{Handshake, TlsFailure};
