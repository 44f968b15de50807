//! The options of the load.

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::time::Duration;

use super::error::{Invalid, Wrong};
use super::given::Given;
use super::table::{self, Opt};
use super::values::{length, parse_rate, parse_rate_and_unit, parse_span, span};
use crate::plan::{Curve, Pattern, Stage, Think};
use crate::settings::{LoadSettings, Model, RateUnit, WarmUp};

/// The most levels, and the most rounds: each part of a run has its own range of shopper numbers.
const MOST_LEVELS: usize = 1000;
const MOST_ROUNDS: u32 = 1000;

/// The rounds of a run with variants: the fewest for an interval of 95 % are 6.
const ROUNDS_OF_VARIANTS: NonZeroU32 = NonZeroU32::new(10).expect("10 is not 0");

/// How much load is sent, and when.
pub fn settings(given: &mut Given) -> Result<LoadSettings, Invalid> {
    let model = Parts::read(given)?.model()?;
    Ok(LoadSettings {
        model,
        warm_up: given.value(&table::WARM_UP, warm_up)?,
        rounds: match given.value(&table::ROUNDS, rounds)? {
            Some(rounds) => rounds,
            None if given.is_given(&table::VARIANT) => ROUNDS_OF_VARIANTS,
            None => NonZeroU32::MIN,
        },
        pause: given.value_or_default(&table::PAUSE, span)?,
    })
}

/// The options that make a model, each right in itself.
struct Parts {
    levels: Option<Vec<NonZeroUsize>>,
    repeat: Option<NonZeroU64>,
    duration: Option<Duration>,
    think: Option<Think>,
    ramp_up: Option<Duration>,
    rate: Option<(f64, RateUnit)>,
    stages: Option<Vec<Stage>>,
    pattern: Option<Pattern>,
    count: Option<NonZeroU64>,
    max_in_flight: Option<NonZeroUsize>,
}

impl Parts {
    fn read(given: &mut Given) -> Result<Parts, Invalid> {
        let pattern = match given.is_given(&table::ARRIVALS) {
            true => Some(given.one_of(&table::ARRIVALS, [Pattern::Constant, Pattern::Poisson])?),
            false => None,
        };
        Ok(Parts {
            levels: given.value(&table::CONCURRENT, levels)?,
            repeat: given.number(&table::REPEAT, "a whole number of iterations, 1 or more")?,
            duration: given.value(&table::DURATION, length)?,
            think: given.value(&table::THINK_TIME, think_time)?,
            ramp_up: given.value(&table::RAMP_UP, span)?,
            rate: given.value(&table::RATE, constant_rate)?,
            stages: given.value(&table::STAGES, stages)?,
            pattern,
            count: given.number(&table::COUNT, "a whole number of arrivals, 1 or more")?,
            max_in_flight: given.number(
                &table::MAX_IN_FLIGHT,
                "a whole number of shoppers, 1 or more",
            )?,
        })
    }

    fn model(mut self) -> Result<Model, Invalid> {
        match (self.rate.take(), self.stages.take()) {
            (Some(_), Some(_)) => Err(conflict(&table::RATE, "--stages", "give one of them")),
            (Some((rate, unit)), None) => self.open(Curve::Constant(rate), unit),
            (None, Some(stages)) => self.open(Curve::Stages(stages), RateUnit::Second),
            (None, None) => self.closed(),
        }
    }

    fn open(self, curve: Curve, rate_unit: RateUnit) -> Result<Model, Invalid> {
        let of_closed: [(bool, &'static Opt, &'static str); 4] = [
            (
                self.levels.is_some(),
                &table::CONCURRENT,
                "limit the arrivals with --max-in-flight",
            ),
            (
                self.repeat.is_some(),
                &table::REPEAT,
                "the number of arrivals is --count",
            ),
            (
                self.think.is_some(),
                &table::THINK_TIME,
                "arrivals do not wait for one another: leave it out",
            ),
            (
                self.ramp_up.is_some(),
                &table::RAMP_UP,
                "use --stages, such as 5s@100/s,30s@100/s",
            ),
        ];
        if let Some((_, opt, hint)) = of_closed.into_iter().find(|(is_given, ..)| *is_given) {
            return Err(conflict(opt, "--rate or --stages", hint));
        }
        match (&curve, self.duration, self.count) {
            (Curve::Constant(_), None, None) => Err(requires(
                &table::RATE,
                "an end",
                "give --duration, such as 30s, or --count N",
            )),
            (Curve::Stages(_), Some(_), _) => Err(conflict(
                &table::DURATION,
                "--stages",
                "stages have their own lengths: leave it out",
            )),
            _ => Ok(Model::Open {
                curve,
                rate_unit,
                pattern: self.pattern.unwrap_or_default(),
                count: self.count,
                duration: self.duration,
                max_in_flight: self.max_in_flight,
            }),
        }
    }

    fn closed(self) -> Result<Model, Invalid> {
        let of_open: [(bool, &'static Opt, &'static str); 3] = [
            (
                self.pattern.is_some(),
                &table::ARRIVALS,
                "give an arrival rate, such as --rate 500/s",
            ),
            (
                self.count.is_some(),
                &table::COUNT,
                "give --rate, or --repeat for each virtual user of -c",
            ),
            (
                self.max_in_flight.is_some(),
                &table::MAX_IN_FLIGHT,
                "without --rate, -c is the number in flight",
            ),
        ];
        if let Some((_, opt, hint)) = of_open.into_iter().find(|(is_given, ..)| *is_given) {
            return Err(requires(opt, "--rate or --stages", hint));
        }
        let repeats = self.repeat.is_some() || self.duration.is_some();
        if self.think.is_some() && !repeats {
            return Err(requires(
                &table::THINK_TIME,
                "--repeat or --duration",
                "it is the pause between two iterations",
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

fn conflict(opt: &'static Opt, with: &'static str, hint: &'static str) -> Invalid {
    Invalid::Conflict {
        option: opt.long,
        with: with.into(),
        hint: hint.into(),
    }
}

fn requires(opt: &'static Opt, what: &'static str, hint: &'static str) -> Invalid {
    Invalid::Requires {
        option: opt.long,
        requires: what.into(),
        hint: hint.into(),
    }
}

fn levels(text: &str) -> Result<Vec<NonZeroUsize>, Wrong> {
    if text.split(',').count() > MOST_LEVELS {
        return Err(Wrong::hint(format!("give at most {MOST_LEVELS} levels")));
    }
    let levels: Vec<NonZeroUsize> = text
        .split(',')
        .map(|level| level.trim().parse())
        .collect::<Result<_, _>>()
        .map_err(|_| {
            Wrong::hint(
                "give a whole number of virtual users, 1 or more, or several such as 1,10,100",
            )
        })?;
    let mut sorted = levels.clone();
    sorted.sort_unstable();
    match sorted.windows(2).find(|two| two[0] == two[1]) {
        Some(two) => Err(Wrong::new(
            format!("{} is listed twice", two[0]),
            "give each level once; --rounds N runs all of them N times",
        )),
        None => Ok(levels),
    }
}

fn rounds(text: &str) -> Result<NonZeroU32, Wrong> {
    let rounds = text.trim().parse().ok();
    rounds
        .filter(|rounds: &NonZeroU32| rounds.get() <= MOST_ROUNDS)
        .ok_or_else(|| Wrong::hint(format!("give a whole number of rounds, 1 to {MOST_ROUNDS}")))
}

fn think_time(text: &str) -> Result<Think, Wrong> {
    let (is_exponential, span) = match text.trim().strip_prefix("exp:") {
        Some(mean) => (true, mean),
        None => (false, text),
    };
    match parse_span(span) {
        Some(mean) if is_exponential => Ok(Think::Exponential(mean)),
        Some(span) => Ok(Think::Fixed(span)),
        None => Err(Wrong::hint(
            "give a span of time such as 200ms, or exp:200ms for an exponential distribution with that \
             mean",
        )),
    }
}

fn constant_rate(text: &str) -> Result<(f64, RateUnit), Wrong> {
    let rate = parse_rate_and_unit(text).filter(|(rate, _)| *rate > 0.0);
    rate.ok_or_else(|| {
        Wrong::hint("give arrivals such as 500/s, 30/m or 5/h; above 0, at most 10000000/s")
    })
}

fn stages(text: &str) -> Result<Vec<Stage>, Wrong> {
    let stage = |stage: &str| {
        let (length, rate) = stage.split_once('@')?;
        Some(Stage {
            length: parse_span(length)?,
            rate: parse_rate(rate)?,
        })
    };
    let stages: Vec<Stage> = (text.split(','))
        .map(stage)
        .collect::<Option<_>>()
        .ok_or_else(|| Wrong::hint("give SPAN@RATE,… such as 10s@100/s,30s@500/s,10s@0/s"))?;
    let rates = std::iter::once(0.0).chain(stages.iter().map(|stage| stage.rate));
    let has_arrivals = rates
        .zip(&stages)
        .any(|(before, stage)| before + stage.rate > 0.0 && !stage.length.is_zero());
    if !has_arrivals {
        return Err(Wrong::new(
            "they have no arrivals",
            "give a stage with a rate and a length above 0",
        ));
    }
    Ok(stages)
}

fn warm_up(text: &str) -> Result<WarmUp, Wrong> {
    let bad = || {
        Wrong::hint(
            "give a number of iterations such as 100, or a span of time with its unit such as 5s",
        )
    };
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map(WarmUp::Shoppers).map_err(|_| bad());
    }
    let has_unit = text.ends_with(|c: char| c.is_alphabetic());
    parse_span(text)
        .filter(|span| has_unit && !span.is_zero())
        .map(WarmUp::For)
        .ok_or_else(bad)
}

/// Reads the options of a load that are given as words; for tests of what takes them.
#[cfg(test)]
pub fn parse(args: &mut pico_args::Arguments) -> Result<LoadSettings, Invalid> {
    let words = std::mem::replace(args, pico_args::Arguments::from_vec(Vec::new())).finish();
    let command = &super::commands::DEMO;
    let mut given = super::words::Words::read(command, words).into_given(command)?;
    let load = settings(&mut given)?;
    given.finish();
    Ok(load)
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
