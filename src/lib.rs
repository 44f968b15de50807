//! profilerclient: the load generator and latency instrument of the Django Profiling Environment.
#![deny(unsafe_code)]
// One of the tests compares a whole summary with a literal of its JSON.
#![cfg_attr(test, recursion_limit = "256")]
#![warn(missing_docs)]

pub mod calibrate;
pub mod check;
pub mod cli;
pub mod exit;
pub mod html;
pub mod http;
pub mod net;
pub mod plan;
pub mod prepare;
pub mod reactor;
pub mod row;
pub mod rows;
pub mod run;
pub mod settings;
pub mod shop;
pub mod shopper;
pub mod show;
pub mod signals;
pub mod stats;
pub mod summary;
#[allow(unsafe_code)]
pub mod sys;
pub mod text;
pub mod time;
