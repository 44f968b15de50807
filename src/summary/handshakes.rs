//! Whether TLS handshakes kept the client busy: their CPU time is its own, and a handshake that waits for
//! others makes the response late.

use std::time::Duration;

use super::reason::Reason;

/// The share of the run's span from which on handshakes limit it.
const BUSY: f64 = 0.5;

/// The share of a response's time that the client may take.
const SHARE: f64 = 0.1;

/// Spans below this, nanoseconds, are ignored.
const IGNORED: i64 = 1_000_000;

/// The handshakes of a part of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handshakes {
    /// How many, those that failed included.
    pub number: u64,
    /// CPU time of the client in all of them.
    pub cpu: Duration,
    /// The median time of the handshake within a request of the kind that has most of them, nanoseconds.
    pub median: Option<i64>,
    /// The median of the successful requests of that kind, nanoseconds.
    pub typical: Option<i64>,
}

impl Handshakes {
    /// The reason not to trust the figures: handshakes took at least half of the part's span, `wall`, and
    /// the wait for one another explains more than 10 % of the typical response. With `in_flight` shoppers
    /// at once a handshake waits for as many others at most.
    pub fn reason(&self, wall: Duration, in_flight: u64) -> Option<Reason> {
        let number = u32::try_from(self.number)
            .ok()
            .filter(|number| *number > 0)?;
        if self.cpu.as_secs_f64() < BUSY * wall.as_secs_f64() {
            return None;
        }
        let each = i64::try_from((self.cpu / number).as_nanos()).unwrap_or(i64::MAX);
        let in_flight = i64::try_from(in_flight).unwrap_or(i64::MAX);
        let waited = self.median?.min(each.saturating_mul(in_flight));
        let of = self.typical?;
        (waited > IGNORED && waited as f64 > SHARE * of as f64).then_some(Reason::Handshakes {
            waited,
            of,
            each,
        })
    }
}

#[cfg(test)]
#[path = "handshakes_tests.rs"]
mod tests;
