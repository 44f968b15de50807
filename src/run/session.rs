//! The parts of a run, one after the other, and what they came to together.

use std::io;
use std::time::Duration;

use crate::plan::{Kind, Plan};
use crate::reactor::{LoadOutcome, Reactor, ReactorSettings};
use crate::shopper::scenario::Scenario;
use crate::show::instrument::{self, InstrumentFacts};
use crate::show::levels::Level;
use crate::signals::Signals;
use crate::summary::verdict::{Reason, Verdict};
use crate::time::clock::{Clock, Stamp};

use super::facts::Meter;
use super::parts::Part;
use super::recorder::RunRecorder;

/// What the measured parts of a run came to.
#[derive(Default)]
pub(super) struct Totals {
    /// When the first shopper was launched.
    pub first_start: Option<Stamp>,
    /// From the first start to the last row, nanoseconds, all parts together.
    pub wall_nanos: i64,
    /// From the first start of a burst to its last, nanoseconds; the longest.
    pub starts_spread_nanos: Option<i64>,
    /// The most shoppers in flight at once.
    pub most_in_flight: u64,
    /// What this program took.
    pub instrument: InstrumentFacts,
    /// Shoppers who warmed up, and how many of their purchases failed.
    pub warmed_up: Option<(u64, u64)>,
    /// The levels of a sweep.
    pub levels: Vec<Level>,
    /// Why parts of several are not to be trusted.
    pub reasons: Vec<Reason>,
    /// Parts that were run.
    pub parts: usize,
    /// What kind of load they are.
    pub kind: Kind,
}

impl Totals {
    /// Keeps the reasons of the first round of a level that has any: those of the others would say the
    /// same with other figures.
    fn note_reasons(&mut self, level: Option<u64>, verdict: &Verdict) {
        let is_of_level = |reason: &Reason| match (reason, level) {
            (Reason::At { level: at, .. }, Some(level)) => *at == level,
            (_, level) => level.is_none(),
        };
        if self.reasons.iter().any(is_of_level) {
            return;
        }
        let reasons = verdict.reasons().iter().cloned();
        self.reasons.extend(reasons.map(|reason| match level {
            None => reason,
            Some(level) => Reason::At {
                level,
                reason: Box::new(reason),
            },
        }));
    }
}

/// What all parts have in common.
pub(super) struct Session<'a> {
    scenario: &'a Scenario,
    settings: &'a ReactorSettings,
    clock: &'a Clock,
    meter: Meter,
    totals: Totals,
}

impl<'a> Session<'a> {
    pub fn new(
        scenario: &'a Scenario,
        settings: &'a ReactorSettings,
        clock: &'a Clock,
        meter: Meter,
    ) -> Session<'a> {
        Session {
            scenario,
            settings,
            clock,
            meter,
            totals: Totals::default(),
        }
    }

    /// Runs the parts in turn, until a signal comes or rows can no longer be written.
    pub fn run(
        &mut self,
        parts: impl Iterator<Item = Part>,
        pause: Duration,
        signals: &mut Signals,
        recorder: &mut RunRecorder<'_>,
    ) -> io::Result<()> {
        for (number, part) in parts.enumerate() {
            if number > 0 {
                recorder.flush_all();
                signals.wait(pause)?;
            }
            if signals.received().is_some() || recorder.has_failed() {
                break;
            }
            if let Some(plan) = &part.warm_up {
                recorder.warms_up(true);
                let outcome = self.reactor(plan, signals, recorder)?;
                recorder.warms_up(false);
                let (shoppers, failed) = self.totals.warmed_up.get_or_insert((0, 0));
                *shoppers += outcome.counts.launched + outcome.counts.dropped;
                *failed += outcome.counts.failed;
                if outcome.interrupted.is_some() {
                    break;
                }
            }
            let outcome = self.reactor(&part.plan, signals, recorder)?;
            let usage = self.meter.end(&outcome, &part.plan);
            self.take_in(&part.plan, &outcome, &usage, recorder);
        }
        Ok(())
    }

    /// What it all came to.
    pub fn end(self) -> Totals {
        Totals {
            instrument: self.meter.total(),
            ..self.totals
        }
    }

    fn reactor(
        &self,
        plan: &Plan,
        signals: &mut Signals,
        recorder: &mut RunRecorder<'_>,
    ) -> io::Result<LoadOutcome> {
        Reactor::arm(
            plan,
            self.scenario,
            self.settings,
            self.clock,
            signals,
            recorder,
        )
        .and_then(Reactor::run)
    }

    fn take_in(
        &mut self,
        plan: &Plan,
        outcome: &LoadOutcome,
        usage: &InstrumentFacts,
        recorder: &mut RunRecorder<'_>,
    ) {
        let totals = &mut self.totals;
        totals.parts += 1;
        totals.kind = plan.kind();
        totals.first_start = totals.first_start.or(outcome.first_start);
        let wall = outcome.span_nanos;
        totals.wall_nanos += wall;
        let spread = plan
            .begins_at_once()
            .then(|| Some(outcome.last_start?.since(outcome.first_start?)))
            .flatten();
        totals.starts_spread_nanos = totals.starts_spread_nanos.max(spread);
        totals.most_in_flight = totals.most_in_flight.max(outcome.counts.most_in_flight);
        let Some(summary) = recorder.take_part() else {
            return;
        };
        let level = plan.level();
        let evidence = instrument::evidence_of(&summary, usage, spread, plan.kind());
        let verdict = Verdict::of(&evidence);
        let is_trusted = verdict.is_trusted();
        totals.note_reasons(level, &verdict);
        let Some(number) = level else { return };
        let place = totals.levels.iter().position(|of| of.concurrent == number);
        let place = place.unwrap_or_else(|| {
            totals.levels.push(Level::new(number));
            totals.levels.len() - 1
        });
        totals.levels[place].add_round(&summary, wall, is_trusted);
    }
}
