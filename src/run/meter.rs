//! What a part of a run takes, measured around it.

use std::io;
use std::time::Instant;

use crate::plan::Plan;
use crate::prepare::limits;
use crate::reactor::Outcome;
use crate::summary::Usage;
use crate::sys::limits::{OpenFiles, descriptors_in_use};
use crate::sys::process;

/// Measures from the arming of each part to its last row.
pub(super) struct Meter {
    given: Usage,
    before: Option<(process::Usage, Instant)>,
}

impl Meter {
    /// `sources` is the number of source addresses.
    pub fn new(limit: &OpenFiles, sources: usize) -> Meter {
        let given = Usage {
            descriptors_used: descriptors_in_use(),
            descriptors_limit: limit.soft,
            ports_available: limits::source_ports().map(|each| each * sources as u64),
            ..Usage::default()
        };
        Meter {
            given,
            before: None,
        }
    }

    pub fn begin(&mut self) -> io::Result<()> {
        self.before = Some((process::usage()?, Instant::now()));
        Ok(())
    }

    /// What the part took.
    pub fn end(&mut self, outcome: &Outcome, plan: &Plan) -> io::Result<Usage> {
        let usage = process::usage()?;
        let (before, began) = self.before.take().expect("begun");
        let earlier = before.user + before.system;
        // Each place had a descriptor of its own.
        let places = (plan.places() as u64).max(outcome.counts.most_in_flight);
        Ok(Usage {
            wall: began.elapsed(),
            cpu: (usage.user + usage.system).saturating_sub(earlier),
            longest_iteration_nanos: outcome.longest_turn,
            ports_used: outcome.connections,
            descriptors_used: self.given.descriptors_used + places,
            ..self.given.clone()
        })
    }
}
