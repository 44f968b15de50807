//! The interface through which the reactor delivers rows.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::plan::Plan;
use crate::row::Row;
use crate::row::failure::{Failure, FailureKind};
use crate::shopper::Shopper;
use crate::shopper::scenario::Scenario;
use crate::time::clock::Stamp;

use super::outcome::Counts;

/// A dropped arrival: the data of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// When it was due by the plan.
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

    /// Called with a shopper whose row is complete, before the row is taken: the last response is still
    /// there.
    fn keep(&mut self, shopper: &Shopper, scenario: &Scenario) {
        let _ = (shopper, scenario);
    }

    /// Takes a dropped arrival; `false` if there is not enough room for its row.
    fn record_dropped(&mut self, dropped: Dropped) -> bool {
        self.record(dropped.into());
        true
    }

    /// Called when a load begins; `origin` is the instant from which the plan counts.
    fn begin(&mut self, plan: &Plan, origin: Stamp) {
        let _ = (plan, origin);
    }

    /// Whether there is enough deferred work for a moment in which no socket is ready.
    fn has_backlog(&self) -> bool {
        false
    }

    /// Called once in each iteration of the loop. `idle`: no socket is ready at present, and there is a
    /// backlog. `Break` ends the run.
    fn end_iteration(&mut self, counts: &Counts, now: Stamp, idle: bool) -> ControlFlow<()> {
        let _ = (counts, now, idle);
        ControlFlow::Continue(())
    }

    /// The longest wait of the loop before the next iteration, from `now` on; `None` for no limit.
    fn patience(&self, now: Stamp) -> Option<Duration> {
        let _ = now;
        None
    }
}
