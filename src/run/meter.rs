//! The resources that a part of a run uses, and their limits.

use crate::plan::Plan;
use crate::prepare::limits;
use crate::reactor::LoadOutcome;
use crate::summary::Usage;
use crate::sys::contention::Contention;
use crate::sys::limits::{OpenFiles, descriptors_in_use};

/// The limits that hold for all parts.
pub(super) struct Meter {
    given: Usage,
}

impl Meter {
    /// `sources` is the number of source addresses.
    pub fn new(limit: &OpenFiles, sources: usize) -> Meter {
        Meter {
            given: Usage {
                descriptors_used: descriptors_in_use(),
                descriptors_limit: limit.soft,
                ports_available: limits::source_ports().map(|each| each * sources as u64),
                ..Usage::default()
            },
        }
    }

    /// The resources that a part used. `before`: what others had taken when it began.
    pub fn end(&self, outcome: &LoadOutcome, plan: &Plan, before: &Contention) -> Usage {
        let contention = Contention::read().since(before);
        // Each slot had a descriptor of its own.
        let slots = (plan.virtual_users() as u64).max(outcome.counts.most_in_flight);
        Usage {
            wall: outcome.wall,
            cpu: outcome.cpu,
            spun: outcome.spun,
            longest_iteration_nanos: outcome.longest_iteration,
            contention,
            ports_used: outcome.connections,
            descriptors_used: self.given.descriptors_used + slots,
            ..self.given.clone()
        }
    }
}
