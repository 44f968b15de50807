//! What comparisons claim of simulated runs, with fixed seeds: the bench `comparisons` has the long way.

use profilerclient::comparison::Verdict;

use crate::simulated::{Machine, claims, interleaved, separate, verdict};

const MACHINES: [(f64, f64); 8] = [
    (0.0, 0.0),
    (0.3, 0.0),
    (0.6, 0.0),
    (0.9, 0.0),
    (0.0, 3.0),
    (0.3, 3.0),
    (0.6, 3.0),
    (0.9, 3.0),
];

fn machine((phi, drift): (f64, f64)) -> Machine {
    Machine {
        phi,
        deviation: 0.02,
        drift,
    }
}

/// 5 % of 1,000, and its 99 % binomial limit.
#[test]
fn equal_sides_that_take_turns_are_claimed_to_differ_in_five_percent() {
    for of in MACHINES {
        let machine = machine(of);
        let claims = claims(1, 1_000, |seed| interleaved(&machine, 10, seed, 1.0));
        assert!(claims <= 67, "{of:?}: {claims} claims");
        assert!(
            claims >= 20,
            "{of:?}: {claims} claims: the level is not used"
        );
    }
}

/// Why runs one after the other get no verdict.
#[test]
fn equal_sides_one_after_the_other_differ_where_neighbours_resemble_each_other() {
    for of in [(0.6, 0.0), (0.9, 0.0), (0.3, 3.0)] {
        let machine = machine(of);
        let claims = claims(1, 300, |seed| separate(&machine, 10, seed));
        assert!(claims > 60, "{of:?}: {claims} of 300 claims");
    }
}

#[test]
fn one_percent_is_claimed_with_the_scatter_of_the_embedded_shop() {
    let machine = Machine {
        phi: 0.0,
        deviation: 0.0026,
        drift: 0.0,
    };
    let claimed = claims(1, 100, |seed| interleaved(&machine, 10, seed, 1.01));
    assert!(claimed >= 95, "{claimed} of 100");
    // Within the margin of 5 %.
    let one = interleaved(&machine, 10, 1, 1.01);
    assert_eq!(verdict(&one), Verdict::DifferentButSmall);
    let back = interleaved(&machine, 10, 1, 1.0 / 1.2);
    assert_eq!(verdict(&back), Verdict::Faster);
}
