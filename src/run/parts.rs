//! The parts of a run: its levels and rounds in their order, each with its warm-up.

use std::time::Duration;

use crate::plan::{Closed, Curve, Load, Open, Orders, Plan, Shard};
use crate::settings::{LoadSettings, Model, WarmUp};

/// One level in one round.
pub(super) struct Part {
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

/// The parts in their order: round by round, so that a change on the machines during the run does not
/// affect one level alone. `max_in_flight` is the shard's own.
pub(super) fn of(
    load: &LoadSettings,
    seed: u64,
    products: usize,
    max_in_flight: usize,
    shard: Shard,
) -> impl ExactSizeIterator<Item = Part> {
    let loads = loads(&load.model, max_in_flight);
    let warm_up = load.warm_up;
    (0..loads.len() * load.rounds.get() as usize).map(move |number| {
        let one = &loads[number % loads.len()];
        let orders = Orders {
            seed,
            products,
            first: number as u64 * ROOM,
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
            warm_up,
            plan: Plan {
                orders,
                load: one.clone(),
                shard,
            },
            round: (number / loads.len()) as u64 + 1,
        }
    })
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
