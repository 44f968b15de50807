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

use serde::{Deserialize, Serialize};

use crate::row::Exchange;
use crate::row::journey::ServerTimes;
use crate::time::clock::Clock;

/// An interval in which the offset lies, nanoseconds; a bound that no row gave is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Takes in what one row says.
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

    /// Takes in the bounds of rows that came later.
    pub fn merge(&mut self, other: &Offsets) {
        self.rows = self.rows.saturating_add(other.rows);
        self.blocks.extend(&other.blocks);
        self.size = self.size.max(other.size);
        while self.blocks.len() > Self::MOST_BLOCKS {
            self.blocks = self.blocks.chunks(2).map(together).collect();
            self.size = self.size.saturating_mul(2);
        }
        // What comes next begins a block of its own.
        self.filled = self.size;
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
#[path = "offset_tests.rs"]
mod tests;
