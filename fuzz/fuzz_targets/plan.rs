//! Plans of any load: indices unique and ascending, due times in order and within the duration, and
//! bounded work however many arrivals there are.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use profilerclient::plan::{
    Closed, Curve, Due, Load, Open, Orders, Pattern, Plan, Shard, Stage, Think,
};

/// Arrivals that are looked at one by one.
const MOST: usize = 2_000;

/// The longest span that can be given, nanoseconds, and the highest rate.
const LONGEST: u64 = 86_400_000_000_000_000;
const HIGHEST: f64 = 1e7;

/// What is looked at, of both kinds of load.
struct Input {
    settings: u8,
    seed: u64,
    count: u64,
    duration: u64,
    until: u64,
    rate: f64,
}

impl Input {
    fn has(&self, bit: u8) -> bool {
        self.settings & 1 << bit != 0
    }

    fn orders(&self) -> Orders {
        Orders {
            seed: self.seed,
            products: 1 + (self.seed % 7) as usize,
            first: self.count ^ self.until,
        }
    }

    fn duration(&self) -> Option<Duration> {
        let nanos = (self.duration % LONGEST).max(1);
        self.has(1).then(|| Duration::from_nanos(nanos))
    }
}

/// Twelve bytes each: a length in nanoseconds, a rate in tenths.
fn stages(bytes: &[u8]) -> Vec<Stage> {
    let stage = |bytes: &[u8; 12]| {
        let [a, b, c, d, e, f, g, h, rate @ ..] = *bytes;
        let length = u64::from_le_bytes([a, b, c, d, e, f, g, h]) % (LONGEST + 1);
        Stage {
            length: Duration::from_nanos(length),
            rate: (f64::from(u32::from_le_bytes(rate)) / 10.0).min(HIGHEST),
        }
    };
    let (stages, _) = bytes.as_chunks::<12>();
    stages.iter().take(20).map(stage).collect()
}

/// The first arrivals: numbered from 0, in order, within the duration, each with an order.
fn first_arrivals(plan: &Plan, duration: Option<Duration>) -> Vec<Due> {
    let due: Vec<Due> = plan.arrivals().take(MOST).collect();
    for (number, due) in due.iter().enumerate() {
        assert_eq!(due.index, number as u64);
        if let Some(duration) = duration {
            assert!(u128::from(due.after) < duration.as_nanos(), "{due:?}");
        }
        let order = plan.orders.order(due.index);
        assert!(order.product < plan.orders.products && (1..=98).contains(&order.quantity));
    }
    assert!(due.is_sorted_by_key(|due| due.after), "{plan:?}");
    if let Some(total) = plan.total() {
        assert!(due.len() as u64 <= total);
    }
    due
}

/// Each arrival is launched by one shard, and by the one that owns it.
fn union_of_shards(plan: &Plan, first: &[Due], settings: u8) {
    let count = u64::from(settings % 7) + 1;
    for number in 1..=count {
        let shard = Shard::new(number, count).expect("there is one");
        let own = Plan {
            shard,
            ..plan.clone()
        };
        let whole: Vec<Due> = (first.iter().copied())
            .filter(|due| due.index % count == number - 1)
            .collect();
        let launched: Vec<Due> = own.arrivals().take(whole.len()).collect();
        assert_eq!(launched, whole, "{own:?}");
    }
}

fn open(input: &Input, stages: Vec<Stage>) {
    let rate = match input.rate.is_finite() {
        true => input.rate.abs().clamp(1.0 / 86_400_000.0, HIGHEST),
        false => 1.0,
    };
    let curve = match stages.is_empty() {
        true => Curve::Constant(rate),
        false => Curve::Stages(stages),
    };
    let pattern = match input.has(0) {
        true => Pattern::Poisson,
        false => Pattern::Constant,
    };
    let plan = Plan {
        shard: Shard::WHOLE,
        orders: input.orders(),
        load: Load::Open(Open {
            curve,
            pattern,
            count: input.has(2).then_some(input.count.max(1)),
            duration: input.duration(),
            max_in_flight: 1,
        }),
    };
    let due = first_arrivals(&plan, input.duration());
    // Nanoseconds are counted for 584 years; what would come later does not.
    if due.last().is_some_and(|due| due.after > u64::MAX / 2) {
        return;
    }
    if let Some(known) = plan.known_total() {
        assert_eq!(due.len() as u64, known.min(MOST as u64), "{plan:?}");
    }
    assert_eq!(plan.successor(0, input.until, 0), None);
    union_of_shards(&plan, &due, input.settings);
    let _ = plan.planned_span();

    // Passing over arrivals counts those that would have come.
    let mut arrivals = plan.arrivals();
    let skipped = arrivals.skip_through(input.until);
    let is_within = |due: &&Due| due.after <= input.until;
    let within = due.iter().take_while(is_within).count() as u64;
    if due.len() < MOST || within < MOST as u64 {
        assert_eq!(skipped, within, "{plan:?} {}", input.until);
        let next = due.get(skipped as usize).copied();
        assert!(
            due.len() == MOST && next.is_none() || arrivals.next() == next,
            "{plan:?}"
        );
    } else {
        assert!(skipped >= within);
    }
    // Of a Poisson process a million draws: not every time.
    if pattern == Pattern::Poisson && !input.has(4) {
        return;
    }
    let mut rest = plan.arrivals();
    let all = rest.skip_rest();
    assert!(all >= due.len() as u64, "{plan:?} {all}");
    if due.len() < MOST {
        assert_eq!(all, due.len() as u64, "{plan:?}");
    }
    assert_eq!(rest.skip_rest(), 0, "{plan:?}");
}

fn closed(input: &Input) {
    let think = Duration::from_nanos(input.until % (LONGEST + 1));
    let total = input.has(2).then_some(input.count);
    let shoppers = (input.seed % 5_000) as usize + 1;
    let plan = Plan {
        shard: Shard::WHOLE,
        orders: input.orders(),
        load: Load::Closed(Closed {
            shoppers,
            total,
            duration: input.duration(),
            think: match input.has(3) {
                true => Think::Exponential(think),
                false => Think::Fixed(think),
            },
            ramp_up: Duration::from_nanos(input.rate.to_bits() % (LONGEST + 1)),
        }),
    };
    let due = first_arrivals(&plan, input.duration());
    assert!(due.len() <= plan.virtual_users());
    union_of_shards(&plan, &due, input.settings);
    for due in due.iter().take(100) {
        let ended = due.after.saturating_add(input.duration);
        let Some(next) = plan.successor(due.index, ended, 1_000) else {
            continue;
        };
        // A number of its own: no two virtual users share one.
        assert_eq!(next.index, due.index + shoppers as u64);
        assert!(next.after >= ended.saturating_add(1_000));
        assert!(total.is_none_or(|total| next.index < total));
        if let Some(duration) = input.duration() {
            assert!(u128::from(next.after) < duration.as_nanos());
        }
    }
}

fuzz_target!(|input: (u8, u64, u64, u64, u64, f64, &[u8])| {
    let (settings, seed, count, duration, until, rate, bytes) = input;
    let input = Input {
        settings,
        seed,
        count,
        duration,
        until,
        rate,
    };
    open(&input, stages(bytes));
    closed(&input);
});
