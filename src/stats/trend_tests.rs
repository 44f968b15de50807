//! Tests of the trend over time.

use super::*;

/// R 4.2.2: `cor.test(1:8, x, method = "kendall", exact = TRUE)`.
#[test]
fn eight_values_agree_with_r() {
    let trend = trend(&[3.1, 2.9, 3.3, 3.6, 3.2, 3.9, 4.1, 3.8]).expect("enough");
    assert!((trend.tau - 0.6428571428571429).abs() < 1e-12);
    assert!(
        (trend.chance - 0.03115079365079354).abs() < 1e-12,
        "{trend:?}"
    );
}

#[test]
fn a_rise_and_a_fall_are_opposite() {
    let rising: Vec<f64> = (0..10).map(f64::from).collect();
    let falling: Vec<f64> = rising.iter().rev().copied().collect();
    let (up, down) = (trend(&rising).expect("ten"), trend(&falling).expect("ten"));
    assert_eq!((up.tau, down.tau), (1.0, -1.0));
    // Two of 10! orders.
    assert!((up.chance - 2.0 / 3_628_800.0).abs() < 1e-15);
    assert_eq!(up.chance, down.chance);
}

#[test]
fn equal_values_have_no_trend() {
    let flat = trend(&[1.0; 12]).expect("twelve");
    assert_eq!(flat.tau, 0.0);
    assert!(flat.chance > 0.9, "{flat:?}");
    assert_eq!(trend(&[1.0, 2.0]), None);
}

#[test]
fn long_series_continue_the_exact_distribution() {
    let series = |n: usize| -> Vec<f64> {
        (0..n)
            .map(|at| (at * 37 % n) as f64 + 0.3 * at as f64)
            .collect()
    };
    let (exact, normal) = (trend(&series(100)), trend(&series(101)));
    let (exact, normal) = (exact.expect("values"), normal.expect("values"));
    assert!((0.0..=1.0).contains(&exact.chance) && (0.0..=1.0).contains(&normal.chance));
    let infinite = trend(&[f64::INFINITY; 101]).expect("values");
    assert_eq!(infinite.chance, 1.0);
}

/// By counting all orders.
#[test]
fn the_distribution_of_falling_pairs_is_that_of_all_orders() {
    let counts = [1.0, 3.0, 5.0, 6.0, 5.0, 3.0, 1.0];
    for (probability, count) in inversions(4).iter().zip(counts) {
        assert!((probability - count / 24.0).abs() < 1e-15);
    }
}
