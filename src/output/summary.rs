//! What a run comes to: figures collected row by row, and the facts known at its end.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Number;

use crate::clock::Drift;
use crate::failure::{Failure, FailureKind};
use crate::row::{Exchange, Row};
use crate::server_report::ServerFigures;
use crate::stats::Sample;
use crate::text::shortened;

/// Error groups that are told apart; a server that never says the same twice must not fill the
/// memory.
const MAX_GROUPS: usize = 200;

/// Characters of a server's error message that are kept, and compared.
const MAX_MESSAGE: usize = 200;

/// The figures of all rows of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Shoppers launched: rows.
    pub launched: u64,
    /// Purchases that satisfied on both sides.
    pub bought: u64,
    /// The home pages.
    pub home: Step,
    /// The purchases.
    pub buy: Step,
    /// The main server, by its reports.
    pub server: Server,
    /// The second server, by its reports.
    pub rest: Server,
    /// What went wrong.
    pub errors: Errors,
}

impl Summary {
    /// Takes in one row.
    pub fn add(&mut self, row: &Row) {
        self.launched += 1;
        self.bought += u64::from(row.bought());
        for (step, exchange, place) in [
            (&mut self.home, &row.home, Place::Home),
            (&mut self.buy, &row.buy, Place::Buy),
        ] {
            step.add(exchange);
            if let Some(failure) = &exchange.failure {
                self.errors.add_failure(place, failure);
            }
        }
        let Some(report) = &row.report else { return };
        self.server.add(&report.main);
        self.errors.add_report(Place::Server, &report.main);
        if let Some(rest) = &report.rest {
            self.rest.add(rest);
            self.errors.add_report(Place::Rest, rest);
        }
    }

    /// Purchases that did not satisfy.
    pub fn failed_purchases(&self) -> u64 {
        self.launched - self.bought
    }
}

/// What the client measured of one of a shopper's two requests.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// From start to stop, of all that have both; nanoseconds.
    pub elapsed: Sample,
    /// The same of those that satisfied.
    pub elapsed_ok: Sample,
    /// How often each status came; `None` where no response did.
    pub statuses: BTreeMap<Option<u16>, u64>,
}

impl Step {
    fn add(&mut self, exchange: &Exchange) {
        *self.statuses.entry(exchange.status).or_default() += 1;
        if let Some(nanos) = exchange.elapsed() {
            self.elapsed.push(nanos);
            if exchange.satisfied() {
                self.elapsed_ok.push(nanos);
            }
        }
    }

    /// Whether some of the figures are of requests that failed.
    pub fn has_failed_figures(&self) -> bool {
        self.elapsed_ok.len() < self.elapsed.len()
    }
}

/// What a server reported of itself.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// From the receipt of the request to the saved records, nanoseconds.
    pub elapsed: Sample,
    /// The highest CPU usage, percent.
    pub max_cpu: Option<f64>,
    /// The highest memory usage, megabytes.
    pub max_memory: Option<f64>,
}

impl Server {
    fn add(&mut self, figures: &ServerFigures) {
        let number = |number: &Option<Number>| number.as_ref().and_then(Number::as_f64);
        if let Some(seconds) = number(&figures.elapsed_seconds) {
            // The cast saturates: figures beyond 292 years are not the client's to judge.
            self.elapsed.push((seconds * 1e9).round() as i64);
        }
        self.max_cpu = larger(self.max_cpu, number(&figures.cpu_usage));
        self.max_memory = larger(self.max_memory, number(&figures.memory_usage));
    }
}

fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.into_iter().chain(b).reduce(f64::max)
}

/// Errors, grouped.
#[derive(Clone, Debug, Default)]
pub struct Errors {
    groups: Vec<ErrorGroup>,
    ungrouped: u64,
}

/// Errors that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorGroup {
    /// Where they arose.
    pub place: Place,
    /// What they are.
    pub what: ErrorKind,
    /// How many.
    pub count: u64,
    /// What was particular about the first of them.
    pub example: Option<Box<str>>,
}

/// Where an error arose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The home page, as the client saw it.
    Home,
    /// The purchase, as the client saw it.
    Buy,
    /// The main server, by its report.
    Server,
    /// The second server, by its report.
    Rest,
}

impl Place {
    /// The name of the place in the outputs.
    pub fn name(self) -> &'static str {
        match self {
            Place::Home => "home",
            Place::Buy => "buy",
            Place::Server => "server",
            Place::Rest => "rest",
        }
    }
}

/// What an error is.
#[derive(Clone, Debug, PartialEq)]
pub enum ErrorKind {
    /// A failure on the client's side.
    Client(FailureKind),
    /// A server's message, as it came but shortened.
    Message(Box<str>),
    /// A server said `result: false` and not why.
    NoMessage,
}

impl ErrorKind {
    /// What can be done about it, where the cause is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ErrorKind::Client(kind) => kind.hint(),
            ErrorKind::Message(_) | ErrorKind::NoMessage => None,
        }
    }
}

impl std::fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ErrorKind::Client(kind) => kind.fmt(f),
            ErrorKind::Message(message) => f.write_str(message),
            ErrorKind::NoMessage => f.write_str("refused without an error message"),
        }
    }
}

impl Errors {
    /// The groups, the most frequent first; of equals, the first to appear.
    pub fn most_frequent(&self) -> Vec<&ErrorGroup> {
        let mut groups: Vec<&ErrorGroup> = self.groups.iter().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        groups
    }

    /// Errors beyond the number of groups that are told apart.
    pub fn ungrouped(&self) -> u64 {
        self.ungrouped
    }

    /// All errors.
    pub fn total(&self) -> u64 {
        let grouped: u64 = self.groups.iter().map(|group| group.count).sum();
        grouped + self.ungrouped
    }

    fn add_failure(&mut self, place: Place, failure: &Failure) {
        let what = ErrorKind::Client(failure.kind);
        self.add(place, what, failure.detail.as_deref());
    }

    fn add_report(&mut self, place: Place, figures: &ServerFigures) {
        match figures.error_msg.as_deref() {
            Some(message) if !message.is_empty() => {
                let message = shortened(message, MAX_MESSAGE).into();
                self.add(place, ErrorKind::Message(message), None);
            }
            _ if figures.result == Some(false) => self.add(place, ErrorKind::NoMessage, None),
            _ => {}
        }
    }

    fn add(&mut self, place: Place, what: ErrorKind, example: Option<&str>) {
        let is_it = |group: &&mut ErrorGroup| group.place == place && group.what == what;
        if let Some(group) = self.groups.iter_mut().find(is_it) {
            group.count += 1;
        } else if self.groups.len() < MAX_GROUPS {
            self.groups.push(ErrorGroup {
                place,
                what,
                count: 1,
                example: example.map(Box::from),
            });
        } else {
            self.ungrouped += 1;
        }
    }
}

/// What is known of a run as a whole once it has ended.
#[derive(Clone, Debug)]
pub struct RunFacts {
    /// The report's name as it was given; `-` is standard output.
    pub report_file: String,
    /// Rows that this run wrote to it.
    pub rows_written: u64,
    /// Scheme, host and port.
    pub target: String,
    /// The app's path segment.
    pub app: String,
    /// Shoppers launched at the same time.
    pub concurrent: u64,
    /// What reproduces the shoppers' choices.
    pub seed: u64,
    /// When the run began: ISO 8601, as in its rows.
    pub started_time: String,
    /// How long the run took, nanoseconds.
    pub wall_nanos: i64,
    /// From the first shopper's start to the last one's, nanoseconds; absent if none started.
    pub starts_spread_nanos: Option<i64>,
    /// The signal that ended the run early, by name.
    pub interrupted: Option<String>,
    /// How far the wall clock moved against the monotonic one meanwhile.
    pub drift: Drift,
    /// This program's CPU time in user mode.
    pub cpu_user: Duration,
    /// This program's CPU time in the kernel.
    pub cpu_system: Duration,
    /// The largest resident set of this program, bytes.
    pub peak_memory_bytes: u64,
    /// Whether connections were made before the starts.
    pub preconnect: bool,
    /// Whether connections were used for more than one request.
    pub keep_alive: bool,
}

impl RunFacts {
    /// The run's length, seconds; absent if it is not positive.
    pub fn wall_seconds(&self) -> Option<f64> {
        (self.wall_nanos > 0).then(|| self.wall_nanos as f64 / 1e9)
    }
}

#[cfg(test)]
#[path = "summary_tests.rs"]
pub(super) mod tests;
