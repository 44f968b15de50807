//! Tests of open.

use super::*;
use proptest::prelude::*;

fn open(curve: Curve) -> Open {
    Open {
        curve,
        pattern: Pattern::Constant,
        count: None,
        duration: None,
        max_in_flight: 1,
    }
}

fn stages(stages: &[(u64, f64)]) -> Curve {
    let stage = |&(seconds, rate)| Stage {
        length: Duration::from_secs(seconds),
        rate,
    };
    Curve::Stages(stages.iter().map(stage).collect())
}

#[test]
fn rounding_errors_of_a_constant_rate_do_not_add_up() {
    let every_third = Open {
        count: Some(3_000_001),
        ..open(Curve::Constant(3.0))
    };
    let dues: Vec<Due> = every_third.arrivals(1, Shard::WHOLE).take(4).collect();
    let after: Vec<u64> = dues.iter().map(|due| due.after).collect();
    assert_eq!(after, [0, 333_333_333, 666_666_667, 1_000_000_000]);
    let last = every_third
        .arrivals(1, Shard::WHOLE)
        .last()
        .expect("arrivals");
    assert_eq!(
        (last.index, last.after),
        (3_000_000, 1_000_000 * 1_000_000_000)
    );
    let for_a_while = Open {
        duration: Some(Duration::from_secs(2)),
        ..open(Curve::Constant(500.0))
    };
    assert_eq!(for_a_while.arrivals(1, Shard::WHOLE).count(), 1000);
}

#[test]
fn stages_are_linear_between_their_rates() {
    let curve = stages(&[(10, 100.0), (30, 500.0), (10, 0.0)]);
    let dues: Vec<u64> = open(curve)
        .arrivals(1, Shard::WHOLE)
        .map(|due| due.after)
        .collect();
    assert_eq!(dues.len(), 500 + 9000 + 2500);
    assert!(dues.is_sorted());
    let until = |seconds: f64| dues.partition_point(|&due| (due as f64) < seconds * 1e9);
    // 10/s² for 10 s, then from 100/s on.
    assert!((until(5.0) as i64 - 125).abs() <= 1, "{}", until(5.0));
    assert!((until(10.0) as i64 - 500).abs() <= 1, "{}", until(10.0));
    assert!((until(40.0) as i64 - 9500).abs() <= 1, "{}", until(40.0));
    assert!(
        (until(45.0) as i64 - 9500 - 1875).abs() <= 1,
        "{}",
        until(45.0)
    );
    assert!(dues[11_999] < 50_000_000_000);
}

#[test]
fn stages_without_arrivals_are_waited_for() {
    let curve = stages(&[(5, 0.0), (0, 10.0), (2, 10.0), (1, 0.0), (3, 0.0)]);
    let dues: Vec<u64> = open(curve)
        .arrivals(1, Shard::WHOLE)
        .map(|due| due.after)
        .collect();
    assert_eq!(dues.len(), 25);
    assert_eq!(dues[..2], [5_000_000_000, 5_100_000_000]);
    assert_eq!(
        open(stages(&[(5, 0.0)])).arrivals(1, Shard::WHOLE).count(),
        0
    );
}

#[test]
fn a_poisson_process_has_its_rate_and_its_scatter() {
    let poisson = Open {
        pattern: Pattern::Poisson,
        duration: Some(Duration::from_secs(100)),
        ..open(Curve::Constant(500.0))
    };
    let dues: Vec<u64> = poisson
        .arrivals(3, Shard::WHOLE)
        .map(|due| due.after)
        .collect();
    assert!(
        (dues.len() as f64 - 50_000.0).abs() < 4.0 * 50_000f64.sqrt(),
        "{}",
        dues.len()
    );
    // The variance of the counts of a Poisson process is their mean.
    let mut counts = [0f64; 1000];
    for due in &dues {
        counts[(due / 100_000_000) as usize] += 1.0;
    }
    let variance = counts.iter().map(|n| (n - 50.0).powi(2)).sum::<f64>() / 1000.0;
    assert!((40.0..60.0).contains(&variance), "{variance}");
    let again: Vec<u64> = poisson
        .arrivals(3, Shard::WHOLE)
        .map(|due| due.after)
        .collect();
    assert_eq!(dues, again);
    let other: Vec<u64> = poisson
        .arrivals(4, Shard::WHOLE)
        .map(|due| due.after)
        .collect();
    assert_ne!(dues, other);
}

proptest! {
    #[test]
    fn arrivals_never_run_backwards(
        parts in proptest::collection::vec((0u64..20, 0u32..50), 1..8),
        is_poisson: bool,
        seed: u64,
    ) {
        let parts: Vec<_> = parts.iter().map(|&(s, rate)| (s, f64::from(rate))).collect();
        let curve = stages(&parts);
        let length = parts.iter().map(|&(seconds, _)| seconds).sum::<u64>() * 1_000_000_000;
        let pattern = if is_poisson { Pattern::Poisson } else { Pattern::Constant };
        let open = Open { pattern, ..open(curve) };
        let dues: Vec<u64> = open.arrivals(seed, Shard::WHOLE).map(|due| due.after).collect();
        prop_assert!(dues.is_sorted());
        prop_assert!(dues.iter().all(|due| *due <= length));
    }
}

/// How many of the arrivals are due by then, one by one.
fn due_by(open: &Open, until: u64) -> u64 {
    open.arrivals(5, Shard::WHOLE)
        .take_while(|due| due.after <= until)
        .count() as u64
}

#[test]
fn skipping_arrivals_counts_the_same_as_taking_them_one_by_one() {
    let hill = stages(&[(2, 1000.0), (1, 0.0), (1, 0.0), (2, 700.0)]);
    for curve in [Curve::Constant(333.3), Curve::Constant(0.7), hill] {
        for (pattern, count, duration) in [
            (Pattern::Constant, None, Some(5)),
            (Pattern::Constant, Some(900), None),
            (Pattern::Poisson, None, Some(5)),
            (Pattern::Poisson, Some(900), Some(5)),
        ] {
            let open = Open {
                pattern,
                count,
                duration: duration.map(Duration::from_secs),
                ..open(curve.clone())
            };
            let mut arrivals = open.arrivals(5, Shard::WHOLE);
            let mut passed = 0;
            for until in [0, 1_000_000, 1_234_567_890, 3_000_000_000, 3_500_000_001] {
                passed += arrivals.skip_through(until);
                assert_eq!(passed, due_by(&open, until), "{open:?} until {until}");
            }
            let left = open.arrivals(5, Shard::WHOLE).count() as u64 - passed;
            // What follows is what would have followed.
            assert_eq!(arrivals.clone().count() as u64, left, "{open:?}");
            assert_eq!(arrivals.skip_rest(), left, "{open:?}");
            assert_eq!(
                (arrivals.next(), arrivals.skip_rest()),
                (None, 0),
                "{open:?}"
            );
        }
    }
}

#[test]
fn the_rest_of_any_plan_is_counted_in_bounded_time() {
    let hour = Open {
        duration: Some(Duration::from_secs(3600)),
        ..open(Curve::Constant(10_000_000.0))
    };
    assert_eq!(hour.arrivals(1, Shard::WHOLE).skip_rest(), 36_000_000_000);
    let poisson = Open {
        pattern: Pattern::Poisson,
        ..hour
    };
    let rest = poisson.arrivals(1, Shard::WHOLE).skip_rest() as f64;
    assert!((rest - 3.6e10).abs() < 5.0 * 3.6e10f64.sqrt(), "{rest}");
    let counted = Open {
        count: Some(u64::MAX - 1),
        duration: None,
        ..poisson
    };
    assert_eq!(counted.arrivals(1, Shard::WHOLE).skip_rest(), u64::MAX - 1);
    // One call does not draw them all.
    let mut arrivals = counted.arrivals(1, Shard::WHOLE);
    assert_eq!(arrivals.skip_through(1_000_000_000), SKIPPED_DRAWS);
}

#[test]
fn n_arrivals_span_n_intervals() {
    let span = |count, duration, curve| {
        let open = Open {
            count,
            duration,
            ..open(curve)
        };
        open.span()
    };
    let second = Duration::from_secs(1);
    let one = Curve::Constant(1.0);
    assert_eq!(span(Some(2), None, one.clone()), Some(2 * second));
    assert_eq!(span(None, Some(3 * second), one.clone()), Some(3 * second));
    assert_eq!(
        span(Some(2), Some(3 * second), one.clone()),
        Some(2 * second)
    );
    assert_eq!(span(None, None, one), None);
    let stages = stages(&[(2, 100.0), (3, 0.0)]);
    assert_eq!(span(None, None, stages.clone()), Some(5 * second));
    assert_eq!(span(Some(100), None, stages), Some(2 * second));
}
