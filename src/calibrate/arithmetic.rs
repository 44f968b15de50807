//! The expected figures of the standard, and the errors of the reported ones, without sockets and clocks.
//!
//! The standard is the embedded shop: it works for S on each purchase, on W of them at once, first come,
//! first served. So the k-th purchase it takes up is due S after its arrival while a worker is free,
//! and S after the (k − W)-th where it had to wait. The lateness of the shop's own event loop is
//! in its report; the rest between the end it reports and the end the client reports is the return
//! path and the client's error.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::row::server_report::TimeText;
use crate::row::{ClockSource, Row};
use crate::stats::Sample;
use crate::time::clock::Clock;
use crate::time::reading;

/// The settings of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standard {
    /// The service time of a purchase.
    pub service: Duration,
    /// How many purchases are worked on at once; `None`: no limit.
    pub workers: Option<NonZeroUsize>,
}

/// The instants of one purchase, nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// The client's start.
    pub started: i64,
    /// When the shop took it up, cut to microseconds.
    pub taken_up: i64,
    /// When the shop had finished it and sent the answer, cut to microseconds.
    pub answered: i64,
    /// The client's stop by the kernel's clock, where the kernel stamped it.
    pub stopped: Option<i64>,
    /// The client's stop by its own clock.
    pub seen: i64,
}

impl Purchase {
    /// The instants of a row whose purchase succeeded; absent where one of them is missing.
    pub fn of(row: &Row, clock: &Clock) -> Option<Purchase> {
        let report = row.report.as_ref().filter(|_| row.bought())?;
        let stopped = clock.unix_nanos(row.buy.stopped?);
        let read = |text: &Option<TimeText>| {
            let civil = reading::of_report(text.as_deref()?, &TimeZone::UTC)?;
            Some(without_zone(civil, stopped))
        };
        Some(Purchase {
            started: clock.unix_nanos(row.buy.started?),
            taken_up: read(&report.main.started_time)?,
            answered: read(&report.main.stopped_time)?,
            stopped: (row.buy.clock == ClockSource::Kernel).then_some(stopped),
            seen: clock.unix_nanos(row.buy.seen?),
        })
    }
}

/// A local time without its zone's offset from UTC, seen from an instant near it: offsets are whole
/// quarters of an hour, and the shop runs on the same machine, so no zone need be known (nor which
/// of the two hours is meant when clocks are set back).
fn without_zone(local: i64, near: i64) -> i64 {
    const STEP: i64 = 900_000_000_000;
    local - (local - near + STEP / 2).div_euclid(STEP) * STEP
}

/// When each purchase's work is due by arithmetic, the purchases in the order they were taken up.
pub fn due(in_order: &[Purchase], standard: Standard) -> Vec<i64> {
    let service = standard.service.as_nanos() as i64;
    let mut due: Vec<i64> = Vec::with_capacity(in_order.len());
    for (place, purchase) in in_order.iter().enumerate() {
        let waits_for = standard
            .workers
            .and_then(|workers| place.checked_sub(workers.get()));
        let begin = match waits_for {
            None => purchase.taken_up,
            // It was taken up when the shop noticed; by arithmetic a worker was free before.
            Some(earlier) => due[earlier].max(purchase.started),
        };
        due.push(begin + service);
    }
    due
}

/// Purchases of bursts of one size at one standard, set against arithmetic. All in nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Response times by arithmetic.
    pub arithmetic: Sample,
    /// The lateness of the shop itself, which is not the client's error.
    pub lateness: Sample,
    /// What the client reported, and by how much that exceeds the shop's report.
    pub kernel: Reported,
    /// The same by the client's clock.
    pub user: Reported,
}

/// The figures by one clock.
#[derive(Clone, Debug, Default)]
pub struct Reported {
    /// Response times.
    pub elapsed: Sample,
    /// Reported less true response time, for each purchase.
    pub error: Sample,
    /// Purchases whose error is within [`allowed`].
    within: usize,
}

/// The error a figure may have: 1 % of it or 50 µs, whichever is larger.
pub fn allowed(elapsed: i64) -> i64 {
    (elapsed / 100).max(50_000)
}

impl Comparison {
    /// Adds one burst.
    pub fn add(&mut self, mut burst: Vec<Purchase>, standard: Standard) {
        burst.sort_unstable_by_key(|purchase| (purchase.taken_up, purchase.answered));
        for (purchase, due) in burst.iter().zip(due(&burst, standard)) {
            self.arithmetic.push(due - purchase.started);
            self.lateness.push(purchase.answered - due);
            self.user.add(purchase, purchase.seen);
            if let Some(stopped) = purchase.stopped {
                self.kernel.add(purchase, stopped);
            }
        }
    }

    /// Purchases that the kernel did not stamp.
    pub fn unstamped(&self) -> usize {
        self.user.elapsed.len() - self.kernel.elapsed.len()
    }
}

impl Reported {
    fn add(&mut self, purchase: &Purchase, stopped: i64) {
        let truth = purchase.answered - purchase.started;
        let error = stopped - purchase.answered;
        self.elapsed.push(stopped - purchase.started);
        self.error.push(error);
        self.within += usize::from(error.abs() <= allowed(truth));
    }

    /// Whether 99 of 100 figures are within what is allowed; absent without figures.
    pub fn is_within(&self) -> Option<bool> {
        let count = self.elapsed.len();
        (count > 0).then(|| self.within * 100 >= count * 99)
    }
}

/// The sizes of bursts whose levels are all within, in ascending order; each size may occur several
/// times, and an absent verdict is ignored.
pub fn within(levels: impl Iterator<Item = (usize, Option<bool>)>) -> Vec<usize> {
    let mut sizes = BTreeMap::new();
    for (shoppers, verdict) in levels {
        if let Some(verdict) = verdict {
            *sizes.entry(shoppers).or_insert(true) &= verdict;
        }
    }
    sizes.retain(|_, within| *within);
    sizes.into_keys().collect()
}

#[cfg(test)]
#[path = "arithmetic_tests.rs"]
mod tests;
