//! Tests of random.

use super::*;

#[test]
fn the_generator_matches_published_numbers() {
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
