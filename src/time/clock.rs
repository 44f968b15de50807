//! One clock origin for a run: a pair (CLOCK_REALTIME, CLOCK_MONOTONIC) read together.
//!
//! All instants of a run are [`Stamp`]s: whole nanoseconds since that origin on the monotonic clock.
//! They become wall-clock time only when written, by adding the origin's CLOCK_REALTIME.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

use crate::sys::clock;

/// An instant of the run: nanoseconds since the run's [`Clock`] origin, up to 2^64 - 2.
///
/// Kept as one more than that, so that an absent instant takes no more room than one that is there: a
/// shopper has more than a dozen of them, and thousands of shoppers have to fit into the caches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(NonZeroU64);

/// The origin.
impl Default for Stamp {
    fn default() -> Stamp {
        Stamp::at(0)
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stamp").field(&self.nanos()).finish()
    }
}

impl Stamp {
    /// The instant that many nanoseconds after the origin.
    pub const fn at(nanos: u64) -> Stamp {
        Stamp(NonZeroU64::MIN.saturating_add(nanos))
    }

    /// Nanoseconds since the origin.
    pub const fn nanos(self) -> u64 {
        self.0.get() - 1
    }

    /// Nanoseconds from `earlier` to `self`; negative if `self` is the earlier one.
    pub fn since(self, earlier: Stamp) -> i64 {
        self.0.get().wrapping_sub(earlier.0.get()) as i64
    }

    /// The instant `duration` later, saturating.
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
    /// Above this limit, in nanoseconds, stamps of the two ends of a run cannot be compared across
    /// machines.
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

/// The extremes of the wall clock's gain against the monotonic clock, in nanoseconds since
/// the clock's origin: a clock that was stepped forth and back during the run shows here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DriftSeen {
    /// The least; negative where it lost.
    pub min: i64,
    /// The most.
    pub max: i64,
}

impl DriftSeen {
    fn note(&mut self, nanos: i64) {
        self.min = self.min.min(nanos);
        self.max = self.max.max(nanos);
    }

    /// The extremes of both.
    pub fn merged(self, other: DriftSeen) -> DriftSeen {
        DriftSeen {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// The extreme that is further from 0.
    pub fn furthest(self) -> Drift {
        let nanos = match self.max >= self.min.saturating_neg() {
            true => self.max,
            false => self.min,
        };
        Drift { nanos }
    }
}

/// The origin of a run's instants.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// CLOCK_MONOTONIC at the origin, nanoseconds.
    monotonic: u64,
    /// CLOCK_REALTIME at the origin, nanoseconds since the Unix epoch.
    realtime: i64,
}

impl Clock {
    /// Reads both clocks together as the origin.
    pub fn start() -> Clock {
        let (monotonic, realtime) = read_pair();
        Clock {
            monotonic,
            realtime,
        }
    }

    /// Reads both clocks together. The origin is at the latest an instant that is to be one of the run's,
    /// nanoseconds since the Unix epoch: a load that starts late counts from when it was to start.
    pub fn start_by(unix_nanos: Option<i64>) -> Clock {
        let clock = Clock::start();
        let before = clock
            .realtime
            .saturating_sub(unix_nanos.unwrap_or(i64::MAX));
        let before = u64::try_from(before).unwrap_or(0).min(clock.monotonic);
        Clock {
            monotonic: clock.monotonic - before,
            realtime: clock.realtime.saturating_sub_unsigned(before),
        }
    }

    /// The clock of instants that were read back from texts: they count from the Unix epoch. It cannot
    /// tell the present time.
    pub fn of_unix_time() -> Clock {
        Clock {
            monotonic: 0,
            realtime: 0,
        }
    }

    /// The present instant (CLOCK_MONOTONIC).
    pub fn now(&self) -> Stamp {
        Stamp::at(clock::monotonic_nanos().saturating_sub(self.monotonic))
    }

    /// The reading of CLOCK_MONOTONIC at an instant, nanoseconds.
    pub fn monotonic_nanos(&self, stamp: Stamp) -> u64 {
        self.monotonic.saturating_add(stamp.nanos())
    }

    /// The wall-clock time of an instant, nanoseconds since the Unix epoch.
    pub fn unix_nanos(&self, stamp: Stamp) -> i64 {
        self.realtime.saturating_add_unsigned(stamp.nanos())
    }

    /// What CLOCK_REALTIME reads now at the origin's instant: it moves when that clock is stepped or
    /// slewed against the monotonic one.
    fn present_origin(&self) -> i64 {
        let (monotonic, realtime) = read_pair();
        let since = monotonic.saturating_sub(self.monotonic) as i64;
        realtime.saturating_sub(since)
    }

    /// Reads the pair again and compares: did the wall clock step or slew since the origin?
    pub fn drift(&self) -> Drift {
        Drift {
            nanos: self.present_origin().saturating_sub(self.realtime),
        }
    }
}

/// Turns CLOCK_REALTIME readings of the kernel into instants of the run, by a comparison of the two
/// clocks that is renewed as the run goes on: over minutes they drift apart, and one can be stepped.
#[derive(Clone, Copy, Debug)]
pub struct KernelClock {
    origin: i64,
    compared: Stamp,
    /// The origin before the last step, and when the step was noticed.
    stepped: Option<(i64, Stamp)>,
    drift: DriftSeen,
}

impl KernelClock {
    /// A comparison older than this is renewed; within that time a clock that is slewed by the
    /// usual 500 ppm at most moves 25 µs.
    const RENEWAL: Duration = Duration::from_millis(50);

    /// How long after a step readings from before it may still arrive.
    const STEP_MEMORY: Duration = Duration::from_secs(1);

    /// Makes the first comparison of the clocks.
    pub fn start(clock: &Clock) -> KernelClock {
        let mut first = KernelClock {
            origin: clock.present_origin(),
            compared: clock.now(),
            stepped: None,
            drift: DriftSeen::default(),
        };
        first.note(clock);
        first
    }

    /// Compares them again if the last comparison is too old.
    pub fn renew(&mut self, clock: &Clock, now: Stamp) {
        if now >= self.compared.after(Self::RENEWAL) {
            self.compare(clock, now);
        }
    }

    /// Compares them again.
    pub fn compare(&mut self, clock: &Clock, now: Stamp) {
        let before = self.origin;
        self.origin = clock.present_origin();
        self.compared = now;
        if self.origin.saturating_sub(before).saturating_abs() > Drift::NOTABLE_NANOS {
            self.stepped = Some((before, now));
        }
        self.note(clock);
    }

    /// The extremes of all comparisons so far.
    pub fn drift_seen(&self) -> DriftSeen {
        self.drift
    }

    fn note(&mut self, clock: &Clock) {
        self.drift.note(self.origin.saturating_sub(clock.realtime));
    }

    /// The instant of a reading that must lie between two others. A reading that does not was taken
    /// on the other side of a step of the clock: it is tried against a new comparison, and is `None`
    /// if it fits that neither.
    pub fn instant_between(
        &mut self,
        unix_nanos: i64,
        earliest: Stamp,
        latest: Stamp,
        clock: &Clock,
    ) -> Option<Stamp> {
        let instant = |origin: i64| {
            let since = u64::try_from(unix_nanos.saturating_sub(origin)).ok()?;
            Some(Stamp::at(since)).filter(|at| (earliest..=latest).contains(at))
        };
        instant(self.origin).or_else(|| {
            self.compare(clock, latest);
            instant(self.origin)
        })
    }

    /// Whether a reading for which [`KernelClock::instant_between`] had no instant was taken before
    /// `earliest`, on whichever side of a step that is still considered at `now`.
    pub fn is_before(&self, unix_nanos: i64, earliest: Stamp, now: Stamp) -> bool {
        let is_before = |origin: i64| {
            let since = i128::from(unix_nanos) - i128::from(origin);
            since < i128::from(earliest.nanos())
        };
        let stepped = self
            .stepped
            .filter(|(_, at)| now <= at.after(Self::STEP_MEMORY));
        is_before(self.origin) && stepped.is_none_or(|(origin, _)| is_before(origin))
    }
}

/// Both clocks, read as close together as a few tries allow: the real-time reading whose two
/// monotonic neighbours are nearest belongs to the middle between them.
fn read_pair() -> (u64, i64) {
    (0..8)
        .map(|_| {
            let before = clock::monotonic_nanos();
            let realtime = clock::realtime_nanos();
            let gap = clock::monotonic_nanos().saturating_sub(before);
            let nanos = i64::try_from(realtime).unwrap_or(i64::MAX);
            (gap, before + gap / 2, nanos)
        })
        .min_by_key(|&(gap, ..)| gap)
        .map(|(_, monotonic, realtime)| (monotonic, realtime))
        .expect("the range is not empty")
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
