//! The options of a run that is one of several processes.

use jiff::Timestamp;

use super::error::{Invalid, Wrong};
use super::given::Given;
use super::table;
use super::values::{length, parse_span};
use crate::plan::Shard;
use crate::settings::{LoadSettings, Model, ShardSettings, StartAt};
use crate::sys::clock;

/// The most shards of a run.
pub const MOST_SHARDS: u64 = 100_000;

/// How far an instant may be away, nanoseconds: further ones are mistaken.
const FURTHEST: i64 = 30 * 86_400 * 1_000_000_000;

/// How long ago an instant may be, nanoseconds: a shard that late is one of another run.
const LATEST: i64 = 86_400 * 1_000_000_000;

/// How many shards there are, where an engine does not say it.
const SHARDS: &str = "SHARDS";

/// The variables of engines that tell a process its number and how many there are.
const ENGINES: [Engine; 5] = [
    Engine::new("SLURM_PROCID", 0, "SLURM_NTASKS"),
    Engine::new("JOB_COMPLETION_INDEX", 0, SHARDS),
    Engine::new("OMPI_COMM_WORLD_RANK", 0, "OMPI_COMM_WORLD_SIZE"),
    Engine::new("PMI_RANK", 0, "PMI_SIZE"),
    Engine::new("PARALLEL_SEQ", 1, SHARDS),
];

/// How an engine numbers its processes.
struct Engine {
    /// The variable with the number.
    number: &'static str,
    /// The first number.
    first: u64,
    /// The variable with how many there are.
    count: &'static str,
}

impl Engine {
    const fn new(number: &'static str, first: u64, count: &'static str) -> Engine {
        Engine {
            number,
            first,
            count,
        }
    }
}

/// The share of this process; `load` is that of the whole run. `is_seeded`: whether it has a seed.
pub fn settings(
    given: &mut Given,
    load: &LoadSettings,
    is_seeded: bool,
) -> Result<ShardSettings, Invalid> {
    let variable = |name: &str| std::env::var(name).ok();
    let shard = given.value(&table::SHARD, |text| shard(text, &variable))?;
    let start = start(given, load)?;
    let Some((shard, source)) = shard else {
        return Ok(ShardSettings {
            start,
            ..ShardSettings::default()
        });
    };
    let requires = |what: &'static str, hint: &'static str| Invalid::Requires {
        option: table::SHARD.long,
        requires: what.into(),
        hint: hint.into(),
    };
    if !is_seeded {
        return Err(requires(
            "--seed",
            "give all shards the same seed, such as --seed 1: it makes their shares those of one run",
        ));
    }
    if starts(load) > 1 {
        match start {
            None => {
                return Err(requires(
                    "--start-at and --slot for a run of several parts",
                    "give an instant and the time for each part and each warm-up, such as --start-at INSTANT \
                     --slot 90s",
                ));
            }
            Some(StartAt { slot: None, .. }) => {
                return Err(requires(
                    "--slot for a run of several parts",
                    "give the time for each part and each warm-up, such as --slot 90s",
                ));
            }
            Some(_) => {}
        }
    }
    if let Model::Open {
        max_in_flight: Some(most),
        ..
    } = load.model
        && (most.get() as u64) < shard.count()
    {
        return Err(Invalid::Conflict {
            option: table::MAX_IN_FLIGHT.long,
            with: format!("{} shards", shard.count()).into(),
            hint: "each shard has its part of it: give as many as there are shards at least".into(),
        });
    }
    Ok(ShardSettings {
        shard,
        source,
        is_sharded: true,
        start,
    })
}

/// How many starts a run has: its parts and their warm-ups.
fn starts(load: &LoadSettings) -> u64 {
    let levels = match &load.model {
        Model::Closed { levels, .. } => levels.len() as u64,
        Model::Open { .. } => 1,
    };
    let each = 1 + u64::from(load.warm_up.is_some());
    levels * u64::from(load.rounds.get()) * each
}

fn start(given: &mut Given, load: &LoadSettings) -> Result<Option<StartAt>, Invalid> {
    let now = i64::try_from(clock::realtime_nanos()).unwrap_or(i64::MAX);
    let instant = given.value(&table::START_AT, |text| instant(text, now))?;
    let is_strict = given.flag(&table::START_STRICT);
    let slot = given.value(&table::SLOT, length)?;
    let needs_instant = [
        (is_strict, &table::START_STRICT),
        (slot.is_some(), &table::SLOT),
    ];
    let Some(unix_nanos) = instant else {
        return match needs_instant.into_iter().find(|(is_given, _)| *is_given) {
            None => Ok(None),
            Some((_, option)) => Err(Invalid::Requires {
                option: option.long,
                requires: table::START_AT.long.into(),
                hint: "give the instant of the start, such as --start-at +5s".into(),
            }),
        };
    };
    if slot.is_some() && !load.pause.is_zero() {
        return Err(Invalid::Conflict {
            option: table::PAUSE.long,
            with: table::SLOT.long.into(),
            hint: "the slots have the pauses in them: leave it out".into(),
        });
    }
    Ok(Some(StartAt {
        unix_nanos,
        is_strict,
        slot,
    }))
}

/// An instant, nanoseconds since the Unix epoch: RFC 3339, seconds since the epoch, or `+` and a span from
/// `now` on.
fn instant(text: &str, now: i64) -> Result<i64, Wrong> {
    let text = text.trim();
    let wrong = || {
        Wrong::hint(
            "give an instant such as 2026-03-01T12:00:00Z (RFC 3339, with its offset), seconds since 1970 such as \
             1772366400.5, or +5s from now on",
        )
    };
    if let Some(span) = text.strip_prefix('+') {
        let span = parse_span(span).ok_or_else(wrong)?;
        return within(i128::from(now) + span.as_nanos() as i128, now);
    }
    match seconds(text) {
        Some(nanos) => within(nanos, now),
        None => {
            let instant: Timestamp = text.parse().map_err(|_| wrong())?;
            within(instant.as_nanosecond(), now)
        }
    }
}

/// Decimal seconds as nanoseconds, exactly: every shard has to read the same instant.
fn seconds(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let nanos = format!("{fraction:0<9}");
    let nanos: i128 = nanos.get(..9)?.parse().ok()?;
    Some(whole.parse::<i128>().ok()? * 1_000_000_000 + nanos)
}

fn within(nanos: i128, now: i64) -> Result<i64, Wrong> {
    let away = nanos - i128::from(now);
    if away > i128::from(FURTHEST) {
        return Err(Wrong::new(
            "more than 30 days ahead",
            "give an instant that is near, in seconds since 1970 or with its date",
        ));
    }
    if away < -i128::from(LATEST) {
        return Err(Wrong::new(
            "more than a day ago",
            "give an instant that all shards can be ready by",
        ));
    }
    i64::try_from(nanos).map_err(|_| Wrong::hint("give an instant of this century"))
}

/// A share, and the variables that it was taken from.
fn shard(
    text: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(Shard, Option<&'static str>), Wrong> {
    let text = text.trim();
    if text == "auto" {
        return of_engine(variable);
    }
    let hint = || Wrong::hint("give K/N such as 2/3, with K from 1 to N, or auto");
    let (number, count) = text.split_once('/').ok_or_else(hint)?;
    let number: u64 = whole(number).ok_or_else(hint)?;
    let count: u64 = whole(count).ok_or_else(hint)?;
    share(number, count).map(|shard| (shard, None))
}

fn whole(text: &str) -> Option<u64> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_digits)
}

fn share(number: u64, count: u64) -> Result<Shard, Wrong> {
    if count > MOST_SHARDS {
        return Err(Wrong::new(
            format!("{count} shards are too many"),
            format!("give at most {MOST_SHARDS}"),
        ));
    }
    let hint = "give K/N with K from 1 to N, such as 2/3";
    Shard::new(number, count)
        .ok_or_else(|| Wrong::new(format!("shard {number} of {count} does not exist"), hint))
}

/// What the engines say that started this process; they have to agree.
fn of_engine(
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(Shard, Option<&'static str>), Wrong> {
    let mut found: Option<(Shard, &'static Engine)> = None;
    for engine in &ENGINES {
        let Some(number) = variable(engine.number) else {
            continue;
        };
        let shard = engine.shard(&number, variable(engine.count).as_deref())?;
        match found {
            Some((other, by)) if other != shard => {
                return Err(Wrong::new(
                    format!(
                        "{} says {}, but {} says {}",
                        by.number,
                        told(other),
                        engine.number,
                        told(shard)
                    ),
                    "give the share as K/N, or unset the variable that is of another engine",
                ));
            }
            Some(_) => {}
            None => found = Some((shard, engine)),
        }
    }
    if let Some((shard, engine)) = found
        && let Some(shards) = variable(SHARDS)
        && whole(shards.trim()) != Some(shard.count())
    {
        return Err(Wrong::new(
            format!(
                "{} says {}, but {SHARDS} is {shards:?}",
                engine.number,
                told(shard)
            ),
            format!("start as many as there are shards, give the share as K/N, or unset {SHARDS}"),
        ));
    }
    match found {
        Some((shard, engine)) => Ok((shard, Some(engine.number))),
        None => Err(Wrong::new(
            "no engine started this process",
            "give the share as K/N, or start it by srun (SLURM_PROCID), as an Indexed Job (JOB_COMPLETION_INDEX and \
             SHARDS), by mpirun (OMPI_COMM_WORLD_RANK, PMI_RANK) or GNU parallel (PARALLEL_SEQ and SHARDS)",
        )),
    }
}

fn told(shard: Shard) -> String {
    format!("{}/{}", shard.number(), shard.count())
}

impl Engine {
    fn shard(&self, number: &str, count: Option<&str>) -> Result<Shard, Wrong> {
        let Some(count) = count else {
            return Err(Wrong::new(
                format!("{} is set, but {} is not", self.number, self.count),
                format!("set {} to the number of shards, or give K/N", self.count),
            ));
        };
        let read = |name: &str, text: &str| {
            whole(text.trim()).ok_or_else(|| {
                Wrong::new(
                    format!("{name} is {text:?}, not a number"),
                    "give the share as K/N",
                )
            })
        };
        let (index, count) = (read(self.number, number)?, read(self.count, count)?);
        let number = index
            .checked_sub(self.first)
            .and_then(|own| own.checked_add(1));
        let number = number.filter(|number| (1..=count).contains(number));
        let number = number.ok_or_else(|| {
            Wrong::new(
                format!("{} is {index}, but {} is {count}", self.number, self.count),
                format!(
                    "the numbers of {count} shards are {} to {}: start as many as there are shards",
                    self.first,
                    (self.first + count).saturating_sub(1)
                ),
            )
        })?;
        share(number, count)
    }
}

#[cfg(test)]
#[path = "shard_tests.rs"]
mod tests;
