//! One clock origin for a run: a pair (CLOCK_REALTIME, CLOCK_MONOTONIC) read together.
//!
//! All instants of a run are [`Stamp`]s: whole nanoseconds since that origin on the monotonic clock.
//! They become wall-clock time only at the edge, by adding the origin's CLOCK_REALTIME.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// An instant of the run: nanoseconds since the run's [`Clock`] origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub u64);

impl Stamp {
    /// Nanoseconds from `earlier` to `self`; negative if `self` is the earlier one.
    pub fn since(self, earlier: Stamp) -> i64 {
        self.0.wrapping_sub(earlier.0) as i64
    }

    /// The instant `duration` later, or the far end of time.
    pub fn after(self, duration: Duration) -> Stamp {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Stamp(self.0.saturating_add(nanos))
    }
}

/// How far the wall clock moved against the monotonic clock during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Nanoseconds the wall clock gained (negative: lost) since the origin.
    pub nanos: i64,
}

impl Drift {
    /// More than this, and stamps of the two ends of a run cannot be compared across machines.
    pub const NOTABLE_NANOS: i64 = 1_000_000;

    /// Whether the wall clock stepped or slewed by more than 1 ms.
    pub fn is_notable(self) -> bool {
        self.nanos.abs() > Self::NOTABLE_NANOS
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+.3} ms", self.nanos as f64 / 1e6)
    }
}

/// The origin of a run's instants.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    monotonic: Instant,
    /// CLOCK_REALTIME at the origin, nanoseconds since the Unix epoch.
    realtime: i64,
}

impl Clock {
    /// Reads both clocks together and makes that the origin.
    pub fn start() -> Clock {
        let (monotonic, realtime) = read_pair();
        Clock {
            monotonic,
            realtime,
        }
    }

    /// The present instant (CLOCK_MONOTONIC).
    pub fn now(&self) -> Stamp {
        Stamp(self.monotonic.elapsed().as_nanos() as u64)
    }

    /// The wall-clock time of an instant, nanoseconds since the Unix epoch.
    pub fn unix_nanos(&self, stamp: Stamp) -> i64 {
        self.realtime.saturating_add_unsigned(stamp.0)
    }

    /// The instant of a CLOCK_REALTIME reading; readings from before the origin become the origin.
    pub fn stamp_of_unix_nanos(&self, unix_nanos: i64) -> Stamp {
        Stamp(u64::try_from(unix_nanos.saturating_sub(self.realtime)).unwrap_or(0))
    }

    /// Reads the pair again and compares: did the wall clock step or slew meanwhile?
    pub fn drift(&self) -> Drift {
        let (monotonic, realtime) = read_pair();
        let expected = self.unix_nanos(Stamp(
            monotonic.duration_since(self.monotonic).as_nanos() as u64
        ));
        Drift {
            nanos: realtime.saturating_sub(expected),
        }
    }
}

/// Both clocks, read as close together as a few tries allow: the real-time reading whose two
/// monotonic neighbours are nearest belongs to the middle between them.
fn read_pair() -> (Instant, i64) {
    (0..8)
        .map(|_| {
            let before = Instant::now();
            let wall = SystemTime::now();
            let gap = before.elapsed();
            let nanos = match wall.duration_since(UNIX_EPOCH) {
                Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
                Err(before_epoch) => -(before_epoch.duration().as_nanos() as i64),
            };
            (gap, before + gap / 2, nanos)
        })
        .min_by_key(|&(gap, ..)| gap)
        .map(|(_, monotonic, realtime)| (monotonic, realtime))
        .expect("the range is not empty")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_time_and_stamp_convert_both_ways() {
        let clock = Clock::start();
        let stamp = Stamp(1_234_567_891);
        assert_eq!(clock.stamp_of_unix_nanos(clock.unix_nanos(stamp)), stamp);
        assert_eq!(
            clock.stamp_of_unix_nanos(clock.realtime - 5),
            Stamp(0),
            "a reading from before the origin"
        );
    }

    #[test]
    fn a_quiet_clock_does_not_drift_notably_and_a_stepped_one_does() {
        let mut clock = Clock::start();
        assert!(!clock.drift().is_notable(), "{}", clock.drift());
        clock.realtime -= 2_000_000;
        assert!(clock.drift().is_notable(), "{}", clock.drift());
    }

    #[test]
    fn spans_may_be_negative() {
        assert_eq!(Stamp(5).since(Stamp(8)), -3);
        assert_eq!(Stamp(8).since(Stamp(5)), 3);
        assert_eq!(Stamp(8).after(Duration::MAX), Stamp(u64::MAX));
    }
}
