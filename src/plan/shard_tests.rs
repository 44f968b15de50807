//! The union of all shards of a plan is the plan.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::plan::{Closed, Curve, Due, Load, Open, Orders, Pattern, Plan, Stage, Think};

/// Everything that a plan launches when each iteration takes that many nanoseconds, at most `most` shoppers of
/// each virtual user; in the order of the indices.
fn launched(plan: &Plan, takes: u64, most: usize) -> Vec<Due> {
    let mut all: Vec<Due> = Vec::new();
    for due in plan.arrivals().take(2_000) {
        all.push(due);
        let mut last = due;
        for _ in 1..most {
            let ended = last.after.saturating_add(takes);
            let Some(next) = plan.successor(last.index, ended, 0) else {
                break;
            };
            all.push(next);
            last = next;
        }
    }
    all.sort_by_key(|due| due.index);
    all
}

fn sharded(plan: &Plan, number: u64, count: u64) -> Plan {
    Plan {
        shard: Shard::new(number, count).expect("there is one"),
        ..plan.clone()
    }
}

fn spans() -> impl Strategy<Value = Duration> {
    (0u64..3_000).prop_map(Duration::from_millis)
}

fn closed() -> impl Strategy<Value = Load> {
    let think = prop_oneof![
        spans().prop_map(Think::Fixed),
        spans().prop_map(Think::Exponential)
    ];
    let total = prop::option::of(0u64..200);
    let duration = prop::option::of(spans());
    (1usize..50, total, duration, think, spans()).prop_map(
        |(shoppers, total, duration, think, ramp_up)| {
            Load::Closed(Closed {
                shoppers,
                total,
                duration,
                think,
                ramp_up,
            })
        },
    )
}

fn open() -> impl Strategy<Value = Load> {
    let stage = (spans(), 0.0..500.0).prop_map(|(length, rate)| Stage { length, rate });
    let curve = prop_oneof![
        (0.5..5_000.0).prop_map(Curve::Constant),
        prop::collection::vec(stage, 1..4).prop_map(Curve::Stages)
    ];
    let pattern = prop_oneof![Just(Pattern::Constant), Just(Pattern::Poisson)];
    let count = prop::option::of(1u64..500);
    (curve, pattern, count, spans()).prop_map(|(curve, pattern, count, duration)| {
        Load::Open(Open {
            curve,
            pattern,
            count,
            duration: Some(duration),
            max_in_flight: 100,
        })
    })
}

fn plans() -> impl Strategy<Value = Plan> {
    (prop_oneof![closed(), open()], any::<u64>(), 0u64..4).prop_map(|(load, seed, part)| Plan {
        orders: Orders {
            seed,
            products: 4,
            first: part << 40,
        },
        load,
        shard: Shard::WHOLE,
    })
}

proptest! {
    #[test]
    fn shards_launch_the_whole_plan_index_by_index(plan in plans(), count in 1u64..12, takes in 0u64..1_000_000_000) {
        let whole = launched(&plan, takes, 20);
        let mut union: Vec<Due> = Vec::new();
        let (mut users, mut total) = (0, 0);
        for number in 1..=count {
            let shard = sharded(&plan, number, count);
            union.extend(launched(&shard, takes, 20));
            users += shard.virtual_users();
            total += shard.total().unwrap_or(0);
        }
        union.sort_by_key(|due| due.index);
        // The limit is on each shard's arrivals.
        let whole_arrivals = plan.arrivals().count();
        prop_assume!(whole_arrivals <= 2_000);
        prop_assert_eq!(union, whole);
        prop_assert_eq!(users, plan.virtual_users());
        if let Some(all) = plan.total() {
            prop_assert_eq!(total, all);
        }
    }

    #[test]
    fn shards_skip_what_is_theirs(plan in plans(), count in 1u64..12, until in 0u64..4_000_000_000, first in 0usize..50) {
        prop_assume!(plan.is_open());
        let mut counted = 0;
        for number in 1..=count {
            let shard = sharded(&plan, number, count);
            let mut arrivals = shard.arrivals();
            let taken = arrivals.by_ref().take(first).inspect(|_| counted += 1).last();
            let mut expected = shard.arrivals().skip(first).collect::<Vec<_>>();
            let by_count = loop {
                let some = arrivals.skip_through(until);
                counted += usize::try_from(some).expect("a small plan");
                if some == 0 {
                    break arrivals.clone().count();
                }
            };
            expected.retain(|due| due.after > until);
            prop_assert_eq!(by_count, expected.len(), "{:?}", taken);
            let rest = usize::try_from(arrivals.skip_rest()).expect("a small plan");
            prop_assert_eq!(rest, by_count);
            counted += rest;
            prop_assert_eq!(arrivals.next(), None);
        }
        prop_assert_eq!(counted, plan.arrivals().count(), "taken or skipped once by all shards together");
    }

    #[test]
    fn shares_add_up(all in any::<u64>(), count in 1u64..1_000) {
        let shares = (1..=count).map(|number| Shard::new(number, count).expect("one").share(all));
        prop_assert_eq!(shares.map(u128::from).sum::<u128>(), u128::from(all));
    }

    #[test]
    fn places_and_indices_are_inverse(number in 1u64..1_000, more in 0u64..1_000, own in 0u64..1_000_000) {
        let shard = Shard::new(number, number + more).expect("one");
        prop_assert_eq!(shard.place_of(shard.nth(own)), own);
        prop_assert_eq!(shard.first_from(shard.nth(own)), shard.nth(own));
        prop_assert_eq!(shard.first_from(shard.nth(own) + 1), shard.nth(own + 1));
    }
}

#[test]
fn there_is_no_shard_beyond_the_last() {
    for (number, count) in [(0, 3), (4, 3), (1, 0), (0, 0)] {
        assert_eq!(Shard::new(number, count), None);
    }
    assert_eq!(Shard::new(1, 1), Some(Shard::WHOLE));
}

/// What a shard buys is what the whole run buys there.
#[test]
fn a_slot_of_a_shard_has_the_shopper_of_its_place() {
    let plan = Plan::burst(
        Orders {
            seed: 5,
            products: 4,
            first: 0,
        },
        8,
    );
    let third = sharded(&plan, 3, 3);
    assert_eq!(third.virtual_users(), 2);
    let firsts: Vec<u64> = (0..2).map(|slot| third.first_of_slot(slot)).collect();
    assert_eq!(firsts, [2, 5]);
    assert_eq!(third.slot_of(5), 1);
    assert_eq!(third.level(), Some(8), "the level of the whole");
    assert_eq!(third.kind(), plan.kind());
}
