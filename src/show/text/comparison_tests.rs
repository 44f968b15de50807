//! Tests of the text of a comparison.

use super::*;
use crate::comparison::samples::{compared, compared_with, rounds_with_timings};
use crate::comparison::{Comparison, Question};

fn shown(comparison: &Comparison) -> String {
    let mut out = Vec::new();
    write(comparison, &mut out).expect("written");
    let text = String::from_utf8(out).expect("text");
    anstream::adapter::strip_str(&text).to_string()
}

/// The same without line breaks and columns.
fn flowing(comparison: &Comparison) -> String {
    let text = shown(comparison);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_headline_has_verdict_change_and_conditions() {
    let text = flowing(&compared(10));
    assert!(
        text.starts_with("SLOWER: B against A (baseline), buy.p50 +"),
        "{text}"
    );
    assert!(text.contains("10 rounds, interleaved"), "{text}");
    assert!(
        text.contains("10.2], +0.5015 ms [+0.4935, +0.5101]; 10 rounds"),
        "{text}"
    );
    assert!(
        text.contains("arose in the server's code (service time)"),
        "{text}"
    );
    assert!(
        text.contains("95 % for buy.p50, 99.69 % for each of the 16 other metrics (5 % divided by 16); margin 5 %"),
        "{text}"
    );
    assert!(
        text.contains("count as infinitely slow, unlike in --fail-if"),
        "{text}"
    );
}

#[test]
fn times_of_the_server_stand_in_the_table() {
    let names = ["A".to_owned(), "B".to_owned()];
    let parts = rounds_with_timings(10, 0.001, 0.0012);
    let text = flowing(&Comparison::of(&Question::default(), &names, parts));
    for part in [
        "buy.timing A B change [interval] verdict db.p50 0.9994 ms 1.200 ms +20.0 %",
        "db.p99 1.999 ms 2.399 ms +20.0 %",
        "…queries.p50 7 7 +0.00 % SAME",
        "No verdict buy.timing.cache.p50: 10 of 20 parts have no such figure",
        "98.33 % for each of the 3 times of the server (5 % divided by 3)",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn every_line_has_at_most_eighty_columns() {
    let mut long = compared(10);
    for pair in &mut long.groups[0].pairs {
        pair.other =
            "a/very/long/path/that/does/not/fit/into/any/line/of/eighty/columns.csv".to_owned();
    }
    for comparison in [
        compared(10),
        compared(3),
        compared_with(123.456, 10),
        compared_with(f64::INFINITY, 10),
        long,
        Comparison::of(
            &Question::default(),
            &["A".to_owned(), "B".to_owned()],
            rounds_with_timings(10, 0.001, 0.00102),
        ),
    ] {
        for line in shown(&comparison).lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn hostile_names_are_escaped() {
    let mut comparison = compared(10);
    comparison.groups[0].pairs[0].other = "a\u{1b}[31m\nb".to_owned();
    comparison.warnings.push("of\u{202e} it".to_owned());
    let text = shown(&comparison);
    assert!(text.contains("a\\u{1b}[31m\\nb against A"), "{text}");
    assert!(!text.contains('\u{202e}'), "{text}");
}

#[test]
fn too_few_rounds_say_how_many_are_needed() {
    let text = flowing(&compared(3));
    assert!(text.starts_with("CANNOT TELL: "), "{text}");
    assert!(
        text.contains("6 rounds reach this level, there are 3"),
        "{text}"
    );
    assert!(text.contains("more rounds would settle it"), "{text}");
}

#[test]
fn figures_have_four_digits_and_their_unit() {
    for (unit, value, expected) in [
        (Unit::Seconds, 0.0050123, "5.012 ms"),
        (Unit::Seconds, 0.000_015, "0.01500 ms"),
        (Unit::Seconds, 12.3456, "12.35 s"),
        (Unit::Seconds, f64::INFINITY, "infinite"),
        (Unit::PerSecond, 1234.5, "1234/s"),
        (Unit::Share, 0.012, "1.200 %"),
        (Unit::Share, 0.0, "0 %"),
    ] {
        assert_eq!(figure_of(unit, Number(value)), expected);
    }
    assert_eq!(percent(Number(1.0104)), "+1.04");
    assert_eq!(percent(Number(0.5)), "-50.0");
    assert_eq!(percent(Number(f64::INFINITY)), "+inf");
    assert_eq!(percent(Number(0.0)), "-100");
}

#[test]
fn long_paths_are_cut_between_their_directories() {
    let path = "/data/runs/2026-11-26/gunicorn/report.csv";
    for (most, expected) in [
        (60, path),
        (40, "…/runs/2026-11-26/gunicorn/report.csv"),
        (24, "…/gunicorn/report.csv"),
        (13, "…/report.csv"),
        (6, "…t.csv"),
    ] {
        assert_eq!(short(path, most), expected, "{most}");
        assert!(short(path, most).chars().count() <= most.max(13));
    }
    assert_eq!(short("a-very-long-title/", 8), "…-title/");
}

#[test]
fn metrics_without_an_interval_say_what_it_takes() {
    let text = flowing(&compared(8));
    assert!(
        text.contains(
            "No interval 16 of the other metrics: 10 rounds reach this level, there are 8"
        ),
        "{text}"
    );
    assert!(!flowing(&compared(10)).contains("No interval"));
}
