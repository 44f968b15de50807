//! A load as fields of the run line and the summary.

use serde::{Deserialize, Serialize};

use crate::plan::{Curve, Kind, Pattern, Think};
use crate::settings::{LoadSettings, Model, WarmUp};

/// Beyond every span that the command line takes, seconds.
const LONGEST: f64 = 1e10;

/// Beyond every rate that the command line takes, arrivals per second.
const HIGHEST: f64 = 1e9;

/// The configured load, as fields of JSON. What was not set is `null`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// `burst`, `closed` or `open`.
    pub kind: Kind,
    /// The levels of `-c`, in the order given; empty for an open workload.
    pub levels: Vec<u64>,
    /// Iterations of each virtual user.
    pub repeat: Option<u64>,
    /// No iterations or arrivals start after this time; seconds.
    pub duration_seconds: Option<f64>,
    /// The think time, or its mean; seconds.
    pub think_time_seconds: Option<f64>,
    /// `fixed` or `exponential`.
    pub think_time_distribution: Option<String>,
    /// The ramp-up: the time over which the first iterations are spread; seconds.
    pub ramp_up_seconds: Option<f64>,
    /// The arrival rate, if it is constant; arrivals per second.
    pub rate_per_second: Option<f64>,
    /// The unit in which that was given: `s`, `m` or `h`.
    pub rate_unit: Option<String>,
    /// The stages of an arrival rate that changes.
    pub stages: Option<Vec<LoadStage>>,
    /// `constant` or `poisson`.
    pub arrivals: Option<String>,
    /// Arrivals in all.
    pub count: Option<u64>,
    /// The limit of `--max-in-flight`.
    pub max_in_flight: Option<u64>,
    /// The length of the warm-up in shoppers.
    pub warm_up_planned_shoppers: Option<u64>,
    /// The length of the warm-up; seconds.
    pub warm_up_seconds: Option<f64>,
    /// How often each level is run.
    pub rounds: u64,
    /// Between one part and the next; seconds.
    pub pause_seconds: f64,
}

/// A stage of an arrival rate: linear from the rate of the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadStage {
    /// How long it takes; seconds.
    pub seconds: f64,
    /// The rate at its end.
    pub rate_per_second: f64,
}

impl Load {
    /// The load of the settings.
    pub fn of(settings: &LoadSettings) -> Load {
        let (warm_up_planned_shoppers, warm_up_seconds) = match settings.warm_up {
            None => (None, None),
            Some(WarmUp::Shoppers(number)) => (Some(number.get()), None),
            Some(WarmUp::For(span)) => (None, Some(span.as_secs_f64())),
        };
        let common = Load {
            warm_up_planned_shoppers,
            warm_up_seconds,
            rounds: settings.rounds.get().into(),
            pause_seconds: settings.pause.as_secs_f64(),
            ..Load::default()
        };
        match &settings.model {
            Model::Closed {
                levels,
                repeat,
                duration,
                think,
                ramp_up,
            } => {
                let repeats = duration.is_some() || repeat.is_none_or(|repeat| repeat.get() > 1);
                let (span, distribution) = match think {
                    Think::Fixed(span) => (*span, "fixed"),
                    Think::Exponential(mean) => (*mean, "exponential"),
                };
                let thinks = !span.is_zero();
                Load {
                    kind: match repeats || !ramp_up.is_zero() {
                        true => Kind::Closed,
                        false => Kind::Burst,
                    },
                    levels: levels.iter().map(|level| level.get() as u64).collect(),
                    repeat: repeat.map(|repeat| repeat.get()),
                    duration_seconds: duration.map(|span| span.as_secs_f64()),
                    think_time_seconds: thinks.then_some(span.as_secs_f64()),
                    think_time_distribution: thinks.then(|| distribution.to_owned()),
                    ramp_up_seconds: (!ramp_up.is_zero()).then_some(ramp_up.as_secs_f64()),
                    ..common
                }
            }
            Model::Open {
                curve,
                rate_unit,
                pattern,
                count,
                duration,
                max_in_flight,
            } => {
                let (rate_per_second, stages) = match curve {
                    Curve::Constant(rate) => (Some(*rate), None),
                    Curve::Stages(stages) => {
                        let stages = stages.iter().map(|stage| LoadStage {
                            seconds: stage.length.as_secs_f64(),
                            rate_per_second: stage.rate,
                        });
                        (None, Some(stages.collect()))
                    }
                };
                let arrivals = match pattern {
                    Pattern::Constant => "constant",
                    Pattern::Poisson => "poisson",
                };
                Load {
                    kind: Kind::Open,
                    rate_unit: rate_per_second.map(|_| rate_unit.name().to_owned()),
                    rate_per_second,
                    stages,
                    arrivals: Some(arrivals.to_owned()),
                    count: count.map(|count| count.get()),
                    duration_seconds: duration.map(|span| span.as_secs_f64()),
                    max_in_flight: max_in_flight.map(|most| most.get() as u64),
                    ..common
                }
            }
        }
    }

    /// Whether its numbers can be those of a load. A line of a file may have any number.
    pub fn is_sound(&self) -> bool {
        let spans = [
            self.duration_seconds,
            self.think_time_seconds,
            self.ramp_up_seconds,
            self.warm_up_seconds,
            Some(self.pause_seconds),
        ];
        let stages = self.stages.as_deref().unwrap_or_default();
        let spans = (spans.into_iter().flatten()).chain(stages.iter().map(|stage| stage.seconds));
        let rates = (self.rate_per_second.into_iter())
            .chain(stages.iter().map(|stage| stage.rate_per_second));
        spans
            .into_iter()
            .all(|span| (0.0..=LONGEST).contains(&span))
            && rates
                .into_iter()
                .all(|rate| (0.0..=HIGHEST).contains(&rate))
    }

    /// Whether there is more than one part: several levels, or several rounds.
    pub fn has_parts(&self) -> bool {
        self.levels.len() > 1 || self.rounds > 1
    }
}
