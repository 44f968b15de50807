//! The purchases' path to the servers and back, and the bounds it gives for the servers' clocks.

use crate::row::Row;
use crate::row::figure::Figure;
use crate::row::journey::{Journey, ServerTimes, offset_bounds};
use crate::stats::{Sample, SampleRecord};
use crate::time::clock::Clock;
use crate::time::offset::{Finding, Offsets};
use crate::time::reading::ReportClock;
use crate::time::zone::local_zone;

/// The paths of the purchases whose whole path is known.
#[derive(Clone, Debug, Default)]
pub struct Journeys {
    zone: Zone,
    /// The offset of the main server's clock.
    pub main: Offsets,
    /// The offset of the second server's clock.
    pub rest: Offsets,
    /// From the client's start to the main server's, by the uncorrected clocks, nanoseconds.
    pub before: Sample,
    /// From the server's start to its stop, of the same.
    pub inside: Sample,
    /// From the server's stop to the first byte, by the uncorrected clocks, of the same.
    pub after: Sample,
    /// From the first byte to the last, of the same.
    pub receive: Sample,
    /// Purchases with a service time, but without the server's clock; absent without any.
    pub timed: Option<Box<Timed>>,
}

/// Purchases whose service time is known, but not when it was; nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct Timed {
    /// The service times.
    pub service: Sample,
    /// The rest of their waits.
    pub rest: Sample,
    /// What of their elapsed times is not wait.
    pub other: Sample,
}

impl Timed {
    fn add(&mut self, row: &Row, service: i64) {
        let Some(elapsed) = row.buy.elapsed() else {
            return;
        };
        // Bare rows have no phases: all of the time counts as wait.
        let wait = row.buy.phases().and_then(|phases| phases.wait);
        let wait = wait.filter(|_| !row.is_bare).unwrap_or(elapsed);
        self.service.push(service);
        self.rest.push(wait.saturating_sub(service));
        self.other.push(elapsed.saturating_sub(wait));
    }

    fn parts(&mut self) -> [&mut Sample; 3] {
        [&mut self.service, &mut self.rest, &mut self.other]
    }

    /// The sum of all elapsed times.
    pub fn total(&self) -> i128 {
        self.service.sum() + self.rest.sum() + self.other.sum()
    }

    /// As part lines have it.
    pub fn record(&self) -> [SampleRecord; 3] {
        [&self.service, &self.rest, &self.other].map(Sample::record)
    }

    /// The inverse.
    pub fn of_record(record: &[SampleRecord; 3]) -> Timed {
        let mut timed = Timed::default();
        for (sample, record) in timed.parts().into_iter().zip(record) {
            sample.merge_record(record);
        }
        timed
    }
}

/// A stage of the path, and what to add to its values for the offset of the server's clock.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    /// By the uncorrected clocks, nanoseconds.
    pub sample: &'a Sample,
    /// Nanoseconds.
    pub added: i64,
    /// The share of the purchases' time; 1 is all. Absent where the clocks contradict one another.
    pub share: Option<f64>,
}

/// The three stages.
#[derive(Clone, Copy, Debug)]
pub struct Stages<'a> {
    /// Queueing and network, before the server's code began.
    pub before: Stage<'a>,
    /// The service time.
    pub inside: Stage<'a>,
    /// From the end of the service to the first byte.
    pub after: Stage<'a>,
    /// How far the first and the last share may be off, because the offset of the server's clock is
    /// uncertain; absent where it is known.
    pub share_uncertainty: Option<f64>,
}

/// Where the first share may be off by more than this, it says nothing and is withheld.
const MOST_UNCERTAIN: f64 = 0.5;

impl Journeys {
    /// Adds one row.
    pub fn add(&mut self, row: &Row, clock: &Clock) {
        let Some(report) = &row.report else { return };
        let near = row.buy.started.map_or(i64::MIN, |at| clock.unix_nanos(at));
        let times = ServerTimes::near(near, &report.main, &mut self.zone.0);
        self.main.add(offset_bounds(&row.buy, &times, clock));
        if let Some(rest) = &report.rest {
            let times = ServerTimes::near(near, rest, &mut self.zone.0);
            self.rest.add(offset_bounds(&row.buy, &times, clock));
        }
        if times.started.is_none() && times.stopped.is_none() {
            let seconds = report
                .main
                .elapsed_seconds
                .as_ref()
                .and_then(Figure::as_f64);
            if let Some(seconds) = seconds {
                let service = (seconds * 1e9).round() as i64;
                self.timed.get_or_insert_default().add(row, service);
            }
            return;
        }
        let journey = Journey::of(&row.buy, &times, clock);
        let receive = match row.is_bare {
            // Without the first byte, the last byte ends the return path.
            true => Some(0),
            false => row.buy.receiving(),
        };
        if let (Some(before), Some(inside), Some(after), Some(receive)) =
            (journey.before, journey.inside, journey.after, receive)
        {
            self.before.push(before);
            self.inside.push(inside);
            self.after.push(after);
            self.receive.push(receive);
        }
    }

    /// Adds those of a later part of the run.
    pub fn merge(&mut self, other: &Journeys) {
        self.main.merge(&other.main);
        self.rest.merge(&other.rest);
        self.before.merge(&other.before);
        self.inside.merge(&other.inside);
        self.after.merge(&other.after);
        self.receive.merge(&other.receive);
        if let Some(other) = &other.timed {
            let own = self.timed.get_or_insert_default();
            own.service.merge(&other.service);
            own.rest.merge(&other.rest);
            own.other.merge(&other.other);
        }
    }

    /// The same by another clock of the client, which is that far behind, nanoseconds: readings of a server's clock
    /// less the client's grow by it.
    pub fn shift(&mut self, nanos: i64) {
        self.main = self.main.shifted(nanos);
        self.rest = self.rest.shifted(nanos);
        self.before = self.before.shifted(nanos);
        self.after = self.after.shifted(nanos.saturating_neg());
    }

    /// The stages, corrected.
    pub fn stages(&self) -> Stages<'_> {
        let correction = self.main.correction();
        let total: i128 = [&self.before, &self.inside, &self.after, &self.receive]
            .map(Sample::sum)
            .iter()
            .sum();
        let off = |nanos: i64| nanos as f64 * self.before.len() as f64 / total as f64;
        let share_uncertainty = (self.main.uncertainty().map(off)).filter(|_| total > 0);
        let is_known = self.main.finding() != Finding::Contradictory
            && total > 0
            && share_uncertainty.is_none_or(|share| share <= MOST_UNCERTAIN);
        let stage = |sample, added| Stage {
            sample,
            added,
            share: is_known.then(|| {
                let sum = sample.sum() + i128::from(added) * sample.len() as i128;
                sum as f64 / total as f64
            }),
        };
        Stages {
            before: stage(&self.before, -correction),
            inside: stage(&self.inside, 0),
            after: stage(&self.after, correction),
            share_uncertainty: share_uncertainty.filter(|_| is_known),
        }
    }
}

/// The zone of times without an offset: this machine's.
#[derive(Clone, Debug)]
struct Zone(ReportClock);

impl Default for Zone {
    fn default() -> Zone {
        Zone(ReportClock::new(local_zone()))
    }
}

#[cfg(test)]
#[path = "journeys_tests.rs"]
mod tests;
