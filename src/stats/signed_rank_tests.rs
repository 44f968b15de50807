//! Tests of the signed-rank interval: against R, against an enumeration of all signs, and its symmetries.

use super::*;
use proptest::prelude::*;

const INF: f64 = f64::INFINITY;

/// The figures of R 4.2.2, to 1e-9: `w <- wilcox.test(x, exact = TRUE, conf.int = TRUE, conf.level = ...)`, then
/// `w$estimate` and `w$conf.int`. No ties.
fn agrees(values: &[f64], level: f64, estimated: f64, limits: [f64; 2]) {
    let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
    let estimate = estimate(values).expect("values");
    assert!(close(estimate, estimated), "{estimate}");
    let interval = interval(values, 1.0 - level).expect("enough values");
    assert!(close(interval[0], limits[0]), "{interval:?}");
    assert!(close(interval[1], limits[1]), "{interval:?}");
}

/// Hollander and Wolfe's depression scores: `c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30, 2.02) -
/// c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29, 2.01)`.
const TEN: [f64; 10] = [
    1.83 - 0.878,
    0.50 - 0.647,
    1.62 - 0.598,
    2.48 - 2.05,
    1.68 - 1.06,
    1.88 - 1.29,
    1.55 - 1.06,
    -0.08,
    1.30 - 1.29,
    2.02 - 2.01,
];

#[test]
fn six_values_agree_with_r() {
    let six = [0.0213, -0.0041, 0.0132, 0.0087, 0.0306, 0.0159];
    agrees(&six, 0.95, 0.01455, [-0.0041, 0.0306]);
}

#[test]
fn ten_values_agree_with_r() {
    agrees(
        &TEN,
        0.95,
        0.43000000000000016,
        [0.01000000000000012, 0.726],
    );
    agrees(&TEN, 0.99, 0.43000000000000016, [-0.0685, 0.821]);
}

#[test]
fn fifteen_values_agree_with_r() {
    let fifteen = [
        -0.31, 0.42, 0.115, 0.87, -0.0525, 0.231, 0.6405, -0.127, 0.333, 0.0921, 0.504, -0.0187,
        0.2755, 0.731, 0.1609,
    ];
    agrees(&fifteen, 0.95, 0.2501, [0.055, 0.44594999999999996]);
    agrees(&fifteen, 0.99, 0.2501, [-0.01724999999999999, 0.53025]);
}

/// `psignrank(0:10, 10)` and `qsignrank(0.025, 20)` of R 4.2.2.
#[test]
fn the_distribution_agrees_with_r() {
    let expected = [
        0.0009765625,
        0.001953125,
        0.0029296875,
        0.0048828125,
        0.0068359375,
        0.009765625,
        0.013671875,
        0.0185546875,
        0.0244140625,
        0.0322265625,
        0.0419921875,
    ];
    let mut sum = 0.0;
    for (probability, expected) in probabilities(10).iter().zip(expected) {
        sum += probability;
        assert_eq!(sum, expected);
    }
    assert_eq!(place(20, 0.05), Some(53));
}

#[test]
fn six_values_are_the_fewest_for_95_percent() {
    assert_eq!(least(0.05), 6);
    assert_eq!(interval(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.05), None);
    let six = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    assert_eq!(interval(&six, 0.05), Some([1.0, 6.0]));
    assert_eq!(interval(&[], 0.05), None);
    // Sixteen secondary metrics.
    assert_eq!(least(0.05 / 16.0), 10);
}

/// The limit of a level that six values just reach: 1 - 2 / 2^6.
#[test]
fn a_level_that_is_reached_exactly_counts() {
    assert_eq!(least(2.0 / 64.0), 6);
    assert_eq!(least(2.0 / 64.0 - 1e-6), 7);
}

#[test]
fn closed_intervals_at_ties_contain_the_tie() {
    let ties = [0.0, 0.0, 0.0, 0.0, 1.0, 2.0];
    assert_eq!(interval(&ties, 0.05), Some([0.0, 2.0]));
    let same = [0.5; 8];
    assert_eq!(interval(&same, 0.05), Some([0.5, 0.5]));
    assert_eq!(estimate(&same), Some(0.5));
}

#[test]
fn infinities_are_ordered_and_opposite_ones_are_ties() {
    let worse = [INF; 6];
    assert_eq!(estimate(&worse), Some(INF));
    assert_eq!(interval(&worse, 0.05), Some([INF, INF]));
    let mixed = [INF, -INF, INF, -INF, INF, -INF];
    assert_eq!(estimate(&mixed), Some(0.0));
    assert_eq!(interval(&mixed, 0.05), Some([-INF, INF]));
    let one = [0.1, 0.2, 0.3, 0.4, 0.5, INF];
    assert_eq!(interval(&one, 0.05), Some([0.1, INF]));
}

#[test]
fn many_values_are_near_the_exact_place() {
    // The normal approximation where both can be computed.
    let exact = place(300, 0.05).expect("many");
    let mean = 300.0 * 301.0 / 4.0;
    let deviation = f64::sqrt(300.0 * 301.0 * 601.0 / 24.0);
    assert!(
        normal::place(mean, deviation, 0.05).abs_diff(exact) <= 5,
        "{exact}"
    );
    let values: Vec<f64> = (0..400).map(|place| f64::from(place) * 0.7).collect();
    let [low, high] = interval(&values, 0.05).expect("many");
    assert!(low < 139.65 && 139.65 < high && high - low < 20.0);
}

/// Whether the test by its definition rejects the centre `theta`: of all assignments of signs to the ranks of
/// the distances, those with a statistic at least as extreme have a share of at most `alpha`.
fn is_rejected(values: &[f64], theta: f64, alpha: f64) -> bool {
    let n = values.len();
    let mut distances: Vec<f64> = values.iter().map(|value| value - theta).collect();
    distances.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let statistic = |is_positive: &dyn Fn(usize) -> bool| -> usize {
        (0..n)
            .filter(|rank| is_positive(*rank))
            .map(|rank| rank + 1)
            .sum()
    };
    let observed = statistic(&|rank| distances[rank] > 0.0);
    let opposite = n * (n + 1) / 2 - observed;
    let extreme = observed.min(opposite);
    let as_extreme = (0u32..1 << n)
        .filter(|signs| statistic(&|rank| signs >> rank & 1 == 1) <= extreme)
        .count();
    2.0 * as_extreme as f64 / f64::from(1u32 << n) <= alpha
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Inversion: a centre within the interval is not rejected, one outside is.
    #[test]
    fn the_interval_is_what_the_test_does_not_reject(
        values in proptest::collection::vec(-1.0f64..1.0, 6..11),
        share in 0.01f64..0.3,
    ) {
        let Some([low, high]) = interval(&values, share) else {
            prop_assert!(2.0 / f64::from(1u32 << values.len()) > share);
            return Ok(());
        };
        let width = 1e-9;
        prop_assert!(!is_rejected(&values, low + width, share));
        prop_assert!(!is_rejected(&values, high - width, share));
        prop_assert!(is_rejected(&values, low - width, share));
        prop_assert!(is_rejected(&values, high + width, share));
    }

    #[test]
    fn reversed_signs_mirror_the_interval(values in any_values(), share in 0.001f64..0.5) {
        let reversed: Vec<f64> = values.iter().map(|value| -value).collect();
        let mirrored = interval(&reversed, share).map(|[low, high]| [-high, -low]);
        prop_assert_eq!(interval(&values, share), mirrored);
        prop_assert_eq!(estimate(&values), estimate(&reversed).map(|of| -of));
    }

    #[test]
    fn nothing_is_nan_and_the_estimate_is_within(values in any_values(), share in 0.001f64..0.5) {
        let estimate = estimate(&values).expect("values");
        prop_assert!(!estimate.is_nan());
        if let Some([low, high]) = interval(&values, share) {
            prop_assert!(low <= estimate && estimate <= high, "{low} {estimate} {high}");
        }
    }

    #[test]
    fn a_shift_shifts_the_interval(values in proptest::collection::vec(-1.0f64..1.0, 6..30), by in -5.0f64..5.0) {
        let shifted: Vec<f64> = values.iter().map(|value| value + by).collect();
        let [low, high] = interval(&values, 0.05).expect("six or more");
        let of_shifted = interval(&shifted, 0.05).expect("six or more");
        prop_assert!((low + by - of_shifted[0]).abs() < 1e-9);
        prop_assert!((high + by - of_shifted[1]).abs() < 1e-9);
    }
}

/// With ties, zeros and infinities.
fn any_values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        4 => -3.0f64..3.0,
        1 => Just(0.0),
        1 => Just(0.5),
        1 => Just(INF),
        1 => Just(-INF),
    ];
    proptest::collection::vec(value, 1..25)
}
