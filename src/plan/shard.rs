//! Which shoppers of a plan one of several processes launches.

/// A share of a plan: of every `count` places or arrivals in a row one, the `index`-th. All shards of a plan
/// derive the whole of it, and each launches what it owns: nothing is launched twice, and nothing by no one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Counted from 0.
    index: u64,
    /// How many shards there are.
    count: u64,
}

impl Default for Shard {
    fn default() -> Shard {
        Shard::WHOLE
    }
}

impl Shard {
    /// The only one: it owns everything.
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };

    /// Number `number` of `count`, counted from 1; absent if that does not exist.
    pub fn new(number: u64, count: u64) -> Option<Shard> {
        (1..=count).contains(&number).then(|| Shard {
            index: number - 1,
            count,
        })
    }

    /// Its number, counted from 1.
    pub fn number(self) -> u64 {
        self.index + 1
    }

    /// How many shards there are.
    pub fn count(self) -> u64 {
        self.count
    }

    /// Whether it is one of several.
    pub fn is_part(self) -> bool {
        self.count > 1
    }

    /// How many of the first `all` it owns.
    pub fn share(self, all: u64) -> u64 {
        all / self.count + u64::from(self.index < all % self.count)
    }

    /// Its own with that number, counted from 0.
    pub(super) fn nth(self, own: u64) -> u64 {
        own.saturating_mul(self.count).saturating_add(self.index)
    }

    /// How many it owns before one that it owns.
    pub(super) fn place_of(self, index: u64) -> u64 {
        index / self.count
    }

    /// The first that it owns from there on.
    pub(super) fn first_from(self, index: u64) -> u64 {
        self.nth(self.share(index))
    }
}

#[cfg(test)]
#[path = "shard_tests.rs"]
mod tests;
