//! Tests of settings.

use super::*;

#[test]
fn a_share_of_the_visits_is_exact_whatever_the_seed() {
    for (percent, visits, resumed) in [(50.0, 20, 10), (30.0, 1000, 300), (1.0, 300, 3)] {
        for seed in 0..200 {
            let count = (0..visits)
                .filter(|&visit| Resume::Percent(percent).applies(visit, seed))
                .count();
            assert_eq!(count, resumed, "{percent} % of {visits}, seed {seed}");
        }
    }
    for seed in 0..200 {
        let applies = |percent, visit| Resume::Percent(percent).applies(visit, seed);
        assert!((0..500).all(|visit| !applies(0.0, visit)));
        assert!((0..500).all(|visit| applies(100.0, visit)));
    }
}

#[test]
fn the_seed_determines_which_visits_resume() {
    let which = |seed| {
        let applies = |visit: &u64| Resume::Percent(50.0).applies(*visit, seed);
        (0..100).filter(applies).collect::<Vec<_>>()
    };
    assert_eq!(which(7), which(7));
    assert!((0..20).any(|seed| which(seed) != which(0)));
}
