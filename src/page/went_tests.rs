use super::super::collect::tests::{served, visit_of};
use super::*;

fn find<'a>(went: &'a Went, step: &str, band: &str) -> &'a Bar {
    let mut bars = went.bars.iter();
    let found = bars.find(|bar| bar.step == step && bar.band == band);
    found.unwrap_or_else(|| panic!("{step} {band}: {went:?}"))
}

fn share(bar: &Bar, part: PartName) -> f64 {
    let slice = bar.slices.iter().find(|slice| slice.part == part);
    slice.expect("the part").share
}

/// 990 purchases of 100 ms, nearly all of it service time, and 10 that waited for 60 s before it.
fn slow_before_the_server() -> Collector {
    let mut collected = Collector::default();
    for at in 0..990 {
        let row = visit_of(at, 10, 100);
        collected.add(&served(row, at + 11, at + 109), Some(10), 0);
    }
    for at in 990..1000 {
        let row = visit_of(at, 10, 60_100);
        collected.add(&served(row, at + 60_011, at + 60_109), Some(10), 0);
    }
    collected
}

#[test]
fn the_slowest_show_where_their_time_went() {
    let went = went(&slow_before_the_server());
    assert!(!went.is_doubtful);
    let middle = find(&went, "purchase", "p50-p90");
    assert!(share(middle, PartName::Inside) > 0.95, "{middle:?}");
    let slowest = find(&went, "purchase", "p99+");
    assert_eq!(slowest.n, 10);
    assert!(share(slowest, PartName::Before) > 0.99, "{slowest:?}");
    let all = find(&went, "purchase", "all");
    assert_eq!(all.n, 1000);
    assert!(
        (all.total - (990.0 * 0.1 + 10.0 * 60.1) / 1000.0).abs() < 1e-6,
        "{all:?}"
    );
    let longest = find(&went, "visit", "longest");
    assert!((longest.total - 60.11).abs() < 1e-6, "{longest:?}");
    assert!(share(longest, PartName::Before) > 0.99);
    // Nothing but the whole is known of home pages in 28 columns.
    let home = find(&went, "home", "all");
    assert_eq!(home.slices.len(), 1);
    assert_eq!(home.slices[0].part, PartName::Whole);
}

#[test]
fn the_parts_of_a_bar_are_all_of_it() {
    let went = went(&slow_before_the_server());
    assert!(!went.bars.is_empty());
    for bar in &went.bars {
        let sum: f64 = bar.slices.iter().map(|slice| slice.seconds).sum();
        let shares: f64 = bar.slices.iter().map(|slice| slice.share).sum();
        assert!((sum - bar.total).abs() < 1e-9, "{bar:?}");
        assert!((shares - 1.0).abs() < 1e-9, "{bar:?}");
    }
}

#[test]
fn few_requests_have_no_bands() {
    let mut collected = Collector::default();
    for at in 0..3 {
        collected.add(&visit_of(at, 10, 100), None, 0);
    }
    let went = went(&collected);
    let bands: Vec<_> = went.bars.iter().map(|bar| (bar.step, bar.band)).collect();
    assert_eq!(bands, [("home", "all"), ("purchase", "all")]);
}
