//! The start of a load at an instant of the wall clock.

use std::io;
use std::time::Duration;

use mio::Events;

use crate::sys::clock;
use crate::time::clock::Stamp;

use super::outcome::LoadOutcome;
use super::recorder::Recorder;
use super::settings::Start;
use super::state::Reactor;

/// While the instant is further away than this the wall clock is read again in between: it may be set.
const FAR: Duration = Duration::from_millis(200);

/// The longest wait where it is far.
const LONGEST: Duration = Duration::from_millis(100);

/// The longest wait where it is near: a wall clock that is set meanwhile is noticed within it.
const STEP: Duration = Duration::from_millis(20);

impl<R: Recorder> Reactor<'_, R> {
    /// Gets everything ready, waits for the instant and runs the load from there; its plan counts from the
    /// instant, however late this program is.
    pub fn run_at(mut self, start: Start) -> io::Result<LoadOutcome> {
        self.start = Some(start);
        self.run()
    }

    /// Waits for the start; returns the instant that the plan counts from, which is the present where none was
    /// given.
    pub(super) fn wait_for_start(&mut self, events: &mut Events) -> io::Result<Stamp> {
        let Some(start) = self.start else {
            return Ok(self.clock.now());
        };
        let mut left = self.left_until(start.unix_nanos).1;
        self.begun.late = left.saturating_neg().max(0);
        self.begun.is_refused = start.is_strict && left < 0;
        while left > 0 && self.signals.received().is_none() && clock::check().is_ok() {
            let wait = self.set_start_timer(left)?;
            self.waited_from = self.clock.now();
            self.poll_once(events, wait)?;
            left = self.left_until(start.unix_nanos).1;
        }
        let (now, left) = self.left_until(start.unix_nanos);
        // No wait is that long: the clock was set forward, or this process was stopped.
        if left < -(LONGEST.as_nanos() as i64) && self.begun.late == 0 {
            self.begun.late = left.saturating_neg();
            self.begun.is_refused = start.is_strict;
        }
        Ok(Stamp::at(now.nanos().saturating_add_signed(left)))
    }

    /// The present, and how far away the instant is by the wall clock, nanoseconds.
    fn left_until(&self, unix_nanos: i64) -> (Stamp, i64) {
        let now = self.clock.now();
        let wall = i64::try_from(clock::realtime_nanos()).unwrap_or(i64::MAX);
        (now, unix_nanos.saturating_sub(wall))
    }

    /// Sets the timer for an instant that is so far away, if it is near; returns how long to wait.
    fn set_start_timer(&mut self, left: i64) -> io::Result<Duration> {
        let left = Duration::from_nanos(left.unsigned_abs());
        match next_wait(left, self.early()) {
            Wait::Poll(wait) => Ok(wait),
            Wait::Timer(wait) => {
                let wake = self.clock.now().after(wait);
                self.timer.set_at(self.clock.monotonic_nanos(wake))?;
                self.timer_wakes = wake;
                Ok(FAR)
            }
        }
    }
}

/// How to wait next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// For that long by the poll's own time limit, which is as exact as is needed far from the instant; zero
    /// polls without a wait.
    Poll(Duration),
    /// For that long by the timer.
    Timer(Duration),
}

/// The next wait for an instant that is `left` away. The last one ends `early`, by what waits end late; for the
/// rest the sockets are polled without a wait. The timer runs by the monotonic clock: the steps notice a wall
/// clock that is set.
fn next_wait(left: Duration, early: Duration) -> Wait {
    if left > FAR {
        return Wait::Poll(LONGEST.min(left - FAR / 2));
    }
    match left.checked_sub(early) {
        None => Wait::Poll(Duration::ZERO),
        Some(left) => Wait::Timer(left.min(STEP)),
    }
}

#[cfg(test)]
#[path = "start_tests.rs"]
mod tests;
