//! Latencies over time as a heatmap, with its lines and the band of failures below.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::page::{Heat, STEPS, Timeline};

use super::figure::{Figure, Table};
use super::plot::Plot;
use super::scale::{Scale, Unit};
use super::time_axis::{self, begins, part_marks, room_above, time_scale};
use super::words::{self, at, capital, count, nanos, put};

/// Classes of heatmap cells, from few requests to many.
const SHADES: f64 = 8.0;

/// The height of a strip of failures below a heatmap.
const STRIP: f64 = 16.0;

/// The heatmap of home pages (0) or purchases (1).
pub(super) fn heatmap(timeline: &Timeline, step: usize, warning: &str) -> Markup {
    let heat = &timeline.heats[step];
    let name = STEPS[step];
    let title = format!("Latency of {} over time", plural(step));
    let n: u64 = heat.totals.iter().map(|(n, _)| n).sum();
    let Some((first, last)) = heat.bounds.first().zip(heat.bounds.last()) else {
        return html! {
            figure { figcaption { h4 { (title) } p class="note" {
                "No " (name) " has both a start and an end."
            } } }
        };
    };
    let largest = heat.totals.iter().map(|(_, max)| *max).max().unwrap_or(0);
    let top = (*last as f64).max(largest as f64);
    let y = Scale::log(*first as f64 / 1e9, top / 1e9, Unit::Span);
    let mut plot = Plot::new(&title, 270.0, time_scale(timeline), y, "latency")
        .with_room_above(room_above(timeline))
        .with_room_below(STRIP + 4.0)
        .describe(format!(
            "{} {}; the largest latency is {}. The table below has the exact counts.",
            count(n),
            plural(step),
            nanos(largest)
        ));
    part_marks(&mut plot, timeline);
    cells(&mut plot, timeline, heat);
    lines(&mut plot, timeline, heat);
    failures(&mut plot, timeline, step);
    let mut legend = vec![
        (
            "heat-key".to_owned(),
            format!("requests: few to many, at most {} in a cell", heat.most),
        ),
        ("p50".to_owned(), "p50".to_owned()),
    ];
    if heat.windows.iter().any(|window| window.p99.is_some()) {
        legend.push(("p99".to_owned(), "p99".to_owned()));
    }
    legend.push((
        "max".to_owned(),
        format!("largest of each column (of all: {})", nanos(largest)),
    ));
    let failed: u64 = timeline
        .columns
        .iter()
        .map(|column| column.failed[step])
        .sum();
    let dropped: u64 = timeline.columns.iter().map(|column| column.dropped).sum();
    if failed > 0 {
        legend.push((
            "failed".to_owned(),
            format!("band below: {} failed", count(failed)),
        ));
    }
    if dropped > 0 {
        legend.push((
            "dropped".to_owned(),
            format!("band below: {} arrivals dropped", count(dropped)),
        ));
    }
    legend.extend(time_axis::legend(timeline));
    let figure = Figure {
        title,
        note: "p50 and p99 over stretches of at least 100 requests, where there are as many."
            .to_owned(),
        legend,
        warning: warning.to_owned(),
        table: columns_table(timeline, step),
        is_wide: false,
        is_high: false,
    };
    figure.markup_with(&plot.finish(), &counts_table(timeline, heat).markup())
}

fn plural(step: usize) -> &'static str {
    ["home pages", "purchases"][step]
}

/// The cells, one path for each shade, and for each column a text to point at.
fn cells(plot: &mut Plot, timeline: &Timeline, heat: &Heat) {
    let mut shades: BTreeMap<u32, String> = BTreeMap::new();
    let seconds = timeline.width as f64 / 1e9;
    let most = f64::from(heat.most.max(1));
    for &(column, row, count) in &heat.cells {
        let place = f64::from(count).ln_1p() / most.ln_1p();
        let shade = (place * SHADES).ceil().clamp(1.0, SHADES) as u32;
        let (x, right) = (
            plot.x(seconds * f64::from(column)),
            plot.x(seconds * f64::from(column + 1)),
        );
        let bounds = [row, row + 1].map(|row| heat.bounds[usize::from(row)] as f64 / 1e9);
        let [bottom, top] = bounds.map(|bound| plot.y(bound));
        let path = shades.entry(shade).or_default();
        path.push('M');
        put(path, x);
        path.push(' ');
        put(path, top);
        path.push('h');
        put(path, (right - x).max(0.8));
        path.push('v');
        put(path, bottom - top);
        path.push('H');
        put(path, x);
        path.push('z');
    }
    let (left, right) = (plot.x(0.0), plot.x(seconds * heat.totals.len() as f64));
    let tops = heat
        .bounds
        .iter()
        .skip(1)
        .map(|bound| at(plot.y(*bound as f64 / 1e9)));
    let tops: Vec<String> = tops.collect();
    plot.put(&html! {
        g class="heat" data-columns=(heat.totals.len()) data-width=(timeline.width) data-left=(at(left))
            data-right=(at(right)) data-tops=(tops.join(" ")) {
            @for (shade, path) in &shades { path class=(format!("h{shade}")) d=(path) {} }
        }
    });
}

/// p50 and p99 as steps over their windows, and the largest latency of each column as a tick.
fn lines(plot: &mut Plot, timeline: &Timeline, heat: &Heat) {
    let seconds = timeline.width as f64 / 1e9;
    let mut most = String::new();
    for (column, (n, max)) in heat.totals.iter().enumerate() {
        if *n > 0 {
            let (x, right) = (
                plot.x(seconds * column as f64),
                plot.x(seconds * (column + 1) as f64),
            );
            most += &format!(
                "M{} {}h{}",
                at(x),
                at(plot.y(*max as f64 / 1e9)),
                at((right - x).max(2.0))
            );
        }
    }
    plot.put(&html! { path class="line max" d=(most) {} });
    for (class, of) in [("p50", 0), ("p99", 1)] {
        let mut points = Vec::new();
        let mut end = None;
        for window in &heat.windows {
            let value = [window.p50, window.p99][of];
            let ends = window.columns.map(|column| seconds * f64::from(column));
            if end != Some(window.columns[0]) || value.is_none() {
                points.push(None);
            }
            if let Some(value) = value {
                points.extend(ends.map(|x| Some((x, value as f64 / 1e9))));
            }
            end = Some(window.columns[1]);
        }
        plot.line(class, points);
    }
}

/// The band below: failures and drops, the higher the more of what happened in the column.
fn failures(plot: &mut Plot, timeline: &Timeline, step: usize) {
    let seconds = timeline.width as f64 / 1e9;
    let base = plot.bottom() + STRIP + 3.0;
    for (class, of) in [("failed", true), ("dropped", false)] {
        let mut path = String::new();
        for (number, column) in timeline.columns.iter().enumerate() {
            let bad = if of {
                column.failed[step]
            } else {
                column.dropped
            };
            if bad == 0 {
                continue;
            }
            let all = column.started + column.dropped + column.failed[step];
            let share = (bad as f64 / all.max(bad) as f64).max(0.25);
            let (x, right) = (
                plot.x(seconds * number as f64),
                plot.x(seconds * (number + 1) as f64),
            );
            path += &format!(
                "M{} {}h{}v-{}H{}z",
                at(x),
                at(base),
                at((right - x).max(1.5)),
                at(share * STRIP),
                at(x)
            );
        }
        if !path.is_empty() {
            plot.put(&html! { path class=(class) d=(path) {} });
        }
    }
}

fn columns_table(timeline: &Timeline, step: usize) -> Table {
    let of = if timeline.is_by_end { "end" } else { "start" };
    let mut table = Table::new(
        &format!("{} by the time of their {of}", capital(plural(step))),
        &[
            "from (s)",
            "requests",
            "largest (ms)",
            "p50 (ms)",
            "p99 (ms)",
            "failed",
            "dropped",
        ],
    );
    let heat = &timeline.heats[step];
    for (number, column) in timeline.columns.iter().enumerate() {
        let (n, max) = heat.totals[number];
        if n == 0 && column.failed[step] == 0 && column.dropped == 0 {
            continue;
        }
        let window = (heat.windows.iter()).find(|of| usize::from(of.columns[0]) == number);
        let line = |value: Option<i64>| value.map_or(String::new(), words::millis);
        table.rows.push(vec![
            begins(timeline, number),
            n.to_string(),
            if n > 0 {
                words::millis(max)
            } else {
                String::new()
            },
            line(window.and_then(|window| window.p50)),
            line(window.and_then(|window| window.p99)),
            column.failed[step].to_string(),
            column.dropped.to_string(),
        ]);
    }
    table
}

/// The exact counts of all cells.
fn counts_table(timeline: &Timeline, heat: &Heat) -> Table {
    let rows = heat.bounds.len().saturating_sub(1);
    let mut table = Table::new(
        match timeline.is_by_end {
            true => "Requests of each cell: end (s) by latency, from",
            false => "Requests of each cell: start (s) by latency, from",
        },
        &["from (s)"],
    );
    table.class = "counts";
    let bounds = heat.bounds.iter().take(rows);
    table.head.extend(bounds.map(|bound| nanos(*bound)));
    let mut filled: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for (column, row, count) in &heat.cells {
        let cells = filled.entry(*column).or_insert_with(|| {
            let mut cells = vec![String::new(); rows + 1];
            cells[0] = begins(timeline, usize::from(*column));
            cells
        });
        cells[usize::from(*row) + 1] = count.to_string();
    }
    table.rows = filled.into_values().collect();
    table
}
