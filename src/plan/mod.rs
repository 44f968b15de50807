//! Which shopper buys what, and when: pure and seeded. A load model is a plan, never a branch of a
//! connection.
//!
//! ```text
//!              arrivals: independent of the other shoppers
//!   Plan ──────────────────────────────────────────────► due: shopper i at origin + t
//!     ▲                                                            │
//!     └──── successor: the next iteration of a virtual user ◄──────┘ finished
//! ```
//!
//! In a closed workload (such as a burst) each virtual user arrives once and iterates; in an open one
//! every shopper arrives at the planned rate and none has a successor.

mod blocks;
mod closed;
mod due;
mod encoding;
mod open;
mod order;
pub mod random;
mod shard;
mod table;
mod template;

use std::time::Duration;

pub use blocks::block;
pub use closed::{Closed, Think};
pub use due::Due;
pub use encoding::Encoding;
pub use open::{Curve, Open, Pattern, Stage};
pub use order::{DOMAIN, Identity, Order, Orders};
pub use shard::Shard;
pub use table::{LARGEST_FILE, Table, TableError};
pub use template::{Template, TemplateError, Values};

use serde::{Deserialize, Serialize};

/// One part of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What each shopper buys.
    pub orders: Orders,
    /// When shoppers arrive.
    pub load: Load,
    /// Which of them this process launches: virtual users of a closed workload by their places, arrivals of
    /// an open one by their indices.
    pub shard: Shard,
}

/// When shoppers are launched.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// A number of virtual users in parallel, each iteration followed by the next.
    Closed(Closed),
    /// An open workload: arrivals at a rate that does not depend on the server.
    Open(Open),
}

/// How a load launches its shoppers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// All at once, once.
    #[default]
    Burst,
    /// Virtual users that iterate, or that start over a ramp-up.
    Closed,
    /// An open workload.
    Open,
}

impl Plan {
    /// A burst: all at once, once.
    pub fn burst(orders: Orders, shoppers: usize) -> Plan {
        let once = Closed {
            shoppers,
            total: Some(shoppers as u64),
            ..Closed::default()
        };
        Plan {
            orders,
            load: Load::Closed(once),
            shard: Shard::WHOLE,
        }
    }

    /// The shoppers that arrive independently of the others, in the order in which they are due.
    pub fn arrivals(&self) -> Arrivals {
        match &self.load {
            Load::Closed(closed) => Arrivals::Closed(closed.arrivals(self.shard)),
            Load::Open(open) => Arrivals::Open(open.arrivals(self.seed(), self.shard)),
        }
    }

    /// The next iteration of the virtual user that shopper `index` was, which ended `ended` nanoseconds
    /// after the origin. Between the two is the think time, at least `least_pause` nanoseconds.
    pub fn successor(&self, index: u64, ended: u64, least_pause: u64) -> Option<Due> {
        match &self.load {
            Load::Closed(closed) => closed.successor(self.seed(), index, ended, least_pause),
            Load::Open(_) => None,
        }
    }

    /// The think time that belongs to the iteration of shopper `index`, nanoseconds, whether or not
    /// another iteration follows it.
    pub fn think_after(&self, index: u64) -> u64 {
        match &self.load {
            Load::Closed(closed) => closed.think_after(self.seed(), index),
            Load::Open(_) => 0,
        }
    }

    /// The virtual users of a closed workload that are launched here: each has a slot from the beginning.
    /// Arrivals of an open workload (0 virtual users) take any slot that is free.
    pub fn virtual_users(&self) -> usize {
        match &self.load {
            Load::Closed(closed) => self.shard.share(closed.virtual_users() as u64) as usize,
            Load::Open(_) => 0,
        }
    }

    /// The index of the first shopper of a virtual user's slot.
    pub fn first_of_slot(&self, slot: usize) -> u64 {
        self.shard.nth(slot as u64)
    }

    /// The slot of the virtual user whose first shopper has that index.
    pub fn slot_of(&self, first: u64) -> usize {
        self.shard.place_of(first) as usize
    }

    /// Whether arrivals do not depend on the server.
    pub fn is_open(&self) -> bool {
        matches!(self.load, Load::Open(_))
    }

    /// The most shoppers in flight at once.
    pub fn most_in_flight(&self) -> usize {
        match &self.load {
            Load::Closed(_) => self.virtual_users(),
            Load::Open(open) => open.max_in_flight,
        }
    }

    /// The total number of shoppers that are launched here, if the plan fixes it.
    pub fn total(&self) -> Option<u64> {
        match &self.load {
            Load::Closed(closed) => closed.total_of(self.shard),
            Load::Open(open) => open.count.map(|count| self.shard.share(count)),
        }
    }

    /// The expected number of shoppers that are launched here, if it is known in advance: of arrivals that
    /// are evenly spaced or counted, and of a number of iterations.
    pub fn known_total(&self) -> Option<u64> {
        match &self.load {
            Load::Closed(closed) => self.total().filter(|_| closed.duration.is_none()),
            Load::Open(open) => match (open.pattern, open.span()) {
                (Pattern::Constant, Some(_)) => Some(self.arrivals().skip_rest()),
                // Stages may be over before.
                _ => self
                    .total()
                    .filter(|_| open.duration.is_none() && !matches!(open.curve, Curve::Stages(_))),
            },
        }
    }

    /// The planned span, independent of the server: rates are counts over this span at least.
    ///
    /// N arrivals at a constant rate span N intervals, the one after the last included. A closed
    /// workload has a planned span only if nothing but its duration ends it.
    pub fn planned_span(&self) -> Option<Duration> {
        match &self.load {
            Load::Closed(closed) => closed.duration.filter(|_| closed.total.is_none()),
            Load::Open(open) => open.span(),
        }
    }

    /// How long the plan was, once `launched` shoppers were launched: a closed workload with a number
    /// of iterations and a duration is as long as the duration unless the iterations ended first.
    pub fn span_once_launched(&self, launched: u64) -> Option<Duration> {
        match &self.load {
            Load::Closed(closed) if self.total().is_none_or(|total| launched < total) => {
                closed.duration
            }
            _ => self.planned_span(),
        }
    }

    /// The `concurrent_requests` of all rows, which is the level of the whole plan; absent where each has
    /// the number in flight here at its launch.
    pub fn level(&self) -> Option<u64> {
        match &self.load {
            Load::Closed(closed) => Some(closed.shoppers as u64),
            Load::Open(_) => None,
        }
    }

    /// The kind of load.
    pub fn kind(&self) -> Kind {
        match &self.load {
            Load::Closed(closed) if closed.is_burst() => Kind::Burst,
            Load::Closed(_) => Kind::Closed,
            Load::Open(_) => Kind::Open,
        }
    }

    /// Whether all arrivals are at the same instant.
    pub fn begins_at_once(&self) -> bool {
        matches!(&self.load, Load::Closed(closed) if closed.ramp_up.is_zero())
    }

    /// Determines what is random in the times of this part.
    fn seed(&self) -> u64 {
        self.orders.seed ^ self.orders.first
    }
}

/// The arrivals of a plan.
#[derive(Clone, Debug)]
pub enum Arrivals {
    /// Of a closed workload.
    Closed(closed::Arrivals),
    /// Of an open one.
    Open(open::Arrivals),
}

impl Arrivals {
    /// Skips the arrivals that are due at most `until` nanoseconds after the origin, and counts
    /// them. The work is bounded: of a Poisson process some may be left for the next call.
    pub fn skip_through(&mut self, until: u64) -> u64 {
        match self {
            Arrivals::Closed(_) => 0,
            Arrivals::Open(arrivals) => arrivals.skip_through(until),
        }
    }

    /// Skips all remaining arrivals of an open workload and counts them, in bounded time. Of
    /// a long Poisson process the rest is counted as expected.
    pub fn skip_rest(&mut self) -> u64 {
        match self {
            Arrivals::Closed(_) => 0,
            Arrivals::Open(arrivals) => arrivals.skip_rest(),
        }
    }
}

impl Iterator for Arrivals {
    type Item = Due;

    fn next(&mut self) -> Option<Due> {
        match self {
            Arrivals::Closed(arrivals) => arrivals.next(),
            Arrivals::Open(arrivals) => arrivals.next(),
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
