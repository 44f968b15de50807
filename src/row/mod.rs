//! The observation of one shopper: its two exchanges, failures, and the servers' reports.

pub mod answers;
mod exchange;
pub mod failure;
pub mod figure;
pub mod journey;
pub mod server_report;
pub mod server_timing;
pub mod timing_key;
mod tls;

pub use exchange::{Arrival, ClockSource, Exchange, Phase, Phases, Row, SiteRow, Source};
pub use tls::{Handshake, TlsFailure};
