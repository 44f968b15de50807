//! Runs the parts of a run in order, and collects their results.

use std::fmt;
use std::io;

use crate::plan::Plan;
use crate::reactor::{LoadOutcome, Reactor, Start};
use crate::settings::{RunSettings, StartAt};
use crate::signals::Signals;
use crate::summary::{PartFacts, Whole, part_line};
use crate::sys::clock;
use crate::sys::contention::Contention;
use crate::time::clock::{Clock, DriftSeen};

use super::hooks::{Occasion, Server};
use super::lines::{PartInstants, RunLog, target_of};
use super::meter::Meter;
use super::parts::Part;
use super::place::Place;
use super::recorder::{Position, RunRecorder};
use super::say;
use super::switch::{Switch, SwitchError};

/// Waits that are longer are announced, nanoseconds.
const WORTH_TELLING: i64 = 1_000_000_000;

/// What all parts have in common.
pub(super) struct Session<'a> {
    pub settings: &'a RunSettings,
    /// The shop, or that of each variant.
    pub places: &'a mut [Place],
    /// Switches between variants; absent without.
    pub switch: Option<Switch<'a>>,
    pub clock: &'a Clock,
    pub meter: Meter,
    /// Writes a line for each part.
    pub log: &'a mut RunLog,
    /// The results of the parts.
    pub whole: Whole,
    /// How far the wall clock was seen to move during the run.
    pub drift: DriftSeen,
    /// When the parts start.
    pub schedule: Schedule,
}

/// When parts and warm-ups start by the wall clock, if that was given.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Schedule {
    pub at: Option<StartAt>,
    /// How many starts there were.
    pub begun: u64,
    /// Whether to say what is waited for.
    pub is_told: bool,
}

/// Why the parts of a run were not all run.
#[derive(Debug)]
pub(super) enum SessionError {
    /// The event loop failed.
    Loop(io::Error),
    /// The variant of a part is not there.
    Switch(SwitchError),
    /// The start was missed, and is strict. Nanoseconds.
    Late(i64),
    /// The next part was not ready when it was to start. Nanoseconds.
    Outlasted {
        /// The number of the start that was missed, counted from 1.
        start: u64,
        /// By how much.
        by: i64,
    },
    /// A part was not over when its slot was. Nanoseconds.
    Overran {
        /// The number of the start that it is of, counted from 1.
        start: u64,
        /// Whether another one was to follow.
        is_last: bool,
        /// By how much.
        by: i64,
    },
}

impl From<io::Error> for SessionError {
    fn from(error: io::Error) -> SessionError {
        SessionError::Loop(error)
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SessionError::Loop(error) => write!(f, "the event loop failed: {error}"),
            SessionError::Switch(error) => error.fmt(f),
            SessionError::Late(late) => write!(
                f,
                "--start-strict: this process was ready {} after --start-at, and has sent no load: give a later \
                 instant",
                told(*late)
            ),
            SessionError::Outlasted { start, by } => write!(
                f,
                "--slot: part {start} was to start {} before it was ready: give a longer --slot; the rows so far are \
                 in the report",
                told(*by)
            ),
            SessionError::Overran { start, is_last, by } => {
                write!(f, "--slot: part {start} ended {} after its slot", told(*by))?;
                if !is_last {
                    write!(f, ", when part {} was to have started", start + 1)?;
                }
                f.write_str(": give a longer --slot; the rows so far are in the report")
            }
        }
    }
}

/// Seconds, for a message.
fn told(nanos: i64) -> String {
    format!("{:.3} s", nanos as f64 / 1e9)
}

impl Session<'_> {
    /// Runs the parts in turn, until a signal arrives, rows can no longer be written, or a variant is not
    /// there.
    pub fn run(
        &mut self,
        parts: impl Iterator<Item = Part>,
        signals: &mut Signals,
        recorder: &mut RunRecorder<'_>,
    ) -> Result<(), SessionError> {
        let mut parts = parts.enumerate().peekable();
        while let Some((number, part)) = parts.next() {
            if let Some(name) = self.settings.variant_name(part.variant) {
                recorder.announce(number as u64, name);
            }
            if number > 0 {
                recorder.flush_all();
                signals.wait(self.settings.load.pause)?;
            }
            if signals.received().is_some() || recorder.has_failed() {
                break;
            }
            let Some(mut server) = self.switch_to(&part, signals)? else {
                break;
            };
            let has_ended = !self.part(part, parts.peek().is_none(), signals, recorder)?;
            if let Some(server) = &mut server
                && !has_ended
            {
                // Its rows are in the file.
                let checked = server.check();
                checked.map_err(|error| SessionError::Switch(SwitchError::Hook(error)))?;
            }
            if has_ended {
                break;
            }
        }
        Ok(())
    }

    /// Whether what has just ended was within its slot; without slots it always is.
    fn within_slot(&self, is_last: bool) -> Result<(), SessionError> {
        let start = self.schedule.begun;
        let ends = self.schedule.at.and_then(|at| at.instant(start));
        let now = i64::try_from(clock::realtime_nanos()).unwrap_or(i64::MAX);
        match ends.map(|ends| now.saturating_sub(ends)) {
            Some(by) if by > 0 => Err(SessionError::Overran { start, is_last, by }),
            _ => Ok(()),
        }
    }

    /// Switches to the variant of a part; `None` if a signal arrived.
    fn switch_to(
        &mut self,
        part: &Part,
        signals: &mut Signals,
    ) -> Result<Option<Option<Server>>, SessionError> {
        let Some(switch) = &self.switch else {
            return Ok(Some(None));
        };
        let variant = &switch.variants.list[part.variant];
        let occasion = Occasion {
            variant: variant.name.clone(),
            target: target_of(&variant.shop),
            round: part.round,
            level: part.plan.level(),
        };
        let place = &mut self.places[part.variant];
        (switch.to(part.variant, &occasion, place, signals)).map_err(SessionError::Switch)
    }

    /// Runs one part, after which others follow unless it is the last; `false` if a signal ended its warm-up.
    fn part(
        &mut self,
        mut part: Part,
        is_last: bool,
        signals: &mut Signals,
        recorder: &mut RunRecorder<'_>,
    ) -> Result<bool, SessionError> {
        let mut facts = PartFacts {
            variant: self.settings.variant_name(part.variant).map(str::to_owned),
            level: part.plan.level(),
            round: part.round,
            kind: part.plan.kind(),
            ..PartFacts::default()
        };
        // They may have been read from a server that was started for this part.
        let products = self.places[part.variant].scenario.buy_paths.len();
        part.plan.orders.products = products;
        if let Some(mut plan) = part.warm_up {
            plan.orders.products = products;
            recorder.warms_up(true);
            let outcome = self.reactor(part.variant, &plan, signals, recorder)?;
            recorder.warms_up(false);
            let shoppers = outcome.counts.launched + outcome.counts.dropped;
            if outcome.interrupted.is_some() {
                self.whole.add_warm_up(shoppers, outcome.counts.failed);
                return Ok(false);
            }
            facts.warmed_up = Some((shoppers, outcome.counts.failed));
            self.within_slot(false)?;
        }
        recorder.begin_part(self.whole.parts, &self.settings.title_of(part.variant));
        let before = recorder.position();
        let taken = Contention::read();
        let outcome = self.reactor(part.variant, &part.plan, signals, recorder)?;
        let within_slot = match outcome.interrupted {
            None => self.within_slot(is_last),
            Some(_) => Ok(()),
        };
        self.drift = self.drift.merged(outcome.drift);
        facts.usage = Some(self.meter.end(&outcome, &part.plan, &taken));
        self.take_in(facts, &part.plan, &outcome, before, recorder);
        within_slot.map(|()| true)
    }

    fn reactor(
        &mut self,
        variant: usize,
        plan: &Plan,
        signals: &mut Signals,
        recorder: &mut RunRecorder<'_>,
    ) -> Result<LoadOutcome, SessionError> {
        let start = self.next_start()?;
        let place = &self.places[variant];
        let reactor = Reactor::arm(
            plan,
            &place.scenario,
            &place.reactor,
            self.clock,
            signals,
            recorder,
        )?;
        let Some(start) = start else {
            return Ok(reactor.run()?);
        };
        let outcome = reactor.run_at(start)?;
        let late = outcome.begun.late;
        if outcome.begun.is_refused {
            return Err(match self.schedule.begun {
                1 => SessionError::Late(late),
                start => SessionError::Outlasted { start, by: late },
            });
        }
        if late > 0 {
            say(&format!(
                "profilerclient: --start-at: this process was ready {} after the instant; what was due before counts \
                 from when it was due",
                told(late)
            ));
        }
        Ok(outcome)
    }

    /// When the next part or warm-up starts.
    fn next_start(&mut self) -> Result<Option<Start>, SessionError> {
        let schedule = &mut self.schedule;
        let number = schedule.begun;
        schedule.begun += 1;
        let Some((at, unix_nanos)) = (schedule.at).and_then(|at| Some((at, at.instant(number)?)))
        else {
            return Ok(None);
        };
        let now = i64::try_from(clock::realtime_nanos()).unwrap_or(i64::MAX);
        let left = unix_nanos.saturating_sub(now);
        if number > 0 && left < 0 {
            return Err(SessionError::Outlasted {
                start: number + 1,
                by: left.saturating_neg(),
            });
        }
        if number == 0 && schedule.is_told && left > WORTH_TELLING {
            let line = format!("the load starts in {}", told(left));
            say(&format!("profilerclient: {line}"));
        }
        Ok(Some(Start {
            unix_nanos,
            // A part that misses its slot ends the run.
            is_strict: at.is_strict || number > 0,
        }))
    }

    /// Adds a part that has ended. `before`: where its rows began.
    fn take_in(
        &mut self,
        mut facts: PartFacts,
        plan: &Plan,
        outcome: &LoadOutcome,
        before: Position,
        recorder: &mut RunRecorder<'_>,
    ) {
        let mut figures = recorder.take_part();
        figures.dropped_without_row = outcome.counts.dropped_without_row;
        figures.dropped_late = outcome.counts.dropped_late;
        let unix = |stamp| self.clock.unix_nanos(stamp);
        let wall = outcome
            .first_start
            .map_or(0, |start| outcome.ended.since(start));
        facts.first_start = outcome.first_start.map(unix);
        facts.is_cut = outcome.interrupted.is_some();
        facts.wall_nanos = wall;
        facts.span_nanos = outcome.span_nanos;
        facts.paused_nanos = outcome.paused_nanos;
        facts.backoffs = outcome.counts.backoffs;
        facts.starts_spread_nanos = plan
            .begins_at_once()
            .then(|| Some(outcome.last_start?.since(outcome.first_start?)))
            .flatten();
        facts.most_in_flight = outcome.counts.most_in_flight;
        facts.tls = outcome.tls.as_deref().cloned();
        let verdict = self.whole.add(&facts, &figures);
        if recorder.has_failed() {
            return;
        }
        let mut line = part_line(&facts, &figures, verdict.as_ref());
        let after = recorder.position();
        let range = before.byte.zip(after.byte);
        line.range =
            (range.filter(|_| before.rotations == after.rotations)).map(|(from, to)| [from, to]);
        line.range_missing = match (range, line.range) {
            (None, _) => Some("the rows are in a stream".to_owned()),
            (Some(_), None) => Some("the report was rotated within the part".to_owned()),
            (Some(_), Some(_)) => None,
        };
        self.log.part(
            line,
            PartInstants {
                first_start: facts.first_start,
                last_start: figures.last_start.map(unix),
                last_row: outcome.first_start.map(|_| unix(outcome.ended)),
            },
        );
    }
}
