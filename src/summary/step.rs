//! What the client measured of one of a shopper's two requests.

use std::collections::BTreeMap;

use super::phases::PhaseSamples;
use crate::row::{ClockSource, Exchange};
use crate::stats::Sample;

/// The figures of all home requests, or of all purchases.
#[derive(Clone, Debug, Default)]
pub struct StepFigures {
    /// From start to stop, of all that have both; nanoseconds.
    pub elapsed: Sample,
    /// The same of those that satisfied.
    pub elapsed_ok: Sample,
    /// The parts of the elapsed times.
    pub phases: PhaseSamples,
    /// From stopped to seen, of those that satisfied and have the kernel's stamps; nanoseconds.
    pub read_delay: Sample,
    /// How often each status came; `None` where no response did.
    pub statuses: BTreeMap<Option<u16>, u64>,
    /// Requests that did not satisfy on the client's side, whether they were begun or not.
    pub failed: u64,
}

impl StepFigures {
    /// Takes in one request; of a bare one the parts are not known.
    pub fn add(&mut self, exchange: &Exchange, is_bare: bool) {
        *self.statuses.entry(exchange.status).or_default() += 1;
        self.failed += u64::from(!exchange.satisfied());
        let Some(nanos) = exchange.elapsed() else {
            return;
        };
        self.elapsed.push(nanos);
        if exchange.satisfied() {
            self.elapsed_ok.push(nanos);
        }
        if is_bare {
            return;
        }
        self.phases.add(exchange);
        let is_stamped = exchange.satisfied() && exchange.clock == ClockSource::Kernel;
        if let Some(delay) = exchange.read_delay().filter(|_| is_stamped) {
            self.read_delay.push(delay);
        }
    }

    /// Takes in those of another part of the run.
    pub fn merge(&mut self, other: &StepFigures) {
        self.elapsed.merge(&other.elapsed);
        self.elapsed_ok.merge(&other.elapsed_ok);
        self.phases.merge(&other.phases);
        self.read_delay.merge(&other.read_delay);
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        self.failed += other.failed;
    }
}
