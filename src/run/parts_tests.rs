//! Tests of parts.

use super::*;
use crate::cli::load;
use pico_args::Arguments;

fn settings(line: &str) -> LoadSettings {
    let words = line.split_whitespace().map(Into::into).collect();
    load::parse(&mut Arguments::from_vec(words)).expect(line)
}

fn parts(line: &str, products: &[usize]) -> Vec<Part> {
    let blocks = Blocks {
        load: &settings(line),
        seed: 7,
        products: products.to_vec(),
        max_in_flight: 100,
        shard: Shard::WHOLE,
    };
    of(blocks).collect()
}

#[test]
fn each_round_has_every_variant_at_every_level_once_with_the_same_shoppers() {
    let parts = parts("-c 1,10 --rounds 20 --warm-up 3", &[4, 4, 4]);
    assert_eq!(parts.len(), 20 * 6);
    let mut firsts = Vec::new();
    for (round, block) in parts.chunks(6).enumerate() {
        let mut seen = Vec::new();
        for part in block {
            assert_eq!(part.round, round as u64 + 1);
            seen.push((part.variant, part.plan.level()));
            // The same level has the same plan, warm-up included, whatever the variant.
            let same = (block.iter()).filter(|other| other.plan.level() == part.plan.level());
            for other in same {
                assert_eq!((&other.plan, &other.warm_up), (&part.plan, &part.warm_up));
            }
        }
        firsts.push((seen[0].0, seen[0].1));
        seen.sort_unstable();
        let all: Vec<_> = (0..3)
            .flat_map(|variant| [(variant, Some(1)), (variant, Some(10))])
            .collect();
        assert_eq!(seen, all, "round {round}");
        let order: Vec<usize> = block
            .iter()
            .map(|part| part.variant * 2 + usize::from(part.plan.level() == Some(10)))
            .collect();
        assert_eq!(order, crate::plan::block(7, round as u64, 6));
    }
    firsts.sort_unstable();
    firsts.dedup();
    assert!(firsts.len() > 2, "the order is drawn anew: {firsts:?}");
    assert_ne!(parts[0].plan.orders.order(0), parts[6].plan.orders.order(0));
}

#[test]
fn each_round_has_all_levels_with_different_shoppers() {
    let parts = parts("-c 1,10 --rounds 2 --warm-up 3", &[4]);
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
    let parts = parts("-c 5", &[4]);
    let orders = Orders {
        seed: 7,
        products: 4,
        first: 0,
    };
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].plan, Plan::burst(orders, 5));
}
