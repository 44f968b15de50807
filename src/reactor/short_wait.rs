//! Waits that are too short to sleep through: to fall asleep and to be woken takes this thread several
//! microseconds, and to wake it takes the server nearly as many.

use std::io;
use std::time::Duration;

use mio::Events;

use crate::time::clock::Stamp;

use super::recorder::Recorder;
use super::state::Reactor;

/// For how long the sockets are polled before the thread sleeps: what a sleep costs both sides, and some more.
const POLLED: Duration = Duration::from_micros(25);

/// A sleep that was over within this was not worth it: the waking is a good part of it.
const SHORT: Duration = Duration::from_micros(60);

/// Shoppers in flight from which on responses may follow that close to each other.
const MANY: u64 = 8;

/// Whether waits are short at present.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShortWaits {
    are_short: bool,
}

impl ShortWaits {
    /// Whether the sockets are to be polled before a sleep of that length.
    pub fn polls_before(self, sleep: Duration, in_flight: u64) -> bool {
        self.are_short && in_flight >= MANY && sleep >= POLLED
    }

    /// The thread slept for that long until something was there.
    pub fn note_sleep(&mut self, slept: Duration) {
        self.are_short = slept < SHORT;
    }
}

impl<R: Recorder> Reactor<'_, R> {
    /// Waits for events and handles them, as [`Reactor::poll_once`]; but where the last sleep was short, the
    /// sockets are polled for a moment first. A moment in vain is followed by a sleep, and a longer one ends
    /// that: a server on the same processor has it then.
    ///
    /// Scheduled launches have a timer, which ends sleeps for other reasons. Without TLS nothing is gained: the
    /// rate of 64 kept connections stayed the same, while with it one server made 5 % more of them.
    pub(super) fn poll_or_sleep(
        &mut self,
        events: &mut Events,
        wait: Duration,
    ) -> io::Result<(bool, Stamp)> {
        if self.plan.is_open() || self.tls.is_none() {
            return self.poll_once(events, wait);
        }
        if self.short_waits.polls_before(wait, self.counts.in_flight) {
            let until = self.waited_from.after(POLLED);
            let (idle, began) = loop {
                let polled = self.poll_once(events, Duration::ZERO)?;
                let (idle, began) = polled;
                if !idle || began >= until {
                    break polled;
                }
            };
            let polled = began.since(self.waited_from).max(0);
            self.spun += Duration::from_nanos(polled as u64);
            self.waited_from = began;
            if !idle {
                return Ok((idle, began));
            }
        }
        let (idle, began) = self.poll_once(events, wait)?;
        if !wait.is_zero() {
            let slept = began.since(self.waited_from).max(0);
            (self.short_waits).note_sleep(Duration::from_nanos(slept as u64));
        }
        Ok((idle, began))
    }
}

#[cfg(test)]
#[path = "short_wait_tests.rs"]
mod tests;
