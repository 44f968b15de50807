//! When the shards of a run started, and what that says about their clocks.

use crate::report::instant;
use crate::rows::runs::PartLine;
use crate::rows::shards::{Shard, ShardClocks, ShardStarts, Shards};
use crate::time::offset::{Bounds, MATTERS};

use super::shard::{Loaded, start_of};
use super::skew::{ShopClock, Spread, Starts, in_one_zone, largest, may_be_one, spread};

/// A part of a shard: when it started and ended, by its own clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Starting {
    first: Option<i64>,
    ended: Option<i64>,
    /// From the first start to the last of the shoppers that start at once; absent for other loads. Later
    /// iterations of a closed workload do not count.
    spread: Option<i64>,
    clock: Option<ShopClock>,
}

impl Starting {
    /// Of its line.
    pub fn of(line: &PartLine, clock: Option<ShopClock>) -> Starting {
        Starting {
            first: instant(line.first_start.as_deref()),
            ended: instant(line.last_row.as_deref()),
            spread: line.starts_spread_nanos,
            clock,
        }
    }
}

/// All shards in one part.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfPart {
    /// Whether the spread is that of all shoppers; otherwise it is that of the shards' first ones.
    pub is_burst: bool,
    /// The spread of the starts.
    pub spread: Option<Spread>,
    /// From the first start to the last row, nanoseconds.
    pub wall: i64,
}

/// Takes the shards' starts in one part together; absent where none started.
pub(super) fn of_part(of: &[Starting]) -> Option<OfPart> {
    let started: Vec<&Starting> = of.iter().filter(|of| of.first.is_some()).collect();
    let is_burst = started.iter().all(|of| of.spread.is_some());
    let is_known = started.iter().all(|of| of.clock.is_some());
    let differ = is_known && !may_be_one(started.iter().filter_map(|of| of.clock));
    let shop = |of: &Starting| match differ {
        true => of.clock.map_or(0, ShopClock::middle),
        false => 0,
    };
    let at = |of: &Starting, at: Option<i64>| Some(at?.saturating_add(shop(of)));
    let first = started.iter().filter_map(|of| at(of, of.first)).min()?;
    let ended = started.iter().filter_map(|of| at(of, of.ended)).max();
    let starts: Vec<Starts> = (started.iter())
        .filter_map(|of| {
            let first = of.first?;
            let spread = of.spread.filter(|_| is_burst).unwrap_or(0);
            let last = first.saturating_add(spread.max(0));
            Some(Starts {
                first,
                last,
                clock: of.clock,
            })
        })
        .collect();
    Some(OfPart {
        is_burst,
        spread: spread(&starts),
        wall: ended.map_or(0, |ended| ended.saturating_sub(first)),
    })
}

/// The interval of the shop's clock less each shard's own; absent where its purchases do not bound it.
pub(super) fn shop_clocks(shards: &[Loaded]) -> Vec<Option<ShopClock>> {
    let mut clocks: Vec<Option<ShopClock>> = (shards.iter())
        .map(|shard| {
            let bounds = shard
                .parts
                .iter()
                .map(|part| part.figures.server_clock.bounds());
            ShopClock::of(bounds.fold(Bounds::default(), Bounds::and))
        })
        .collect();
    let zones: Vec<i64> = (shards.iter())
        .map(|shard| i64::from(shard.run.utc_offset_seconds) * 1_000_000_000)
        .collect();
    in_one_zone(&mut clocks, &zones);
    if !is_one_shop(shards) {
        clocks.fill(None);
    }
    clocks
}

/// Whether all shards sent to the same shop: targets may differ by what they are called on each machine.
fn is_one_shop(shards: &[Loaded]) -> bool {
    let mut targets = shards.iter().map(|shard| &shard.run.target);
    let first = targets.next();
    targets.all(|target| Some(target) == first)
}

/// What is known of the shards together. `missing`: the others, with what is wrong with them.
pub(super) fn shards(
    merged: &[Loaded],
    missing: Vec<Shard>,
    count: u64,
    clocks: &[Option<ShopClock>],
) -> Shards {
    let mut each: Vec<Shard> = missing;
    each.extend(
        merged
            .iter()
            .zip(clocks)
            .map(|(shard, clock)| told(shard, *clock)),
    );
    each.sort_by_key(|shard| shard.index);
    let starts = starts(merged, clocks);
    let mut of_clocks = skew_of(merged, clocks);
    of_clocks.warnings = warnings(&of_clocks, &starts);
    Shards {
        count,
        merged: merged.len() as u64,
        partial: (merged.len() as u64) < count,
        start_at: merged.first().and_then(|shard| shard.run.start_at.clone()),
        starts,
        clocks: of_clocks,
        each,
    }
}

/// A shard that is merged.
fn told(shard: &Loaded, clock: Option<ShopClock>) -> Shard {
    Shard {
        merged: true,
        rows: shard.parts.iter().map(|part| part.rows).sum(),
        shop_clock_at_least: clock.map(|clock| clock.low),
        shop_clock_at_most: clock.map(|clock| clock.high),
        ..known(shard)
    }
}

/// A shard that was found, whether it is merged or not.
pub(super) fn known(shard: &Loaded) -> Shard {
    Shard {
        index: shard.index,
        problem: shard.problem.clone(),
        file: Some(shard.path.display().to_string()),
        run: Some(shard.run.run.clone()),
        host_name: shard.run.machine.host_name.clone(),
        start_delay: start_of(&shard.run)
            .and_then(|at| Some(first_start(shard)?.saturating_sub(at))),
        clock_synchronised: (shard.end.as_ref()).and_then(|end| end.clock_synchronised),
        ..Shard::default()
    }
}

fn first_start(shard: &Loaded) -> Option<i64> {
    let starts = shard.parts.iter();
    starts
        .filter_map(|part| instant(part.first_start.as_deref()))
        .min()
}

/// The largest spread of a part.
fn starts(merged: &[Loaded], clocks: &[Option<ShopClock>]) -> ShardStarts {
    let parts = merged
        .iter()
        .map(|shard| shard.parts.len())
        .max()
        .unwrap_or(0);
    let of_parts = (0..parts).filter_map(|number| {
        let of: Vec<Starting> = (merged.iter().zip(clocks))
            .filter_map(|(shard, clock)| Some(Starting::of(shard.parts.get(number)?, *clock)))
            .collect();
        of_part(&of)
    });
    let widest = of_parts.max_by_key(|of| (of.is_burst, of.spread.map(|spread| spread.nanos)));
    let spread = widest.and_then(|of| of.spread);
    let bounds = spread.and_then(|spread| spread.bounds);
    let delays = merged.iter().filter_map(|shard| known(shard).start_delay);
    ShardStarts {
        of_burst: widest.is_some_and(|of| of.is_burst),
        spread: spread.map(|spread| spread.nanos),
        at_least: bounds.map(|bounds| bounds[0]),
        at_most: bounds.map(|bounds| bounds[1]),
        latest: delays.max(),
    }
}

fn skew_of(merged: &[Loaded], clocks: &[Option<ShopClock>]) -> ShardClocks {
    let known: Vec<ShopClock> = clocks.iter().copied().flatten().collect();
    let without: Vec<String> = (merged.iter().zip(clocks))
        .filter(|(_, clock)| clock.is_none())
        .map(|(shard, _)| shard.index.to_string())
        .collect();
    let reason = match (merged.len(), without.is_empty()) {
        (0 | 1, _) | (_, true) => None,
        _ if !is_one_shop(merged) => {
            Some("the shards had different targets, whose clocks may differ".to_owned())
        }
        _ => Some(format!(
            "the shop's reports do not bound its clock for shard {}",
            without.join(", ")
        )),
    };
    let is_common = merged.len() > 1 && reason.is_none();
    let skew = largest(&known).filter(|_| is_common);
    ShardClocks {
        common: is_common,
        reason,
        at_least: skew.map(|skew| skew[0]),
        at_most: skew.map(|skew| skew[1]),
        warnings: Vec::new(),
    }
}

fn warnings(clocks: &ShardClocks, starts: &ShardStarts) -> Vec<String> {
    let ms = |nanos: i64| format!("{:.3} ms", nanos as f64 / 1e6);
    let mut warnings = Vec::new();
    if let Some(reason) = &clocks.reason {
        warnings.push(format!(
            "the shards have no common clock ({reason}): the spread of their starts is by their own clocks, which \
             nothing compares"
        ));
    }
    let is_skewed = clocks.at_least.is_some_and(|nanos| nanos > MATTERS);
    if let (true, Some(low), Some(high)) = (is_skewed, clocks.at_least, clocks.at_most) {
        warnings.push(format!(
            "the clocks of two shards differ by {} to {}, and so did their starts: have NTP or PTP keep them",
            ms(low),
            ms(high)
        ));
    } else if let (Some(skew), Some(spread)) = (clocks.at_most, starts.spread)
        && skew > spread
    {
        warnings.push(format!(
            "the clocks of two shards may differ by {}, more than the spread of the starts, {}",
            ms(skew),
            ms(spread)
        ));
    }
    warnings
}
