//! Latency over time: heatmaps, and on the same axis throughput and shoppers in flight.

use maud::{Markup, html};

use crate::page::{RunPage, Timeline, TimelineColumn};
use crate::text::counted;

use super::figure::{Figure, Table};
use super::heatmap::heatmap;
use super::plot::Plot;
use super::scale::{Scale, Unit};
use super::time_axis::{begins, middle, part_marks, room_above, time_scale};
use super::trust::Doubts;
use super::words::{count, moment, nanos, percent, short};

/// The section.
pub(super) fn section(run: &RunPage, doubts: &Doubts) -> Markup {
    let Some(timeline) = run
        .charts
        .as_ref()
        .and_then(|charts| charts.timeline.as_ref())
    else {
        return html! { p { "No row has an instant: there is nothing to draw over time." } };
    };
    let began = moment(&timeline.begin_time);
    html! {
        p class="note" {
            "0 s is " (began) " local time; columns are " (nanos(timeline.width)) " wide. "
            @if timeline.is_by_end {
                "All shoppers of a burst start at once, so that each request stands where it ended."
            } @else {
                "Each request stands where it started."
            }
            @if let Some(warm_up) = run.summary.load.warm_up_shoppers {
                " A warm-up of " (counted(warm_up, "shopper", "shoppers")) " is not part of the figures."
            }
        }
        div class="charts" {
            @for step in [0, 1] { (heatmap(timeline, step, doubts.step(step))) }
            (throughput(timeline, &doubts.pace))
            (in_flight(timeline, &doubts.pace))
        }
    }
}

/// A line: its class, its name, and its points.
type Series = (&'static str, &'static str, Vec<(f64, f64)>);

/// The fewest stretches that rates are drawn over, and the requests that further ones need each.
const STRETCHES: u64 = 8;

/// Columns over which a rate is drawn: of few requests it needs long stretches to mean anything.
fn stretch(timeline: &Timeline) -> usize {
    let ended = timeline.columns.iter().map(|of| of.bought + of.failed[1]);
    let stretches = (ended.sum::<u64>() / STRETCHES).max(STRETCHES);
    timeline.columns.len().div_ceil(stretches as usize).max(1)
}

fn throughput(timeline: &Timeline, warning: &str) -> Markup {
    let columns = &timeline.columns;
    let stretch = stretch(timeline);
    let seconds = timeline.width as f64 / 1e9;
    // The middles of the stretches, and the rates there.
    let rates = |of: &dyn Fn(&TimelineColumn) -> u64| -> Vec<(f64, f64)> {
        let stretches = columns.chunks(stretch).enumerate();
        let rates = stretches.map(|(place, columns)| {
            let (from, span) = (
                (place * stretch) as f64 * seconds,
                columns.len() as f64 * seconds,
            );
            (
                from + span / 2.0,
                columns.iter().map(of).sum::<u64>() as f64 / span,
            )
        });
        rates.collect()
    };
    // The starts of a burst would press everything else to the ground.
    let is_burst = timeline.is_by_end;
    let mut series: Vec<Series> = Vec::new();
    if !is_burst {
        if columns.iter().any(|column| column.due.is_some()) {
            let due = rates(&|column| column.due.unwrap_or(0));
            series.push(("due", "arrivals due (the plan)", due));
        }
        series.push((
            "started",
            "shoppers started",
            rates(&|column| column.started),
        ));
    }
    series.push((
        "bought",
        "successful purchases",
        rates(&|column| column.bought),
    ));
    if columns.iter().any(|column| column.failed[1] > 0) {
        let failed = rates(&|column| column.failed[1]);
        series.push(("failed-rate", "failed purchases", failed));
    }
    let all = series.iter().flat_map(|(_, _, rates)| rates.iter());
    let y = Scale::up_to(all.map(|(_, rate)| *rate).fold(0.0, f64::max), Unit::Number);
    let bought: u64 = columns.iter().map(|column| column.bought).sum();
    let started: u64 = columns.iter().map(|column| column.started).sum();
    let mut plot = Plot::new(
        "Throughput and arrivals over time",
        200.0,
        time_scale(timeline),
        y,
        "per second",
    )
    .with_room_above(room_above(timeline))
    .describe(format!(
        "{} shoppers started and {} purchases were successful.",
        count(started),
        count(bought)
    ));
    part_marks(&mut plot, timeline);
    let over = nanos(timeline.width.saturating_mul(stretch as i64));
    let mut legend = Vec::new();
    for (class, name, rates) in series {
        plot.line(class, rates.into_iter().map(Some));
        legend.push((class.to_owned(), name.to_owned()));
    }
    let mut table = Table::new(
        "Shoppers and purchases by time",
        &[
            "from (s)",
            "due",
            "started",
            "successful purchases",
            "in flight at the end",
        ],
    );
    for (place, column) in columns.iter().enumerate() {
        table.rows.push(vec![
            begins(timeline, place),
            column.due.map_or(String::new(), |due| due.to_string()),
            column.started.to_string(),
            column.bought.to_string(),
            column.in_flight.to_string(),
        ]);
    }
    let figure = Figure {
        title: "Throughput and arrivals over time".to_owned(),
        note: match is_burst {
            true => format!(
                "Over stretches of {over}. All shoppers ({}) start at once: the table has their starts.",
                count(started)
            ),
            false => format!("Over stretches of {over}."),
        },
        legend,
        warning: warning.to_owned(),
        table,
        is_wide: false,
        is_high: false,
    };
    figure.markup(&plot.finish())
}

fn in_flight(timeline: &Timeline, warning: &str) -> Markup {
    let columns = &timeline.columns;
    let most = columns
        .iter()
        .map(|of| of.in_flight)
        .max()
        .unwrap_or(0)
        .max(0);
    let y = Scale::up_to(most as f64, Unit::Count);
    let mut plot = Plot::new(
        "Shoppers in flight over time",
        200.0,
        time_scale(timeline),
        y,
        "in flight",
    )
    .with_room_above(room_above(timeline))
    .describe(format!(
        "At most {} at the end of a column.",
        short(most as f64)
    ));
    part_marks(&mut plot, timeline);
    let ends = |place: usize| middle(timeline, place) + timeline.width as f64 / 2e9;
    let points = columns.iter().enumerate();
    let area: Vec<(f64, f64, f64)> = points
        .map(|(place, of)| (ends(place), 0.0, of.in_flight.max(0) as f64))
        .collect();
    plot.area("flight", &area);
    plot.line("flight", area.iter().map(|(x, _, y)| Some((*x, *y))));
    let mut table = Table::new(
        "Outcomes by time",
        &[
            "from (s)",
            "in flight at the end",
            "home failed",
            "purchase failed",
            "dropped",
            "failed share",
        ],
    );
    for (place, column) in columns.iter().enumerate() {
        let ended = column.bought + column.failed[1];
        table.rows.push(vec![
            begins(timeline, place),
            column.in_flight.to_string(),
            column.failed[0].to_string(),
            column.failed[1].to_string(),
            column.dropped.to_string(),
            match ended {
                0 => String::new(),
                _ => percent(column.failed[1] as f64 / ended as f64),
            },
        ]);
    }
    let figure = Figure {
        title: "Shoppers in flight over time".to_owned(),
        note: "Between the start of the home page and the end of the purchase.".to_owned(),
        legend: Vec::new(),
        warning: warning.to_owned(),
        table,
        is_wide: false,
        is_high: false,
    };
    figure.markup(&plot.finish())
}
