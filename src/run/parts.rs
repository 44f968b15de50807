//! The parts of a run: its levels and rounds in their order, each with its warm-up.

use std::time::Duration;

use crate::plan::{Closed, Curve, Load, Open, Orders, Plan, Shard, block};
use crate::settings::{LoadSettings, Model, WarmUp};

/// One level in one round, at one of the variants.
pub(super) struct Part {
    /// The number of the variant; 0 without variants.
    pub variant: usize,
    /// The warm-up, without rows.
    pub warm_up: Option<Plan>,
    /// The measured load.
    pub plan: Plan,
    /// The round, counted from 1.
    pub round: u64,
}

/// The size of the range of shopper numbers of one part: parts never share shoppers.
const ROOM: u64 = 1 << 40;

/// Shopper numbers of warm-ups are beyond those of all parts.
const WARMING: u64 = 1 << 63;

/// What the parts are made of.
pub(super) struct Blocks<'a> {
    pub load: &'a LoadSettings,
    pub seed: u64,
    /// How many products each variant sells; one number without variants.
    pub products: Vec<usize>,
    /// The most in flight of an open workload without a limit.
    pub max_in_flight: usize,
    /// What of it this process launches; `max_in_flight` is the shard's own.
    pub shard: Shard,
}

/// The parts in their order: round by round, so that a change on the machines during the run does not
/// affect one level alone. Without variants, each round has the levels in the order given. With variants,
/// each round is a randomized complete block: every variant at every level once, in an order drawn from
/// the seed.
///
/// The shoppers of a part (what they buy, when they are due, their pauses) depend on seed, round and level
/// only: those of all variants in a round are the same, so that the comparison is paired.
pub(super) fn of(blocks: Blocks<'_>) -> impl ExactSizeIterator<Item = Part> {
    let Blocks {
        load,
        seed,
        products,
        max_in_flight,
        shard,
    } = blocks;
    let loads = loads(&load.model, max_in_flight);
    let warm_up = load.warm_up;
    let size = loads.len() * products.len();
    let mut order = Vec::new();
    (0..size * load.rounds.get() as usize).map(move |number| {
        let (round, place) = (number / size, number % size);
        if place == 0 {
            order = match products.len() {
                1 => (0..size).collect(),
                _ => block(seed, round as u64, size),
            };
        }
        let (variant, level) = (order[place] / loads.len(), order[place] % loads.len());
        let one = &loads[level];
        let orders = Orders {
            seed,
            products: products[variant],
            first: (round * loads.len() + level) as u64 * ROOM,
        };
        let warm_up = warm_up.map(|warm_up| Plan {
            orders: Orders {
                first: orders.first | WARMING,
                ..orders
            },
            load: warming(one, warm_up),
            shard,
        });
        Part {
            variant,
            warm_up,
            plan: Plan {
                orders,
                load: one.clone(),
                shard,
            },
            round: round as u64 + 1,
        }
    })
}

/// How long all parts take by their plans, pauses and warm-ups included; absent where a part has no planned
/// span.
pub(super) fn planned(blocks: &Blocks<'_>) -> Option<Duration> {
    let load = blocks.load;
    let orders = Orders {
        seed: 0,
        products: 1,
        first: 0,
    };
    let shard = blocks.shard;
    let span = |load: Load| {
        let plan = Plan {
            orders,
            load,
            shard,
        };
        plan.planned_span()
    };
    let mut block = Duration::ZERO;
    for one in loads(&load.model, blocks.max_in_flight) {
        if let Some(warm_up) = load.warm_up {
            block += span(warming(&one, warm_up))?;
        }
        block += span(one)?;
        block += load.pause;
    }
    let blocks = load.rounds.get() * blocks.products.len() as u32;
    Some((block * blocks).saturating_sub(load.pause))
}

/// The loads of one round.
fn loads(model: &Model, max_in_flight: usize) -> Vec<Load> {
    match model {
        Model::Closed {
            levels,
            repeat,
            duration,
            think,
            ramp_up,
        } => levels
            .iter()
            .map(|level| {
                let each = repeat.map(|repeat| repeat.get());
                Load::Closed(Closed {
                    shoppers: level.get(),
                    total: each.map(|each| each.saturating_mul(level.get() as u64)),
                    duration: *duration,
                    think: *think,
                    ramp_up: *ramp_up,
                })
            })
            .collect(),
        Model::Open {
            curve,
            pattern,
            count,
            duration,
            ..
        } => vec![Load::Open(Open {
            curve: curve.clone(),
            pattern: *pattern,
            count: count.map(|count| count.get()),
            duration: *duration,
            max_in_flight,
        })],
    }
}

/// The same kind of load, for the length of the warm-up.
fn warming(load: &Load, warm_up: WarmUp) -> Load {
    let (total, duration) = match warm_up {
        WarmUp::Shoppers(number) => (Some(number.get()), None),
        WarmUp::For(span) => (None, Some(span)),
    };
    match load {
        Load::Closed(closed) => Load::Closed(Closed {
            shoppers: closed.shoppers,
            total,
            duration,
            think: closed.think,
            ramp_up: Duration::ZERO,
        }),
        Load::Open(open) => Load::Open(Open {
            curve: Curve::Constant(open.curve.first_rate().unwrap_or(1.0)),
            count: total,
            duration,
            ..open.clone()
        }),
    }
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
