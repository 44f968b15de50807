//! A comparison of configurations: a headline and a table for each pair of sides.

use std::io::{self, Write};

use anstyle::Style;

use super::layout::{BAD, GOOD, WARNING, line, marked, table};
use crate::comparison::{By, Comparison, Design, Group, Metric, Number, Pair, Row, Unit, Verdict};
use crate::row::Source;
use crate::text::Printable;

/// The longest name of a side, characters.
const MOST_OF_NAME: usize = 40;

/// What is left of a longer name at the head of a column at least.
const LEAST_OF_HEAD: usize = 12;

/// The widest table, as far as names decide it.
const WIDTH: usize = 80;

/// The longest name of a metric in the table, characters.
const MOST_OF_METRIC: usize = 12;

/// Prints the comparison.
pub fn write(comparison: &Comparison, out: &mut impl Write) -> io::Result<()> {
    for (number, group) in comparison.groups.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        write_group(comparison, group, out)?;
    }
    for warning in &comparison.warnings {
        let text = format!(" {}", Printable(warning));
        marked(out, WARNING, "warning:", &text)?;
    }
    Ok(())
}

fn write_group(comparison: &Comparison, group: &Group, out: &mut impl Write) -> io::Result<()> {
    for (number, pair) in group.pairs.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        write_pair(comparison, group, pair, out)?;
    }
    for side in &group.sides {
        let name = short(&side.name, MOST_OF_NAME);
        let text = format!("{name}: {}", side.resource.sentence);
        line(out, "Resource short", text)?;
    }
    Ok(())
}

/// A name, printable and short: of a path the end tells more, in whole directories where these fit.
pub(in crate::show) fn short(name: &str, most: usize) -> String {
    let name = Printable(name).to_string();
    let length = name.chars().count();
    if length <= most {
        return name;
    }
    let mut ends = name.match_indices('/').map(|(at, _)| &name[at..]);
    if let Some(end) = ends.find(|end| end.len() > 1 && end.chars().count() < most) {
        return format!("…{end}");
    }
    let end: String = name.chars().skip(length + 1 - most).collect();
    format!("…{end}")
}

/// Where the pair was run: `at -c 4, 10 rounds, interleaved`.
fn conditions(group: &Group, pair: &Pair) -> String {
    let mut conditions = Vec::new();
    if let Some(level) = group.level {
        conditions.push(format!("-c {level}"));
    }
    if let Some(variant) = &group.variant {
        conditions.push(short(variant, MOST_OF_NAME));
    }
    let rounds = match (pair.baseline_rounds, pair.other_rounds) {
        (a, b) if a == b => format!("{a} {}", if a == 1 { "round" } else { "rounds" }),
        (a, b) => format!("{a} and {b} rounds"),
    };
    conditions.push(rounds);
    conditions.push(
        match pair.design {
            Design::Interleaved => "interleaved",
            Design::Separate => "one after the other",
            Design::SingleRuns => "single runs",
        }
        .to_owned(),
    );
    conditions.join(", ")
}

fn write_pair(
    comparison: &Comparison,
    group: &Group,
    pair: &Pair,
    out: &mut impl Write,
) -> io::Result<()> {
    let primary = &pair.metrics[0];
    let text = what_is_told(group, pair);
    marked(out, style(primary), &primary.verdict_in_words(), &text)?;
    let is_single = pair.design == Design::SingleRuns;
    for (title, source) in [
        ("metric", None),
        ("buy.timing", Some(Source::Buy)),
        ("home.timing", Some(Source::Home)),
    ] {
        let of = |row: &Row| row.metric.timing_key().map(|key| key.source());
        let tested =
            (pair.metrics.iter()).filter(|row| row.baseline.is_some() && of(row) == source);
        let body: Vec<Vec<String>> = tested.map(|row| cells(row, is_single)).collect();
        let mut rows = vec![head(title, pair, is_single, &body)];
        rows.extend(body);
        if rows.len() > 1 {
            table(&rows, out)?;
        }
    }
    for (title, text) in lacking(pair) {
        line(out, title, text)?;
    }
    if let Some(place) = &pair.place {
        line(out, "Where", place)?;
    }
    for sentence in &pair.settle {
        line(out, "To settle it", sentence)?;
    }
    line(out, "Intervals", levels(comparison, pair))
}

/// The verdict on a pair, and what it is about: one line.
pub fn headline(group: &Group, pair: &Pair) -> String {
    pair.metrics[0].verdict_in_words() + &what_is_told(group, pair)
}

/// The headline after the verdict.
fn what_is_told(group: &Group, pair: &Pair) -> String {
    let [baseline, other] = [&pair.baseline, &pair.other].map(|name| short(name, MOST_OF_NAME));
    let primary = &pair.metrics[0];
    format!(
        ": {other} against {baseline} (baseline), {}{}; {}",
        primary.metric.name(),
        told(primary),
        conditions(group, pair)
    )
}

/// What the primary metric has: ` +1.0 % [+0.9, +1.2], +0.050 ms [+0.045, +0.060]`.
fn told(row: &Row) -> String {
    let mut text = String::new();
    if let Some(change) = row_change(row) {
        text += &format!(" {change}");
    }
    if row.ratio.is_some()
        && let Some(own) = own_change(row)
    {
        text += &format!(", {own}");
    }
    if row.ratio_interval.is_none()
        && let Some(reason) = &row.reason
    {
        text += &format!(" ({reason})");
    }
    text
}

fn style(row: &Row) -> Style {
    match row.verdict {
        Some(verdict) if verdict.is_worse(row.metric) => BAD,
        Some(Verdict::CannotTell) => WARNING,
        _ => GOOD,
    }
}

/// The heads of the columns: names of sides are as long as the cells leave room for.
fn head(title: &str, pair: &Pair, is_single: bool, body: &[Vec<String>]) -> Vec<String> {
    let most = (LEAST_OF_HEAD..=MOST_OF_NAME).rev();
    let mut heads = most.map(|most| head_of(title, pair, is_single, most));
    let fits = |head: &Vec<String>| width(head, body) <= WIDTH;
    heads
        .find(fits)
        .unwrap_or_else(|| head_of(title, pair, is_single, LEAST_OF_HEAD))
}

/// The columns of a table with that head.
fn width(head: &[String], body: &[Vec<String>]) -> usize {
    let widest = |column: usize| {
        let rows = body.iter().map(Vec::as_slice).chain([head]);
        let cells = rows.filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    (0..head.len())
        .map(|column| widest(column) + 2)
        .sum::<usize>()
        - 2
}

fn head_of(title: &str, pair: &Pair, is_single: bool, most: usize) -> Vec<String> {
    let [baseline, other] = [&pair.baseline, &pair.other].map(|name| short(name, most));
    let change = match is_single {
        true => "change",
        false => "change [interval]",
    };
    let mut head = vec![title, &baseline, &other, change];
    if !is_single {
        head.push("verdict");
    }
    head.into_iter().map(str::to_owned).collect()
}

/// The name of a metric in its table, whose columns are narrow.
pub(in crate::show) fn short_name(metric: Metric) -> String {
    match metric {
        Metric::PurchasesPerSecond => "purchases/s".to_owned(),
        other => {
            let name = other.name();
            let in_table =
                (name.strip_prefix("buy.timing.")).or_else(|| name.strip_prefix("home.timing."));
            short(in_table.unwrap_or(&name), MOST_OF_METRIC)
        }
    }
}

fn cells(row: &Row, is_single: bool) -> Vec<String> {
    let figure = |value: Option<Number>, interval: Option<[Number; 2]>| match (value, interval) {
        (None, _) => "-".to_owned(),
        (Some(Number(value)), Some([low, high])) if low.0 == value && high.0 == value => {
            figure_of(row.unit, Number(value))
        }
        (Some(value), Some([low, high])) if is_single => {
            // In the unit of the figure.
            let scale = if is_long(row.unit, value) { 1e-3 } else { 1.0 };
            let limit = |Number(limit): Number| bare(row.unit, Number(limit * scale));
            format!(
                "{} [{}, {}]",
                figure_of(row.unit, value),
                limit(low),
                limit(high)
            )
        }
        (Some(value), _) => figure_of(row.unit, value),
    };
    let mut cells = vec![
        short_name(row.metric),
        figure(row.baseline, row.baseline_interval),
        figure(row.other, row.other_interval),
        row_change(row).unwrap_or_else(|| "-".to_owned()),
    ];
    // The qualifier is that of the headline; of single runs none can be told.
    if !is_single {
        cells.push(row.verdict.map_or("-", Verdict::name).to_owned());
    }
    cells
}

/// The change of a row with its interval, relative where it is a ratio.
pub(in crate::show) fn row_change(row: &Row) -> Option<String> {
    if row.metric.is_difference() {
        return own_change(row);
    }
    let ratio = row.ratio?;
    Some(match row.ratio_interval {
        Some([low, high]) if low != high => {
            format!("{} % [{}, {}]", percent(ratio), percent(low), percent(high))
        }
        _ => format!("{} %", percent(ratio)),
    })
}

pub(in crate::show) fn own_change(row: &Row) -> Option<String> {
    let unit = match row.unit {
        Unit::Seconds => " ms",
        Unit::PerSecond => "/s",
        Unit::Share => " points",
        Unit::Count => "",
    };
    let change = row.change?;
    Some(match row.change_interval {
        Some([low, high]) if low != high => format!(
            "{}{unit} [{}, {}]",
            signed(row.unit, change),
            signed(row.unit, low),
            signed(row.unit, high)
        ),
        _ => format!("{}{unit}", signed(row.unit, change)),
    })
}

/// A ratio as a change in percent: `+1.04`.
pub(in crate::show) fn percent(Number(ratio): Number) -> String {
    if ratio.is_infinite() {
        return "+inf".to_owned();
    }
    let percent = (ratio - 1.0) * 100.0;
    // Not -0.00.
    let percent = if percent.abs() < 0.005 { 0.0 } else { percent };
    match percent.abs() {
        ..9.995 => format!("{percent:+.2}"),
        ..99.95 => format!("{percent:+.1}"),
        _ => format!("{percent:+.0}"),
    }
}

/// A figure in its unit: `5.012 ms`, `812.3/s`, `1.2 %`.
pub(in crate::show) fn figure_of(unit: Unit, value: Number) -> String {
    if is_long(unit, value) {
        return format!("{} s", four_digits(value.0));
    }
    let text = bare(unit, value);
    match (value.0.is_finite(), unit) {
        (false, _) => text,
        (true, Unit::Seconds) => format!("{text} ms"),
        (true, Unit::PerSecond) => format!("{text}/s"),
        (true, Unit::Share) => format!("{text} %"),
        (true, Unit::Count) => text,
    }
}

/// Whether a time is shown in seconds.
fn is_long(unit: Unit, Number(value): Number) -> bool {
    unit == Unit::Seconds && value >= 10.0 && value.is_finite()
}

fn bare(unit: Unit, Number(value): Number) -> String {
    let shown = match unit {
        Unit::Seconds => value * 1e3,
        Unit::PerSecond => value,
        Unit::Count if value.is_finite() => return trimmed(&four_digits(value)),
        Unit::Count => value,
        Unit::Share => value * 100.0,
    };
    four_digits(shown)
}

/// Without zeros at the end of decimals: counts are mostly whole.
fn trimmed(number: &str) -> String {
    match number.contains('.') && !number.contains('e') {
        true => number
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        false => number.to_owned(),
    }
}

fn signed(unit: Unit, value: Number) -> String {
    if value.0.is_infinite() {
        return if value.0 > 0.0 { "+inf" } else { "-inf" }.to_owned();
    }
    match value.0 >= 0.0 {
        true => format!("+{}", bare(unit, value)),
        false => format!("-{}", bare(unit, Number(-value.0))),
    }
}

/// A figure with four significant digits, or all those before the point.
fn four_digits(value: f64) -> String {
    if value.is_infinite() {
        return "infinite".to_owned();
    }
    match value.abs() {
        0.0 => "0".to_owned(),
        ..1e-4 | 1e9.. => format!("{value:.2e}"),
        size => {
            let decimals = (3 - size.log10().floor() as i32).clamp(0, 5);
            format!("{value:.*}", decimals as usize)
        }
    }
}

/// The metrics that lack an interval or a verdict, each with a title and the reason.
pub(in crate::show) fn lacking(pair: &Pair) -> Vec<(&'static str, String)> {
    let mut levels: Vec<(&str, usize)> = Vec::new();
    let mut untold: Vec<(&str, Vec<_>)> = Vec::new();
    for row in &pair.metrics {
        let reason = row.reason.as_deref();
        if row.baseline.is_none() {
            let reason = reason.unwrap_or("not known");
            match untold.iter_mut().find(|(of, _)| *of == reason) {
                Some((_, names)) => names.push(row.metric.name()),
                None => untold.push((reason, vec![row.metric.name()])),
            }
        } else if row.change_interval.is_none()
            && let Some(reason) = reason.filter(|_| !row.is_primary)
        {
            // The primary one has it in the headline.
            match levels.iter_mut().find(|(of, _)| *of == reason) {
                Some((_, number)) => *number += 1,
                None => levels.push((reason, 1)),
            }
        }
    }
    let levels = levels.into_iter().map(|(reason, number)| {
        let text = format!("{number} of the other metrics: {reason}");
        ("No interval", text)
    });
    let untold = untold
        .into_iter()
        .map(|(reason, names)| ("No verdict", format!("{}: {reason}", names.join(", "))));
    levels.chain(untold).collect()
}

/// The levels of the intervals, and what failed shoppers count as.
pub(in crate::show) fn levels(comparison: &Comparison, pair: &Pair) -> String {
    let percent = |confidence: f64| {
        let text = format!("{:.2}", confidence * 100.0);
        format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
    };
    let mut sentences = Vec::new();
    if pair.design == Design::SingleRuns {
        let within = percent(comparison.confidence);
        sentences.push(format!(
            "{within} within each run (moving-block bootstrap over time); they say nothing about another run"
        ));
    } else {
        let of = |is_primary: bool, is_of_server: bool| {
            let rows = (pair.metrics.iter())
                .filter(|row| row.is_primary == is_primary)
                .filter(|row| is_primary || row.metric.timing_key().is_some() == is_of_server);
            rows.filter_map(|row| row.confidence).collect::<Vec<f64>>()
        };
        if let Some(primary) = of(true, false).first() {
            let name = pair.metrics[0].metric.name();
            sentences.push(format!("{} for {name}", percent(*primary)));
        }
        for (what, family) in [
            ("other metrics", of(false, false)),
            ("times of the server", of(false, true)),
        ] {
            if let Some(first) = family.first() {
                let n = family.len();
                sentences.push(format!(
                    "{} for each of the {n} {what} (5 % divided by {n})",
                    percent(*first)
                ));
            }
        }
    }
    let margin = format!("margin {}", percent(comparison.margin));
    let by = match comparison.by {
        By::Level => "",
        _ => {
            ". Failed, dropped and not launched shoppers count as infinitely slow, unlike in --fail-if and \
              in the summary of a run"
        }
    };
    format!("{}; {margin}{by}", sentences.join(", ")).replace(
        "5 % divided",
        &format!(
            "{} divided",
            percent((1.0 - comparison.confidence) / comparison.looks as f64)
        ),
    )
}

#[cfg(test)]
#[path = "comparison_tests.rs"]
mod tests;
