//! Simulated runs: what a comparison claims about sides that are equal, or differ by a known factor.

use profilerclient::comparison::{
    Comparison, Context, Level, Metric, PartMetrics, Question, Replicate, Verdict,
};
use profilerclient::plan::block;
use profilerclient::plan::random::{SplitMix64, mix};

/// The metric that is simulated: the primary one.
const METRIC: Metric = Metric::Buy(Level::P50);

/// How the logarithm of a figure moves from one time slot to the next.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// The resemblance of neighbouring slots, 0 (none) to below 1: AR(1).
    pub phi: f64,
    /// The standard deviation of a slot.
    pub deviation: f64,
    /// By how much the machine drifts from the first slot to the last, in standard deviations.
    pub drift: f64,
}

impl Machine {
    /// One series over the time slots of a run: log-normal figures around 1.
    pub fn slots(&self, number: usize, seed: u64) -> Vec<f64> {
        let mut random = Normal(SplitMix64(mix(seed)));
        let innovation = (1.0 - self.phi * self.phi).sqrt();
        let mut state = random.next();
        let last = (number.max(2) - 1) as f64;
        (0..number)
            .map(|slot| {
                let drift = self.drift * slot as f64 / last;
                let figure = (self.deviation * (state + drift)).exp();
                state = self.phi * state + innovation * random.next();
                figure
            })
            .collect()
    }
}

/// Standard normal numbers (Box and Muller).
struct Normal(SplitMix64);

impl Normal {
    fn next(&mut self) -> f64 {
        let radius = (2.0 * self.0.exponential()).sqrt();
        let angle = self.0.below(1 << 53) as f64 / (1u64 << 53) as f64 * std::f64::consts::TAU;
        radius * angle.cos()
    }
}

fn replicate(side: usize, run: usize, round: u64, slot: usize, seconds: f64) -> Replicate {
    let began = slot as i64 * 2_000_000_000;
    let mut part = PartMetrics {
        due: 1_000,
        bought: 1_000,
        opened: 1_000,
        began: Some(began),
        ended: Some(began + 2_000_000_000),
        ..PartMetrics::default()
    };
    part.values.set(METRIC, Some(seconds));
    Replicate {
        side,
        run,
        round,
        context: Context::default(),
        part,
    }
}

/// Two sides, interleaved in the order that the seed draws: the second takes `ratio` times as long.
pub fn interleaved(machine: &Machine, rounds: u64, seed: u64, ratio: f64) -> Comparison {
    let slots = machine.slots(2 * rounds as usize, seed);
    let mut parts = Vec::new();
    for round in 0..rounds {
        for (place, side) in block(seed, round, 2).into_iter().enumerate() {
            let slot = 2 * round as usize + place;
            let factor = if side == 1 { ratio } else { 1.0 };
            let seconds = 0.005 * slots[slot] * factor;
            parts.push(replicate(side, 0, round + 1, slot, seconds));
        }
    }
    Comparison::of(&question(), &names(), parts)
}

/// The same rounds, one run after the other.
pub fn separate(machine: &Machine, rounds: u64, seed: u64) -> Comparison {
    let slots = machine.slots(2 * rounds as usize, seed);
    let parts = slots.iter().enumerate().map(|(slot, seconds)| {
        let side = slot / rounds as usize;
        let round = slot as u64 % rounds + 1;
        replicate(side, side, round, slot, 0.005 * seconds)
    });
    let question = Question {
        accept_separate: true,
        ..question()
    };
    Comparison::of(&question, &names(), parts.collect())
}

fn question() -> Question {
    Question {
        metric: METRIC,
        ..Question::default()
    }
}

fn names() -> Vec<String> {
    vec!["A".to_owned(), "B".to_owned()]
}

/// The verdict on the primary metric.
pub fn verdict(comparison: &Comparison) -> Verdict {
    let row = comparison.primary_rows().next();
    row.and_then(|row| row.verdict).expect("a verdict")
}

/// In how many of the simulated runs, of which the first has the seed `first`, a difference is claimed.
pub fn claims(first: u64, runs: u64, simulated: impl Fn(u64) -> Comparison) -> u64 {
    let seeds = first..first + runs;
    seeds
        .filter(|seed| verdict(&simulated(*seed)).is_claim())
        .count() as u64
}
