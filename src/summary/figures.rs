//! Figures collected row by row.

use crate::row::failure::{Failure, FailureKind};
use crate::row::{Phase, Row, Source};
use crate::stats::Sample;
use crate::time::clock::{Clock, Stamp};

use super::errors::Errors;
use super::instrument::InstrumentFigures;
use super::journeys::Journeys;
use super::server::ServerSamples;
use super::site::SiteFigures;
use super::step::StepFigures;

/// The figures of all rows of a part of a run, or of several parts together.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Rows: shoppers launched, and those dropped.
    pub shoppers: u64,
    /// When the last shopper started, iterations that follow others included.
    pub last_start: Option<Stamp>,
    /// Rows of dropped arrivals: too many were in flight, or this program was late.
    pub dropped: u64,
    /// Shoppers dropped without a row.
    pub dropped_without_row: u64,
    /// Of all dropped, those given up because this program was too far behind the plan.
    pub dropped_late: u64,
    /// Purchases successful on both sides.
    pub bought: u64,
    /// The home pages.
    pub home: StepFigures,
    /// The purchases.
    pub buy: StepFigures,
    /// The main server, by its reports.
    pub server: ServerSamples,
    /// The second server, by its reports.
    pub rest: ServerSamples,
    /// Errors, grouped.
    pub errors: Errors,
    /// Anomalies of reports that could be read nevertheless.
    pub odd: Errors,
    /// The paths of the purchases.
    pub journeys: Journeys,
    /// Figures about this program itself.
    pub instrument: InstrumentFigures,
    /// Of an ordinary site; absent for most loads.
    pub site: Option<Box<SiteFigures>>,
    /// Times from due; absent unless the workload is open.
    pub from_due: Option<FromDue>,
}

/// Times from due, which include the launch delay: what customers would have experienced. Nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct FromDue {
    /// From due to the end of the home page, of all rows that have both.
    pub home: Sample,
    /// From due to the end of the purchase: the whole iteration.
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

impl Figures {
    /// Adds one row, whose instants are of that clock.
    pub fn add(&mut self, row: &Row, clock: &Clock) {
        self.shoppers += 1;
        self.last_start = self.last_start.max(row.home.started);
        if !row.is_bare {
            self.instrument.add(row);
            if let Some(from_due) = &mut self.from_due {
                from_due.add(row);
            }
        }
        let is_dropped = |failure: &Failure| failure.kind == FailureKind::NotLaunched;
        self.dropped += u64::from(row.home.failure.as_ref().is_some_and(is_dropped));
        self.bought += u64::from(row.bought());
        for (step, exchange, source) in [
            (&mut self.home, &row.home, Source::Home),
            (&mut self.buy, &row.buy, Source::Buy),
        ] {
            step.add(exchange, row.is_bare);
            if let Some(failure) = &exchange.failure {
                self.errors.add_failure(source, failure);
            }
        }
        self.journeys.add(row, clock);
        if row.site.is_some() {
            self.site.get_or_insert_default().add(row);
        }
        let Some(report) = &row.report else { return };
        if let Some(odd) = &report.odd {
            self.odd.add_message(Source::Server, odd);
        }
        self.server.add(&report.main);
        self.errors.add_report(Source::Server, &report.main);
        if let Some(rest) = &report.rest {
            self.rest.add(rest);
            self.errors.add_report(Source::Rest, rest);
        }
    }

    /// Adds the figures of a later part.
    pub fn merge(&mut self, other: &Figures) {
        self.shoppers += other.shoppers;
        self.last_start = self.last_start.max(other.last_start);
        self.dropped += other.dropped;
        self.dropped_without_row += other.dropped_without_row;
        self.dropped_late += other.dropped_late;
        self.bought += other.bought;
        self.home.merge(&other.home);
        self.buy.merge(&other.buy);
        self.server.merge(&other.server);
        self.rest.merge(&other.rest);
        self.errors.merge(&other.errors);
        self.odd.merge(&other.odd);
        self.journeys.merge(&other.journeys);
        if let Some(other) = &other.site {
            self.site.get_or_insert_default().merge(other);
        }
        self.instrument.merge(&other.instrument);
        if let Some(other) = &other.from_due {
            let own = self.from_due.get_or_insert_default();
            own.home.merge(&other.home);
            own.visit.merge(&other.visit);
        }
    }

    /// Adds the counts, the elapsed times, those of TLS handshakes and those that servers send of another part, and
    /// nothing else: these are reported of a level and compared with thresholds. All samples of each level would take too much memory.
    pub fn merge_outcomes(&mut self, other: &Figures) {
        self.shoppers += other.shoppers;
        self.dropped += other.dropped;
        self.dropped_late += other.dropped_late;
        self.dropped_without_row += other.dropped_without_row;
        self.bought += other.bought;
        for (step, other) in [(&mut self.home, &other.home), (&mut self.buy, &other.buy)] {
            step.elapsed_ok.merge(&other.elapsed_ok);
            step.elapsed_failed.merge(&other.elapsed_failed);
            (step.phases.of_mut(Phase::Tls)).merge(other.phases.of(Phase::Tls));
            step.failed += other.failed;
        }
        for (server, other) in [
            (&mut self.server, &other.server),
            (&mut self.rest, &other.rest),
        ] {
            server.elapsed.merge(&other.elapsed);
            server.results += other.results;
            server.refused += other.refused;
        }
        if let Some(other) = &other.site {
            self.site.get_or_insert_default().merge(other);
        }
    }

    /// Shoppers that were due: those with a row and those dropped without one.
    pub fn due(&self) -> u64 {
        self.shoppers + self.dropped_without_row
    }

    /// Shoppers whose purchase failed, the dropped ones included.
    pub fn failed_purchases(&self) -> u64 {
        self.due() - self.bought
    }

    /// Read delays of home pages and purchases together, nanoseconds.
    pub fn read_delay(&self) -> Sample {
        let mut delays = self.home.read_delay().into_owned();
        delays.merge(&self.buy.read_delay());
        delays
    }

    /// Send delays of home pages and purchases together, nanoseconds.
    pub fn send_delay(&self) -> Sample {
        let mut delays = self.home.send_delay.clone();
        delays.merge(&self.buy.send_delay);
        delays
    }

    /// How long redirects waited to be followed, of home pages and purchases together, nanoseconds.
    pub fn hop_delay(&self) -> Sample {
        let mut delays = self.home.hop_delay.clone();
        delays.merge(&self.buy.hop_delay);
        delays
    }
}

#[cfg(test)]
#[path = "figures_tests.rs"]
pub(crate) mod tests;
