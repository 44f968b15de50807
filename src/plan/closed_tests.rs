//! Tests of closed.

use super::*;

const MS: u64 = 1_000_000;

fn dues(closed: &Closed) -> Vec<(u64, u64)> {
    closed
        .arrivals(Shard::WHOLE)
        .map(|due| (due.index, due.after))
        .collect()
}

#[test]
fn a_burst_arrives_once() {
    let burst = Closed {
        shoppers: 3,
        total: Some(3),
        ..Closed::default()
    };
    assert_eq!(dues(&burst), [(0, 0), (1, 0), (2, 0)]);
    assert_eq!(burst.successor(7, 0, 5, 0), None);
}

#[test]
fn the_next_shopper_of_a_virtual_user_is_one_per_user_further() {
    let closed = Closed {
        shoppers: 3,
        total: Some(5),
        think: Think::Fixed(Duration::from_millis(2)),
        ..Closed::default()
    };
    let after = 10 + 2 * MS;
    assert_eq!(closed.successor(7, 1, 10, 0), Some(Due { index: 4, after }));
    assert_eq!(closed.successor(7, 2, 10, 0), None, "five in all");
    let few = Closed {
        total: Some(2),
        ..closed
    };
    assert_eq!(dues(&few), [(0, 0), (1, 0)]);
}

#[test]
fn no_iteration_is_started_after_the_duration() {
    let closed = Closed {
        shoppers: 4,
        duration: Some(Duration::from_millis(10)),
        ramp_up: Duration::from_millis(16),
        ..Closed::default()
    };
    assert_eq!(dues(&closed), [(0, 0), (1, 4 * MS), (2, 8 * MS)]);
    assert!(closed.successor(7, 0, 10 * MS - 1, 0).is_some());
    assert_eq!(closed.successor(7, 0, 10 * MS, 0), None);
}

#[test]
fn think_times_are_reproduced_by_the_seed() {
    let mean = Duration::from_millis(200);
    let think = Think::Exponential(mean);
    let spans: Vec<u64> = (0..20_000).map(|index| think.before(1, index)).collect();
    let average = spans.iter().sum::<u64>() as f64 / spans.len() as f64;
    assert!((average / 2e8 - 1.0).abs() < 0.03, "{average}");
    assert_eq!(think.before(1, 5), spans[5]);
    assert_ne!(think.before(2, 5), spans[5]);
    assert_eq!(Think::Fixed(mean).before(1, 5), 200 * MS);
}

#[test]
fn the_pause_is_the_longer_of_think_time_and_least_pause() {
    let closed = Closed {
        shoppers: 1,
        duration: Some(Duration::from_millis(100)),
        think: Think::Fixed(Duration::from_millis(20)),
        ..Closed::default()
    };
    let after = |least| closed.successor(7, 0, MS, least).map(|due| due.after);
    assert_eq!(after(5 * MS), Some(21 * MS));
    assert_eq!(after(50 * MS), Some(51 * MS));
    assert_eq!(after(99 * MS), None, "beyond the duration");
    assert_eq!(closed.think_after(7, 3), 20 * MS);
}
