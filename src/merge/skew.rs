//! How far the clocks of shards may differ, and how far apart they started, without trusting any of these clocks.
//!
//! Every shard brackets the same clock, the shop's, by its purchases: `shop − own` lies in an interval. The
//! skew of two shards' clocks is the difference of both, so that the intervals bound it:
//!
//! ```text
//! own(b) − own(a) = (shop − own(a)) − (shop − own(b)) ∈ [low(a) − high(b), high(a) − low(b)]
//! ```
//!
//! Nothing is assumed about time services, nor that the ways to the shop and back are alike.

use crate::time::offset::{Bounds, MATTERS};

/// The interval of the shop's clock less a shard's own, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShopClock {
    /// At least.
    pub low: i64,
    /// At most.
    pub high: i64,
}

impl ShopClock {
    /// Of the bounds of all its purchases; absent where a bound is missing, or where they contradict each other by
    /// more than what a clock that is slewed during the run explains.
    pub fn of(bounds: Bounds) -> Option<ShopClock> {
        let (low, high) = (bounds.at_least?, bounds.at_most?);
        let crossed = low.saturating_sub(high);
        (crossed <= MATTERS).then_some(ShopClock {
            low: low.min(high),
            high: low.max(high),
        })
    }

    /// The same read in a zone that is that far ahead, nanoseconds.
    fn ahead(self, nanos: i64) -> ShopClock {
        ShopClock {
            low: self.low.saturating_add(nanos),
            high: self.high.saturating_add(nanos),
        }
    }

    /// The middle.
    pub fn middle(self) -> i64 {
        i64::midpoint(self.low, self.high)
    }
}

/// Whether all of them can be one clock: then nothing tells the shards' own clocks apart, and these are taken as
/// they are. The middles of wide intervals would put shards of one machine apart.
pub(super) fn may_be_one(clocks: impl Iterator<Item = ShopClock> + Clone) -> bool {
    let (last_low, first_high) = (
        clocks.clone().map(|clock| clock.low).max(),
        clocks.map(|clock| clock.high).min(),
    );
    last_low <= first_high
}

/// The interval of how far the second clock is ahead of the first, nanoseconds.
pub(super) fn skew(first: ShopClock, second: ShopClock) -> [i64; 2] {
    [
        first.low.saturating_sub(second.high),
        first.high.saturating_sub(second.low),
    ]
}

/// The largest skew of any two, its size at least and at most, nanoseconds: `None` for fewer than two.
pub(super) fn largest(clocks: &[ShopClock]) -> Option<[i64; 2]> {
    if clocks.len() < 2 {
        return None;
    }
    let fold = |of: fn(&ShopClock) -> i64, better: fn(i64, i64) -> i64| {
        clocks.iter().map(of).reduce(better).unwrap_or(0)
    };
    let (lowest, highest) = (fold(|c| c.low, i64::min), fold(|c| c.high, i64::max));
    // Two intervals that do not overlap differ by their gap at least.
    let (first_high, last_low) = (fold(|c| c.high, i64::min), fold(|c| c.low, i64::max));
    let widest = highest.saturating_sub(lowest);
    Some([
        last_low.saturating_sub(first_high).max(0),
        // The two ends may be of one shard, whose clock does not differ from itself.
        match clocks.len() {
            2 => {
                let [low, high] = skew(clocks[0], clocks[1]);
                low.saturating_abs().max(high.saturating_abs())
            }
            _ => widest,
        },
    ])
}

/// Times of a shop without an offset are read in each machine's own zone. Makes the intervals comparable:
/// `zones` has how far each zone is ahead of UTC, nanoseconds.
pub(super) fn in_one_zone(clocks: &mut [Option<ShopClock>], zones: &[i64]) {
    if zones.windows(2).all(|two| two[0] == two[1]) {
        return;
    }
    let adjusted: Vec<Option<ShopClock>> = (clocks.iter().zip(zones))
        .map(|(clock, zone)| Some((*clock)?.ahead(*zone)))
        .collect();
    let apart = |clocks: &[Option<ShopClock>]| {
        let middles = || clocks.iter().flatten().map(|clock| clock.middle());
        middles()
            .max()
            .unwrap_or(0)
            .saturating_sub(middles().min().unwrap_or(0))
    };
    if apart(&adjusted) < apart(clocks) {
        // By the zone of the first one, to keep its interval as it was.
        let first = zones[0];
        for (clock, adjusted) in clocks.iter_mut().zip(adjusted) {
            *clock = adjusted.map(|clock| clock.ahead(-first));
        }
    }
}

/// The starts of one shard by its own clock, nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Starts {
    /// The first that counts.
    pub first: i64,
    /// The last that counts.
    pub last: i64,
    /// The shop's clock less its own, where it is known.
    pub clock: Option<ShopClock>,
}

/// From the first start of all to the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spread {
    /// By the clocks, corrected by the middles of the intervals where these show that they differ; nanoseconds.
    pub nanos: i64,
    /// At least and at most; absent where the clock of one is not known.
    pub bounds: Option<[i64; 2]>,
}

/// How far apart the starts are.
pub(super) fn spread(starts: &[Starts]) -> Option<Spread> {
    let all = starts.iter().map(|of| of.clock).collect::<Option<Vec<_>>>();
    let apart = |last: &dyn Fn(&Starts) -> i64, first: &dyn Fn(&Starts) -> i64| {
        let last = starts
            .iter()
            .map(|of| of.last.saturating_add(last(of)))
            .max()?;
        let first = starts
            .iter()
            .map(|of| of.first.saturating_add(first(of)))
            .min()?;
        Some(last.saturating_sub(first))
    };
    let own = starts
        .iter()
        .map(|of| of.last.saturating_sub(of.first))
        .max()?;
    if all.is_none() {
        return Some(Spread {
            nanos: apart(&|_| 0, &|_| 0)?,
            bounds: None,
        });
    }
    let of = |at: fn(ShopClock) -> i64| move |of: &Starts| of.clock.map_or(0, at);
    let is_one = may_be_one(starts.iter().filter_map(|of| of.clock));
    let middle: fn(ShopClock) -> i64 = match is_one {
        true => |_| 0,
        false => ShopClock::middle,
    };
    let (low, middle, high) = (of(|c| c.low), of(middle), of(|c| c.high));
    Some(match starts {
        // One clock does not differ from itself.
        [_] => Spread {
            nanos: own,
            bounds: Some([own, own]),
        },
        _ => {
            let nanos = apart(&middle, &middle)?;
            Spread {
                nanos,
                bounds: Some([
                    apart(&low, &high)?.max(own).min(nanos),
                    apart(&high, &low)?.max(nanos),
                ]),
            }
        }
    })
}

#[cfg(test)]
#[path = "skew_tests.rs"]
mod tests;
