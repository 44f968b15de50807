//! The offset of a server's clock, bounded by the times of purchases.
//!
//! The offset is the server's clock minus the client's at the same instant. A server
//! cannot have started before the client's request left, nor have stopped after the client had the
//! answer:
//!
//! ```text
//! server started − offset ≥ client sent      ⇒  offset ≤ server started − client sent
//! server stopped − offset ≤ client stopped   ⇒  offset ≥ server stopped − client stopped
//! ```
//!
//! where "sent" is the instant just before the first byte could leave. Each answer gives both
//! bounds; together they narrow an interval, whose width is that of the fastest outbound and
//! the fastest return path. Symmetric paths are not assumed.
//!
//! This module knows only intervals; `row` and `check` make them.

use serde::{Deserialize, Serialize};

/// An interval in which the offset lies, nanoseconds; a bound that no row gave is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// The largest lower bound, nanoseconds.
    pub at_least: Option<i64>,
    /// The smallest upper bound. Below `at_least`, the rows contradict one another.
    pub at_most: Option<i64>,
}

impl Bounds {
    /// The bounds from one answer.
    pub fn of(answer: Answered) -> Bounds {
        let beyond = |server: Option<i64>, client: Option<i64>| server?.checked_sub(client?);
        Bounds {
            at_least: beyond(answer.stopped, answer.received),
            // The reading was cut: the true one may lie beyond it.
            at_most: beyond(answer.started, answer.sent)
                .map(|bound| bound.saturating_add(answer.resolution)),
        }
    }

    /// The intersection of both.
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

    /// The conclusion from the bounds: whether the clocks agree within `limit` nanoseconds, 0 or more.
    pub fn finding(self, limit: i64) -> Finding {
        let low = self.at_least.unwrap_or(i64::MIN);
        let high = self.at_most.unwrap_or(i64::MAX);
        if self == Bounds::default() {
            Finding::Unknown
        } else if self.contradiction() > limit {
            Finding::Contradictory
        } else if low > limit || high < -limit {
            Finding::Differs
        } else {
            Finding::Agrees
        }
    }

    /// The whole quarters of an hour (negative: behind) that the clocks differ by, give or take a few
    /// seconds: then it is a time zone. `None` if not, or if the bounds are too wide.
    pub fn quarters_of_an_hour(self) -> Option<i64> {
        /// No two time zones are further apart than 26 hours.
        const MOST: i64 = 4 * 26;
        let low = self.at_least.or(self.at_most)?;
        let high = self.at_most.or(self.at_least)?;
        let quarters = self
            .middle()
            .saturating_add(QUARTER / 2)
            .div_euclid(QUARTER);
        let zone = quarters.saturating_mul(QUARTER);
        let is_near = low.saturating_sub(NEAR) <= zone && zone <= high.saturating_add(NEAR);
        let is_clear = high.saturating_sub(low) <= WIDEST;
        (quarters != 0 && quarters.abs() <= MOST && is_near && is_clear).then_some(quarters)
    }

    /// What to subtract from the server's readings to compare them with the client's, in nanoseconds:
    /// exactly the difference of two time zones where the bounds allow one, else the middle between them. 0
    /// where they allow that.
    pub fn correction(self) -> i64 {
        self.whole_zone().unwrap_or_else(|| self.middle())
    }

    /// The difference of two time zones, nanoseconds, that the bounds allow exactly.
    fn whole_zone(self) -> Option<i64> {
        let zone = self
            .quarters_of_an_hour()
            .map(|quarters| quarters * QUARTER);
        let allowed = |zone: &i64| {
            let (low, high) = (self.at_least, self.at_most);
            low.is_none_or(|low| low.saturating_sub(MATTERS) <= *zone)
                && high.is_none_or(|high| *zone <= high.saturating_add(MATTERS))
        };
        zone.filter(allowed)
    }

    /// How far the true offset may be from [`Bounds::correction`], nanoseconds: half the interval where
    /// that is its middle. `None` where a whole number settles it: that of a time zone, or 0, which is
    /// what clocks that keep time show.
    fn uncertainty(self) -> Option<i64> {
        let (low, high) = (self.at_least?, self.at_most?);
        let is_middle = self.whole_zone().is_none() && (low > 0 || high < 0);
        is_middle.then(|| (high.saturating_sub(low) / 2).max(0))
    }

    /// The offset estimate, in nanoseconds: 0 if the bounds allow it, else the middle between them.
    fn middle(self) -> i64 {
        match (self.at_least, self.at_most) {
            (Some(low), Some(high)) if low > 0 || high < 0 => low.midpoint(high),
            (Some(low), None) => low.max(0),
            (None, Some(high)) => high.min(0),
            _ => 0,
        }
    }

    /// The difference to `earlier`, in nanoseconds, at least and at most.
    fn change_since(self, earlier: Bounds) -> Bounds {
        let less = |a: Option<i64>, b: Option<i64>| Some(a?.saturating_sub(b?));
        Bounds {
            at_least: less(self.at_least, earlier.at_most),
            at_most: less(self.at_most, earlier.at_least),
        }
    }
}

/// The instants of one answer that bound the offset, nanoseconds since the Unix epoch, each where it is
/// known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// Just before the first byte of the request could leave, by the client's clock.
    pub sent: Option<i64>,
    /// When the answer had arrived, by the client's clock.
    pub received: Option<i64>,
    /// The latest time at which the server had the request, by its clock; the true reading is at most
    /// `resolution` later.
    pub started: Option<i64>,
    /// When the server was still at work, by its clock; likewise.
    pub stopped: Option<i64>,
    /// What the server's way of writing times cut off at most, nanoseconds.
    pub resolution: i64,
}

/// Time zones are whole multiples of this apart, nanoseconds.
const QUARTER: i64 = 900 * 1_000_000_000;

/// The largest distance from such a multiple, in nanoseconds, that still counts as a time zone.
const NEAR: i64 = 5 * 1_000_000_000;

/// Bounds wider than this, in nanoseconds, cannot identify a time zone.
const WIDEST: i64 = QUARTER / 3;

/// An offset smaller than this, nanoseconds, is negligible for conclusions about a shop.
pub const MATTERS: i64 = 1_000_000;

/// The conclusion about a server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// No times were reported.
    Unknown,
    /// The clocks agree, or may: 0 lies in the interval or within 1 ms of it.
    Agrees,
    /// The clocks differ by more than 1 ms.
    Differs,
    /// The rows contradict one another by more than 1 ms: a clock moved, or several machines answer.
    Contradictory,
}

/// The bounds of a run's rows, in bounded memory: in blocks of consecutive rows, of which
/// there are at most 48, so that early and late rows can be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Adds the bounds of one row.
    pub fn add(&mut self, bounds: Bounds) {
        if bounds == Bounds::default() {
            return;
        }
        self.rows = self.rows.saturating_add(1);
        if self.filled < self.size
            && let Some(last) = self.blocks.last_mut()
        {
            *last = last.and(bounds);
            self.filled += 1;
            return;
        }
        if self.blocks.len() >= Self::MOST_BLOCKS {
            self.blocks = (self.blocks.chunks(2)).map(together).collect();
            self.size = self.size.saturating_mul(2);
        }
        self.blocks.push(bounds);
        self.filled = 1;
    }

    /// Appends the bounds of later rows.
    pub fn merge(&mut self, other: &Offsets) {
        self.rows = self.rows.saturating_add(other.rows);
        self.blocks.extend(&other.blocks);
        self.size = self.size.max(other.size);
        while self.blocks.len() > Self::MOST_BLOCKS {
            self.blocks = self.blocks.chunks(2).map(together).collect();
            self.size = self.size.saturating_mul(2);
        }
        // The next row begins a new block.
        self.filled = self.size;
    }

    /// The same with all bounds moved, nanoseconds.
    pub fn shifted(&self, nanos: i64) -> Offsets {
        let moved = |bound: Option<i64>| Some(bound?.saturating_add(nanos));
        let blocks = self.blocks.iter().map(|bounds| Bounds {
            at_least: moved(bounds.at_least),
            at_most: moved(bounds.at_most),
        });
        Offsets {
            blocks: blocks.collect(),
            ..self.clone()
        }
    }

    /// Rows that gave a bound.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The intersection of the bounds of all rows.
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

    /// The conclusion from it.
    pub fn finding(&self) -> Finding {
        self.bounds().finding(MATTERS)
    }

    /// What to subtract from the server's readings to compare them with the client's, in nanoseconds. 0
    /// where the clocks may agree, and where the bounds contradict each other.
    pub fn correction(&self) -> i64 {
        match self.finding() {
            Finding::Unknown | Finding::Contradictory => 0,
            Finding::Agrees | Finding::Differs => self.bounds().correction(),
        }
    }

    /// How far the true offset may be from [`Offsets::correction`], nanoseconds; absent where nothing
    /// but 0 or a time zone explains the readings.
    pub fn uncertainty(&self) -> Option<i64> {
        match self.finding() {
            Finding::Differs => self.bounds().uncertainty(),
            _ => None,
        }
    }

    /// The whole quarters of an hour (negative: behind) that the clocks differ by, give or take a
    /// few seconds: then it is a time zone. 0 if not.
    pub fn quarters_of_an_hour(&self) -> i64 {
        match self.finding() {
            Finding::Differs => self.bounds().quarters_of_an_hour().unwrap_or(0),
            _ => 0,
        }
    }
}

fn together(blocks: &[Bounds]) -> Bounds {
    blocks.iter().copied().fold(Bounds::default(), Bounds::and)
}

#[cfg(test)]
#[path = "offset_tests.rs"]
mod tests;
