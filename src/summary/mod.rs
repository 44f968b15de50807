//! What a run comes to: figures collected row by row, and the facts known at its end.

pub mod errors;
pub mod threshold;
pub mod verdict;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::plan::Kind;
use crate::row::Source;
use crate::row::failure::{Failure, FailureKind};
use crate::row::figure::Figure;
use crate::row::server_report::ServerFigures;
use crate::row::{ClockSource, Exchange, Row};
use crate::show::instrument::{Instrument, InstrumentFacts};
use crate::show::levels::Level;
use crate::show::where_time::{Journeys, PhaseSamples};
use crate::stats::Sample;
use crate::summary::errors::Errors;
use crate::summary::threshold::Outcome;
use crate::summary::verdict::Reason;
use crate::time::clock::Drift;

/// The figures of all rows of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Shoppers launched, or due at least: rows.
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
    /// The ways of the purchases; filled by [`Journeys::add`], which needs a clock.
    pub journeys: Journeys,
    /// What the rows say of this program itself.
    pub instrument: Instrument,
    /// What was felt by those who came by the clock; absent where nobody did.
    pub from_due: Option<FromDue>,
    /// Shoppers among the launched who were not launched, since too many were in flight.
    pub turned_away: u64,
}

/// What customers felt who came when they were due: the lateness of the launch is within it.
/// Nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct FromDue {
    /// From due to the end of the home page, of all that have both.
    pub home: Sample,
    /// From due to the end of the purchase: the whole visit.
    pub visit: Sample,
}

impl FromDue {
    fn add(&mut self, row: &Row) {
        for (sample, exchange) in [(&mut self.home, &row.home), (&mut self.visit, &row.buy)] {
            if let (Some(due), Some(stopped)) = (row.due, exchange.stopped) {
                sample.push(stopped.since(due));
            }
        }
    }
}

impl Summary {
    /// Of an open load, or of a closed one.
    pub fn new(is_open: bool) -> Summary {
        Summary {
            from_due: is_open.then(FromDue::default),
            ..Summary::default()
        }
    }

    /// Takes in one row.
    pub fn add(&mut self, row: &Row) {
        self.launched += 1;
        self.instrument.add(row);
        if let Some(from_due) = &mut self.from_due {
            from_due.add(row);
        }
        let is_turned_away = |failure: &Failure| failure.kind == FailureKind::NotLaunched;
        self.turned_away += u64::from(row.home.failure.as_ref().is_some_and(is_turned_away));
        self.bought += u64::from(row.bought());
        for (step, exchange, place) in [
            (&mut self.home, &row.home, Source::Home),
            (&mut self.buy, &row.buy, Source::Buy),
        ] {
            step.add(exchange);
            if let Some(failure) = &exchange.failure {
                self.errors.add_failure(place, failure);
            }
        }
        let Some(report) = &row.report else { return };
        self.server.add(&report.main);
        self.errors.add_report(Source::Server, &report.main);
        if let Some(odd) = &report.odd {
            self.errors.add_odd(odd);
        }
        if let Some(rest) = &report.rest {
            self.rest.add(rest);
            self.errors.add_report(Source::Rest, rest);
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
    /// The parts of the same.
    pub phases: PhaseSamples,
    /// From stopped to seen, of those that satisfied and have the kernel's stamps; nanoseconds.
    pub seen_delay: Sample,
    /// How often each status came; `None` where no response did.
    pub statuses: BTreeMap<Option<u16>, u64>,
    /// Requests that did not satisfy on the client's side, whether they were begun or not.
    pub failed: u64,
}

impl Step {
    fn add(&mut self, exchange: &Exchange) {
        *self.statuses.entry(exchange.status).or_default() += 1;
        self.failed += u64::from(!exchange.satisfied());
        if let Some(nanos) = exchange.elapsed() {
            self.elapsed.push(nanos);
            self.phases.add(exchange);
            if exchange.satisfied() {
                self.elapsed_ok.push(nanos);
                let delay = exchange.seen_delay();
                let delay = delay.filter(|_| exchange.clock == ClockSource::Kernel);
                delay
                    .into_iter()
                    .for_each(|delay| self.seen_delay.push(delay));
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
    /// Reports that say whether the purchase satisfied.
    pub results: u64,
    /// Those of them that say it did not.
    pub refused: u64,
}

impl Server {
    fn add(&mut self, figures: &ServerFigures) {
        let number = |number: &Option<Figure>| number.as_ref().and_then(Figure::as_f64);
        if let Some(seconds) = number(&figures.elapsed_seconds) {
            // The cast saturates: figures beyond 292 years are not the client's to judge.
            self.elapsed.push((seconds * 1e9).round() as i64);
        }
        self.results += u64::from(figures.result.is_some());
        self.refused += u64::from(figures.result == Some(false));
        self.max_cpu = larger(self.max_cpu, number(&figures.cpu_usage));
        self.max_memory = larger(self.max_memory, number(&figures.memory_usage));
    }
}

fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.into_iter().chain(b).reduce(f64::max)
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
    /// What load was sent.
    pub load: LoadFacts,
    /// The levels, where there were several parts.
    pub levels: Vec<Level>,
    /// Of several parts, why some are not to be trusted.
    pub reasons_of_parts: Option<Vec<Reason>>,
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
    /// What this program was given, and what it took.
    pub instrument: InstrumentFacts,
    /// What became of the conditions that were set, in the order they were given.
    pub conditions: Vec<Outcome>,
}

/// What load was sent.
#[derive(Clone, Debug, Default)]
pub struct LoadFacts {
    /// What kind of load it was.
    pub kind: Kind,
    /// The shoppers at once of a closed load, in the order given; empty for an open one.
    pub levels: Vec<u64>,
    /// The rest of it in words; absent for a plain burst.
    pub description: Option<String>,
    /// The most shoppers in flight at once.
    pub most_in_flight: u64,
    /// Shoppers who warmed up, and how many of their purchases failed.
    pub warmed_up: Option<(u64, u64)>,
}

impl LoadFacts {
    /// Whether shoppers came by the clock.
    pub fn is_open(&self) -> bool {
        self.kind == Kind::Open
    }

    /// The highest level; of an open load, the most in flight.
    pub fn concurrent(&self) -> u64 {
        self.levels
            .iter()
            .copied()
            .max()
            .unwrap_or(self.most_in_flight)
    }
}

impl RunFacts {
    /// The run's length, seconds; absent if it is not positive.
    pub fn wall_seconds(&self) -> Option<f64> {
        (self.wall_nanos > 0).then(|| self.wall_nanos as f64 / 1e9)
    }
}

#[cfg(test)]
#[path = "summary_tests.rs"]
pub(crate) mod tests;
