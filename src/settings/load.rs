//! How much load is sent, and when.

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::time::Duration;

use crate::plan::{Curve, Pattern, Think};

/// The load.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadSettings {
    /// The workload.
    pub model: Model,
    /// The warm-up before it, which is not recorded.
    pub warm_up: Option<WarmUp>,
    /// How often all levels are run.
    pub rounds: NonZeroU32,
    /// The pause between two levels or rounds.
    pub pause: Duration,
}

/// A workload.
#[derive(Clone, Debug, PartialEq)]
pub enum Model {
    /// A number of virtual users: a burst, or a closed workload.
    Closed {
        /// How many; at least one number, run in turn.
        levels: Vec<NonZeroUsize>,
        /// Iterations per virtual user; `None` for no limit but the duration, or for one without a
        /// duration.
        repeat: Option<NonZeroU64>,
        /// Start no iterations after this time.
        duration: Option<Duration>,
        /// The pause between two iterations.
        think: Think,
        /// The time over which the start of the virtual users is spread.
        ramp_up: Duration,
    },
    /// Arrivals at a rate: an open workload.
    Open {
        /// The arrival rate.
        curve: Curve,
        /// The unit in which a constant rate was given.
        rate_unit: RateUnit,
        /// Evenly spaced, or Poisson.
        pattern: Pattern,
        /// The number of arrivals.
        count: Option<NonZeroU64>,
        /// Launch no arrivals after this time.
        duration: Option<Duration>,
        /// The most in flight; `None` for what the machine allows, 10,000 at most.
        max_in_flight: Option<NonZeroUsize>,
    },
}

/// The unit of a rate as it was given: arrivals in each of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RateUnit {
    /// `500` or `500/s`
    #[default]
    Second,
    /// `30/m`
    Minute,
    /// `5/h`
    Hour,
}

impl RateUnit {
    /// `s`, `m` or `h`.
    pub fn name(self) -> &'static str {
        match self {
            RateUnit::Second => "s",
            RateUnit::Minute => "m",
            RateUnit::Hour => "h",
        }
    }

    /// How long it is, seconds.
    pub fn seconds(self) -> f64 {
        match self {
            RateUnit::Second => 1.0,
            RateUnit::Minute => 60.0,
            RateUnit::Hour => 3600.0,
        }
    }
}

/// How long a warm-up is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUp {
    /// A number of iterations.
    Shoppers(NonZeroU64),
    /// A span of time.
    For(Duration),
}

/// The option of the number of virtual users.
pub const CONCURRENT: &str = "--concurrent";

/// The option of the most arrivals in flight.
pub const MAX_IN_FLIGHT: &str = "--max-in-flight";

/// The most in flight of an open workload without `--max-in-flight`, as a literal: the
/// help contains it.
macro_rules! usual_in_flight {
    () => {
        10000
    };
}
pub(crate) use usual_in_flight;

/// The most in flight of an open workload without `--max-in-flight`.
pub const USUAL_IN_FLIGHT: u64 = usual_in_flight!();

/// The most shoppers in flight, and the option that sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtOnce {
    /// The number.
    pub count: usize,
    /// Whether they are arrivals of an open workload: virtual users otherwise.
    pub is_open: bool,
    /// The option's name.
    pub option: &'static str,
    /// Its short name, or the same.
    pub short: &'static str,
}

impl AtOnce {
    /// The number of `--concurrent`.
    pub fn concurrent(count: usize) -> AtOnce {
        AtOnce {
            count,
            is_open: false,
            option: CONCURRENT,
            short: "-c",
        }
    }

    /// The number of `--max-in-flight`.
    pub fn in_flight(count: usize) -> AtOnce {
        AtOnce {
            count,
            is_open: true,
            option: MAX_IN_FLIGHT,
            short: MAX_IN_FLIGHT,
        }
    }
}

impl LoadSettings {
    /// The configured limit of shoppers in flight; `None` if not set.
    pub fn most_at_once(&self) -> Option<AtOnce> {
        match &self.model {
            Model::Closed { levels, .. } => {
                let most = levels.iter().map(|level| level.get()).max();
                most.map(AtOnce::concurrent)
            }
            Model::Open { max_in_flight, .. } => {
                max_in_flight.map(|most| AtOnce::in_flight(most.get()))
            }
        }
    }

    /// The number of arrivals of an open workload that can be expected; `None` without an end, and in a
    /// closed workload.
    pub fn expected_arrivals(&self) -> Option<f64> {
        match &self.model {
            Model::Closed { .. } => None,
            Model::Open {
                curve,
                count,
                duration,
                ..
            } => {
                let count = count.map(|count| count.get() as f64);
                let spans = [*duration, curve.length()].into_iter().flatten();
                let by_span = spans
                    .min()
                    .map(|span| curve.expected_by(span.as_secs_f64()));
                [count, by_span].into_iter().flatten().reduce(f64::min)
            }
        }
    }

    /// The time over which the first shoppers are spread; 0 for a burst and an open workload.
    pub fn ramp_up(&self) -> Duration {
        match self.model {
            Model::Closed { ramp_up, .. } => ramp_up,
            Model::Open { .. } => Duration::ZERO,
        }
    }

    /// Whether there are scheduled launches: arrivals, and what follows a pause.
    pub fn has_due_launches(&self) -> bool {
        match self.model {
            Model::Closed { think, ramp_up, .. } => !ramp_up.is_zero() || think != Think::default(),
            Model::Open { .. } => true,
        }
    }

    /// Whether it is a burst or a closed workload.
    pub fn is_closed(&self) -> bool {
        matches!(self.model, Model::Closed { .. })
    }
}
