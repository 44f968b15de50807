//! Tests of the rank-sum interval: against R, against an enumeration of all divisions, and its symmetries.

use super::*;
use proptest::prelude::*;

const INF: f64 = f64::INFINITY;

/// The figures of R 4.2.2, to 1e-9: `wilcox.test(to, from, exact = TRUE, conf.int = TRUE, conf.level = ...)`.
fn agrees(from: &[f64], to: &[f64], level: f64, estimated: f64, limits: [f64; 2]) {
    let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
    let estimate = estimate(from, to).expect("values");
    assert!(close(estimate, estimated), "{estimate}");
    let interval = interval(from, to, 1.0 - level).expect("enough values");
    assert!(close(interval[0], limits[0]), "{interval:?}");
    assert!(close(interval[1], limits[1]), "{interval:?}");
}

/// Hollander and Wolfe's permeability constants of the human chorioamnion.
#[test]
fn ten_and_five_values_agree_with_r() {
    let to = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    let from = [1.15, 0.88, 0.90, 0.74, 1.21];
    agrees(&from, &to, 0.95, 0.305, [-0.15, 0.76]);
    agrees(&from, &to, 0.90, 0.305, [-0.08, 0.72]);
}

#[test]
fn four_and_five_values_agree_with_r() {
    let from = [5.01, 5.12, 4.97, 5.0345];
    let to = [5.203, 5.418, 5.119, 5.3077, 5.2512];
    agrees(&from, &to, 0.95, 0.22485, [0.083, 0.408]);
    agrees(&from, &to, 0.90, 0.22485, [0.0845, 0.3835]);
}

/// `pwilcox(0:8, 5, 7)` and `qwilcox(0.025, 12, 9)` of R 4.2.2.
#[test]
fn the_distribution_agrees_with_r() {
    let expected = [
        0.0012626262626262627,
        0.0025252525252525255,
        0.005050505050505051,
        0.008838383838383838,
        0.015151515151515152,
        0.02398989898989899,
        0.036616161616161616,
        0.05303030303030303,
        0.0744949494949495,
    ];
    for of in [probabilities(5, 7), probabilities(7, 5)] {
        let mut sum = 0.0;
        for (probability, expected) in of.iter().zip(expected) {
            sum += probability;
            assert!((sum - expected).abs() < 1e-15, "{sum} {expected}");
        }
        assert_eq!(of.len(), 36);
        assert!((of.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
    assert_eq!(place(12, 9, 0.05), Some(27));
}

#[test]
fn four_values_a_side_are_the_fewest_for_95_percent() {
    assert_eq!(least(0.05), 4);
    assert_eq!(interval(&[1.0, 2.0, 3.0], &[2.0, 3.0, 4.0], 0.05), None);
    assert_eq!(interval(&[1.0], &[], 0.05), None);
}

#[test]
fn the_normal_approximation_is_near_the_exact_place() {
    let exact = place(80, 80, 0.05).expect("many");
    let deviation = f64::sqrt(6400.0 * 161.0 / 12.0);
    assert!(
        normal::place(3200.0, deviation, 0.05).abs_diff(exact) <= 3,
        "{exact}"
    );
    assert!(place(200, 100, 0.05).is_some_and(|place| place > 1 && place < 10_000));
    // One value against very many is far from normal: the interval is the widest there is.
    assert_eq!(place(1, 10_000, 0.05), Some(1));
}

#[test]
fn infinities_are_ties_among_themselves() {
    let infinite = [INF; 5];
    assert_eq!(interval(&infinite, &infinite, 0.05), Some([0.0, 0.0]));
    assert_eq!(estimate(&[1.0, 2.0, 3.0, 4.0], &[INF; 4]), Some(INF));
}

/// Whether the test by its definition rejects the shift `by`.
fn is_rejected(from: &[f64], to: &[f64], by: f64, alpha: f64) -> bool {
    let wins = |is_to: &dyn Fn(usize) -> bool, n: usize| -> usize {
        (0..n)
            .filter(|place| is_to(*place))
            .map(|place| (0..place).filter(|before| !is_to(*before)).count())
            .sum()
    };
    let mut all: Vec<(f64, bool)> = from.iter().map(|value| (*value, false)).collect();
    all.extend(to.iter().map(|value| (value - by, true)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = all.len();
    let observed = wins(&|place| all[place].1, n);
    let extreme = observed.min(from.len() * to.len() - observed);
    let divisions = (0u32..1 << n).filter(|set| set.count_ones() as usize == to.len());
    let (mut as_extreme, mut count) = (0, 0);
    for set in divisions {
        count += 1;
        as_extreme += usize::from(wins(&|place| set >> place & 1 == 1, n) <= extreme);
    }
    2.0 * as_extreme as f64 / f64::from(count) <= alpha
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_interval_is_what_the_test_does_not_reject(
        from in proptest::collection::vec(-1.0f64..1.0, 3..6),
        to in proptest::collection::vec(-1.0f64..1.0, 3..6),
        share in 0.03f64..0.3,
    ) {
        let Some([low, high]) = interval(&from, &to, share) else { return Ok(()) };
        let width = 1e-9;
        prop_assert!(!is_rejected(&from, &to, low + width, share));
        prop_assert!(!is_rejected(&from, &to, high - width, share));
        prop_assert!(is_rejected(&from, &to, low - width, share));
        prop_assert!(is_rejected(&from, &to, high + width, share));
    }

    #[test]
    fn exchanged_samples_mirror_the_interval(from in any_values(), to in any_values(), share in 0.001f64..0.5) {
        let mirrored = interval(&to, &from, share).map(|[low, high]| [-high, -low]);
        prop_assert_eq!(interval(&from, &to, share), mirrored);
        let estimate = estimate(&from, &to).expect("values");
        prop_assert!(!estimate.is_nan());
        if let Some([low, high]) = interval(&from, &to, share) {
            prop_assert!(low <= estimate && estimate <= high);
        }
    }
}

fn any_values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![4 => -3.0f64..3.0, 1 => Just(0.0), 1 => Just(INF), 1 => Just(-INF)];
    proptest::collection::vec(value, 1..15)
}
