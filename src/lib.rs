//! profilerclient: the load generator and latency instrument of the Django Profiling Environment.
//!
//! It sends shoppers to a Django shop: all at once, a number of virtual users at a time, or by an arrival
//! rate. Each opens the home page and buys a product; each leaves one CSV row that joins what the client
//! measured with what the server reported of itself.
//!
//! # The house
//!
//! Imports go downward only: from a floor to those below it, and within a folder without circles.
//!
//! ```text
//!            main      parses, dispatches, sets the exit code
//!            cli       argv -> settings: one table of options, help, man page, completions
//! commands   run       check       calibrate       report
//! load       prepare   reactor     shopper         http
//! figures    show      summary     rows
//! facts      row       plan        stats           settings     exit
//! ground     net       time        shop            html         sys          signals  console  text
//! ```
//!
//! # The way of a row
//!
//! - `plan` says which shopper is due when, and what it buys: a pure function of the seed.
//! - `reactor` opens its connection, waits with all the others on one epoll, and stamps bytes as they come
//!   and go.
//! - `shopper` is told of bytes and instants, and says what to do next; `http` reads the responses; when
//!   both requests have ended it has filled in a `row`.
//! - `run` takes the row in a moment the loop has to spare,
//! - `rows` encodes it into the CSV, and at the end of a part writes what columns cannot carry beside it,
//! - `summary` adds it to the figures of the part, and makes one finished value of all parts,
//! - `show` renders that value as text or JSON.
//! - `report` goes the way back: rows read from a file become the same rows, the same figures, the same
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
pub mod console;
pub mod html;
pub mod net;
pub mod shop;
pub mod signals;
#[allow(unsafe_code)]
pub mod sys;
pub mod text;
pub mod time;
