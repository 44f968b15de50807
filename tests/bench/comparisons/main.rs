//! How often comparisons claim what is not there, and what is: simulated, and at the embedded shop.
//!
//! `cargo bench --bench comparisons -- [SIMULATIONS] [seeds=FIRST] [real=RUNS] [power=RUNS] [span=SECONDS]`:
//! 1,000 simulations of each machine, from seed 1 on, and no real runs where nothing is said; `real` is the
//! number of real runs with equal sides, `power` of those with unequal ones. The figures are printed,
//! nothing is judged but by the reader: the limits stand beside them.

mod real;
mod simulated;

use profilerclient::show::text;

use simulated::{Machine, claims, interleaved, separate};

/// Rounds of each simulated run.
const ROUNDS: u64 = 10;

/// The scatter of p50 of rounds of 2 s at the embedded shop.
const MEASURED: f64 = 0.0026;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let named = |name: &str| {
        args.iter()
            .find_map(|arg| arg.strip_prefix(name)?.parse().ok())
    };
    let simulations: u64 = (args.iter())
        .find_map(|arg| arg.parse().ok())
        .unwrap_or(1_000);
    let first = named("seeds=").unwrap_or(1);
    claims_of_equal_sides(first, simulations);
    power(first, simulations.min(100));
    whole_result();
    let real = named("real=").unwrap_or(0);
    let power = named("power=").unwrap_or(0);
    if real + power > 0 {
        real::run(real, power, named("span=").unwrap_or(2));
    }
}

/// A/A: equal sides.
fn claims_of_equal_sides(first: u64, simulations: u64) {
    println!(
        "A/A: claims (DIFFERENT BUT SMALL included) of {simulations} simulated runs of {ROUNDS} rounds; \
         5 % and its 99 % binomial limit: at most 67 of 1,000"
    );
    println!(
        "{:>5}  {:>5}  {:>11}  {:>18}",
        "phi", "drift", "interleaved", "one after the other"
    );
    for drift in [0.0, 3.0] {
        for phi in [0.0, 0.3, 0.6, 0.9] {
            let machine = Machine {
                phi,
                deviation: 0.02,
                drift,
            };
            let interleaved = claims(first, simulations, |seed| {
                interleaved(&machine, ROUNDS, seed, 1.0)
            });
            let separate = claims(first, simulations, |seed| separate(&machine, ROUNDS, seed));
            println!("{phi:>5}  {drift:>5}  {interleaved:>11}  {separate:>18}");
        }
    }
}

/// 5.00 ms against 5.05 ms.
fn power(first: u64, simulations: u64) {
    let machine = Machine {
        phi: 0.0,
        deviation: MEASURED,
        drift: 0.0,
    };
    let claimed = claims(first, simulations, |seed| {
        interleaved(&machine, ROUNDS, seed, 1.01)
    });
    println!(
        "\npower: 5.00 against 5.05 ms, scatter 0.26 %, {ROUNDS} rounds: claimed in {claimed} of {simulations} \
         (at least 95 of 100)"
    );
}

/// What a person reads.
fn whole_result() {
    let machine = Machine {
        phi: 0.3,
        deviation: MEASURED,
        drift: 3.0,
    };
    println!("\none simulated result:\n");
    let comparison = interleaved(&machine, ROUNDS, 1, 1.01);
    let mut out = Vec::new();
    text::comparison::write(&comparison, &mut out).expect("memory takes all");
    println!(
        "{}",
        anstream::adapter::strip_str(&String::from_utf8_lossy(&out))
    );
}
