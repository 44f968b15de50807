//! A comparison of configurations: the verdicts, what to know before believing them, and for each pair of sides
//! a table of all metrics with its charts.

use maud::{Markup, html};

use crate::comparison::{Comparison, Group, Number, Pair, Verdict};
use crate::show::text::comparison::{figure_of, lacking, levels, own_change, row_change, short};

use super::comparison_charts::{blocks, ratios, shift};
use super::figure::Table;
use super::words::clean;

/// The longest name at the head of a column, characters.
const MOST_OF_HEAD: usize = 30;

/// The comparison, for a page of its own or of its run.
pub(super) fn section(comparison: &Comparison) -> Markup {
    let pairs = || {
        let groups = comparison.groups.iter();
        groups.flat_map(|group| group.pairs.iter().map(move |pair| (group, pair)))
    };
    let is_alone = pairs().count() == 1;
    html! {
        @for (group, pair) in pairs() { (verdict(group, pair)) }
        @if !comparison.warnings.is_empty() {
            ul class="warning" { @for warning in &comparison.warnings { li { (clean(warning)) } } }
        }
        @for group in &comparison.groups {
            @for side in &group.sides {
                p { "Resource short, " bdi { (clean(&side.name)) } (condition(group)) ": " (side.resource.sentence) }
            }
        }
        @for (group, pair) in pairs() {
            @if !is_alone { h3 { (sides(group, pair)) } }
            (details(comparison, pair))
        }
    }
}

/// Where a group was measured: ` at 4 virtual users`.
fn condition(group: &Group) -> Markup {
    html! {
        @if let Some(level) = group.level {
            " at " (level) @if level == 1 { " virtual user" } @else { " virtual users" }
        }
        @if let Some(variant) = &group.variant { ", " bdi { (clean(variant)) } }
    }
}

fn sides(group: &Group, pair: &Pair) -> Markup {
    html! {
        bdi { (clean(&pair.other)) } " against " bdi { (clean(&pair.baseline)) } (condition(group))
    }
}

/// The verdict on a pair, and where the difference arose.
fn verdict(group: &Group, pair: &Pair) -> Markup {
    let primary = &pair.metrics[0];
    let class = match primary.verdict {
        Some(verdict) if verdict.is_worse(primary.metric) => "result bad",
        Some(Verdict::CannotTell) => "result doubtful",
        _ => "result good",
    };
    let change = row_change(primary).map_or(String::new(), |change| format!(" {change}"));
    let own = match primary.ratio {
        Some(_) => own_change(primary).map_or(String::new(), |own| format!(", {own}")),
        // Of a difference, that is the change.
        None => String::new(),
    };
    html! {
        p class=(class) {
            (primary.verdict_in_words()) ": " bdi { (clean(&pair.other)) } " against "
            bdi { (clean(&pair.baseline)) } " (baseline), " (primary.metric.name()) (change) (own) (condition(group))
        }
        @if let Some(reason) = &primary.reason { p class="note" { (reason) } }
        @if let Some(place) = &pair.place { p { "Where: " (place) } }
        @for sentence in &pair.settle { p class="note" { "To settle it: " (clean(sentence)) } }
    }
}

/// All metrics of a pair, and its charts.
fn details(comparison: &Comparison, pair: &Pair) -> Markup {
    html! {
        (figures(pair).markup())
        @for (title, text) in lacking(pair) { p class="note" { (title) ": " (text) } }
        p class="note" { "Intervals: " (levels(comparison, pair)) }
        div class="charts" {
            (ratios(comparison, pair))
            (shift(pair))
            (blocks(pair))
        }
    }
}

/// A figure that stays on one line with its unit.
fn unbroken(figure: &str) -> String {
    figure.replace(' ', "\u{a0}")
}

fn figures(pair: &Pair) -> Table {
    let mut table = Table::of_texts(
        "All metrics",
        &[
            "metric",
            &short(&pair.baseline, MOST_OF_HEAD),
            &short(&pair.other, MOST_OF_HEAD),
            "change [interval]",
            "verdict",
        ],
    );
    for row in &pair.metrics {
        let figure = |value: Option<Number>| {
            value.map_or_else(|| "-".to_owned(), |value| figure_of(row.unit, value))
        };
        let verdict = match row.verdict {
            None => "-".to_owned(),
            // What it is subject to stands in the headline.
            Some(verdict) => verdict.name().to_owned(),
        };
        table.rows.push(vec![
            row.metric.name().into_owned(),
            unbroken(&figure(row.baseline)),
            unbroken(&figure(row.other)),
            unbroken(&row_change(row).unwrap_or_else(|| "-".to_owned())),
            verdict,
        ]);
    }
    table
}

#[cfg(test)]
#[path = "comparison_tests.rs"]
mod tests;
