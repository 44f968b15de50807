//! Whether shards are of one run.

use crate::report::instant;

use super::error::MergeError;
use super::shard::Loaded;

/// Runs that were further apart than this, nanoseconds, were not one, whatever their clocks: ten minutes more than
/// two time zones can differ would be.
const APART: i64 = 14 * 3_600 * 1_000_000_000;

/// Without an instant of the start, runs have to overlap but for this, nanoseconds.
const APART_WITHOUT_INSTANT: i64 = 60 * 1_000_000_000;

/// What two shards of one run have in common: a name, what a run has of it, and a hint.
type Common = (&'static str, fn(&Loaded) -> String, &'static str);

const PLAN_HASHES: &str = "plan hashes";

const COMMON: [Common; 8] = [
    (
        PLAN_HASHES,
        |of| of.run.plan_hash.clone(),
        "run all shards with the same flags, but for --shard and -o",
    ),
    (
        "seeds",
        |of| of.run.seed.clone(),
        "give all shards the same --seed",
    ),
    (
        "numbers of shards",
        |of| of.count.to_string(),
        "give all shards the same N in --shard K/N",
    ),
    (
        "start instants",
        |of| of.run.start_at.clone().unwrap_or_else(|| "none".to_owned()),
        "give all shards of a run the same --start-at; these may be of several runs",
    ),
    (
        "slots",
        |of| match of.run.slot_seconds {
            Some(seconds) => format!("{seconds} s"),
            None => "none".to_owned(),
        },
        "give all shards of a run the same --slot",
    ),
    (
        "columns",
        |of| match of.run.phases {
            true => "with --phases".to_owned(),
            false => "without --phases".to_owned(),
        },
        "run all shards with --phases, or none",
    ),
    (
        "time zones",
        |of| match of.run.utc {
            true => "UTC".to_owned(),
            false => {
                let (name, ahead) = (&of.run.time_zone, of.run.utc_offset_seconds);
                format!("{name} {ahead:+} s").trim_start().to_owned()
            }
        },
        "run the shards with --utc where their machines have different zones",
    ),
    (
        "program versions",
        |of| of.run.version.clone(),
        "run the same version of the program everywhere",
    ),
];

/// The hint for two shards with different plans, where they recorded what of these differs.
fn plan_hint(first: &Loaded, other: &Loaded) -> Option<&'static str> {
    let visits = [&first.run.visit_hash, &other.run.visit_hash];
    if visits.iter().any(|hash| hash.is_empty()) {
        return None;
    }
    Some(match visits[0] == visits[1] {
        true => {
            "run all shards with the same flags of the load (-c, --repeat, --rate, --duration, --rounds and \
             others)"
        }
        false => {
            "run all shards with the same flags of the requests (paths, header fields, products, forms, time \
             limits, TLS)"
        }
    })
}

/// Refuses shards that are not of one run. They are in the order of their numbers.
pub(super) fn check(shards: &[Loaded]) -> Result<(), MergeError> {
    let paths = |one: &Loaded, other: &Loaded| Box::new([one.path.clone(), other.path.clone()]);
    let Some(first) = shards.first() else {
        return Ok(());
    };
    for other in &shards[1..] {
        for (what, of, hint) in COMMON {
            let values = [of(first), of(other)];
            if values[0] != values[1] {
                let hint = match what {
                    PLAN_HASHES => plan_hint(first, other).unwrap_or(hint),
                    _ => hint,
                };
                return Err(MergeError::Differ {
                    what,
                    paths: paths(first, other),
                    values: Box::new(values),
                    hint,
                });
            }
        }
    }
    for two in shards.windows(2) {
        if two[0].index == two[1].index {
            return Err(MergeError::Twice {
                index: two[0].index,
                count: two[0].count,
                paths: paths(&two[0], &two[1]),
            });
        }
    }
    at_the_same_time(shards)
}

/// Refuses runs that were not at the same time, however much their clocks may differ.
fn at_the_same_time(shards: &[Loaded]) -> Result<(), MergeError> {
    let mut spans: Vec<(i64, i64, &Loaded)> = (shards.iter())
        .filter_map(|shard| {
            let began = instant(Some(&shard.run.started))?;
            let ends = shard.parts.iter();
            let ended = ends.filter_map(|part| instant(part.last_row.as_deref()));
            Some((began, ended.max().unwrap_or(began).max(began), shard))
        })
        .collect();
    spans.sort_by_key(|(began, ..)| *began);
    let allowed = match shards[0].run.start_at {
        Some(_) => APART,
        None => APART_WITHOUT_INSTANT,
    };
    for two in spans.windows(2) {
        let ((_, ended, first), (began, _, second)) = (two[0], two[1]);
        if began.saturating_sub(ended) > allowed {
            return Err(MergeError::Apart {
                paths: Box::new([first.path.clone(), second.path.clone()]),
                began: Box::new([first.run.started.clone(), second.run.started.clone()]),
            });
        }
    }
    Ok(())
}
