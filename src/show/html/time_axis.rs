//! The time axis that charts share, and the parts of the run on it.

use maud::html;

use crate::page::{PartKnown, Timeline};

use super::plot::{Plot, WIDTH};
use super::scale::{Scale, Unit};
use super::words::at;

/// The time axis, seconds.
pub(super) fn time_scale(timeline: &Timeline) -> Scale {
    Scale::Linear {
        from: 0.0,
        to: timeline.width as f64 / 1e9 * timeline.columns.len().max(1) as f64,
        unit: Unit::Span,
    }
}

/// The instant of a column's middle, seconds since the first began.
pub(super) fn middle(timeline: &Timeline, column: usize) -> f64 {
    timeline.width as f64 / 1e9 * (column as f64 + 0.5)
}

/// When a column begins, as tables have it.
pub(super) fn begins(timeline: &Timeline, column: usize) -> String {
    format!("{:.6}", timeline.width as f64 / 1e9 * column as f64)
}

/// The room above the marks that the names of rounds take.
pub(super) fn room_above(timeline: &Timeline) -> f64 {
    if has_rounds(timeline) { 20.0 } else { 0.0 }
}

fn has_rounds(timeline: &Timeline) -> bool {
    timeline.marks.iter().any(|mark| mark.part.round > 1)
}

/// A part in words.
fn name(part: &PartKnown) -> String {
    match part.level {
        Some(level) => format!("c={level}"),
        None => format!("round {}", part.round),
    }
}

/// The most parts that are marked one by one, with texts to point at.
const MOST_SEPARATE: usize = 16;

/// The parts of the run: a shade for each, with its level and its round, and the warm-up before it.
pub(super) fn part_marks(plot: &mut Plot, timeline: &Timeline) {
    if timeline.marks.len() > MOST_SEPARATE {
        shades(plot, timeline);
    } else {
        separate_marks(plot, timeline);
    }
    names(plot, timeline);
    if has_rounds(timeline) && timeline.marks.iter().any(|mark| mark.part.level.is_some()) {
        rounds(plot, timeline);
    }
}

/// The shades of many parts, one path for each kind: a page has a dozen of these axes.
fn shades(plot: &mut Plot, timeline: &Timeline) {
    let since = |nanos: i64| (nanos - timeline.begin) as f64 / 1e9;
    let (top, height) = (plot.top(), plot.bottom() - plot.top());
    let mut paths =
        ["part even", "part odd", "warm", "part-bad"].map(|class| (class, String::new()));
    let rectangle = |left: f64, top: f64, width: f64, height: f64| {
        let width = at(width.max(0.5));
        format!("M{} {}h{width}v{}h-{width}z", at(left), at(top), at(height))
    };
    let mut end = plot.x(0.0) - 3.0;
    for (number, mark) in timeline.marks.iter().enumerate() {
        let [from, to] = mark.range.map(|of| plot.x(since(of)));
        paths[number % 2].1 += &rectangle(from, top, to - from, height);
        if mark.part.warm_up.is_some_and(|shoppers| shoppers > 0) {
            let before = end.min(from - 0.5);
            paths[2].1 += &rectangle(before, top, from - before, height);
        }
        if mark.part.trusted == Some(false) {
            paths[3].1 += &rectangle(from, top - 2.5, to - from, 2.5);
        }
        end = to;
    }
    for (class, path) in paths.iter().filter(|(_, path)| !path.is_empty()) {
        plot.put(&html! { path class=(class) d=(path) {} });
    }
}

/// The names of the parts, as far as there is room.
fn names(plot: &mut Plot, timeline: &Timeline) {
    let mut free = 0.0;
    for mark in &timeline.marks {
        let from = plot.x((mark.range[0] - timeline.begin) as f64 / 1e9);
        let name = name(&mark.part);
        let width = name.chars().count() as f64 * 7.5 + 4.0;
        if from >= free && from + width < WIDTH {
            plot.text("part-name", from + 1.0, plot.top() - 5.0, &name);
            free = from + width;
        }
    }
}

fn separate_marks(plot: &mut Plot, timeline: &Timeline) {
    let since = |nanos: i64| (nanos - timeline.begin) as f64 / 1e9;
    let (top, height) = (plot.top(), plot.bottom() - plot.top());
    let mut end = plot.x(0.0) - 3.0;
    for (number, mark) in timeline.marks.iter().enumerate() {
        let [from, to] = mark.range.map(|of| plot.x(since(of)));
        let part = &mark.part;
        let name = name(part);
        let shade = ["part even", "part odd"][number % 2];
        let mut label = format!("{name}, round {}", part.round);
        if let Some(warm_up) = part.warm_up.filter(|shoppers| *shoppers > 0) {
            let before = end.min(from - 2.0);
            let told =
                format!("warm-up before {label}: {warm_up} shoppers, not part of the figures");
            plot.put(&html! {
                rect class="warm" x=(at(before)) y=(at(top)) width=(at(from - before)) height=(at(height)) {
                    title { (told) }
                }
            });
        }
        let is_doubted = part.trusted == Some(false);
        if is_doubted {
            label += ": latencies NOT TRUSTED";
        }
        let width = at((to - from).max(1.0));
        plot.put(&html! {
            rect class=(shade) x=(at(from)) y=(at(top)) width=(width) height=(at(height)) {
                title { (label) }
            }
            @if is_doubted {
                rect class="part-bad" x=(at(from)) y=(at(top - 2.5)) width=(width) height="2.5" {}
            }
        });
        end = to;
    }
}

/// The names of rounds, above those of their parts.
fn rounds(plot: &mut Plot, timeline: &Timeline) {
    let since = |nanos: i64| (nanos - timeline.begin) as f64 / 1e9;
    let mut free = 0.0;
    for rounds in timeline
        .marks
        .chunk_by(|one, next| one.part.round == next.part.round)
    {
        let (Some(first), Some(last)) = (rounds.first(), rounds.last()) else {
            continue;
        };
        let (from, to) = (plot.x(since(first.range[0])), plot.x(since(last.range[1])));
        let y = plot.top() - 16.0;
        let name = format!("round {}", first.part.round);
        let width = name.chars().count() as f64 * 7.5 + 4.0;
        plot.put(
            &html! { path class="bracket" d=(format!("M{} {}H{}", at(from), at(y), at(to))) {} },
        );
        if from >= free && from + width < WIDTH {
            plot.text("part-name", from + 1.0, y - 3.0, &name);
            free = from + width;
        }
    }
}

/// What the marks of parts are.
pub(super) fn legend(timeline: &Timeline) -> Vec<(String, String)> {
    let parts = || timeline.marks.iter().map(|mark| &mark.part);
    let mut legend = Vec::new();
    if parts().any(|part| part.warm_up.is_some_and(|shoppers| shoppers > 0)) {
        legend.push((
            "warm".to_owned(),
            "warm-up (not part of the figures)".to_owned(),
        ));
    }
    if parts().any(|part| part.trusted == Some(false)) {
        let told = "above: parts whose latencies are not trusted";
        legend.push(("part-bad".to_owned(), told.to_owned()));
    }
    legend
}
