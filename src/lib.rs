//! profilerclient: the load generator and latency instrument of the Django Profiling Environment.
//!
//! It sends shoppers to a Django shop: all at once, as a closed workload of virtual users, or at an arrival
//! rate. Each opens the home page and buys a product; each is recorded as one CSV row that joins what
//! the client measured with what the server reported.
//!
//! # The modules
//!
//! Imports go downward only: from a layer to those below it, and within a folder without cycles.
//!
//! ```text
//!            main      parses, dispatches, sets the exit code
//!            cli       argv -> settings: one table of options, help, man page, completions
//! commands   run       check       calibrate       report
//! load       prepare   reactor     shopper         http
//! figures    show      summary     rows
//! facts      row       plan        stats           settings     exit
//! ground     net       time        shop            html         sys          signals  text
//! ```
//!
//! # The path of a row
//!
//! - `plan` determines when each shopper is due, and what it buys: a pure function of the seed.
//! - `reactor` opens its connection, waits for all connections on one epoll, and timestamps bytes as they
//!   arrive and leave.
//! - `shopper` receives bytes and instants, and returns what to do next; `http` parses the responses; when
//!   both requests have ended it has filled in a `row`.
//! - `run` takes the row when the loop is idle,
//! - `rows` encodes it into the CSV, and at the end of a part writes what columns cannot carry beside it,
//! - `summary` adds it to the figures of the part, and makes one finished value of all parts,
//! - `show` renders that value as text or JSON.
//! - `report` does the reverse: rows read from a file become the same rows, the same figures, the same
//!   finished value.
#![deny(unsafe_code)]
// One of the tests compares a whole summary with a literal of its JSON.
#![cfg_attr(test, recursion_limit = "256")]
#![warn(missing_docs)]

// Commands.
pub mod calibrate;
pub mod check;
pub mod cli;
pub mod report;
pub mod run;

// The load.
pub mod http;
pub mod prepare;
pub mod reactor;
pub mod shopper;

// The figures.
pub mod rows;
pub mod show;
pub mod summary;

// Facts, plain values, and what is computed of them.
pub mod exit;
pub mod plan;
pub mod row;
pub mod settings;
pub mod stats;

// The ground.
pub mod html;
pub mod net;
pub mod shop;
pub mod signals;
#[allow(unsafe_code)]
pub mod sys;
pub mod text;
pub mod time;
