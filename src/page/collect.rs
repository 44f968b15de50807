//! Collects the figures of a run's charts from its rows, one by one, in bounded memory.

use std::collections::BTreeMap;

use crate::plan::Kind;
use crate::row::failure::FailureKind;
use crate::row::figure::Figure;
use crate::row::journey::{Journey, ServerTimes, offset_bounds};
use crate::row::server_report::ServerFigures;
use crate::row::{Exchange, Row};
use crate::stats::Sample;
use crate::time::clock::{Clock, Stamp};
use crate::time::offset::Offsets;
use crate::time::reading::ReportClock;
use crate::time::zone::local_zone;

use super::axis::Axis;
use super::column::{PHASES, PartSums, STAGES, ServerTally, StepSums, VISIT};
use super::latency::{BUCKETS, Counts, bucket};

/// The most columns of the time axis while rows are collected.
const COLUMNS: usize = 128;

/// The most levels with a curve of their own; those beyond are in the tables of the summary.
const LEVELS: usize = 12;

/// The most parts with figures of their own.
const PARTS: usize = 512;

/// A level's figures: those of different levels are never mixed.
#[derive(Clone, Debug, Default)]
pub(super) struct LevelFigures {
    /// Elapsed times of home pages and purchases, nanoseconds.
    pub elapsed: [Sample; 2],
    /// From due to the end of the home page, and of the purchase.
    pub from_due: [Sample; 2],
    /// The parts of the time by buckets of the elapsed time; empty as long as there are none.
    pub sums: [Vec<StepSums>; 2],
    /// The parts of whole visits by buckets of their time: the home page, and the stages of the purchase.
    pub visits: Vec<PartSums<VISIT>>,
    /// The longest visit whose parts are known, and these.
    pub longest: Option<(i64, [i64; VISIT])>,
    /// The longest purchase whose stages are known, and these.
    pub longest_buy: Option<(i64, [i64; STAGES])>,
}

impl LevelFigures {
    /// Takes note of the longest purchase.
    fn purchase(&mut self, elapsed: i64, stages: [i64; STAGES]) {
        if self
            .longest_buy
            .is_none_or(|(longest, _)| longest < elapsed)
        {
            self.longest_buy = Some((elapsed, stages));
        }
    }

    /// Adds a visit: the home page, and the stages of the purchase. The pause between them is the client's.
    fn visit(&mut self, row: &Row, stages: [i64; STAGES]) {
        let Some(home) = row.home.elapsed() else {
            return;
        };
        let mut parts = [home; VISIT];
        parts[1..].copy_from_slice(&stages);
        let whole = parts
            .iter()
            .fold(0i64, |sum, part| sum.saturating_add(*part));
        if self.visits.is_empty() {
            self.visits = vec![PartSums::default(); BUCKETS];
        }
        self.visits[bucket(whole)].add(parts.map(Some));
        if self.longest.is_none_or(|(longest, _)| longest < whole) {
            self.longest = Some((whole, parts));
        }
    }
}

/// A part's figures: one level in one round.
#[derive(Clone, Debug, Default)]
pub(super) struct PartRange {
    /// From the first start to the last end, nanoseconds since the Unix epoch.
    pub range: Option<(i64, i64)>,
    /// Of the purchases.
    pub buy: Counts,
}

/// The rows of one run.
#[derive(Debug)]
pub struct Collector {
    clock: Clock,
    zone: ReportClock,
    /// Whether latencies stand where requests ended, rather than where they started.
    pub(super) is_by_end: bool,
    /// Whether shoppers are due at times of a plan, which says what customers would have felt.
    has_plan: bool,
    pub(super) axis: Axis,
    pub(super) offsets: Offsets,
    /// By level; absent levels (an open workload, the oldest reports) are 0.
    pub(super) levels: BTreeMap<u64, LevelFigures>,
    /// Levels without figures of their own, and their rows.
    pub(super) left_out: BTreeMap<u64, u64>,
    pub(super) parts: BTreeMap<usize, PartRange>,
    /// Rows without any instant: they have no place on the time axis.
    pub(super) timeless: u64,
    /// The largest elapsed times.
    pub(super) most: [i64; 2],
}

impl Default for Collector {
    fn default() -> Collector {
        Collector {
            clock: Clock::of_unix_time(),
            zone: ReportClock::new(local_zone()),
            is_by_end: false,
            has_plan: true,
            axis: Axis::new(COLUMNS),
            offsets: Offsets::default(),
            levels: BTreeMap::new(),
            left_out: BTreeMap::new(),
            parts: BTreeMap::new(),
            timeless: 0,
            most: [0; 2],
        }
    }
}

impl Collector {
    /// Of a load of that kind. All requests of a burst start at once: they are put on the time axis where
    /// they ended.
    pub fn of(kind: Kind) -> Collector {
        Collector {
            is_by_end: kind == Kind::Burst,
            has_plan: kind == Kind::Open,
            ..Collector::default()
        }
    }

    /// Adds a row that was read back. `part`: its place among the parts of the run, counted from 0;
    /// `level`: the virtual users of a closed workload.
    pub fn add(&mut self, row: &Row, level: Option<u64>, part: usize) {
        let Some((from, to)) = visit(row) else {
            self.timeless += 1;
            return;
        };
        self.arrive(row, from, to);
        let server = self.servers(row, to);
        self.delays(row, from);
        let level = level.unwrap_or(0);
        let is_known = self.levels.contains_key(&level) || self.levels.len() < LEVELS;
        if !is_known {
            *self.left_out.entry(level).or_default() += 1;
        }
        for (step, exchange) in [&row.home, &row.buy].into_iter().enumerate() {
            let (Some(start), Some(elapsed)) = (nanos(exchange.started), exchange.elapsed()) else {
                continue;
            };
            self.most[step] = self.most[step].max(elapsed);
            let mut sums = StepSums::default();
            sums.whole.add([Some(elapsed)]);
            if let Some(phases) = exchange.phases().filter(|_| !row.is_bare) {
                let parts: [Option<i64>; PHASES] = phases.parts();
                sums.phases.add(parts);
            }
            if let Some(stages) = server.filter(|_| step == 1) {
                sums.journey.add(stages.map(Some));
            }
            let place = match self.is_by_end {
                true => start.saturating_add(elapsed.max(0)),
                false => start,
            };
            let column = self.axis.at(place);
            column.latency[step].add(elapsed);
            column.sums[step].merge(&sums, 1.0);
            if is_known {
                let of = self.levels.entry(level).or_default();
                of.elapsed[step].push(elapsed);
                if of.sums[step].is_empty() {
                    of.sums[step] = vec![StepSums::default(); BUCKETS];
                }
                of.sums[step][bucket(elapsed)].merge(&sums, 1.0);
                if let Some(stages) = server.filter(|_| step == 1) {
                    of.purchase(elapsed, stages);
                }
                if let Some(due) = row.due.filter(|_| self.has_plan && !row.is_bare) {
                    let stopped = exchange.stopped.unwrap_or(due);
                    of.from_due[step].push(stopped.since(due));
                }
            }
        }
        if let Some(stages) = server.filter(|_| is_known) {
            let of = self.levels.entry(level).or_default();
            of.visit(row, stages);
        }
        if self.parts.contains_key(&part) || self.parts.len() < PARTS {
            let of = self.parts.entry(part).or_default();
            let (first, last) = of.range.unwrap_or((from, to));
            of.range = Some((first.min(from), last.max(to)));
            row.buy
                .elapsed()
                .into_iter()
                .for_each(|span| of.buy.add(span));
        }
    }

    /// When the shopper came and left, and with which results.
    fn arrive(&mut self, row: &Row, from: i64, to: i64) {
        let due = nanos(row.due).filter(|_| !row.is_bare);
        if let Some(due) = due.filter(|_| self.has_plan) {
            self.axis.at(due).due += 1;
        }
        let is_dropped = |exchange: &Exchange| {
            (exchange.failure.as_ref()).is_some_and(|of| of.kind == FailureKind::NotLaunched)
        };
        if is_dropped(&row.home) {
            self.axis.at(due.unwrap_or(from)).dropped += 1;
            return;
        }
        let arrived = self.axis.at(from);
        arrived.started += 1;
        arrived.in_flight += 1;
        self.axis.at(to).in_flight -= 1;
        for (step, exchange) in [&row.home, &row.buy].into_iter().enumerate() {
            if exchange.failure.is_some() {
                self.axis.at(nanos(exchange.stopped).unwrap_or(to)).failed[step] += 1;
            }
        }
        if row.bought() {
            self.axis.at(to).bought += 1;
        } else if row.buy.failure.is_none() {
            // The server refused it.
            self.axis.at(to).failed[1] += 1;
        }
    }

    /// What the servers reported; gives the stages of the purchase's path, if all are known.
    fn servers(&mut self, row: &Row, to: i64) -> Option<[i64; STAGES]> {
        let report = row.report.as_ref()?;
        let near = nanos(row.buy.started).unwrap_or(i64::MIN);
        let times = ServerTimes::near(near, &report.main, &mut self.zone);
        let bounds = offset_bounds(&row.buy, &times, &self.clock);
        self.offsets.add(bounds);
        let is_bound = times.started.is_some() || times.stopped.is_some();
        let of = &mut self.axis.at(to).servers;
        of[0].bound(Some(bounds).filter(|_| is_bound));
        reported(&mut of[0], &report.main);
        if let Some(rest) = &report.rest {
            reported(&mut of[1], rest);
        }
        let journey = Journey::of(&row.buy, &times, &self.clock);
        let receive = match row.is_bare {
            true => Some(0),
            false => row.buy.phases().and_then(|phases| phases.receive),
        };
        Some([journey.before?, journey.inside?, journey.after?, receive?])
    }

    fn delays(&mut self, row: &Row, from: i64) {
        if row.is_bare {
            return;
        }
        let seconds = |nanos: Option<i64>| Some(nanos? as f64 / 1e9);
        let of = &mut self.axis.at(from).delays;
        of[0].add_some(seconds(row.launch_delay()));
        for exchange in [&row.home, &row.buy] {
            let phases = exchange.phases();
            of[1].add_some(seconds(phases.and_then(|phases| phases.send)));
            of[2].add_some(seconds(exchange.read_delay()));
        }
    }
}

fn reported(tally: &mut ServerTally, figures: &ServerFigures) {
    let number = |figure: &Option<Figure>| figure.as_ref().and_then(Figure::as_f64);
    tally.cpu.add_some(number(&figures.cpu_usage));
    tally.memory.add_some(number(&figures.memory_usage));
    tally.service.add_some(number(&figures.elapsed_seconds));
}

/// An instant of a row that was read back, nanoseconds since the Unix epoch.
fn nanos(stamp: Option<Stamp>) -> Option<i64> {
    i64::try_from(stamp?.nanos()).ok()
}

/// From the first instant of a shopper to its last one.
fn visit(row: &Row) -> Option<(i64, i64)> {
    let [home, buy] = [&row.home, &row.buy];
    let starts = [home.started, buy.started].map(nanos);
    let ends = [home.stopped, buy.stopped].map(nanos);
    let from = (starts.into_iter().flatten().min()).or_else(|| nanos(row.due))?;
    let to = ends.into_iter().flatten().max().unwrap_or(from);
    Some((from, to.max(from)))
}

#[cfg(test)]
#[path = "collect_tests.rs"]
pub(crate) mod tests;
