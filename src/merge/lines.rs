//! The lines of a merged run: what the lines of its shards say together.

use std::hash::{BuildHasher, RandomState};

use jiff::Timestamp;

use crate::report::instant;
use crate::rows::judged::{FigureVerdict, OwnShare, ReasonGiven, Trust, Verdict};
use crate::rows::runs::{EndLine, PartFigures, PartLine, RunLine};
use crate::rows::shards::Shards;
use crate::summary::{Figures, PartFacts, Usage, part_facts, part_line};
use crate::time::offset::MATTERS;

use super::shard::Loaded;
use super::skew::{ShopClock, skew};
use super::starts::{Starting, of_part};

/// The line of the run, which is one of its own.
pub(super) fn run(shards: &[Loaded], merged: Shards) -> RunLine {
    let first = &shards[0].run;
    let started = shards.iter().map(|shard| shard.run.started.as_str()).min();
    let began = instant(started).unwrap_or(0);
    RunLine {
        run: format!("{began:x}-{:016x}", RandomState::new().hash_one(0)),
        started: started.unwrap_or_default().to_owned(),
        shard: None,
        shard_source: None,
        clock: None,
        merged: Some(Box::new(merged)),
        is_remote: shards.iter().any(|shard| shard.run.is_remote),
        ..first.clone()
    }
}

/// The line of a part; absent where no shard has rows of it. `clocks`: the shop's clock less each shard's own.
pub(super) fn part(
    number: usize,
    shards: &[Loaded],
    clocks: &[Option<ShopClock>],
    run: &str,
    range: [u64; 2],
) -> Option<PartLine> {
    let of: Vec<Of> = (shards.iter().zip(clocks))
        .filter_map(|(shard, clock)| {
            Some(Of {
                shard,
                line: shard.parts.get(number)?,
                clock: *clock,
            })
        })
        .collect();
    if of.iter().all(|of| of.line.rows == 0) {
        return None;
    }
    let starting: Vec<Starting> = (of.iter())
        .map(|of| Starting::of(of.line, of.clock))
        .collect();
    let (figures, failures) = figures(&of);
    let verdict = verdict(&of);
    let line = part_line(&facts(&of, &starting), &figures, Some(&verdict));
    let earliest = |at: fn(&PartLine) -> &Option<String>| {
        of.iter()
            .filter_map(|of| instant(at(of.line).as_deref()))
            .min()
    };
    let latest = |at: fn(&PartLine) -> &Option<String>| {
        of.iter()
            .filter_map(|of| instant(at(of.line).as_deref()))
            .max()
    };
    Some(PartLine {
        run: run.to_owned(),
        part: number as u64,
        variant: of[0].line.variant.clone(),
        first_start: earliest(|line| &line.first_start).map(written),
        last_start: latest(|line| &line.last_start).map(written),
        last_row: latest(|line| &line.last_row).map(written),
        rows: of.iter().map(|of| of.line.rows).sum(),
        range: Some(range),
        figures: PartFigures {
            failures,
            ..line.figures.clone()
        },
        ..line
    })
}

/// A part of a shard.
struct Of<'a> {
    shard: &'a Loaded,
    line: &'a PartLine,
    clock: Option<ShopClock>,
}

fn facts(of: &[Of], starting: &[Starting]) -> PartFacts {
    let all: Vec<PartFacts> = of.iter().map(|of| part_facts(of.line, None)).collect();
    let mut usage = Usage::default();
    for of in all.iter().filter_map(|of| of.usage.as_ref()) {
        usage.merge(of);
    }
    usage.ports_available = ports(of);
    let mut tls = None;
    for figures in all.iter().filter_map(|of| of.tls.as_ref()) {
        tls.get_or_insert_with(crate::net::tls::TlsFigures::default)
            .add(figures);
    }
    let warm_ups = all.iter().filter_map(|of| of.warmed_up);
    let longest = |of: fn(&PartFacts) -> i64| all.iter().map(of).max().unwrap_or(0);
    PartFacts {
        tls,
        usage: Some(usage),
        // The same moments on several machines: what any of them was stopped.
        paused_nanos: longest(|of| of.paused_nanos),
        // All of them have one origin.
        span_nanos: longest(|of| of.span_nanos),
        wall_nanos: of_part(starting).map_or(longest(|of| of.wall_nanos), |of| of.wall),
        starts_spread_nanos: of_part(starting)
            .filter(|of| of.is_burst)
            .and_then(|of| Some(of.spread?.nanos)),
        backoffs: all.iter().map(|of| of.backoffs).sum(),
        most_in_flight: all.iter().map(|of| of.most_in_flight).sum(),
        warmed_up: warm_ups.reduce(|one, other| (one.0 + other.0, one.1 + other.1)),
        verdict: None,
        ..all[0].clone()
    }
}

/// The ports of all machines, each counted once.
fn ports(of: &[Of]) -> Option<u64> {
    let mut seen: Vec<&Option<String>> = Vec::new();
    let mut sum = 0u64;
    for of in of {
        let host = &of.shard.run.machine.host_name;
        if host.is_none() || !seen.contains(&host) {
            sum = sum.saturating_add(of.line.ports_available?);
            seen.push(host);
        }
    }
    Some(sum)
}

/// What rows cannot carry, of all; and the failures by kind.
fn figures(of: &[Of]) -> (Figures, Vec<(String, String, u64)>) {
    let mut all = Figures::default();
    let mut failures: Vec<(String, String, u64)> = Vec::new();
    let reference = of.iter().find_map(|of| of.clock);
    for of in of {
        let record = &of.line.figures;
        let mut figures = Figures::default();
        figures.complete(record);
        if let (Some(reference), Some(own)) = (reference, of.clock) {
            // To the reference's clock, where the two differ by what matters.
            let [low, high] = skew(own, reference);
            if low > MATTERS || high < -MATTERS {
                figures
                    .journeys
                    .shift(reference.middle().saturating_sub(own.middle()));
            }
        }
        all.merge(&figures);
        for (step, kind, count) in &record.failures {
            match (failures.iter_mut()).find(|(one, other, _)| (one == step) && (other == kind)) {
                Some((.., sum)) => *sum = sum.saturating_add(*count),
                None => failures.push((step.clone(), kind.clone(), *count)),
            }
        }
    }
    (all, failures)
}

/// The verdicts of all shards: a figure is trusted if all of them trust it; each reason is given once, with the
/// shards that have it.
fn verdict(of: &[Of]) -> Verdict {
    let verdicts: Vec<(u64, Verdict)> = (of.iter())
        .filter(|of| of.line.rows > 0)
        .filter_map(|of| Some((of.shard.index, part_facts(of.line, None).verdict?)))
        .collect();
    let count = of[0].shard.count;
    let of = |figure: fn(&Verdict) -> &FigureVerdict| {
        let all: Vec<(u64, &FigureVerdict)> = (verdicts.iter())
            .map(|(index, verdict)| (*index, figure(verdict)))
            .collect();
        together(&all, count)
    };
    Verdict {
        home: of(|of| &of.home),
        purchase: of(|of| &of.purchase),
        pace: of(|of| &of.pace),
    }
}

fn together(all: &[(u64, &FigureVerdict)], count: u64) -> FigureVerdict {
    let largest = |share: fn(&OwnShare) -> Option<f64>| {
        (all.iter())
            .filter_map(|(_, of)| share(&of.own_share))
            .reduce(f64::max)
    };
    let mut reasons: Vec<(Vec<u64>, ReasonGiven)> = Vec::new();
    let mut hints = Vec::new();
    for (index, of) in all {
        for reason in &of.reasons {
            match (reasons.iter_mut()).find(|(_, one)| one.kind == reason.kind) {
                Some((shards, _)) => shards.push(*index),
                None => reasons.push((vec![*index], reason.clone())),
            }
        }
        for hint in &of.hints {
            if !hints.contains(hint) {
                hints.push(hint.clone());
            }
        }
    }
    let state = (all.iter()).fold(Trust::NotJudged, |state, (_, of)| state.with(of.state));
    let is_unjudged = all.iter().any(|(_, of)| of.state == Trust::NotJudged);
    FigureVerdict {
        state: match state {
            Trust::Trusted if is_unjudged => Trust::NotJudged,
            state => state,
        },
        own_share: OwnShare {
            p50: largest(|of| of.p50),
            p99: largest(|of| of.p99),
        },
        reasons: (reasons.into_iter())
            .map(|(shards, reason)| ReasonGiven {
                reason: format!("{}: {}", named(&shards, count), reason.reason),
                ..reason
            })
            .collect(),
        hints,
    }
}

/// The most shards that are listed by number.
const MOST_LISTED: usize = 8;

/// `shard 2 of 4`, `shards 1, 2 of 4`.
fn named(shards: &[u64], count: u64) -> String {
    let listed: Vec<String> = (shards.iter().take(MOST_LISTED))
        .map(u64::to_string)
        .collect();
    let more = match shards.len().saturating_sub(MOST_LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let word = match shards.len() {
        1 => "shard",
        _ => "shards",
    };
    format!("{word} {}{more} of {count}", listed.join(", "))
}

/// The last line.
pub(super) fn end(shards: &[Loaded], run: &str, rows: u64) -> EndLine {
    let ends: Vec<&EndLine> = shards
        .iter()
        .filter_map(|shard| shard.end.as_ref())
        .collect();
    let sum = |of: fn(&EndLine) -> u64| ends.iter().map(|end| of(end)).fold(0, u64::saturating_add);
    let most = |of: fn(&EndLine) -> Option<u64>| ends.iter().filter_map(|end| of(end)).max();
    // Of a run that was ended as a whole some shards may have been done.
    let is_interrupted = |end: &&&EndLine| end.ending == "interrupted";
    let first = ends.iter().find(is_interrupted).unwrap_or(&ends[0]);
    EndLine {
        run: run.to_owned(),
        rows,
        cpu_user_nanos: sum(|end| end.cpu_user_nanos),
        cpu_system_nanos: sum(|end| end.cpu_system_nanos),
        peak_memory_bytes: most(|end| Some(end.peak_memory_bytes)).unwrap_or(0),
        clock_drift_nanos: (ends.iter().map(|end| end.clock_drift_nanos))
            .max_by_key(|nanos| nanos.unsigned_abs())
            .unwrap_or(0),
        clock_synchronised: (ends.iter())
            .map(|end| end.clock_synchronised)
            .try_fold(true, |all, of| Some(all && of?)),
        clock_estimated_error_nanos: most(|end| end.clock_estimated_error_nanos),
        ..(*first).clone()
    }
}

/// ISO 8601 in UTC with nanoseconds.
pub(super) fn written(unix_nanos: i64) -> String {
    Timestamp::from_nanosecond(unix_nanos.into())
        .expect("an i64 of nanoseconds lies within jiff's range of years")
        .to_string()
}
