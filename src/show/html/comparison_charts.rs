//! The charts of a comparison: the ratios with their intervals, the shift over the quantiles, and the blocks over
//! time.

use maud::{Markup, PreEscaped, html};

use crate::comparison::{Comparison, Level, Metric, Number, Pair, Row};
use crate::show::text::comparison::{figure_of, percent, row_change, short, short_name};

use super::figure::{Figure, Table};
use super::plot::Plot;
use super::scale::{Scale, Unit};
use super::words::{at, clean};

/// The longest name of a metric in a chart, characters: servers name some.
const MOST_OF_METRIC: usize = 18;

/// The changes that a chart shows, percent: further ones lie at its ends.
const MOST_PERCENT: f64 = 400.0;

/// A ratio as a change in percent, within what is shown.
fn shown(Number(ratio): Number) -> f64 {
    ((ratio - 1.0) * 100.0).clamp(-100.0, MOST_PERCENT)
}

fn is_of_ratio(row: &&Row) -> bool {
    row.ratio.is_some()
}

/// Every metric with its interval, beside the margin.
pub(super) fn ratios(comparison: &Comparison, pair: &Pair) -> Markup {
    const LEFT: f64 = 120.0;
    const WIDTH: f64 = 480.0;
    const ROW: f64 = 18.0;
    let rows: Vec<&Row> = pair.metrics.iter().filter(is_of_ratio).collect();
    let margin = comparison.margin * 100.0;
    let reach = (rows.iter())
        .filter(|row| !is_infinite(row))
        .flat_map(|row| limits(row).map(f64::abs))
        .fold(margin * 1.5, f64::max)
        .max(1.0);
    let x = |change: f64| {
        let within = change.clamp(-reach, reach);
        LEFT + (within / reach + 1.0) / 2.0 * (WIDTH - LEFT - 12.0)
    };
    let bottom = 8.0 + ROW * rows.len() as f64;
    let view = format!("0 0 {WIDTH} {}", at(bottom + 24.0));
    let chart = html! {
        svg viewBox=(view) role="img" aria-label="Changes of all metrics" {
            title { "Changes of all metrics" }
            rect class="part" x=(at(x(-margin))) y="4" width=(at(x(margin) - x(-margin))) height=(at(bottom - 4.0)) {}
            g class="grid" {
                path class="base" d=(format!("M{} 4V{}", at(x(0.0)), at(bottom))) {}
                @for tick in [-reach, 0.0, reach] {
                    text class=(anchor(tick)) x=(at(x(tick))) y=(at(bottom + 16.0)) { (percent_of(tick)) }
                }
            }
            @for (place, row) in rows.iter().enumerate() {
                @let y = 8.0 + ROW * (place as f64 + 0.5);
                @let [low, high] = limits(row);
                @let class = if row.is_primary { "s1" } else { "s0" };
                text class="end" x=(at(LEFT - 8.0)) y=(at(y + 4.0)) { (chart_name(row.metric)) }
                path class=(format!("line {class}")) d=(format!("M{} {}H{}", at(x(low)), at(y), at(x(high)))) {}
                @if is_infinite(row) {
                    text class="end" x=(at(x(reach) - 8.0)) y=(at(y + 4.0)) { "infinite" }
                }
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
             band is small. A dot without a line has no interval. The table above has the figures."
        ),
        ..Figure::default()
    };
    figure.markup(&chart)
}

/// The name of a metric beside its line.
fn chart_name(metric: Metric) -> String {
    match metric.timing_key() {
        // Both the page and the purchase may have such a time.
        Some(_) => short(&metric.name(), MOST_OF_METRIC),
        None => short_name(metric),
    }
}

/// A tick of the axis: `+17.3 %`, and 0 without a sign.
fn percent_of(tick: f64) -> String {
    match tick {
        0.0 => "0 %".to_owned(),
        _ => format!("{tick:+.1} %"),
    }
}

/// Whether a row's change cannot be drawn: one of the sides is infinitely slow.
fn is_infinite(row: &Row) -> bool {
    row.ratio.is_some_and(|ratio| ratio.0.is_infinite())
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

/// The change at each quantile.
pub(super) fn shift(pair: &Pair) -> Markup {
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
    let drawn = || all().filter(|(_, row)| !is_infinite(row));
    if drawn().count() < 2 {
        return PreEscaped(String::new());
    }
    let reach = drawn()
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
            .filter(|(_, row)| !is_infinite(row))
            .map(|(share, row)| {
                let [low, high] = limits(row);
                (*share, low, high)
            })
            .collect();
        plot.area(class, &area);
        let line = points.iter().map(|(share, row)| {
            let ratio = row.ratio.filter(|_| !is_infinite(row))?;
            Some((*share, shown(ratio)))
        });
        plot.line(class, line);
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
        note: "How much slower (above 0) or faster the other side is at each quantile, with intervals. Infinite \
               changes, where shoppers failed, are not drawn."
            .to_owned(),
        legend: (series.iter())
            .map(|(name, class, _)| ((*class).to_owned(), (*name).to_owned()))
            .collect(),
        table,
        ..Figure::default()
    };
    figure.markup(&plot.finish())
}

/// The primary metric in every block.
pub(super) fn blocks(pair: &Pair) -> Markup {
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
