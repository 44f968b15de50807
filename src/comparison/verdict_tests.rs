//! Tests of the verdicts.

use super::*;
use crate::comparison::metric::Level;

const BUY: Metric = Metric::Buy(Level::P50);

#[test]
fn every_place_of_an_interval_has_its_verdict() {
    let margin = 0.05;
    for (interval, verdict) in [
        ([1.06, 1.20], Verdict::Slower),
        ([1.01, 1.20], Verdict::Slower),
        ([0.80, 0.99], Verdict::Faster),
        ([1.001, 1.049], Verdict::DifferentButSmall),
        ([0.96, 0.999], Verdict::DifferentButSmall),
        ([0.95, 1.05], Verdict::Same),
        ([0.99, 1.06], Verdict::CannotTell),
        ([0.94, 1.0], Verdict::CannotTell),
        ([1.0, 1.0], Verdict::Same),
        // Closed intervals: the limit belongs to them.
        ([1.0, 1.04], Verdict::Same),
        ([1.0, 1.4], Verdict::CannotTell),
        ([0.0, f64::INFINITY], Verdict::CannotTell),
        ([f64::INFINITY, f64::INFINITY], Verdict::Slower),
        ([0.0, 0.0], Verdict::Faster),
    ] {
        assert_eq!(Verdict::of(BUY, interval, margin), verdict, "{interval:?}");
    }
}

#[test]
fn without_a_margin_nothing_is_small() {
    assert_eq!(Verdict::of(BUY, [1.0001, 1.0002], 0.0), Verdict::Slower);
    assert_eq!(Verdict::of(BUY, [0.9999, 1.0002], 0.0), Verdict::CannotTell);
}

#[test]
fn rates_and_errors_are_higher_or_lower() {
    let rate = Metric::PurchasesPerSecond;
    assert_eq!(Verdict::of(rate, [1.1, 1.2], 0.05), Verdict::Higher);
    assert_eq!(Verdict::of(rate, [0.8, 0.9], 0.05), Verdict::Lower);
    assert_eq!(
        Verdict::of(Metric::Errors, [0.10, 0.20], 0.05),
        Verdict::Higher
    );
    assert_eq!(
        Verdict::of(Metric::Errors, [-0.01, 0.02], 0.05),
        Verdict::Same
    );
    assert_eq!(
        Verdict::of(Metric::Errors, [0.01, 0.02], 0.05),
        Verdict::DifferentButSmall
    );
}

#[test]
fn worse_is_slower_fewer_or_more_errors() {
    assert!(Verdict::Slower.is_worse(BUY));
    assert!(!Verdict::Faster.is_worse(BUY));
    assert!(Verdict::Lower.is_worse(Metric::PurchasesPerSecond));
    assert!(!Verdict::Higher.is_worse(Metric::PurchasesPerSecond));
    assert!(Verdict::Higher.is_worse(Metric::Errors));
    assert!(!Verdict::DifferentButSmall.is_worse(BUY));
}

#[test]
fn small_differences_are_claims_too() {
    assert!(Verdict::DifferentButSmall.is_claim());
    assert!(Verdict::Faster.is_claim() && Verdict::Lower.is_claim());
    assert!(!Verdict::Same.is_claim() && !Verdict::CannotTell.is_claim());
}
