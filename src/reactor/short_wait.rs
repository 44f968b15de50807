//! Waits that are too short to sleep through: to fall asleep and to be woken takes this thread several
//! microseconds, and to wake it takes the server nearly as many.

use std::time::Duration;

/// For how long the sockets are polled before the thread sleeps: what a sleep costs both sides, and some more.
pub const POLLED: Duration = Duration::from_micros(25);

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

#[cfg(test)]
#[path = "short_wait_tests.rs"]
mod tests;
