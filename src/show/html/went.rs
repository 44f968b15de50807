//! Where the time went: stacked bars by quantile band, and stacked areas over time.

use maud::{Markup, html};

use crate::page::{Bar, Charts, PartName, STEPS, Slice, Timeline};

use super::figure::{Figure, Table};
use super::plot::{Plot, WIDTH};
use super::scale::{Scale, Unit};
use super::time_axis::{begins, middle, part_marks, room_above, time_scale};
use super::told::{part_of, sentences};
use super::trust::Doubts;
use super::words::{at, count, percent, span};

/// The height of a bar with its line of text.
const BAR: f64 = 34.0;

/// The most characters above a bar: narrow screens have no room for more.
const MOST_TOLD: usize = 56;

/// The most bars in a chart of several levels.
const MOST: usize = 6;

/// The section.
pub(super) fn section(charts: &Charts, doubts: &Doubts) -> Markup {
    html! {
        @for sentence in sentences(charts) { p class="key" { (sentence) } }
        @if charts.went.is_doubtful && charts.went.bars.iter().any(|bar| bar.is_journey) {
            p class="warning" {
                "The offset of the server's clock is not known well enough to tell the time before the server \
                 from the time after it."
            }
        }
        div class="charts" {
            // Of one level it stands beside the result.
            @if charts.sweep.is_some() { (visits(charts, &doubts.latency)) }
            @for step in STEPS { @for is_journey in [true, false] {
                (bars(charts, step, is_journey, doubts.step(usize::from(step == STEPS[1]))))
            } }
            @if let Some(timeline) = &charts.timeline { (over_time(timeline, &doubts.purchase)) }
        }
        @if charts.went.correction != 0 {
            p class="note" {
                "Before and after the server are corrected by " (span(charts.went.correction as f64 / 1e9))
                ", the offset of the server's clock against the client's."
            }
        }
    }
}

/// The class of a part's colour.
fn class(part: PartName) -> &'static str {
    match part {
        PartName::Whole => "p-whole",
        PartName::Connect => "p-connect",
        PartName::Tls => "p-tls",
        PartName::Send => "p-send",
        PartName::Wait => "p-wait",
        PartName::Receive => "p-receive",
        PartName::Home => "p-home",
        PartName::Before => "p-before",
        PartName::Inside => "p-inside",
        PartName::After => "p-after",
    }
}

/// How a bar is named.
fn name(bar: &Bar, several: bool) -> String {
    let band = match bar.band {
        "all" => "all",
        "p50-p90" => "p50 to p90",
        "longest" => "the longest",
        _ => "p99 and above",
    };
    match bar.level.filter(|_| several) {
        Some(level) if band == "all" => format!("c={level}"),
        Some(level) => format!("c={level}, {band}"),
        None => band.to_owned(),
    }
}

/// The bars of whole visits.
pub(super) fn visits(charts: &Charts, warning: &str) -> Markup {
    bars(charts, "visit", true, warning)
}

/// The bars of one step, split one way; nothing where there are none.
fn bars(charts: &Charts, step: &str, is_journey: bool, warning: &str) -> Markup {
    let of_step = |bar: &&Bar| bar.step == step && bar.is_journey == is_journey;
    let all: Vec<&Bar> = charts.went.bars.iter().filter(of_step).collect();
    let Some(first) = all.first() else {
        return html! {};
    };
    let several = all.iter().any(|bar| bar.level != first.level);
    // Of several levels the means alone have room.
    let is_brief = all.len() > MOST && several;
    let shown: Vec<&Bar> = all
        .iter()
        .filter(|bar| !is_brief || bar.band == "all")
        .copied()
        .collect();
    let parts: Vec<PartName> = first.slices.iter().map(|slice| slice.part).collect();
    let is_whole = parts == [PartName::Whole];
    let plural = if step == "home" {
        "home pages"
    } else {
        "purchases"
    };
    let title = match (is_journey, is_whole) {
        _ if step == "visit" => "Where the customer's time went: home page and purchase".to_owned(),
        (true, _) => format!("Where the time of {plural} went: to the server and back"),
        (false, true) => format!("Time of {plural}"),
        (false, false) => format!("Where the time of {plural} went: phases of the request"),
    };
    let note = match is_whole {
        true => "Its parts are not in the rows: --phases records them.",
        false if is_brief => "The mean of each level; the table has its slower requests, too.",
        false => "Means: of all, and of the slower ones by their elapsed time.",
    };
    let chart = chart(&title, &shown, several);
    let mut head = vec!["band", "requests", "mean (ms)"];
    let columns: Vec<String> = (parts.iter())
        .flat_map(|part| {
            [
                format!("{} (ms)", part.name()),
                format!("{} share", part.name()),
            ]
        })
        .collect();
    head.extend(columns.iter().map(String::as_str));
    let mut table = Table::new(&title, &head);
    table.rows = all.iter().map(|bar| table_row(bar, several)).collect();
    let legend = parts
        .iter()
        .map(|part| (class(*part).to_owned(), part.name().to_owned()));
    let figure = Figure {
        title,
        note: note.to_owned(),
        legend: legend.collect(),
        warning: warning.to_owned(),
        table,
        is_wide: false,
        is_high: step == "visit",
    };
    figure.markup(&chart)
}

fn table_row(bar: &Bar, several: bool) -> Vec<String> {
    let millis = |seconds: f64| format!("{:.3}", seconds * 1e3);
    let mut row = vec![name(bar, several), count(bar.n), millis(bar.total)];
    for slice in &bar.slices {
        row.extend([millis(slice.seconds), percent(slice.share)]);
    }
    row
}

fn chart(title: &str, bars: &[&Bar], several: bool) -> Markup {
    let longest = bars.iter().map(|bar| bar.total).fold(0.0, f64::max);
    let height = BAR * bars.len() as f64 + 4.0;
    let width = WIDTH - 4.0;
    let scale = if longest > 0.0 { width / longest } else { 0.0 };
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {}", at(height))) role="img" aria-label=(title) {
            title { (title) }
            desc { @for bar in bars {
                (name(bar, several)) ": " (span(bar.total)) ", of it "
                @for slice in &bar.slices { (slice.part.name()) " " (percent(slice.share)) ", " }
            } }
            @for (number, bar) in bars.iter().enumerate() {
                @let top = BAR * number as f64;
                text class="start" x="2" y=(at(top + 12.0)) { (told(bar, several)) }
                @for (x, slice) in places(bar, scale) {
                    rect class=(class(slice.part)) x=(at(x + 2.0)) y=(at(top + 16.0)) height="14"
                        width=(at((slice.seconds.max(0.0) * scale).max(0.3))) {
                        title { (slice.part.name()) ": " (span(slice.seconds)) ", " (percent(slice.share)) }
                    }
                }
            }
        }
    }
}

/// The line above a bar: what it took, and on what most of it.
fn told(bar: &Bar, several: bool) -> String {
    let mut text = format!("{}: {}", name(bar, several), span(bar.total));
    let of_visit =
        [PartName::Home, PartName::Before, PartName::Inside].map(|part| part_of(bar, part));
    if let [Some(home), Some(before), Some(inside)] = of_visit {
        text += &format!(
            ", {} before the service, {} in it",
            percent(home.share + before.share),
            percent(inside.share)
        );
        return text;
    }
    let mut slices: Vec<_> = bar
        .slices
        .iter()
        .filter(|of| of.part != PartName::Whole)
        .collect();
    slices.sort_by(|one, other| other.share.total_cmp(&one.share));
    for slice in slices.iter().take(2).filter(|slice| slice.share > 0.005) {
        let more = format!(", {} {}", slice.part.name(), percent(slice.share));
        if (text.chars().count() + more.chars().count()) <= MOST_TOLD {
            text += &more;
        }
    }
    text
}

/// Where the slices of a bar begin.
fn places(bar: &Bar, scale: f64) -> Vec<(f64, Slice)> {
    let mut x = 0.0;
    let mut places = Vec::new();
    for slice in &bar.slices {
        places.push((x, *slice));
        x += slice.seconds.max(0.0) * scale;
    }
    places
}

fn over_time_title(timeline: &Timeline) -> &'static str {
    match timeline.is_by_end {
        true => "Where the time of purchases went, by when they ended",
        false => "Where the time of purchases went, by when they began",
    }
}

/// The mean parts of purchases over time.
fn over_time(timeline: &Timeline, warning: &str) -> Markup {
    let known = || {
        timeline
            .columns
            .iter()
            .enumerate()
            .filter_map(|(place, of)| Some((place, of.went?)))
    };
    let longest = known()
        .map(|(_, parts)| parts.iter().sum())
        .fold(0.0, f64::max);
    if longest <= 0.0 {
        return html! {};
    }
    let title = over_time_title(timeline);
    let y = Scale::up_to(longest, Unit::Span);
    let mut plot = Plot::new(title, 220.0, time_scale(timeline), y, "mean")
        .with_room_above(room_above(timeline))
        .describe(
            "Mean parts of a purchase, stacked: queueing and network, service time, after."
                .to_owned(),
        );
    part_marks(&mut plot, timeline);
    let names = [PartName::Before, PartName::Inside, PartName::After];
    let width = timeline.width as f64 / 1e9;
    for (number, part) in names.iter().enumerate() {
        let mut path = String::new();
        for (place, parts) in known() {
            let low: f64 = parts[..number].iter().map(|part| part.max(0.0)).sum();
            let high = low + parts[number].max(0.0);
            let x = middle(timeline, place) - width / 2.0;
            let (from, to) = (plot.x(x), plot.x(x + width));
            path += &format!(
                "M{} {}H{}V{}H{}z",
                at(from),
                at(plot.y(low)),
                at(to.max(from + 1.0)),
                at(plot.y(high)),
                at(from)
            );
        }
        plot.put(&html! { path class=(class(*part)) d=(path) {} });
    }
    let mut table = Table::new(
        title,
        &[
            "from (s)",
            "queueing and network (ms)",
            "service time (ms)",
            "after (ms)",
        ],
    );
    for (place, parts) in known() {
        let mut row = vec![begins(timeline, place)];
        row.extend(parts.map(|seconds| format!("{:.3}", seconds * 1e3)));
        table.rows.push(row);
    }
    let legend = names
        .iter()
        .map(|part| (class(*part).to_owned(), part.name().to_owned()));
    let figure = Figure {
        title: title.to_owned(),
        note: "Means over the purchases of each column.".to_owned(),
        legend: legend.collect(),
        warning: warning.to_owned(),
        table,
        is_wide: false,
        is_high: false,
    };
    figure.markup(&plot.finish())
}
