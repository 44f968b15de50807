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
//! commands   shards
//!            check       merge       deploy     demo
//!            run         summarize
//!            pages       compare
//!            calibrate   report     show
//! load       page
//!            prepare     summary
//!            reactor     rows       cli
//!            shopper     shop       settings
//!            comparison
//! protocol   http        net
//! facts      row         stats      signals    precise
//!            outfile
//! ground     time        html       exit       console
//!            sys         plan       text
//! ```
//!
//! Each line is a layer. `main` stands above all of them: it has `cli` parse the command line into
//! settings and passes these to a command.
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
//! - `page` collects what the charts of the HTML page show from rows that were read back.
//! - `report` does the reverse: rows read from a file become the same rows, the same figures, the same
//!   finished value.
#![deny(unsafe_code)]
// One of the tests compares a whole summary with a literal of its JSON.
#![cfg_attr(test, recursion_limit = "256")]
#![warn(missing_docs)]

// Commands, and what they print.
pub mod calibrate;
pub mod check;
pub mod compare;
pub mod demo;
pub mod deploy;
pub mod merge;
pub mod pages;
pub mod report;
pub mod run;
pub mod shards;
pub mod show;
pub mod summarize;

// The load, its figures and its settings.
pub mod cli;
pub mod comparison;
pub mod page;
pub mod prepare;
pub mod reactor;
pub mod rows;
pub mod settings;
pub mod shop;
pub mod shopper;
pub mod summary;

// The protocol and the network.
pub mod http;
pub mod net;

// Facts, and what is computed of them.
pub mod outfile;
pub mod precise;
pub mod row;
pub mod signals;
pub mod stats;

// The ground.
pub mod console;
pub mod exit;
pub mod html;
pub mod plan;
#[allow(unsafe_code)]
pub mod sys;
pub mod text;
pub mod time;
