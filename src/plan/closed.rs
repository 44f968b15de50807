//! The closed workload: a fixed number of virtual users that iterate.

use std::time::Duration;

use super::due::{Due, nanos};
use super::random::{GOLDEN, SplitMix64, mix};
use super::shard::Shard;

/// A closed workload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// How many virtual users.
    pub shoppers: usize,
    /// The total number of iterations; `None` for no limit but the duration.
    pub total: Option<u64>,
    /// The duration: no iteration starts this long after the origin or later.
    pub duration: Option<Duration>,
    /// The think time between one iteration of a virtual user and the next.
    pub think: Think,
    /// The time over which the first iterations are spread.
    pub ramp_up: Duration,
}

/// The pause between one iteration and the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Think {
    /// Always the same.
    Fixed(Duration),
    /// Exponentially distributed, with this mean.
    Exponential(Duration),
}

impl Default for Think {
    fn default() -> Think {
        Think::Fixed(Duration::ZERO)
    }
}

impl Think {
    /// The think time before shopper `index`, in nanoseconds: a function of the seed and the index alone.
    fn before(self, seed: u64, index: u64) -> u64 {
        match self {
            Think::Fixed(span) => nanos(span),
            Think::Exponential(mean) => {
                // Independent of the random numbers of the same shopper's order.
                let mut random = SplitMix64(mix(!seed ^ mix(index.wrapping_add(GOLDEN))));
                (nanos(mean) as f64 * random.exponential()) as u64
            }
        }
    }
}

impl Closed {
    /// Virtual users that have at least one iteration.
    pub(super) fn virtual_users(&self) -> usize {
        let total = self.total.unwrap_or(u64::MAX);
        usize::try_from(total).map_or(self.shoppers, |total| total.min(self.shoppers))
    }

    pub(super) fn is_burst(&self) -> bool {
        self.total == Some(self.shoppers as u64) && self.ramp_up.is_zero()
    }

    /// The iterations that a shard launches, if their number is fixed.
    pub(super) fn total_of(&self, shard: Shard) -> Option<u64> {
        let (total, users) = (self.total?, self.shoppers as u64);
        let (Some(each), Some(rest)) = (total.checked_div(users), total.checked_rem(users)) else {
            return Some(0);
        };
        Some(shard.share(users).saturating_mul(each) + shard.share(rest))
    }

    pub(super) fn arrivals(&self, shard: Shard) -> Arrivals {
        Arrivals {
            next: 0,
            shard,
            virtual_users: self.virtual_users() as u64,
            ramp_up: nanos(self.ramp_up),
            end: self.end(),
        }
    }

    pub(super) fn successor(
        &self,
        seed: u64,
        index: u64,
        ended: u64,
        least_pause: u64,
    ) -> Option<Due> {
        let index = index.checked_add(self.shoppers as u64)?;
        if self.total.is_some_and(|total| index >= total) {
            return None;
        }
        let pause = self.think.before(seed, index).max(least_pause);
        let after = ended.saturating_add(pause);
        (after < self.end()).then_some(Due { index, after })
    }

    pub(super) fn think_after(&self, seed: u64, index: u64) -> u64 {
        self.think
            .before(seed, index.wrapping_add(self.shoppers as u64))
    }

    fn end(&self) -> u64 {
        self.duration.map_or(u64::MAX, nanos)
    }
}

/// The first iteration of each virtual user.
#[derive(Clone, Debug)]
pub struct Arrivals {
    /// Of the shard's own.
    next: u64,
    shard: Shard,
    virtual_users: u64,
    ramp_up: u64,
    end: u64,
}

impl Iterator for Arrivals {
    type Item = Due;

    fn next(&mut self) -> Option<Due> {
        let index = self.shard.nth(self.next);
        if index >= self.virtual_users {
            return None;
        }
        // Multiplied, then divided: intervals are never summed up.
        let after = u128::from(self.ramp_up) * u128::from(index) / u128::from(self.virtual_users);
        let after = after as u64;
        self.next += 1;
        (after < self.end).then_some(Due { index, after })
    }
}

#[cfg(test)]
#[path = "closed_tests.rs"]
mod tests;
