//! Who buys what, and when: pure and seeded. A load model is a plan, never a branch of a connection.
//!
//! ```text
//!              arrivals: come whatever the others do
//!   Plan ──────────────────────────────────────────────► due: shopper i at origin + t
//!     ▲                                                            │
//!     └──── successor: who follows on a place that became free ◄───┘ is through
//! ```
//!
//! In a closed load (the burst is one) all arrive once and are followed; in an open one everybody
//! arrives and nobody is followed.

mod closed;
mod open;
mod order;
mod random;

pub use closed::{Closed, Think};
pub use open::{Curve, Open, Pattern, Stage};
pub use order::{DOMAIN, Order, Orders};

use serde::{Deserialize, Serialize};

/// One part of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Who buys what.
    pub orders: Orders,
    /// When.
    pub load: Load,
}

/// When shoppers are launched.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// So many at a time, each followed by the next.
    Closed(Closed),
    /// By the clock, however slow the server is.
    Open(Open),
}

/// What is to be expected of a load's launches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// All at once, once.
    #[default]
    Burst,
    /// So many at a time, one after the other or spread from the beginning.
    Closed,
    /// By the clock.
    Open,
}

/// A shopper who is to be launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which one; [`Orders::order`] says what it buys.
    pub index: u64,
    /// When, in nanoseconds after the origin of the part.
    pub after: u64,
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
        }
    }

    /// Those who come whatever the others do, in the order in which they are due.
    pub fn arrivals(&self) -> Arrivals {
        match &self.load {
            Load::Closed(closed) => Arrivals::Closed(closed.arrivals()),
            Load::Open(open) => Arrivals::Open(open.arrivals(self.orders.seed ^ self.orders.first)),
        }
    }

    /// Who follows on the place of shopper `index`, who was through `ended` nanoseconds after the
    /// origin.
    pub fn successor(&self, index: u64, ended: u64) -> Option<Due> {
        match &self.load {
            Load::Closed(closed) => {
                closed.successor(self.orders.seed ^ self.orders.first, index, ended)
            }
            Load::Open(_) => None,
        }
    }

    /// Places that are there from the beginning: the shopper with the number of a place is the first
    /// on it. Arrivals of an open load take any place that is free.
    pub fn places(&self) -> usize {
        match &self.load {
            Load::Closed(closed) => closed.places(),
            Load::Open(_) => 0,
        }
    }

    /// The most shoppers in flight at once.
    pub fn most_in_flight(&self) -> usize {
        match &self.load {
            Load::Closed(closed) => closed.places(),
            Load::Open(open) => open.max_in_flight,
        }
    }

    /// What all rows say in `concurrent_requests`; absent where each has the number in flight at its
    /// launch.
    pub fn level(&self) -> Option<u64> {
        match &self.load {
            Load::Closed(closed) => Some(closed.shoppers as u64),
            Load::Open(_) => None,
        }
    }

    /// What kind of load it is.
    pub fn kind(&self) -> Kind {
        match &self.load {
            Load::Closed(closed) if closed.is_burst() => Kind::Burst,
            Load::Closed(_) => Kind::Closed,
            Load::Open(_) => Kind::Open,
        }
    }

    /// Whether those who arrive do so at the same instant.
    pub fn begins_at_once(&self) -> bool {
        matches!(&self.load, Load::Closed(closed) if closed.ramp_up.is_zero())
    }
}

/// The arrivals of a plan.
#[derive(Clone, Debug)]
pub enum Arrivals {
    /// Of a closed load.
    Closed(closed::Arrivals),
    /// Of an open one.
    Open(open::Arrivals),
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

/// A span in nanoseconds; more than 584 years are as good as for ever.
fn nanos(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
