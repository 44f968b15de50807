//! The flags that say how much load is sent, and when.

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::time::Duration;

use pico_args::Arguments;

use super::options::{Name, UsageError, duration, parse_duration, parsed, text};
use crate::plan::{Curve, Pattern, Stage, Think};
use crate::settings::{LoadSettings, Model, WarmUp};

const CONCURRENT: Name = Name("-c", "--concurrent", "--concurrent");
const REPEAT: Name = Name("", "--repeat", "--repeat");
const DURATION: Name = Name("", "--duration", "--duration");
const THINK_TIME: Name = Name("", "--think-time", "--think_time");
const RAMP_UP: Name = Name("", "--ramp-up", "--ramp_up");
const RATE: Name = Name("", "--rate", "--rate");
const STAGES: Name = Name("", "--stages", "--stages");
const ARRIVALS: Name = Name("", "--arrivals", "--arrivals");
const COUNT: Name = Name("", "--count", "--count");
const MAX_IN_FLIGHT: Name = Name("", "--max-in-flight", "--max_in_flight");
const WARM_UP: Name = Name("", "--warm-up", "--warm_up");
const ROUNDS: Name = Name("", "--rounds", "--rounds");
const PAUSE: Name = Name("", "--pause", "--pause");

/// Arrivals per second beyond which no client of one thread can come near.
const MOST_PER_SECOND: f64 = 10_000_000.0;

/// One in 1000 days; less is nobody.
const LEAST_PER_SECOND: f64 = 1.0 / 86_400_000.0;

/// The most levels, and the most rounds: each part of a run has numbers of its own for its shoppers.
const MOST_LEVELS: usize = 1000;
const MOST_ROUNDS: u32 = 1000;

/// Reads the flags of the load.
pub fn parse(args: &mut Arguments) -> Result<LoadSettings, UsageError> {
    let given = Given::read(args)?;
    let warm_up = text(args, WARM_UP)?.map(|text| warm_up_of(&text));
    let warm_up = warm_up.transpose()?;
    let rounds: Option<NonZeroU32> = parsed(args, ROUNDS, "a whole number of rounds, 1 to 1000")?;
    if let Some(rounds) = rounds.filter(|rounds| rounds.get() > MOST_ROUNDS) {
        return Err(UsageError(format!(
            "{ROUNDS} {rounds}: give a whole number of rounds, 1 to {MOST_ROUNDS}"
        )));
    }
    let pause = duration(args, PAUSE)?.unwrap_or_default();
    Ok(LoadSettings {
        model: given.model()?,
        warm_up,
        rounds: rounds.unwrap_or(NonZeroU32::MIN),
        pause,
    })
}

/// The flags that make a model, each right in itself.
struct Given {
    levels: Option<Vec<NonZeroUsize>>,
    repeat: Option<NonZeroU64>,
    duration: Option<Duration>,
    think: Option<Think>,
    ramp_up: Option<Duration>,
    rate: Option<f64>,
    stages: Option<Vec<Stage>>,
    pattern: Option<Pattern>,
    count: Option<NonZeroU64>,
    max_in_flight: Option<NonZeroUsize>,
}

impl Given {
    fn read(args: &mut Arguments) -> Result<Given, UsageError> {
        fn with<T>(
            args: &mut Arguments,
            name: Name,
            read: impl FnOnce(&str) -> Result<T, UsageError>,
        ) -> Result<Option<T>, UsageError> {
            text(args, name)?.map(|text| read(&text)).transpose()
        }
        const SHOPPERS: &str = "a whole number of shoppers, 1 or more";
        Ok(Given {
            levels: with(args, CONCURRENT, levels)?,
            repeat: parsed(args, REPEAT, "a whole number of purchases, 1 or more")?,
            duration: with(args, DURATION, |text| length(DURATION, text))?,
            think: with(args, THINK_TIME, think_time)?,
            ramp_up: duration(args, RAMP_UP)?,
            rate: with(args, RATE, constant_rate)?,
            stages: with(args, STAGES, stages_of)?,
            pattern: with(args, ARRIVALS, pattern_of)?,
            count: parsed(args, COUNT, SHOPPERS)?,
            max_in_flight: parsed(args, MAX_IN_FLIGHT, SHOPPERS)?,
        })
    }

    fn model(mut self) -> Result<Model, UsageError> {
        match (self.rate.take(), self.stages.take()) {
            (Some(_), Some(_)) => Err(usage("--rate and --stages exclude each other: give one")),
            (Some(rate), None) => self.open(Curve::Constant(rate)),
            (None, Some(stages)) => self.open(Curve::Stages(stages)),
            (None, None) => self.closed(),
        }
    }

    fn open(self, curve: Curve) -> Result<Model, UsageError> {
        let of_closed = [
            (
                self.levels.is_some(),
                CONCURRENT,
                "bound them with --max-in-flight",
            ),
            (
                self.repeat.is_some(),
                REPEAT,
                "say how many come with --count",
            ),
            (
                self.think.is_some(),
                THINK_TIME,
                "shoppers come by the clock: leave it out",
            ),
            (
                self.ramp_up.is_some(),
                RAMP_UP,
                "use --stages, such as 5s@100/s,30s@100/s",
            ),
        ];
        refuse_any(of_closed, "with --rate or --stages")?;
        match (&curve, self.duration, self.count) {
            (Curve::Constant(_), None, None) => Err(usage(
                "--rate has no end: give --duration, such as 30s, or --count N",
            )),
            (Curve::Stages(_), Some(_), _) => Err(usage(
                "--duration does not go with --stages, which have their own: leave it out",
            )),
            _ => Ok(Model::Open {
                curve,
                pattern: self.pattern.unwrap_or_default(),
                count: self.count,
                duration: self.duration,
                max_in_flight: self.max_in_flight,
            }),
        }
    }

    fn closed(self) -> Result<Model, UsageError> {
        let of_open = [
            (
                self.pattern.is_some(),
                ARRIVALS,
                "give --rate, such as 500/s",
            ),
            (
                self.count.is_some(),
                COUNT,
                "give --rate, or --repeat for each of -c",
            ),
            (
                self.max_in_flight.is_some(),
                MAX_IN_FLIGHT,
                "without --rate, -c is the number in flight",
            ),
        ];
        refuse_any(of_open, "without --rate or --stages")?;
        let repeats = self.repeat.is_some() || self.duration.is_some();
        if self.think.is_some() && !repeats {
            return Err(usage(
                "--think-time lies between purchases: give --repeat or --duration too",
            ));
        }
        Ok(Model::Closed {
            levels: self.levels.unwrap_or_else(|| vec![NonZeroUsize::MIN]),
            repeat: self.repeat.or((!repeats).then_some(NonZeroU64::MIN)),
            duration: self.duration,
            think: self.think.unwrap_or_default(),
            ramp_up: self.ramp_up.unwrap_or_default(),
        })
    }
}

fn usage(message: &str) -> UsageError {
    UsageError(message.to_owned())
}

fn refuse_any<const N: usize>(
    given: [(bool, Name, &str); N],
    when: &str,
) -> Result<(), UsageError> {
    match given.iter().find(|(is_given, ..)| *is_given) {
        Some((_, name, mend)) => Err(UsageError(format!("{name} does not go {when}: {mend}"))),
        None => Ok(()),
    }
}

/// A span of time that is not zero.
fn length(name: Name, text: &str) -> Result<Duration, UsageError> {
    parse_duration(text)
        .filter(|length| !length.is_zero())
        .ok_or_else(|| {
            UsageError(format!(
                "{name} {text:?}: give a span of time such as 30s or 5m (at most 1000 days)"
            ))
        })
}

fn levels(text: &str) -> Result<Vec<NonZeroUsize>, UsageError> {
    if text.split(',').count() > MOST_LEVELS {
        return Err(UsageError(format!(
            "{CONCURRENT}: these are more than {MOST_LEVELS} levels: give fewer"
        )));
    }
    text.split(',')
        .map(|level| level.trim().parse())
        .collect::<Result<_, _>>()
        .map_err(|_| {
            UsageError(format!(
                "{CONCURRENT} {text:?}: give a whole number of shoppers, 1 or more, or several such as \
                 1,10,100"
            ))
        })
}

fn think_time(text: &str) -> Result<Think, UsageError> {
    let (is_exponential, span) = match text.trim().strip_prefix("exp:") {
        Some(mean) => (true, mean),
        None => (false, text),
    };
    match parse_duration(span) {
        Some(mean) if is_exponential => Ok(Think::Exponential(mean)),
        Some(span) => Ok(Think::Fixed(span)),
        None => Err(UsageError(format!(
            "{THINK_TIME} {text:?}: give a span of time such as 200ms, or exp:200ms for an exponential \
             distribution with that mean"
        ))),
    }
}

/// Arrivals per second: `500`, `500/s`, `30/m`, `0.5/s`; 0, or between one in 1000 days and 10 million.
pub fn parse_rate(text: &str) -> Option<f64> {
    let (number, seconds) = match text.trim().split_once('/') {
        None => (text.trim(), 1.0),
        Some((number, unit)) => {
            let seconds = match unit.trim() {
                "s" | "sec" => 1.0,
                "m" | "min" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
            (number.trim(), seconds)
        }
    };
    let is_plain = |c: char| c.is_ascii_digit() || c == '.';
    if !number.chars().all(is_plain) {
        return None;
    }
    let rate = number.parse::<f64>().ok()? / seconds;
    let is_sound = rate == 0.0 || (LEAST_PER_SECOND..=MOST_PER_SECOND).contains(&rate);
    is_sound.then_some(rate)
}

fn constant_rate(text: &str) -> Result<f64, UsageError> {
    parse_rate(text).filter(|rate| *rate > 0.0).ok_or_else(|| {
        UsageError(format!(
            "{RATE} {text:?}: give shoppers per second such as 500/s, or 30/m; more than 0, at most \
             10000000/s"
        ))
    })
}

fn stages_of(text: &str) -> Result<Vec<Stage>, UsageError> {
    let bad = |mend: &str| UsageError(format!("{STAGES} {text:?}: {mend}"));
    let stage = |stage: &str| {
        let (length, rate) = stage.split_once('@')?;
        Some(Stage {
            length: parse_duration(length)?,
            rate: parse_rate(rate)?,
        })
    };
    let stages: Vec<Stage> = text
        .split(',')
        .map(stage)
        .collect::<Option<_>>()
        .ok_or_else(|| bad("give SPAN@RATE,… such as 10s@100/s,30s@500/s,10s@0/s"))?;
    let rates = std::iter::once(0.0).chain(stages.iter().map(|stage| stage.rate));
    let has_arrivals = rates
        .zip(&stages)
        .any(|(before, stage)| before + stage.rate > 0.0 && !stage.length.is_zero());
    if !has_arrivals {
        return Err(bad(
            "nobody would come: give a stage a rate and a length above 0",
        ));
    }
    Ok(stages)
}

fn pattern_of(text: &str) -> Result<Pattern, UsageError> {
    match text {
        "constant" => Ok(Pattern::Constant),
        "poisson" => Ok(Pattern::Poisson),
        _ => Err(UsageError(format!(
            "{ARRIVALS} {text:?}: give constant or poisson"
        ))),
    }
}

fn warm_up_of(text: &str) -> Result<WarmUp, UsageError> {
    let bad = || {
        UsageError(format!(
            "{WARM_UP} {text:?}: give a number of shoppers such as 100, or a span of time with its unit \
             such as 5s"
        ))
    };
    if text.trim().bytes().all(|byte| byte.is_ascii_digit()) {
        return text.trim().parse().map(WarmUp::Shoppers).map_err(|_| bad());
    }
    let has_unit = text.trim().ends_with(|c: char| c.is_alphabetic());
    parse_duration(text)
        .filter(|span| has_unit && !span.is_zero())
        .map(WarmUp::For)
        .ok_or_else(bad)
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
