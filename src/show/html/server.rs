//! The servers: CPU and memory as they reported it, service time, and the offsets of their clocks.

use maud::{Markup, html};

use crate::page::{RunPage, ServerPoint, Timeline};
use crate::summary::{ClockFinding, ServerClock, Summary};

use super::figure::{Figure, Table};
use super::plot::Plot;
use super::scale::{Scale, Unit};
use super::time_axis::{begins, middle, part_marks, room_above, time_scale};
use super::trust::Doubts;
use super::words::{clean, count, percent, short, span};

/// A figure of a server.
type Of = fn(&ServerPoint) -> Option<f64>;

/// The section.
pub(super) fn section(run: &RunPage, doubts: &Doubts) -> Markup {
    let timeline = run
        .charts
        .as_ref()
        .and_then(|charts| charts.timeline.as_ref());
    let figures: [(&str, &str, Unit, Of); 3] = [
        (
            "CPU usage of the servers",
            "mean CPU",
            Unit::Percent,
            |of| of.cpu,
        ),
        ("Memory of the servers", "largest, MB", Unit::Number, |of| {
            of.memory
        }),
        ("Service time over time", "mean", Unit::Span, |of| {
            of.service
        }),
    ];
    html! {
        p { (clock("The main server's clock", &run.summary.server_clock)) }
        @if run.summary.rest_clock.rows > 0 {
            p { (clock("The second server's clock", &run.summary.rest_clock)) }
        }
        @if !run.summary.server_timings.is_empty() { (timings(&run.summary)) }
        @if let Some(timeline) = timeline {
            div class="charts" {
                @for (title, name, unit, of) in figures { (series(timeline, title, name, unit, of, &doubts.rows)) }
                (offset(timeline, &doubts.rows))
            }
            @if !timeline.columns.iter().any(|of| of.servers.iter().any(|of| *of != ServerPoint::default())) {
                p { "No server reported anything." }
            }
        }
    }
}

/// What the server said of its own times in header fields, and of purchases the share of the service time.
fn timings(summary: &Summary) -> Markup {
    let service = (summary.server_elapsed_seconds.as_ref()).map(|of| of.middle() as f64 / 1e9);
    let mut table = Table::new(
        "What the server said of its own times (Server-Timing)",
        &[
            "metric",
            "request",
            "p50",
            "p90",
            "p99",
            "share of the service time",
            "values",
        ],
    );
    for metric in &summary.server_timings {
        let is_time = metric.unit == "seconds";
        let shown = |value: Option<f64>| match (value, is_time) {
            (None, _) => String::new(),
            (Some(value), true) => span(value),
            (Some(value), false) => format!("{} {}", short(value), clean(&metric.unit)),
        };
        let share = (metric.p50.zip(service))
            .filter(|(value, service)| is_time && metric.step == "buy" && service > value);
        table.rows.push(vec![
            clean(&metric.name),
            match metric.step {
                "buy" => "purchase".to_owned(),
                step => step.to_owned(),
            },
            shown(metric.p50),
            shown(metric.p90),
            shown(metric.p99),
            share.map_or(String::new(), |(value, service)| percent(value / service)),
            count(metric.count),
        ]);
    }
    table.without_empty_columns().markup()
}

/// The conclusion about a clock, in a sentence.
fn clock(whose: &str, of: &ServerClock) -> String {
    let ends = [of.offset_seconds.at_least, of.offset_seconds.at_most];
    let mut text = match (of.finding, ends) {
        (ClockFinding::Unknown, _) => format!("{whose}: no times were reported."),
        (ClockFinding::Contradictory, _) => format!(
            "{whose} and this one contradict each other from row to row: one of them moved. Hint: chronyc \
             tracking on both machines."
        ),
        (finding, [Some(least), Some(most)]) => {
            let word = if finding == ClockFinding::Agrees {
                "agrees with"
            } else {
                "differs from"
            };
            format!(
                "{whose} {word} this one: its offset lies between {} and {}.",
                span(least as f64 / 1e9),
                span(most as f64 / 1e9)
            )
        }
        (_, _) => format!("{whose}: the rows bound its offset on one side only."),
    };
    if let Some(hours) = of.time_zone_hours {
        text += &format!(" It is that of a time zone: {} h.", short(hours));
    }
    if let Some(drift) = of.drift_seconds
        && let (Some(least), Some(most)) = (drift.at_least, drift.at_most)
    {
        let (from, to) = (span(least as f64 / 1e9), span(most as f64 / 1e9));
        text += &match least <= 0 && most >= 0 {
            true => format!(" No drift during the run is visible (between {from} and {to})."),
            false => format!(" During the run it drifted by {from} to {to}."),
        };
    }
    text
}

fn series(
    timeline: &Timeline,
    title: &str,
    name: &str,
    unit: Unit,
    of: Of,
    warning: &str,
) -> Markup {
    let columns = &timeline.columns;
    let values = || {
        columns
            .iter()
            .flat_map(|column| column.servers.iter().filter_map(of))
    };
    if values().next().is_none() {
        return html! {};
    }
    let most = values().fold(0.0, f64::max);
    let mut plot = Plot::new(
        title,
        180.0,
        time_scale(timeline),
        Scale::up_to(most, unit),
        name,
    )
    .with_room_above(room_above(timeline))
    .describe(format!("At most {}.", unit.text(most)));
    part_marks(&mut plot, timeline);
    let mut legend = Vec::new();
    for (number, server) in ["main server", "second server"].into_iter().enumerate() {
        let points = columns.iter().enumerate().map(|(place, column)| {
            of(&column.servers[number]).map(|value| (middle(timeline, place), value))
        });
        let points = with_short_gaps_closed(points.collect());
        if points.iter().any(Option::is_some) {
            plot.line(&format!("s{number}"), points);
            legend.push((format!("s{number}"), server.to_owned()));
        }
    }
    let mut table = Table::new(title, &["from (s)", "main server", "second server"]);
    for (place, column) in columns.iter().enumerate() {
        let cells = column.servers.map(|server| of(&server));
        if cells.iter().any(Option::is_some) {
            let text = |value: Option<f64>| match (value, unit) {
                (None, _) => String::new(),
                (Some(value), Unit::Span) => format!("{value:.6} s"),
                (Some(value), _) => short(value),
            };
            let [main, second] = cells.map(text);
            table.rows.push(vec![begins(timeline, place), main, second]);
        }
    }
    let figure = Figure {
        title: title.to_owned(),
        note: "As reported with the purchases that ended in each column.".to_owned(),
        legend,
        warning: warning.to_owned(),
        table,
        is_wide: false,
        is_high: false,
    };
    figure.markup(&plot.finish())
}

/// The points of a line without gaps of one or two columns; longer ones stay, and interrupt it.
fn with_short_gaps_closed(points: Vec<Option<(f64, f64)>>) -> Vec<Option<(f64, f64)>> {
    const SHORT: usize = 2;
    let mut closed = Vec::with_capacity(points.len());
    let mut gap = 0;
    for point in points {
        match point {
            None => gap += 1,
            Some(_) => {
                if gap > SHORT {
                    closed.push(None);
                }
                gap = 0;
                closed.push(point);
            }
        }
    }
    closed
}

/// The interval in which the offset of the main server's clock lies, column by column.
fn offset(timeline: &Timeline, warning: &str) -> Markup {
    let found: Vec<(usize, [f64; 2])> = (timeline.columns.iter().enumerate())
        .filter_map(|(place, column)| Some((place, column.servers[0].offset?)))
        .collect();
    if found.is_empty() {
        return html! {};
    }
    let title = "Offset of the server's clock over time";
    let ends = found.iter().flat_map(|(_, ends)| *ends);
    let (least, most) = ends.fold((0.0f64, 0.0f64), |(least, most), end| {
        (least.min(end), most.max(end))
    });
    let room = ((most - least) * 0.05).max(1e-6);
    let y = Scale::Linear {
        from: least - room,
        to: most + room,
        unit: Unit::Span,
    };
    let mut plot = Plot::new(title, 180.0, time_scale(timeline), y, "offset")
        .with_room_above(room_above(timeline))
        .describe(
            "The interval in which the offset lies, by the purchases that ended in each column."
                .to_owned(),
        );
    part_marks(&mut plot, timeline);
    let width = timeline.width as f64 / 1e9;
    for (place, [low, high]) in &found {
        let x = middle(timeline, *place);
        let (low, high) = (low.min(*high), low.max(*high));
        plot.area(
            "s0",
            &[(x - width / 2.0, low, high), (x + width / 2.0, low, high)],
        );
    }
    plot.line(
        "law",
        [0.0, width * timeline.columns.len() as f64].map(|x| Some((x, 0.0))),
    );
    let mut table = Table::new(title, &["from (s)", "at least (ms)", "at most (ms)"]);
    for (place, ends) in &found {
        let [low, high] = ends.map(|seconds| format!("{:.3}", seconds * 1e3));
        table.rows.push(vec![begins(timeline, *place), low, high]);
    }
    let figure = Figure {
        title: title.to_owned(),
        note:
            "A band that leaves the line of 0 shows a clock that is off; one that climbs, a drift."
                .to_owned(),
        legend: Vec::new(),
        warning: warning.to_owned(),
        table,
        is_wide: false,
        is_high: false,
    };
    figure.markup(&plot.finish())
}
