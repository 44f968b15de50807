//! Where the reactor hands its rows.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::plan::Plan;
use crate::row::Row;
use crate::row::failure::{Failure, FailureKind};
use crate::shopper::Shopper;
use crate::shopper::scenario::Scenario;
use crate::time::clock::Stamp;

use super::outcome::Counts;

/// An arrival that was not launched: what its row is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// When the plan wanted the launch.
    pub due: Stamp,
    /// How many shoppers were in flight.
    pub in_flight: u64,
    /// Whether more might have been: this program was too far behind the plan.
    pub is_late: bool,
}

impl From<Dropped> for Row {
    fn from(dropped: Dropped) -> Row {
        let detail = match (dropped.is_late, dropped.in_flight) {
            (true, _) => "this client could not keep up with the rate".to_owned(),
            (false, 1) => "1 shopper was in flight already".to_owned(),
            (false, many) => format!("{many} shoppers were in flight already"),
        };
        let failure = Failure::with_detail(FailureKind::NotLaunched, &detail);
        let mut row = Row {
            concurrent_requests: dropped.in_flight,
            due: Some(dropped.due),
            ..Row::default()
        };
        row.home.failure = Some(failure.clone());
        row.buy.failure = Some(failure);
        row
    }
}

/// Takes the rows of a run.
pub trait Recorder {
    /// Takes a row; called in the middle of the load, so it must be quick.
    fn record(&mut self, row: Row);

    /// Looks at a shopper whose row is whole, before it is taken: the last response is still there.
    fn keep(&mut self, shopper: &Shopper, scenario: &Scenario) {
        let _ = (shopper, scenario);
    }

    /// Takes an arrival that was not launched; `false` if there is no room for its row.
    fn record_dropped(&mut self, dropped: Dropped) -> bool {
        self.record(dropped.into());
        true
    }

    /// Called when a load begins; `origin` is the instant from which the plan counts.
    fn begin(&mut self, plan: &Plan, origin: Stamp) {
        let _ = (plan, origin);
    }

    /// Whether there is work that waits for a quiet moment.
    fn has_backlog(&self) -> bool {
        false
    }

    /// Called once in each iteration of the loop. `idle`: no socket is ready just now. To break ends
    /// the run.
    fn end_iteration(&mut self, counts: &Counts, now: Stamp, idle: bool) -> ControlFlow<()> {
        let _ = (counts, now, idle);
        ControlFlow::Continue(())
    }

    /// How long the loop may wait at most before the next iteration; `None` for any time.
    fn patience(&self) -> Option<Duration> {
        None
    }
}
