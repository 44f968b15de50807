//! Random numbers that are the same everywhere and for ever.

/// The generator of Steele, Lea and Flood ("Fast splittable pseudorandom number generators", 2014):
/// a few lines that will give the same shoppers in ten years, whatever a library does meanwhile.
#[derive(Clone, Copy, Debug)]
pub(super) struct SplitMix64(pub u64);

pub(super) const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl SplitMix64 {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Below `bound`, by multiplication: the bias is at most bound / 2^64.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// Exponentially distributed with mean 1: what lies between the events of a Poisson process.
    pub fn exponential(&mut self) -> f64 {
        // 53 random bits, in (0, 1]: the logarithm is finite.
        let uniform = ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64;
        -uniform.ln()
    }
}

pub(super) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_gives_the_published_numbers() {
        let mut random = SplitMix64(1_234_567);
        let numbers = [random.next(), random.next(), random.next()];
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn exponential_numbers_have_their_mean_and_their_tail() {
        let mut random = SplitMix64(7);
        let numbers: Vec<f64> = (0..100_000).map(|_| random.exponential()).collect();
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        let beyond = numbers.iter().filter(|&&x| x > 2.0).count() as f64 / 1e5;
        assert!((beyond - (-2.0f64).exp()).abs() < 0.005, "{beyond}");
        assert!(numbers.iter().all(|x| x.is_finite() && *x >= 0.0));
    }
}
