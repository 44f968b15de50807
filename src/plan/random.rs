//! Random numbers that are the same on every platform and in every version.

/// The generator of Steele, Lea and Flood ("Fast splittable pseudorandom number generators", 2014):
/// a few lines whose results do not change with the version of a library.
#[derive(Clone, Copy, Debug)]
pub struct SplitMix64(
    /// The state: any seed.
    pub u64,
);

/// 2^64 divided by the golden ratio: the step of the state.
pub const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl SplitMix64 {
    /// The next 64 bits.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Below `bound`, by multiplication: the bias is at most bound / 2^64.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// Exponentially distributed with mean 1: the spacing of a Poisson process.
    pub fn exponential(&mut self) -> f64 {
        // 53 random bits, in (0, 1]: the logarithm is finite.
        let uniform = ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64;
        -uniform.ln()
    }
}

/// Spreads the bits of a number: neighbouring numbers become unrelated ones.
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
#[path = "random_tests.rs"]
mod tests;
