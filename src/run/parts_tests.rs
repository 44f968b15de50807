//! Tests of parts.

use super::*;
use crate::cli::load;
use pico_args::Arguments;

fn settings(line: &str) -> LoadSettings {
    let words = line.split_whitespace().map(Into::into).collect();
    load::parse(&mut Arguments::from_vec(words)).expect(line)
}

#[test]
fn each_round_has_all_levels_with_different_shoppers() {
    let parts: Vec<Part> = of(
        &settings("-c 1,10 --rounds 2 --warm-up 3"),
        7,
        4,
        100,
        Shard::WHOLE,
    )
    .collect();
    let rounds: Vec<u64> = parts.iter().map(|part| part.round).collect();
    assert_eq!(rounds, [1, 1, 2, 2]);
    let levels: Vec<_> = parts.iter().map(|part| part.plan.level()).collect();
    assert_eq!(levels, [Some(1), Some(10), Some(1), Some(10)]);
    let mut first: Vec<_> = parts.iter().map(|part| part.plan.orders.order(0)).collect();
    let warming = parts.iter().filter_map(|part| part.warm_up.as_ref());
    first.extend(warming.map(|plan| plan.orders.order(0)));
    assert_eq!(first.len(), 8);
    for (place, order) in first.iter().enumerate() {
        assert!(!first[..place].contains(order), "{place}: {order:?}");
    }
    let arrivals: Vec<usize> = (parts.iter())
        .filter_map(|part| part.warm_up.as_ref())
        .map(Plan::virtual_users)
        .collect();
    assert_eq!(arrivals, [1, 3, 1, 3]);
}

#[test]
fn the_plan_of_a_burst_does_not_change() {
    let parts: Vec<Part> = of(&settings("-c 5"), 7, 4, 100, Shard::WHOLE).collect();
    let orders = Orders {
        seed: 7,
        products: 4,
        first: 0,
    };
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].plan, Plan::burst(orders, 5));
}
