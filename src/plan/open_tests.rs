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
fn a_constant_rate_has_no_rounding_that_adds_up() {
    let every_third = Open {
        count: Some(3_000_001),
        ..open(Curve::Constant(3.0))
    };
    let dues: Vec<Due> = every_third.arrivals(1).take(4).collect();
    let after: Vec<u64> = dues.iter().map(|due| due.after).collect();
    assert_eq!(after, [0, 333_333_333, 666_666_667, 1_000_000_000]);
    let last = every_third.arrivals(1).last().expect("arrivals");
    assert_eq!(
        (last.index, last.after),
        (3_000_000, 1_000_000 * 1_000_000_000)
    );
    let for_a_while = Open {
        duration: Some(Duration::from_secs(2)),
        ..open(Curve::Constant(500.0))
    };
    assert_eq!(for_a_while.arrivals(1).count(), 1000);
}

#[test]
fn stages_are_linear_between_their_rates() {
    let curve = stages(&[(10, 100.0), (30, 500.0), (10, 0.0)]);
    let dues: Vec<u64> = open(curve).arrivals(1).map(|due| due.after).collect();
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
fn stages_without_arrivals_are_waited_through() {
    let curve = stages(&[(5, 0.0), (0, 10.0), (2, 10.0), (1, 0.0), (3, 0.0)]);
    let dues: Vec<u64> = open(curve).arrivals(1).map(|due| due.after).collect();
    assert_eq!(dues.len(), 25);
    assert_eq!(dues[..2], [5_000_000_000, 5_100_000_000]);
    assert_eq!(open(stages(&[(5, 0.0)])).arrivals(1).count(), 0);
}

#[test]
fn a_poisson_process_has_its_rate_and_its_scatter() {
    let poisson = Open {
        pattern: Pattern::Poisson,
        duration: Some(Duration::from_secs(100)),
        ..open(Curve::Constant(500.0))
    };
    let dues: Vec<u64> = poisson.arrivals(3).map(|due| due.after).collect();
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
    let again: Vec<u64> = poisson.arrivals(3).map(|due| due.after).collect();
    assert_eq!(dues, again);
    let other: Vec<u64> = poisson.arrivals(4).map(|due| due.after).collect();
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
        let dues: Vec<u64> = open.arrivals(seed).map(|due| due.after).collect();
        prop_assert!(dues.is_sorted());
        prop_assert!(dues.iter().all(|due| *due <= length));
    }
}
