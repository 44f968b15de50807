//! The parts of the requests of one kind.

use crate::row::{Exchange, Phase};
use crate::stats::Sample;

/// A sample for each part, nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct PhaseSamples {
    connect: Sample,
    tls: Sample,
    send: Sample,
    wait: Sample,
    receive: Sample,
}

impl PhaseSamples {
    /// Adds a request with a start and an end.
    pub fn add(&mut self, exchange: &Exchange) {
        let Some([connect, send, wait, receive]) = exchange.plain_parts() else {
            return self.add_with_tls(exchange);
        };
        push(&mut self.connect, connect);
        push(&mut self.send, send);
        push(&mut self.wait, wait);
        push(&mut self.receive, receive);
    }

    #[cold]
    fn add_with_tls(&mut self, exchange: &Exchange) {
        let phases = exchange.phases().unwrap_or_default();
        for phase in Phase::ALL {
            push(self.of_mut(phase), phases.of(phase));
        }
    }

    /// Adds those of another part of the run.
    pub fn merge(&mut self, other: &PhaseSamples) {
        for phase in Phase::ALL {
            self.of_mut(phase).merge(other.of(phase));
        }
    }

    /// The sample of one part.
    pub fn of(&self, phase: Phase) -> &Sample {
        match phase {
            Phase::Connect => &self.connect,
            Phase::Tls => &self.tls,
            Phase::Send => &self.send,
            Phase::Wait => &self.wait,
            Phase::Receive => &self.receive,
        }
    }

    /// The sample of one part, mutable.
    pub fn of_mut(&mut self, phase: Phase) -> &mut Sample {
        match phase {
            Phase::Connect => &mut self.connect,
            Phase::Tls => &mut self.tls,
            Phase::Send => &mut self.send,
            Phase::Wait => &mut self.wait,
            Phase::Receive => &mut self.receive,
        }
    }

    /// The time that all parts are shares of, nanoseconds.
    pub fn total(&self) -> i128 {
        Phase::ALL.iter().map(|phase| self.of(*phase).sum()).sum()
    }

    /// The share of a part in that; absent where the total is 0.
    pub fn share(&self, phase: Phase) -> Option<f64> {
        let total = self.total();
        (total > 0).then(|| self.of(phase).sum() as f64 / total as f64)
    }
}

fn push(sample: &mut Sample, nanos: Option<i64>) {
    if let Some(nanos) = nanos {
        sample.push(nanos);
    }
}
