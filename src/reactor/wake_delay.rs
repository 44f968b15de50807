//! How late the waits of this thread end.

use std::time::Duration;

/// The most that a timer is set early, since the last waits ended late.
const MOST_EARLY: Duration = Duration::from_micros(100);

/// After that many waits the least delay before them is forgotten.
const REMEMBERED: u32 = 32;

/// How late waits end at least: from when the timer expires, a processor takes tens of microseconds to run
/// this thread again. A timer that is set early by the least of the last delays costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct WakeDelay {
    /// The least of the present waits, and of those before: nanoseconds.
    least: [i64; 2],
    waits: u32,
}

impl Default for WakeDelay {
    fn default() -> WakeDelay {
        WakeDelay {
            least: [i64::MAX, 0],
            waits: 0,
        }
    }
}

impl WakeDelay {
    /// A wait ended that many nanoseconds after its timer expired.
    pub fn note(&mut self, nanos: i64) {
        let [present, _] = &mut self.least;
        *present = nanos.max(0).min(*present);
        self.waits += 1;
        if self.waits == REMEMBERED {
            let [present, _] = self.least;
            self.least = [i64::MAX, present];
            self.waits = 0;
        }
    }

    /// The least.
    pub fn least(&self) -> Duration {
        let [present, before] = self.least;
        let nanos = present.min(before).max(0) as u64;
        Duration::from_nanos(nanos).min(MOST_EARLY)
    }
}

#[cfg(test)]
#[path = "wake_delay_tests.rs"]
mod tests;
