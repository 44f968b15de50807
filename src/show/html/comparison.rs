//! A comparison of configurations: the ratios with their intervals, the shift over the quantiles, and the
//! blocks over time.

use maud::{Markup, PreEscaped, html};

use crate::comparison::{Comparison, Group, Level, Metric, Number, Pair, Row, Verdict};
use crate::show::text::comparison::{figure_of, levels, own_change, percent, row_change, short};

use super::figure::{Figure, Table};
use super::plot::Plot;
use super::scale::{Scale, Unit};
use super::words::{at, clean};

/// The longest name of a metric in a chart, characters: servers name some.
const MOST_OF_METRIC: usize = 22;

/// The changes that a chart shows, percent: further ones lie at its ends.
const MOST_PERCENT: f64 = 400.0;

/// The comparison, for a page of its own or of its run.
pub(super) fn section(comparison: &Comparison) -> Markup {
    html! {
        @if !comparison.warnings.is_empty() {
            ul class="warning" { @for warning in &comparison.warnings { li { (clean(warning)) } } }
        }
        @for group in &comparison.groups {
            @for pair in &group.pairs { (pair_section(comparison, group, pair)) }
            @for side in &group.sides {
                p { "Resource short, " bdi { (clean(&side.name)) } ": " (side.resource.sentence) }
            }
        }
    }
}

fn pair_section(comparison: &Comparison, group: &Group, pair: &Pair) -> Markup {
    let primary = &pair.metrics[0];
    let class = match primary.verdict {
        Some(verdict) if verdict.is_worse(primary.metric) => "result bad",
        Some(Verdict::CannotTell) => "result doubtful",
        _ => "result good",
    };
    let level = group
        .level
        .map_or(String::new(), |level| format!(", -c {level}"));
    let variant = group
        .variant
        .as_deref()
        .map_or(String::new(), |of| format!(", {}", clean(of)));
    let change = row_change(primary).map_or(String::new(), |change| format!(" {change}"));
    let own = own_change(primary).map_or(String::new(), |own| format!(", {own}"));
    html! {
        p class=(class) {
            (primary.verdict_in_words()) ": " bdi { (clean(&pair.other)) } " against "
            bdi { (clean(&pair.baseline)) } " (baseline), " (primary.metric.name()) (change) (own) (level) (variant)
        }
        @if let Some(reason) = &primary.reason { p class="note" { (reason) } }
        @if let Some(place) = &pair.place { p { "Where: " (place) } }
        @for sentence in &pair.settle { p class="note" { "To settle it: " (clean(sentence)) } }
        p class="note" { "Intervals: " (levels(comparison, pair)) }
        div class="charts" {
            (ratios(comparison, pair))
            (shift(pair))
            (blocks(pair))
        }
    }
}

/// A ratio as a change in percent, within what is shown.
fn shown(Number(ratio): Number) -> f64 {
    ((ratio - 1.0) * 100.0).clamp(-100.0, MOST_PERCENT)
}

fn is_of_ratio(row: &&Row) -> bool {
    row.ratio.is_some()
}

/// Every metric with its interval, beside the margin.
fn ratios(comparison: &Comparison, pair: &Pair) -> Markup {
    const LEFT: f64 = 120.0;
    const WIDTH: f64 = 480.0;
    const ROW: f64 = 18.0;
    let rows: Vec<&Row> = pair.metrics.iter().filter(is_of_ratio).collect();
    let margin = comparison.margin * 100.0;
    let reach = (rows.iter())
        .flat_map(|row| {
            let [low, high] = limits(row);
            [low.abs(), high.abs()]
        })
        .fold(margin * 1.5, f64::max);
    let x = |change: f64| LEFT + (change / reach + 1.0) / 2.0 * (WIDTH - LEFT - 12.0);
    let bottom = 8.0 + ROW * rows.len() as f64;
    let view = format!("0 0 {WIDTH} {}", at(bottom + 24.0));
    let chart = html! {
        svg viewBox=(view) role="img" aria-label="Changes of all metrics" {
            title { "Changes of all metrics" }
            rect class="part" x=(at(x(-margin))) y="4" width=(at(x(margin) - x(-margin))) height=(at(bottom - 4.0)) {}
            g class="grid" {
                path class="base" d=(format!("M{} 4V{}", at(x(0.0)), at(bottom))) {}
                @for tick in [-reach, 0.0, reach] {
                    text class=(anchor(tick)) x=(at(x(tick))) y=(at(bottom + 16.0)) { (format!("{tick:+.1} %")) }
                }
            }
            @for (place, row) in rows.iter().enumerate() {
                @let y = 8.0 + ROW * (place as f64 + 0.5);
                @let [low, high] = limits(row);
                @let class = if row.is_primary { "s1" } else { "s0" };
                text class="end" x=(at(LEFT - 8.0)) y=(at(y + 4.0)) { (short(&row.metric.name(), MOST_OF_METRIC)) }
                path class=(format!("line {class}")) d=(format!("M{} {}H{}", at(x(low)), at(y), at(x(high)))) {}
                @if let Some(ratio) = row.ratio {
                    circle class=(format!("dot {class}")) cx=(at(x(shown(ratio)))) cy=(at(y)) r="3" {
                        title { (row_change(row).unwrap_or_default()) }
                    }
                }
            }
        }
    };
    let figure = Figure {
        title: "Changes of all metrics".to_owned(),
        note: format!(
            "Each dot is the estimated change of the other side against the baseline, the line its interval, \
             the band the margin of {margin:.1} %. An interval that does not touch 0 is a difference; one within the \
             band is small."
        ),
        table: figures(pair),
        ..Figure::default()
    };
    figure.markup(&chart)
}

fn anchor(tick: f64) -> &'static str {
    match tick {
        ..0.0 => "start",
        0.0 => "mid",
        _ => "end",
    }
}

/// The interval of a row in percent; the estimate where it has none.
fn limits(row: &Row) -> [f64; 2] {
    match (row.ratio_interval, row.ratio) {
        (Some([low, high]), _) => [shown(low), shown(high)],
        (None, Some(ratio)) => [shown(ratio); 2],
        (None, None) => [0.0; 2],
    }
}

fn figures(pair: &Pair) -> Table {
    let mut table = Table::of_texts(
        "All metrics",
        &[
            "metric",
            &clean(&pair.baseline),
            &clean(&pair.other),
            "change",
            "verdict",
        ],
    );
    for row in &pair.metrics {
        let figure = |value: Option<Number>| {
            value.map_or_else(|| "-".to_owned(), |value| figure_of(row.unit, value))
        };
        let verdict = match (row.verdict, &row.reason) {
            (None, Some(reason)) => format!("none: {reason}"),
            _ => row.verdict_in_words(),
        };
        table.rows.push(vec![
            row.metric.name().into_owned(),
            figure(row.baseline),
            figure(row.other),
            row_change(row).unwrap_or_else(|| "-".to_owned()),
            verdict,
        ]);
    }
    table
}

/// The change at each quantile.
fn shift(pair: &Pair) -> Markup {
    let of = |metric: fn(Level) -> Metric| -> Vec<(f64, &Row)> {
        let levels = Level::ALL.into_iter().filter_map(|level| {
            let row = pair
                .metrics
                .iter()
                .find(|row| row.metric == metric(level))?;
            row.ratio.map(|_| (level.quantile().share(), row))
        });
        levels.collect()
    };
    let series = [
        ("purchases", "s1", of(Metric::Buy)),
        ("home pages", "s0", of(Metric::Home)),
    ];
    let all = || series.iter().flat_map(|(.., points)| points);
    if all().count() < 2 {
        return PreEscaped(String::new());
    }
    let reach = all()
        .flat_map(|(_, row)| limits(row))
        .map(f64::abs)
        .fold(1.0, f64::max);
    let mut plot = Plot::new(
        "Shift over the quantiles",
        240.0,
        Scale::Nines { to: 3.0 },
        Scale::Linear {
            from: -reach,
            to: reach,
            unit: Unit::Percent,
        },
        "change, %",
    );
    let mut table = Table::new(
        "Change at each quantile",
        &["metric", "change", "lower", "upper"],
    );
    for (_, class, points) in &series {
        let area: Vec<(f64, f64, f64)> = (points.iter())
            .map(|(share, row)| {
                let [low, high] = limits(row);
                (*share, low, high)
            })
            .collect();
        plot.area(class, &area);
        let line = points
            .iter()
            .filter_map(|(share, row)| Some((*share, shown(row.ratio?))));
        plot.line(class, line.map(Some));
        for (_, row) in points {
            let cell = |number: Option<Number>| number.map_or(String::new(), percent);
            let [low, high] = match row.ratio_interval {
                Some([low, high]) => [Some(low), Some(high)],
                None => [None, None],
            };
            let name = row.metric.name().into_owned();
            table
                .rows
                .push(vec![name, cell(row.ratio), cell(low), cell(high)]);
        }
    }
    let figure = Figure {
        title: "Shift over the quantiles".to_owned(),
        note: "How much slower (above 0) or faster the other side is at each quantile, with intervals.".to_owned(),
        legend: (series.iter())
            .map(|(name, class, _)| ((*class).to_owned(), (*name).to_owned()))
            .collect(),
        table,
        ..Figure::default()
    };
    figure.markup(&plot.finish())
}

/// The primary metric in every block.
fn blocks(pair: &Pair) -> Markup {
    let primary = &pair.metrics[0];
    let sides: [fn(&crate::comparison::Block) -> Option<Number>; 2] =
        [|block| block.baseline, |block| block.other];
    let values = || {
        pair.blocks
            .iter()
            .flat_map(|block| sides.map(|of| of(block)))
    };
    let finite: Vec<f64> = values()
        .flatten()
        .map(|of| of.0)
        .filter(|of| of.is_finite())
        .collect();
    if pair.blocks.len() < 2 || finite.is_empty() {
        return PreEscaped(String::new());
    }
    let unit = match primary.unit {
        crate::comparison::Unit::Seconds => Unit::Span,
        _ => Unit::Number,
    };
    let most = finite.iter().copied().fold(0.0, f64::max);
    let least = finite.iter().copied().fold(f64::INFINITY, f64::min);
    let room = ((most - least) * 0.1)
        .max(most * 0.01)
        .max(f64::MIN_POSITIVE);
    let mut plot = Plot::new(
        "Blocks over time",
        240.0,
        Scale::Linear {
            from: 0.5,
            to: pair.blocks.len() as f64 + 0.5,
            unit: Unit::Count,
        },
        Scale::Linear {
            from: least - room,
            to: most + room,
            unit,
        },
        &primary.metric.name(),
    );
    for (class, of) in ["s0", "s1"].into_iter().zip(sides) {
        let points = pair.blocks.iter().enumerate().map(|(place, block)| {
            let value = of(block).map(|of| of.0).filter(|of| of.is_finite())?;
            Some((place as f64 + 1.0, value))
        });
        plot.line(class, points);
    }
    let head = [
        "block",
        "run",
        "round",
        &clean(&pair.baseline),
        &clean(&pair.other),
    ];
    let mut table = Table::new("Primary metric in each block", &head);
    for (place, block) in pair.blocks.iter().enumerate() {
        let figure = |value: Option<Number>| {
            value.map_or(String::new(), |value| figure_of(primary.unit, value))
        };
        table.rows.push(vec![
            (place + 1).to_string(),
            block.run.to_string(),
            block.round.to_string(),
            figure(block.baseline),
            figure(block.other),
        ]);
    }
    let figure = Figure {
        title: "Blocks over time".to_owned(),
        note: "The primary metric in each round of both sides. Gaps are rounds in which it is infinite.".to_owned(),
        legend: vec![
            ("s0".to_owned(), clean(&pair.baseline)),
            ("s1".to_owned(), clean(&pair.other)),
        ],
        table,
        ..Figure::default()
    };
    figure.markup(&plot.finish())
}

#[cfg(test)]
#[path = "comparison_tests.rs"]
mod tests;
