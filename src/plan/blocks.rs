//! The order of a randomized complete block: everything once, in an order drawn from the seed.

use super::random::{GOLDEN, SplitMix64, mix};

/// Keeps the orders of blocks independent of what is bought in them.
const ORDERING: u64 = 0x626c_6f63_6b73;

/// The numbers below `parts`, each once, in the order of block `round` (counted from 0): every order has
/// the same probability (Fisher and Yates), and the same seed and round make the same order.
pub fn block(seed: u64, round: u64, parts: usize) -> Vec<usize> {
    let number = round.wrapping_mul(GOLDEN) ^ ORDERING;
    let mut random = SplitMix64(mix(seed ^ mix(number)));
    let mut order: Vec<usize> = (0..parts).collect();
    for last in (1..parts).rev() {
        order.swap(last, random.below(last as u64 + 1) as usize);
    }
    order
}

#[cfg(test)]
#[path = "blocks_tests.rs"]
mod tests;
