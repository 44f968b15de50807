//! Tests of rows: figures carried over from R, infinities, and properties.

use super::*;
use crate::comparison::Level;
use proptest::prelude::*;

const BUY: Metric = Metric::Buy(Level::P50);

fn parts(values: &[f64]) -> Vec<PartMetrics> {
    let part = |value: &f64| {
        let mut part = PartMetrics {
            due: 100,
            bought: 100,
            opened: 100,
            ..PartMetrics::default()
        };
        part.values.set(BUY, Some(*value));
        part
    };
    values.iter().map(part).collect()
}

fn row_of(design: Design, baseline: &[f64], other: &[f64]) -> Row {
    let [a, b] = [parts(baseline), parts(other)];
    let (a, b): (Vec<_>, Vec<_>) = (a.iter().collect(), b.iter().collect());
    let sides = Sides {
        design,
        baseline: &a,
        other: &b,
    };
    let values = values(BUY, &sides).expect("values");
    row(&Question::default(), BUY, 0.05, &sides, values)
}

const A: [f64; 10] = [5.02, 4.98, 5.01, 5.05, 4.97, 5.03, 5.00, 4.99, 5.04, 5.06];
const B: [f64; 10] = [
    5.071, 5.042, 5.067, 5.089, 5.033, 5.0735, 5.0477, 5.0321, 5.0999, 5.1212,
];

/// R 4.2.2: `w <- wilcox.test(log(B) - log(A), exact = TRUE, conf.int = TRUE)`, then `exp(w$estimate)` and
/// `exp(w$conf.int)`.
#[test]
fn the_ratio_of_blocks_agrees_with_r() {
    let row = row_of(Design::Interleaved, &A, &B);
    let is = |number: Number, expected: f64| {
        assert!((number.0 - expected).abs() < 1e-9, "{number:?}");
    };
    is(row.ratio.expect("one"), 1.010458205187695);
    let [low, high] = row.ratio_interval.expect("one");
    is(low, 1.0089882861178547);
    is(high, 1.0120264425656345);
    assert_eq!(row.verdict, Some(Verdict::DifferentButSmall));
}

#[test]
fn both_infinite_is_a_tie_and_one_is_infinitely_far() {
    let infinite = [f64::INFINITY; 6];
    let tie = row_of(Design::Interleaved, &infinite, &infinite);
    assert_eq!(tie.verdict, Some(Verdict::Same));
    assert_eq!(
        (tie.ratio, tie.change),
        (Some(Number(1.0)), Some(Number(0.0)))
    );
    let worse = row_of(Design::Interleaved, &A[..6], &infinite);
    assert_eq!(worse.verdict, Some(Verdict::Slower));
    assert_eq!(worse.ratio, Some(Number(f64::INFINITY)));
    let better = row_of(Design::Interleaved, &infinite, &A[..6]);
    assert_eq!(better.verdict, Some(Verdict::Faster));
    assert_eq!(better.ratio, Some(Number(0.0)));
    assert_eq!(better.change, Some(Number(f64::NEG_INFINITY)));
    assert_eq!(worse.rounds_needed, None);
}

#[test]
fn times_that_are_not_above_zero_have_no_ratio() {
    let part = |value: f64| {
        let mut part = PartMetrics::default();
        part.values.set(Metric::Queueing, Some(value));
        part
    };
    let (a, b) = (part(0.001), part(-0.0001));
    let sides = Sides {
        design: Design::Interleaved,
        baseline: &[&a],
        other: &[&b],
    };
    let reason = values(Metric::Queueing, &sides).expect_err("an error");
    assert!(reason.contains("not above 0"), "{reason}");
}

fn figures() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let value = || {
        prop_oneof![
            6 => 0.001f64..10.0,
            1 => Just(f64::INFINITY),
            1 => Just(1.0),
        ]
    };
    proptest::collection::vec((value(), value()), 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_figure_is_nan_and_exchanged_sides_mirror(pairs in figures(), interleaved in any::<bool>()) {
        let design = if interleaved { Design::Interleaved } else { Design::Separate };
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let (there, back) = (row_of(design, &a, &b), row_of(design, &b, &a));
        for row in [&there, &back] {
            let intervals = [row.ratio_interval, row.change_interval];
            let numbers = [row.baseline, row.other, row.ratio, row.change];
            let all = numbers.into_iter().flatten().chain(intervals.into_iter().flatten().flatten());
            for Number(number) in all {
                prop_assert!(!number.is_nan(), "{row:?}");
            }
        }
        let mirrored = |Number(number): Number| 1.0 / number;
        let close = |a: f64, b: f64| a == b || (a / b - 1.0).abs() < 1e-9;
        let (Some(ratio), Some(other)) = (there.ratio, back.ratio) else {
            return Err(TestCaseError::fail("no estimate"));
        };
        prop_assert!(close(ratio.0, mirrored(other)), "{ratio:?} {other:?}");
        if let (Some([low, high]), Some([low_back, high_back])) = (there.ratio_interval, back.ratio_interval) {
            prop_assert!(close(low.0, mirrored(high_back)) && close(high.0, mirrored(low_back)));
        }
    }

    #[test]
    fn another_unit_does_not_change_the_ratio(pairs in figures(), factor in 0.001f64..1000.0) {
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let scaled = |values: &[f64]| values.iter().map(|value| value * factor).collect::<Vec<f64>>();
        let plain = row_of(Design::Interleaved, &a, &b);
        let other = row_of(Design::Interleaved, &scaled(&a), &scaled(&b));
        let close = |a: Option<Number>, b: Option<Number>| match (a, b) {
            (Some(Number(a)), Some(Number(b))) => a == b || (a / b - 1.0).abs() < 1e-9,
            (a, b) => a == b,
        };
        prop_assert!(close(plain.ratio, other.ratio), "{plain:?} {other:?}");
    }
}
