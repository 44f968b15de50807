//! Tests of the comparison's section.

use super::*;
use crate::comparison::samples::{compared, compared_with};

#[test]
fn it_has_three_charts_with_their_tables() {
    let page = section(&compared(10)).into_string();
    assert_eq!(page.matches("<svg").count(), 3, "{page}");
    assert_eq!(page.matches("<table").count(), 3);
    for expected in [
        "SLOWER: ",
        "Shift over the quantiles",
        "Blocks over time",
        "purchases_per_second",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    assert!(!page.contains("NaN") && !page.contains("style="), "{page}");
}

#[test]
fn infinite_figures_and_hostile_names_are_shown_safely() {
    let mut comparison = compared_with(f64::INFINITY, 10);
    comparison.groups[0].pairs[0].other = "<script>alert(1)</script>".to_owned();
    comparison.warnings.push("<b>".to_owned());
    let page = section(&comparison).into_string();
    assert!(page.contains("infinite"), "{page}");
    assert!(
        !page.contains("<script") && !page.contains("<b>") && !page.contains("NaN"),
        "{page}"
    );
}

#[test]
fn too_few_rounds_have_no_intervals_but_a_page() {
    let page = section(&compared(1)).into_string();
    assert!(page.contains("CANNOT TELL (single runs)"), "{page}");
    assert!(!page.contains("NaN"), "{page}");
}

#[test]
fn verdicts_come_first_and_warnings_before_the_charts() {
    let mut comparison = compared(10);
    comparison.warnings.push("the machine drifted".to_owned());
    let mut other = comparison.groups[0].pairs[0].clone();
    other.other = "C".to_owned();
    comparison.groups[0].pairs.push(other);
    let page = section(&comparison).into_string();
    let place = |text: &str| {
        page.find(text)
            .unwrap_or_else(|| panic!("{text} is missing"))
    };
    let order = [
        "SLOWER: <bdi>B</bdi>",
        "Where: ",
        "SLOWER: <bdi>C</bdi>",
        "the machine drifted",
        "Resource short, ",
        "<h3><bdi>B</bdi> against <bdi>A</bdi>",
        "<table",
        "<svg",
        "<h3><bdi>C</bdi> against <bdi>A</bdi>",
    ];
    assert!(order.map(place).is_sorted(), "{:?}", order.map(place));
}
