use super::super::collect::tests::{BEGIN, served, visit_of};
use super::*;

const MS: i64 = 1_000_000;

fn fine() -> Fineness {
    Fineness::of(1)
}

fn known() -> Vec<PartKnown> {
    vec![PartKnown::default()]
}

#[test]
fn all_requests_are_in_the_cells_and_the_largest_is_exact() {
    let mut collected = Collector::default();
    for at in 0..2_000 {
        collected.add(&visit_of(at, 5 + at % 7, 40), Some(10), 0);
    }
    collected.add(&visit_of(1_234, 5, 9_876), Some(10), 0);
    let timeline = timeline(collected, &known(), fine()).expect("a timeline");
    assert!(timeline.columns.len() <= 96);
    assert!(timeline.begin <= BEGIN as i64);
    for heat in &timeline.heats {
        let sum: u32 = heat.cells.iter().map(|(_, _, count)| count).sum();
        assert_eq!(sum, 2_001);
        assert!(heat.bounds.len() <= 41, "{}", heat.bounds.len());
        assert!(heat.bounds.is_sorted());
        assert_eq!(
            heat.most,
            heat.cells.iter().map(|of| of.2).max().expect("cells")
        );
    }
    let largest = timeline.heats[1].totals.iter().map(|(_, max)| *max).max();
    assert_eq!(largest, Some(9_876 * MS));
    assert!(timeline.marks.is_empty(), "one part without a warm-up");
}

#[test]
fn percentile_lines_need_enough_requests_and_do_not_cross_parts() {
    let mut collected = Collector::default();
    for at in 0..150 {
        collected.add(&visit_of(at, 5, 40), Some(1), 0);
    }
    for at in 0..150 {
        collected.add(&visit_of(5_000 + at, 5, 80), Some(2), 1);
    }
    let part = |level| PartKnown {
        level: Some(level),
        round: 1,
        ..PartKnown::default()
    };
    let timeline = timeline(collected, &[part(1), part(2)], fine()).expect("a timeline");
    assert_eq!(timeline.marks.len(), 2);
    let windows = &timeline.heats[1].windows;
    let near =
        |value: Option<i64>, ms: i64| (value.expect("a value") - ms * MS).abs() < ms * MS / 50;
    for window in windows {
        let ms = if window.columns[0] < 48 { 40 } else { 80 };
        assert!(near(window.p50, ms), "{window:?}");
        assert!(window.n < 100 || near(window.p99, ms), "{window:?}");
    }
    assert_eq!(windows.iter().map(|window| window.n).sum::<u64>(), 300);
}

#[test]
fn one_row_makes_one_column_without_percentiles() {
    let mut collected = Collector::default();
    collected.add(&served(visit_of(0, 5, 40), 10, 20), None, 0);
    let timeline = timeline(collected, &known(), fine()).expect("a timeline");
    let [window] = timeline.heats[1].windows.as_slice() else {
        panic!("{:?}", timeline.heats[1].windows);
    };
    assert_eq!((window.n, window.p50, window.p99), (1, None, None));
    let cpu: Vec<f64> = timeline
        .columns
        .iter()
        .filter_map(|of| of.servers[0].cpu)
        .collect();
    assert_eq!(cpu, [29.3]);
    let went: Vec<[f64; 3]> = timeline.columns.iter().filter_map(|of| of.went).collect();
    assert_eq!(went.len(), 1);
    assert!(
        (went[0].iter().sum::<f64>() - 0.040).abs() < 1e-9,
        "{went:?}"
    );
    assert!((went[0][1] - 0.010).abs() < 1e-9, "{went:?}");
}

#[test]
fn nothing_makes_no_timeline() {
    assert_eq!(timeline(Collector::default(), &[], fine()), None);
}
