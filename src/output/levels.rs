//! The levels of a sweep.

use crate::output::summary::Summary;

/// What came of one level.
#[derive(Clone, Debug)]
pub struct Level {
    /// Shoppers at once.
    pub concurrent: u64,
}

impl Level {
    /// A level of which no round was run yet.
    pub fn new(concurrent: u64) -> Level {
        Level { concurrent }
    }

    /// Takes in a round.
    pub fn add_round(&mut self, _: &Summary, _: i64, _: bool) {}
}
