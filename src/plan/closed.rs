//! The closed load: a fixed number of shoppers at a time. Where one is through, the next begins.

use std::time::Duration;

use super::random::{GOLDEN, SplitMix64, mix};
use super::{Due, nanos};

/// So many shoppers at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// How many at a time.
    pub shoppers: usize,
    /// How many in all; `None` for as many as there is time for.
    pub total: Option<u64>,
    /// Nobody begins this long after the origin, or later.
    pub duration: Option<Duration>,
    /// What lies between a purchase and the next on the same place.
    pub think: Think,
    /// The time over which the first ones are spread.
    pub ramp_up: Duration,
}

/// The pause between one purchase and the next.
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
    /// How long before shopper `index`, nanoseconds: a function of the seed and the index alone.
    fn before(self, seed: u64, index: u64) -> u64 {
        match self {
            Think::Fixed(span) => nanos(span),
            Think::Exponential(mean) => {
                // Apart from the numbers that decide the order of the same shopper.
                let mut random = SplitMix64(mix(!seed ^ mix(index.wrapping_add(GOLDEN))));
                (nanos(mean) as f64 * random.exponential()) as u64
            }
        }
    }
}

impl Closed {
    /// Places that are used at all.
    pub(super) fn places(&self) -> usize {
        let total = self.total.unwrap_or(u64::MAX);
        usize::try_from(total).map_or(self.shoppers, |total| total.min(self.shoppers))
    }

    pub(super) fn is_burst(&self) -> bool {
        self.total == Some(self.shoppers as u64) && self.ramp_up.is_zero()
    }

    pub(super) fn arrivals(&self) -> Arrivals {
        Arrivals {
            next: 0,
            places: self.places() as u64,
            ramp_up: nanos(self.ramp_up),
            end: self.end(),
        }
    }

    pub(super) fn successor(&self, seed: u64, index: u64, ended: u64) -> Option<Due> {
        let index = index.checked_add(self.shoppers as u64)?;
        if self.total.is_some_and(|total| index >= total) {
            return None;
        }
        let after = ended.saturating_add(self.think.before(seed, index));
        (after < self.end()).then_some(Due { index, after })
    }

    fn end(&self) -> u64 {
        self.duration.map_or(u64::MAX, nanos)
    }
}

/// The first shopper on each place.
#[derive(Clone, Debug)]
pub struct Arrivals {
    next: u64,
    places: u64,
    ramp_up: u64,
    end: u64,
}

impl Iterator for Arrivals {
    type Item = Due;

    fn next(&mut self) -> Option<Due> {
        let index = self.next;
        if index >= self.places {
            return None;
        }
        // Multiplied, then divided: intervals are never summed up.
        let after = u128::from(self.ramp_up) * u128::from(index) / u128::from(self.places);
        let after = after as u64;
        self.next += 1;
        (after < self.end).then_some(Due { index, after })
    }
}

#[cfg(test)]
#[path = "closed_tests.rs"]
mod tests;
