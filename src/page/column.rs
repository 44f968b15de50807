//! What falls into one column of the time axis.

use crate::time::offset::Bounds;

use super::latency::Counts;

/// A number of values, their sum and the largest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    pub n: u64,
    pub sum: f64,
    pub max: f64,
}

impl Tally {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        self.max = if self.n == 0 {
            value
        } else {
            self.max.max(value)
        };
        self.n += 1;
        self.sum += value;
    }

    /// Adds a value that may be absent.
    pub fn add_some(&mut self, value: Option<f64>) {
        value.into_iter().for_each(|value| self.add(value));
    }

    /// Adds other values.
    pub fn merge(&mut self, other: &Tally) {
        if other.n > 0 {
            let larger = self.max.max(other.max);
            self.max = if self.n == 0 { other.max } else { larger };
            self.n += other.n;
            self.sum += other.sum;
        }
    }

    /// Absent without values.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / self.n as f64)
    }

    /// Absent without values.
    pub fn max(&self) -> Option<f64> {
        (self.n > 0).then_some(self.max)
    }
}

/// The figures that a server reported.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ServerTally {
    /// Percent.
    pub cpu: Tally,
    /// Megabytes.
    pub memory: Tally,
    /// Seconds.
    pub service: Tally,
    /// Of its clock against the client's, nanoseconds.
    pub offset: Option<Bounds>,
}

impl ServerTally {
    fn merge(&mut self, other: &ServerTally) {
        self.cpu.merge(&other.cpu);
        self.memory.merge(&other.memory);
        self.service.merge(&other.service);
        self.bound(other.offset);
    }

    /// Adds bounds of the clock's offset.
    pub fn bound(&mut self, bounds: Option<Bounds>) {
        self.offset = match (self.offset, bounds) {
            (Some(own), Some(other)) => Some(own.and(other)),
            (own, other) => own.or(other),
        };
    }
}

/// Parts of requests' time: sums over the requests that have them, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PartSums<const N: usize> {
    /// Their number; of a share of some requests, not a whole one.
    pub n: f64,
    pub sums: [f64; N],
}

impl<const N: usize> Default for PartSums<N> {
    fn default() -> Self {
        PartSums {
            n: 0.0,
            sums: [0.0; N],
        }
    }
}

impl<const N: usize> PartSums<N> {
    /// Adds the parts of one request; absent ones took no time.
    pub fn add(&mut self, parts: [Option<i64>; N]) {
        self.n += 1.0;
        for (sum, part) in self.sums.iter_mut().zip(parts) {
            *sum += part.unwrap_or(0) as f64;
        }
    }

    /// Adds a share of other requests, 0 to 1.
    pub fn merge(&mut self, other: &PartSums<N>, share: f64) {
        self.n += other.n * share;
        for (sum, other) in self.sums.iter_mut().zip(other.sums) {
            *sum += other * share;
        }
    }
}

/// The sums of the parts of one step's requests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct StepSums {
    /// From start to stop, of all requests that have both.
    pub whole: PartSums<1>,
    /// Connect, TLS, send, wait, receive.
    pub phases: PartSums<PHASES>,
    /// Before the server, within, after it, receive; by the uncorrected clocks.
    pub journey: PartSums<STAGES>,
}

/// Phases of a request.
pub(super) const PHASES: usize = crate::row::Phase::ALL.len();

/// Stages of a purchase.
pub(super) const STAGES: usize = 4;

/// Parts of a visit: the home page, and the stages of the purchase.
pub(super) const VISIT: usize = 1 + STAGES;

impl StepSums {
    /// Adds a share of other requests, 0 to 1.
    pub fn merge(&mut self, other: &StepSums, share: f64) {
        self.whole.merge(&other.whole, share);
        self.phases.merge(&other.phases, share);
        self.journey.merge(&other.journey, share);
    }
}

/// One column of the time axis.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    /// Home pages and purchases by their starts.
    pub latency: [Counts; 2],
    /// The parts of their time, by their starts.
    pub sums: [StepSums; 2],
    /// Shoppers by when they were due.
    pub due: u64,
    /// Shoppers by their starts.
    pub started: u64,
    /// Successful purchases by their ends.
    pub bought: u64,
    /// Failed requests by their ends: home, purchase.
    pub failed: [u64; 2],
    /// Arrivals that were dropped, by when they were due.
    pub dropped: u64,
    /// Shoppers that came, less those that left.
    pub in_flight: i64,
    /// The main server and the second one, by the ends of the purchases.
    pub servers: [ServerTally; 2],
    /// Launch, send, read delay; seconds.
    pub delays: [Tally; 3],
}

impl Column {
    /// Adds what falls into another column.
    pub fn merge(&mut self, other: &Column) {
        for step in 0..2 {
            self.latency[step].merge(&other.latency[step]);
            self.sums[step].merge(&other.sums[step], 1.0);
            self.failed[step] += other.failed[step];
            self.servers[step].merge(&other.servers[step]);
        }
        self.due += other.due;
        self.started += other.started;
        self.bought += other.bought;
        self.dropped += other.dropped;
        self.in_flight += other.in_flight;
        for (own, other) in self.delays.iter_mut().zip(&other.delays) {
            own.merge(other);
        }
    }
}
