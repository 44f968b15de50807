//! Progress of a run, and its results beside the rows.

use std::time::Duration;

use crate::net::tls::TlsFigures;
use crate::time::clock::{DriftSeen, Stamp};

/// Progress of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Shoppers launched.
    pub launched: u64,
    /// Home requests that have ended, successfully or not.
    pub home_done: u64,
    /// Successful purchases.
    pub bought: u64,
    /// Shoppers without a successful purchase, the dropped ones included.
    pub failed: u64,
    /// Shoppers launched whose row is not done yet.
    pub in_flight: u64,
    /// The most of them at once.
    pub most_in_flight: u64,
    /// Dropped arrivals: max in flight was reached, or this program was
    /// too far behind the plan when it ended.
    pub dropped: u64,
    /// Those of them for which there was a place, but for this program being too far behind.
    pub dropped_late: u64,
    /// Those that have no row: more were dropped than rows can be kept for.
    pub dropped_without_row: u64,
    /// Iterations that were put off because the one before got no response.
    pub backoffs: u64,
}

impl Counts {
    pub(super) fn note_launch(&mut self) {
        self.launched += 1;
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
    }

    pub(super) fn note_dropped(&mut self, number: u64) {
        self.dropped = self.dropped.saturating_add(number);
        self.failed = self.failed.saturating_add(number);
    }

    pub(super) fn note_dropped_without_row(&mut self, number: u64) {
        self.note_dropped(number);
        self.dropped_without_row = self.dropped_without_row.saturating_add(number);
    }
}

/// What became of the instant at which a load was to start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Begun {
    /// By how much the instant had passed when everything was ready, nanoseconds; 0 if it had not.
    pub late: i64,
    /// Whether no load was sent for that reason.
    pub is_refused: bool,
}

/// The results of a load, beside its rows.
#[derive(Clone, Debug)]
pub struct LoadOutcome {
    /// The last counts.
    pub counts: Counts,
    /// Whether it started when it was to.
    pub begun: Begun,
    /// When the first shopper was launched.
    pub first_start: Option<Stamp>,
    /// When the last virtual user of a closed workload was launched; absent in an open one.
    pub last_start: Option<Stamp>,
    /// When the last row was done.
    pub ended: Stamp,
    /// The span that rates are divided by: the planned span of the load or the time from its origin to
    /// the last row, whichever is longer, the last think time included; nanoseconds. For a load that
    /// was ended early, the time until then.
    pub span_nanos: i64,
    /// The longest iteration of the event loop, from the events to the next wait, nanoseconds: what
    /// arrived during it was read at most this much later.
    pub longest_iteration: i64,
    /// Connections started, each from its own source port.
    pub connections: u64,
    /// CPU time of the event loop's thread from the arming to the last row.
    pub cpu: Duration,
    /// How long that was; never less than `cpu`.
    pub wall: Duration,
    /// The part of `cpu` in which the sockets were polled in place of a sleep.
    pub spun: Duration,
    /// How long this process was stopped (SIGSTOP, SIGTSTP) during the load, nanoseconds, as far as it can
    /// be determined.
    pub paused_nanos: i64,
    /// How far the wall clock was seen to move against the monotonic one, since the clock's origin.
    pub drift: DriftSeen,
    /// The TLS connections; absent if they were plain.
    pub tls: Option<Box<TlsFigures>>,
    /// The signal that ended the run early.
    pub interrupted: Option<i32>,
}
