//! Tests of the arithmetic with infinities.

use super::*;

const INF: f64 = f64::INFINITY;

#[test]
fn equal_infinities_are_a_tie() {
    assert_eq!(log_ratio(INF, INF), Some(0.0));
    assert_eq!(log_ratio(0.0, 0.0), Some(0.0));
    assert_eq!(difference(-INF, -INF), 0.0);
}

#[test]
fn one_infinite_value_is_infinitely_far_away() {
    assert_eq!(log_ratio(5.0, INF), Some(INF));
    assert_eq!(log_ratio(INF, 5.0), Some(-INF));
    assert_eq!(log_ratio(0.0, 5.0), Some(INF));
    assert_eq!(log_ratio(5.0, 0.0), Some(-INF));
}

#[test]
fn values_below_zero_have_no_ratio() {
    assert_eq!(log_ratio(-1.0, 2.0), None);
    assert_eq!(log_ratio(2.0, f64::NAN), None);
}

#[test]
fn opposite_infinities_average_to_a_tie() {
    assert_eq!(average(INF, -INF), 0.0);
    assert_eq!(average(INF, 3.0), INF);
    assert_eq!(average(-INF, -INF), -INF);
    assert_eq!(average(1.0, 2.0), 1.5);
}

#[test]
fn medians_of_odd_and_even_numbers_of_values() {
    assert_eq!(median(&[]), None);
    assert_eq!(median(&[2.0]), Some(2.0));
    assert_eq!(median(&[-INF, INF]), Some(0.0));
    assert_eq!(median(&[1.0, 2.0, 4.0, INF]), Some(3.0));
}

#[test]
fn deviations_need_two_finite_values() {
    assert_eq!(mean_and_deviation(&[1.0]), None);
    assert_eq!(mean_and_deviation(&[1.0, INF]), None);
    assert_eq!(mean_and_deviation(&[1.0, 3.0]), Some((2.0, 2f64.sqrt())));
}
