//! How far a server's clock is from this machine's, as far as purchases can tell.
//!
//! Offset is what the server's clock shows more than the client's at the same instant. A server
//! cannot have begun before the client's request left, nor have ended after the client had the
//! answer:
//!
//! ```text
//! server started − offset ≥ client sent      ⇒  offset ≤ server started − client sent
//! server stopped − offset ≤ client stopped   ⇒  offset ≥ server stopped − client stopped
//! ```
//!
//! where "sent" is the instant just before the first byte could leave. Each purchase gives both
//! bounds; over all of them they close in on an interval, by as much as the fastest way there and
//! the fastest way back allow. No assumption about symmetric ways is made.

use crate::clock::Clock;
use crate::journey::ServerTimes;
use crate::row::Exchange;

/// An interval in which the offset lies, nanoseconds; a bound that no row gave is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The largest lower bound.
    pub at_least: Option<i64>,
    /// The smallest upper bound. Below `at_least`, the rows contradict one another.
    pub at_most: Option<i64>,
}

impl Bounds {
    /// What one purchase says.
    pub fn of(buy: &Exchange, server: &ServerTimes, clock: &Clock) -> Bounds {
        let unix = |stamp| clock.unix_nanos(stamp);
        let left = buy.connected.or(buy.started).map(unix);
        let back = buy.stopped.map(unix);
        let beyond = |server: Option<i64>, client: Option<i64>| server?.checked_sub(client?);
        Bounds {
            at_least: beyond(server.stopped, back),
            // The reading was cut: the true one may lie beyond it.
            at_most: beyond(server.started, left)
                .map(|bound| bound.saturating_add(server.resolution)),
        }
    }

    /// What both say together.
    pub fn and(self, other: Bounds) -> Bounds {
        Bounds {
            at_least: self.at_least.max(other.at_least),
            at_most: self.at_most.into_iter().chain(other.at_most).min(),
        }
    }

    /// By how much the bounds contradict each other, nanoseconds; 0 if they do not.
    fn contradiction(self) -> i64 {
        match (self.at_least, self.at_most) {
            (Some(low), Some(high)) => low.saturating_sub(high).max(0),
            _ => 0,
        }
    }

    /// The offset to reckon with: 0 if the bounds allow it, else the middle between them.
    fn middle(self) -> i64 {
        match (self.at_least, self.at_most) {
            (Some(low), Some(high)) if low > 0 || high < 0 => low.midpoint(high),
            (Some(low), None) => low.max(0),
            (None, Some(high)) => high.min(0),
            _ => 0,
        }
    }

    /// How much more this is than `earlier`, at least and at most.
    fn change_since(self, earlier: Bounds) -> Bounds {
        let less = |a: Option<i64>, b: Option<i64>| Some(a?.saturating_sub(b?));
        Bounds {
            at_least: less(self.at_least, earlier.at_most),
            at_most: less(self.at_most, earlier.at_least),
        }
    }
}

/// An offset smaller than this, nanoseconds, changes no conclusion that a reader draws of a shop.
pub const MATTERS: i64 = 1_000_000;

/// What the rows say of a server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// No times came.
    Unknown,
    /// The clocks agree, or may: 0 lies in the interval or within 1 ms of it.
    Agrees,
    /// The clocks differ by more than 1 ms.
    Differs,
    /// The rows contradict one another by more than 1 ms: a clock moved, or several machines answer.
    Contradictory,
}

/// The bounds of a run's rows, in bounded memory: kept by blocks of consecutive rows, of which
/// there are never more than 48, so that early and late rows can be compared.
#[derive(Clone, Debug)]
pub struct Offsets {
    blocks: Vec<Bounds>,
    /// Rows in each block, but for the last.
    size: u64,
    /// Rows in the last block.
    filled: u64,
    rows: u64,
}

impl Default for Offsets {
    fn default() -> Offsets {
        Offsets {
            blocks: Vec::new(),
            size: 1,
            filled: 1,
            rows: 0,
        }
    }
}

impl Offsets {
    const MOST_BLOCKS: usize = 48;

    /// Takes in what one row says.
    pub fn add(&mut self, bounds: Bounds) {
        if bounds == Bounds::default() {
            return;
        }
        self.rows += 1;
        if self.filled < self.size
            && let Some(last) = self.blocks.last_mut()
        {
            *last = last.and(bounds);
            self.filled += 1;
            return;
        }
        if self.blocks.len() == Self::MOST_BLOCKS {
            self.blocks = (self.blocks.chunks(2)).map(together).collect();
            self.size *= 2;
        }
        self.blocks.push(bounds);
        self.filled = 1;
    }

    /// Rows that gave a bound.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What all rows say together.
    pub fn bounds(&self) -> Bounds {
        together(&self.blocks)
    }

    /// By how much the offset grew from the first third of the rows to the last, at least and at
    /// most; from a smaller part at the beginning to one at the end where the thirds contradict
    /// themselves. Absent where there are too few rows, or contradictions all over.
    pub fn drift(&self) -> Option<Bounds> {
        let third = self.blocks.len() / 3;
        let sizes = std::iter::successors(Some(third), |size| Some(size / 2));
        sizes.take_while(|size| *size > 0).find_map(|size| {
            let first = together(&self.blocks[..size]);
            let last = together(&self.blocks[self.blocks.len() - size..]);
            let consistent = first.contradiction() == 0 && last.contradiction() == 0;
            consistent.then(|| last.change_since(first))
        })
    }

    /// What that means.
    pub fn finding(&self) -> Finding {
        let bounds = self.bounds();
        if self.rows == 0 {
            Finding::Unknown
        } else if bounds.contradiction() > MATTERS {
            Finding::Contradictory
        } else if bounds.at_least > Some(MATTERS)
            || bounds.at_most.is_some_and(|high| high < -MATTERS)
        {
            Finding::Differs
        } else {
            Finding::Agrees
        }
    }

    /// What to take from the server's readings to compare them with the client's, nanoseconds. 0
    /// where nothing shows that the clocks differ, and where no one figure would be right.
    pub fn correction(&self) -> i64 {
        match self.finding() {
            Finding::Unknown | Finding::Contradictory => 0,
            Finding::Agrees | Finding::Differs => self.bounds().middle(),
        }
    }

    /// The whole quarters of an hour (negative: behind) that the clocks differ by, give or take a
    /// few seconds: then it is a time zone. 0 if it is none.
    pub fn quarters_of_an_hour(&self) -> i64 {
        const QUARTER: i64 = 900 * 1_000_000_000;
        const NEAR: i64 = 5 * 1_000_000_000;
        if self.finding() != Finding::Differs {
            return 0;
        }
        let middle = self.bounds().middle();
        let quarters = middle.saturating_add(QUARTER / 2).div_euclid(QUARTER);
        let rest = middle.saturating_sub(quarters * QUARTER);
        if rest.abs() <= NEAR { quarters } else { 0 }
    }
}

fn together(blocks: &[Bounds]) -> Bounds {
    blocks.iter().copied().fold(Bounds::default(), Bounds::and)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Stamp;
    use proptest::prelude::*;

    const MS: i64 = 1_000_000;

    fn bounds(at_least: i64, at_most: i64) -> Bounds {
        Bounds {
            at_least: Some(at_least),
            at_most: Some(at_most),
        }
    }

    fn offsets(rows: impl IntoIterator<Item = Bounds>) -> Offsets {
        let mut offsets = Offsets::default();
        rows.into_iter().for_each(|row| offsets.add(row));
        offsets
    }

    /// A purchase of a server whose clock is `offset` ahead.
    fn purchase(offset: i64) -> (Exchange, ServerTimes, Clock) {
        let clock = Clock::start();
        let origin = clock.unix_nanos(Stamp(0));
        let buy = Exchange {
            started: Some(Stamp(1_000)),
            connected: Some(Stamp(50_000)),
            stopped: Some(Stamp(400_000)),
            ..Exchange::default()
        };
        let server = ServerTimes {
            started: Some(origin + 150_000 + offset),
            stopped: Some(origin + 350_000 + offset),
            resolution: 1_000,
        };
        (buy, server, clock)
    }

    #[test]
    fn a_purchase_bounds_the_offset_on_both_sides() {
        for offset in [0, 5 * MS, -3_600_000 * MS] {
            let (buy, server, clock) = purchase(offset);
            let found = Bounds::of(&buy, &server, &clock);
            assert_eq!(found, bounds(offset - 50_000, offset + 101_000));
        }
        let (buy, server, clock) = purchase(0);
        let one_sided = ServerTimes {
            stopped: None,
            ..server
        };
        let found = Bounds::of(&buy, &one_sided, &clock);
        assert_eq!((found.at_least, found.at_most), (None, Some(101_000)));
        let never_connected = Exchange {
            connected: None,
            ..buy
        };
        let found = Bounds::of(&never_connected, &server, &clock);
        assert_eq!(found.at_most, Some(150_000));
        assert_eq!(
            Bounds::of(&Exchange::default(), &server, &clock),
            Bounds::default()
        );
    }

    #[test]
    fn all_rows_together_close_in() {
        let all = offsets([bounds(-9, 3), bounds(-2, 8), Bounds::default()]);
        assert_eq!((all.bounds(), all.rows()), (bounds(-2, 3), 2));
        assert_eq!(all.finding(), Finding::Agrees);
        assert_eq!(all.correction(), 0);
        assert_eq!(Offsets::default().finding(), Finding::Unknown);
    }

    #[test]
    fn what_a_difference_is() {
        for (at_least, at_most, finding, correction) in [
            (-MS, MS, Finding::Agrees, 0),
            (MS, 2 * MS, Finding::Agrees, 3 * MS / 2),
            (MS + 1, 2 * MS, Finding::Differs, 3 * MS / 2),
            (-2 * MS, -MS, Finding::Agrees, -3 * MS / 2),
            (-2 * MS, -MS - 1, Finding::Differs, -3 * MS / 2 - 1),
            (MS, 0, Finding::Agrees, MS / 2),
            (MS + 1, 0, Finding::Contradictory, 0),
        ] {
            let found = offsets([bounds(at_least, at_most)]);
            assert_eq!(found.finding(), finding, "{at_least} {at_most}");
            let off = (found.correction() - correction).abs();
            assert!(off <= 1, "{at_least} {at_most} {}", found.correction());
        }
        let ahead = Bounds {
            at_least: Some(7 * MS),
            at_most: None,
        };
        let found = offsets([ahead]);
        assert_eq!(
            (found.finding(), found.correction()),
            (Finding::Differs, 7 * MS)
        );
    }

    #[test]
    fn time_zones_are_recognised() {
        let hour = 3_600_000 * MS;
        for (middle, quarters) in [
            (hour, 4),
            (-5 * hour, -20),
            (hour + 2_000 * MS, 4),
            (-hour / 4 - 4_000 * MS, -1),
            (hour + 6_000 * MS, 0),
            (5_000 * MS, 0),
            (hour / 3, 0),
        ] {
            let found = offsets([bounds(middle - MS, middle + MS)]);
            assert_eq!(found.quarters_of_an_hour(), quarters, "{middle}");
        }
    }

    #[test]
    fn a_clock_that_drifts_is_told_from_one_that_is_off() {
        // 1 ms in 1,000 rows.
        let drifting =
            offsets((0..1_000).map(|row| bounds(row * 1_000 - 50_000, row * 1_000 + 50_000)));
        let drift = drifting.drift().expect("enough rows");
        assert_eq!(drift.contradiction(), 0);
        assert!(drift.at_least >= Some(300_000), "{drift:?}");
        assert!(drift.at_most <= Some(1_000_000), "{drift:?}");
        let off = offsets([bounds(5 * MS, 6 * MS); 1_000]).drift();
        assert_eq!(off, Some(bounds(-MS, MS)));
        assert_eq!(offsets([bounds(0, 1); 2]).drift(), None);
    }

    #[test]
    fn extremes_do_not_overflow() {
        let wild = offsets([
            bounds(i64::MIN, i64::MAX),
            bounds(i64::MAX, i64::MIN),
            bounds(i64::MIN, i64::MIN),
        ]);
        wild.drift();
        wild.quarters_of_an_hour();
        assert_eq!(wild.finding(), Finding::Contradictory);
    }

    proptest! {
        #[test]
        fn blocks_lose_nothing(rows in proptest::collection::vec((-99i64..99, -99i64..99), 1..500)) {
            let all = offsets(rows.iter().map(|&(low, high)| bounds(low, high)));
            let low = rows.iter().map(|row| row.0).max();
            let high = rows.iter().map(|row| row.1).min();
            prop_assert_eq!((all.bounds().at_least, all.bounds().at_most), (low, high));
            prop_assert_eq!(all.rows(), rows.len() as u64);
            prop_assert!(all.blocks.len() <= Offsets::MOST_BLOCKS);
        }
    }
}
