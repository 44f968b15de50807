//! The health of this client, and the errors.

use maud::{Markup, html};

use crate::page::{RunPage, Timeline};
use crate::stats::Distribution;
use crate::summary::{ErrorGroup, Summary};

use super::figure::{Figure, Table};
use super::plot::Plot;
use super::scale::{Scale, Unit};
use super::time_axis::{begins, middle, part_marks, room_above, time_scale};
use super::trust::Doubts;
use super::words::{count, nanos, percent, short, span};

const DELAYS: [&str; 3] = ["launch delay", "send delay", "read delay"];

/// The section on this client.
pub(super) fn section(run: &RunPage, doubts: &Doubts) -> Markup {
    let summary = &run.summary;
    let timeline = run
        .charts
        .as_ref()
        .and_then(|charts| charts.timeline.as_ref());
    let has_delays = |timeline: &&Timeline| {
        (timeline.columns.iter()).any(|column| column.delays.iter().any(Option::is_some))
    };
    let table = health(summary);
    html! {
        @if table.rows.is_empty() {
            p { "Nothing is recorded about the client: these rows have no file of runs beside them." }
        }
        div class="charts" {
            @if !table.rows.is_empty() { div { (table.markup()) } }
            @if let Some(timeline) = timeline.filter(has_delays) { (delays(timeline, &doubts.rows)) }
        }
    }
}

/// The figures on this client.
fn health(summary: &Summary) -> Table {
    let own = &summary.instrument;
    let mut table = Table::of_texts("Health of the client", &["figure", "value"]);
    let mut put = |name: &str, value: Option<String>| {
        table
            .rows
            .extend(value.map(|value| vec![name.to_owned(), value]));
    };
    let delay = |of: Option<Distribution>| {
        let of = of?;
        Some(format!(
            "median {}, p99 {}, largest {}",
            nanos(of.middle()),
            of.p99.map_or("-".to_owned(), nanos),
            nanos(of.max)
        ))
    };
    put(
        "launch delay (due to start)",
        delay(own.launch_delay_seconds),
    );
    put("send delay, home", delay(summary.home_phases.send.seconds));
    put(
        "send delay, purchase",
        delay(summary.buy_phases.send.seconds),
    );
    put(
        "read delay (arrived to seen)",
        delay(own.read_delay_seconds),
    );
    put("hop delay (redirects)", delay(own.hop_delay_seconds));
    put(
        "longest event-loop iteration",
        own.longest_iteration_nanos.map(nanos),
    );
    put(
        "event loop busy",
        own.cpu_share
            .map(|share| format!("{} of one core", percent(share))),
    );
    let cpu = summary
        .client
        .cpu_user_seconds
        .zip(summary.client.cpu_system_seconds);
    put(
        "CPU time",
        cpu.map(|(user, system)| format!("{} user, {} system", span(user), span(system))),
    );
    let memory = summary.client.peak_memory_bytes;
    put(
        "memory, largest",
        memory.map(|bytes| format!("{} MB", short(bytes as f64 / 1e6))),
    );
    let stamped = (own.responses > 0).then(|| {
        format!(
            "{} of {} responses",
            count(own.kernel_stamped_responses),
            count(own.responses)
        )
    });
    put("kernel timestamps", stamped);
    let used = own.descriptors_used.zip(own.descriptors_limit);
    put(
        "descriptors",
        used.map(|(used, limit)| format!("{} of {}", count(used), count(limit))),
    );
    let ports = own.ports_used.zip(own.ports_available);
    put(
        "source ports",
        ports.map(|(used, all)| format!("{} of {}", count(used), count(all))),
    );
    put(
        "clock drift during the run",
        summary.client.clock_drift_nanos.map(nanos),
    );
    let is_kept = |kept: bool| if kept { "yes" } else { "no: no time service" }.to_owned();
    put(
        "own clock synchronized",
        own.clock_synchronised.map(is_kept),
    );
    table
}

fn delays(timeline: &Timeline, warning: &str) -> Markup {
    let title = "Delays of the client over time";
    let columns = &timeline.columns;
    let values = || {
        columns
            .iter()
            .flat_map(|column| column.delays.iter().flatten().copied())
    };
    let least = values()
        .filter(|value| *value > 0.0)
        .fold(f64::INFINITY, f64::min)
        .max(1e-6);
    let most = values().fold(0.0, f64::max);
    let y = Scale::log(least, most.max(least), Unit::Span);
    let mut plot = Plot::new(title, 180.0, time_scale(timeline), y, "largest")
        .with_room_above(room_above(timeline))
        .describe("The largest launch, send and read delay of each column.".to_owned());
    part_marks(&mut plot, timeline);
    let mut table = Table::new(
        title,
        &[
            "from (s)",
            "launch delay (ms)",
            "send delay (ms)",
            "read delay (ms)",
        ],
    );
    let mut legend = Vec::new();
    for (number, name) in DELAYS.iter().enumerate() {
        let points: Vec<_> = (columns.iter().enumerate())
            .filter_map(|(place, column)| Some((middle(timeline, place), column.delays[number]?)))
            .collect();
        if !points.is_empty() {
            plot.line(&format!("s{number}"), points.into_iter().map(Some));
            legend.push((format!("s{number}"), (*name).to_owned()));
        }
    }
    for (place, column) in columns.iter().enumerate() {
        if column.delays.iter().any(Option::is_some) {
            let mut row = vec![begins(timeline, place)];
            row.extend(
                column
                    .delays
                    .map(|of| of.map_or(String::new(), |of| format!("{:.3}", of * 1e3))),
            );
            table.rows.push(row);
        }
    }
    let figure = Figure {
        title: title.to_owned(),
        note: "The largest of each column. Send delay is part of the latencies, read delay is not."
            .to_owned(),
        legend,
        warning: warning.to_owned(),
        table,
        is_wide: true,
        is_high: false,
    };
    figure.markup(&plot.finish())
}

/// The section on errors; empty without any.
pub(super) fn errors(summary: &Summary) -> Option<Markup> {
    let is_clean =
        summary.errors.is_empty() && summary.odd_reports.is_empty() && summary.dropped == 0;
    (!is_clean).then(|| {
        html! {
            @if summary.dropped > 0 {
                p {
                    (count(summary.dropped)) " arrivals were dropped and never sent: "
                    @match summary.dropped_late {
                        0 => "max in flight was reached.",
                        late if late == summary.dropped => "this client could not keep up.",
                        late => {
                            (count(summary.dropped - late)) " because max in flight was reached, " (count(late))
                            " because this client could not keep up."
                        }
                    }
                }
            }
            (groups("Errors, the most frequent first", &summary.errors))
            @if summary.errors_ungrouped > 0 {
                p { (count(summary.errors_ungrouped)) " further errors are beyond 200 groups." }
            }
            (groups("Anomalies of server reports that could be read nevertheless", &summary.odd_reports))
        }
    })
}

fn groups(caption: &str, groups: &[ErrorGroup]) -> Markup {
    /// Characters of a message, and of an example.
    const MOST: usize = 300;
    /// The most rows of the table.
    const ROWS: usize = 50;
    let mut table = Table::of_texts(
        caption,
        &["message", "step", "shoppers", "share", "example", "hint"],
    );
    for group in groups.iter().take(ROWS) {
        let shown = |text: &str| crate::text::shortened(text, MOST);
        table.rows.push(vec![
            shown(&group.message),
            step(group.step).to_owned(),
            count(group.count),
            percent(group.share),
            group.example.as_deref().map(shown).unwrap_or_default(),
            group.hint.unwrap_or_default().to_owned(),
        ]);
    }
    let table = table.without_empty_columns();
    html! {
        @if !table.rows.is_empty() { (table.markup()) }
        @if groups.len() > ROWS { p { (groups.len() - ROWS) " further groups are not shown." } }
    }
}

/// A step as the page names it.
fn step(name: &str) -> &str {
    match name {
        "buy" => "purchase",
        other => other,
    }
}
