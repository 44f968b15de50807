//! profilerclient: the load generator and latency instrument of the Django Profiling Environment.
//!
//! It sends shoppers to a Django shop: all at once, so many at a time, or by the clock. Each opens the
//! home page and buys a product; each leaves one CSV row that joins what the client measured with what
//! the server reported of itself.
//!
//! Data flows one way:
//!
//! ```text
//! argv ─► cli ─► plan ─────► reactor ─────► rows ─► csv
//!               who buys     sockets,       one per  summary
//!               what, when   deadlines      shopper
//!                              │  ▲
//!                    bytes, now▼  │facts
//!                            shopper ─► http     (no sockets, no clock, no libc in here)
//! ```
#![deny(unsafe_code)]
// One of the tests compares a whole summary with a literal of its JSON.
#![cfg_attr(test, recursion_limit = "256")]
#![warn(missing_docs)]

pub mod calibrate;
pub mod check;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod failure;
pub mod fetch;
pub mod figure;
pub mod http;
pub mod journey;
pub mod limits;
pub mod offset;
pub mod output;
pub mod plan;
pub mod prepare;
pub mod reactor;
pub mod resolve;
pub mod route;
pub mod row;
pub mod run;
pub mod scalability;
pub mod scenario;
pub mod server_report;
pub mod share;
pub mod shop;
pub mod shopper;
pub mod signals;
pub mod sources;
pub mod stats;
#[allow(unsafe_code)]
pub mod sys;
pub mod text;
pub mod threshold;
pub mod verdict;
pub mod wall_clock;
