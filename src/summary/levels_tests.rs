use super::*;
use crate::rows::judged::{FigureVerdict, ReasonGiven};
use crate::summary::samples::{facts, sample};
use crate::summary::{Summary, Whole};

/// A level with rounds of the given purchases per second, whose requests took 1 to 100 ms.
pub fn level(concurrent: u64, rates: &[f64]) -> Level {
    let wall_nanos = rates.iter().map(|rate| match rate {
        0.0 => 1_000_000_000,
        rate => (concurrent as f64 / rate * 1e9).round() as i64,
    });
    let sold = rates.iter().filter(|rate| **rate > 0.0).count() as u64;
    let mut figures = Figures {
        shoppers: concurrent * rates.len() as u64,
        bought: concurrent * sold,
        ..Figures::default()
    };
    figures.home.elapsed_ok = (1..=100).map(|ms| ms * 500_000).collect();
    figures.buy.elapsed_ok = (1..=100).map(|ms| ms * 1_000_000).collect();
    Level {
        rounds: rates.len() as u64,
        figures,
        wall_nanos: wall_nanos.clone().sum(),
        span_nanos: wall_nanos.sum(),
        rates: rates.to_vec(),
        verdict: trusted(),
        ..Level::new(concurrent)
    }
}

/// The summary of a sweep over those levels.
pub fn sweep(levels: Vec<Level>) -> Summary {
    let whole = Whole {
        parts: 2,
        levels,
        ..Whole::default()
    };
    Summary::of(facts(), whole, &[])
}

/// The verdict on a round without fault.
pub(crate) fn trusted() -> Verdict {
    Verdict::of_all(true, &[])
}

/// The verdict on a round whose home pages were limited by the client.
pub(crate) fn limited() -> Verdict {
    let reason = ReasonGiven {
        kind: "send_delay".to_owned(),
        level: None,
        reason: "requests waited".to_owned(),
        hint: "fewer virtual users".to_owned(),
    };
    Verdict {
        home: FigureVerdict::of(vec![reason]),
        ..trusted()
    }
}

#[test]
fn rounds_add_up() {
    let summary = sample();
    let mut level = Level::new(100);
    assert_eq!((level.rate(), level.is_trusted()), (None, None));
    level.add_round(&summary, 2_000_000_000, 2_000_000_000, Some(&trusted()));
    assert_eq!((level.rate(), level.is_trusted()), (Some(48.0), Some(true)));
    level.add_round(&summary, 4_000_000_000, 4_000_000_000, Some(&limited()));
    assert_eq!((level.concurrent, level.rounds), (100, 2));
    let of = &level.figures;
    let counts = (of.shoppers, of.bought, of.failed_purchases());
    assert_eq!(counts, (200, 192, 8));
    assert_eq!(level.rates, [48.0, 24.0]);
    assert_eq!(
        (level.rate(), level.is_trusted()),
        (Some(32.0), Some(false))
    );
    assert_eq!(
        (
            level.figures.home.elapsed().len(),
            level.figures.buy.elapsed().len()
        ),
        (200, 200)
    );
    assert_eq!(level.figures.server.elapsed.len(), 192);
    assert_eq!(
        (level.figures.buy.failed, level.figures.server.refused),
        (6, 2)
    );
    // A clock that did not move measures no throughput.
    level.add_round(&summary, 0, 0, Some(&trusted()));
    assert_eq!((level.rounds, level.rates.len()), (3, 2));
    assert_eq!(level.is_trusted(), Some(false));
}

#[test]
fn an_unknown_verdict_does_not_count_as_trusted() {
    let mut level = Level::new(1);
    level.add_round(&sample(), 1, 1, None);
    level.add_round(&sample(), 1, 1, Some(&trusted()));
    assert_eq!(level.is_trusted(), None);
    level.add_round(&sample(), 1, 1, Some(&limited()));
    assert_eq!(level.is_trusted(), Some(false));
}

#[test]
fn a_level_that_sold_nothing_is_not_judged() {
    let mut level = Level::new(1);
    let nothing = Figures {
        shoppers: 1,
        ..Figures::default()
    };
    level.add_round(&nothing, 1, 1, Some(&trusted()));
    assert_eq!(level.is_trusted(), None);
}

#[test]
fn a_knee_needs_four_levels_of_two_rounds_and_a_small_fit_error() {
    let of = |levels: &[Level]| unsupported(&fit(levels).expect("a fit"), levels);
    let good = [
        level(1, &[9.9, 10.1]),
        level(10, &[84.0, 84.0]),
        level(100, &[252.0, 252.0]),
        level(1000, &[82.6, 82.6]),
    ];
    assert_eq!(of(&good), None);
    let three = "a knee or a ceiling needs 4 levels of 2 rounds each, there are 3";
    assert_eq!(of(&good[..3]).as_deref(), Some(three));
    let mut single = good.clone();
    single[3].rates.pop();
    assert_eq!(of(&single).as_deref(), Some(three));
    single[3].rates.push(0.0);
    assert_eq!(
        of(&single).as_deref(),
        Some(three),
        "a round without a purchase"
    );
    let saturated = [1, 10, 100, 1000].map(|n| level(n, &[[10.0, 100.0][usize::from(n > 1)]; 2]));
    let why = of(&saturated).expect("a poor fit");
    assert!(why.contains("fit error 25 %"), "{why}");
}
