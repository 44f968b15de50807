//! Tests of the moving-block bootstrap.

use super::*;

fn normal(random: &mut SplitMix64) -> f64 {
    (0..12)
        .map(|_| random.below(1 << 32) as f64 / 2f64.powi(32))
        .sum::<f64>()
        - 6.0
}

/// An autoregressive series.
fn series(n: usize, phi: f64, seed: u64) -> Vec<f64> {
    let mut random = SplitMix64(mix(seed));
    let mut last = 0.0;
    (0..n)
        .map(|_| {
            last = phi * last + normal(&mut random);
            last
        })
        .collect()
}

fn mean(values: &mut [f64]) -> Option<f64> {
    Some(values.iter().sum::<f64>() / values.len() as f64)
}

#[test]
fn blocks_grow_with_the_autocorrelation() {
    let length = |phi| block_length(&series(2_000, phi, 1));
    assert!(length(0.0) <= 5, "{}", length(0.0));
    assert!(length(0.5) > length(0.0));
    assert!(
        length(0.9) > 2 * length(0.5),
        "{} {}",
        length(0.5),
        length(0.9)
    );
    assert!(length(0.9) <= 135);
}

#[test]
fn series_without_a_scatter_have_blocks_of_one() {
    assert_eq!(block_length(&[1.0; 100]), 1);
    assert_eq!(block_length(&[f64::INFINITY; 100]), 1);
    assert_eq!(block_length(&[]), 1);
}

#[test]
fn the_same_seed_gives_the_same_interval() {
    let values = series(300, 0.3, 2);
    let of = |seed| interval(&values, 5, 0.05, seed, mean);
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn few_values_have_no_interval() {
    assert_eq!(interval(&[1.0; 19], 1, 0.05, 1, mean), None);
    assert_eq!(interval(&[1.0; 20], 1, 0.05, 1, mean), Some([1.0, 1.0]));
    assert_eq!(interval(&[1.0; 20], 1, 0.05, 1, |_| None), None);
}

/// The share of series whose interval contains their true mean of 0.
fn coverage(phi: f64, block: impl Fn(&[f64]) -> usize) -> f64 {
    let contains = |seed| {
        let values = series(250, phi, seed);
        let [low, high] = interval(&values, block(&values), 0.05, seed, mean).expect("values");
        low <= 0.0 && 0.0 <= high
    };
    (0..100u64).filter(|seed| contains(*seed)).count() as f64 / 100.0
}

#[test]
fn intervals_of_dependent_values_cover_what_they_should() {
    let independent = coverage(0.0, block_length);
    assert!((0.87..1.0).contains(&independent), "{independent}");
    let dependent = coverage(0.7, block_length);
    assert!(dependent > 0.8, "{dependent}");
    // As if the values were independent.
    let blind = coverage(0.7, |_| 1);
    assert!(blind < 0.7, "{blind}");
}
