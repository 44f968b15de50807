//! Percentile curves, with their confidence bands.

use maud::{Markup, html};

use crate::page::{Charts, Curve, RunPage, STEPS};

use super::figure::{Figure, Table};
use super::plot::Plot;
use super::scale::{Scale, Unit, quantile};
use super::trust::Doubts;
use super::words::{count, millis, nanos};

/// The most curves in one chart.
const MOST: usize = 8;

/// A curve and its name.
type Named<'a> = (String, &'a Curve);

/// The charts of one run.
pub(super) fn section(charts: &Charts, doubts: &Doubts) -> Markup {
    let steps = [
        ("home", "Percentiles of home pages", &doubts.home),
        ("purchase", "Percentiles of purchases", &doubts.purchase),
    ];
    html! {
        p class="note" {
            "How long the fastest 50 %, 90 %, 99 % … took at most. The band is the 95 % confidence interval by \
             order statistics (for independent requests); it ends where there are too few values for one. The \
             dot is the largest value."
        }
        div class="charts" {
            @for (step, title, mark) in steps {
                @let curves = of_step(charts, step);
                @if !curves.is_empty() { (chart(title, &curves, mark, false)) }
            }
        }
        @if charts.levels_left_out > 0 {
            p class="note" { (charts.levels_left_out) " further levels have no curve here." }
        }
    }
}

fn of_step<'a>(charts: &'a Charts, step: &str) -> Vec<Named<'a>> {
    let curves = charts.curves.iter().filter(|curve| curve.step == step);
    let several = charts
        .curves
        .iter()
        .any(|of| of.level != charts.curves[0].level);
    let has_due = charts.curves.iter().any(|of| of.is_from_due);
    let named = curves.map(|curve| {
        let from = match (has_due, curve.is_from_due) {
            (false, _) => "",
            (true, true) => "from due",
            (true, false) => "from start",
        };
        let level = match (several, curve.level) {
            (true, Some(level)) => format!("c={level}"),
            _ => String::new(),
        };
        let words = [level.as_str(), from];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let name = if words.is_empty() {
            "all".to_owned()
        } else {
            words.join(", ")
        };
        (name, curve)
    });
    // Of a sweep, the curves from due differ from the others by launch delays alone.
    named
        .filter(|(_, curve)| !(several && curve.is_from_due))
        .collect()
}

/// The requests of several runs in one chart, each level of each run on its own; absent for fewer than two.
pub(super) fn comparison(runs: &[RunPage], step: usize) -> Option<Markup> {
    let mut curves: Vec<Named<'_>> = Vec::new();
    let mut doubted = Vec::new();
    let mut drawn = 0;
    for run in runs {
        let number = run.number;
        let of_run = run.charts.iter().flat_map(|charts| &charts.curves);
        let of_run = of_run.filter(|of| of.step == STEPS[step] && !of.is_from_due);
        let of_run: Vec<&Curve> = of_run.collect();
        let several = of_run.len() > 1;
        drawn += u64::from(!of_run.is_empty());
        curves.extend(of_run.into_iter().map(|curve| {
            let name = match curve.level.filter(|_| several) {
                Some(level) => format!("run {}, c={level}", number),
                None => format!("run {}", number),
            };
            (name, curve)
        }));
        let verdict = &run.summary.verdict;
        if [&verdict.home, &verdict.purchase][step].is_limited() {
            doubted.push(format!("run {}", number));
        }
    }
    let mark = match doubted.as_slice() {
        [] => String::new(),
        names => format!("NOT TRUSTED (client-limited): {}", names.join(", ")),
    };
    let title = [
        "Percentiles of home pages, run by run",
        "Percentiles of purchases, run by run",
    ][step];
    (drawn > 1).then(|| chart(title, &curves, &mark, true))
}

fn chart(title: &str, curves: &[Named<'_>], warning: &str, is_high: bool) -> Markup {
    let shown = &curves[..curves.len().min(MOST)];
    let values = || {
        shown
            .iter()
            .flat_map(|(_, curve)| curve.points.iter().map(|point| point.value))
    };
    let least = values().filter(|value| *value > 0).min().unwrap_or(1000);
    // A few requests that failed at once do not press all others into a corner.
    let median = |curve: &Curve| {
        curve
            .points
            .iter()
            .find(|of| of.quantile >= 0.5)
            .map(|of| of.value)
    };
    let medians = shown.iter().filter_map(|(_, curve)| median(curve));
    let low = medians.min().unwrap_or(least) / 10;
    let (is_cut, least) = (least < low, least.max(low));
    let most = shown
        .iter()
        .map(|(_, curve)| curve.max)
        .max()
        .unwrap_or(1000);
    let largest = shown.iter().map(|(_, curve)| curve.n).max().unwrap_or(1);
    let nines = (largest as f64).log10().max(1.0) + 0.35;
    let y = Scale::log(least as f64 / 1e9, most as f64 / 1e9, Unit::Span);
    let tail = |(name, curve): &Named<'_>| {
        format!(
            "{name}: {} values, largest {}",
            count(curve.n as u64),
            nanos(curve.max)
        )
    };
    let words: Vec<String> = shown.iter().map(tail).collect();
    let mut plot = Plot::new(title, 270.0, Scale::Nines { to: nines }, y, "latency")
        .describe(words.join("; "));
    let mut legend = Vec::new();
    let mut table = Table::new(
        title,
        &[
            "percentile",
            "series",
            "latency (ms)",
            "from (ms)",
            "to (ms)",
            "values",
        ],
    );
    for (number, (name, curve)) in shown.iter().enumerate() {
        draw(&mut plot, &format!("s{number}"), name, curve);
        legend.push((
            format!("s{number}"),
            format!("{name} ({})", count(curve.n as u64)),
        ));
        for point in &curve.points {
            let end = |value: Option<i64>| value.map_or(String::new(), millis);
            table.rows.push(vec![
                format!("{} %", quantile(point.quantile)),
                name.clone(),
                millis(point.value),
                end(point.interval[0]),
                end(point.interval[1]),
                count(curve.n as u64),
            ]);
        }
        table.rows.push(vec![
            "largest".to_owned(),
            name.clone(),
            millis(curve.max),
            String::new(),
            String::new(),
            count(curve.n as u64),
        ]);
    }
    let mut note = match curves.len() - shown.len() {
        0 => String::new(),
        more => format!("The first {MOST} of {} are drawn. ", shown.len() + more),
    };
    if is_cut {
        note += "The shortest times are below the axis: the table has them.";
    }
    let figure = Figure {
        title: title.to_owned(),
        note,
        legend,
        warning: warning.to_owned(),
        table,
        is_wide: false,
        is_high,
    };
    figure.markup(&plot.finish())
}

fn draw(plot: &mut Plot, class: &str, name: &str, curve: &Curve) {
    let seconds = |nanos: i64| nanos as f64 / 1e9;
    let band: Vec<(f64, f64, f64)> = (curve.points.iter())
        .filter_map(|point| {
            let [low, high] = point.interval;
            Some((point.quantile, seconds(low?), seconds(high?)))
        })
        .collect();
    if band.len() > 1 {
        plot.area(class, &band);
    }
    let points = curve
        .points
        .iter()
        .map(|point| Some((point.quantile, seconds(point.value))));
    plot.line(class, points);
    // The largest value stands half of a value's share from the end.
    let last = 1.0 - 0.5 / curve.n as f64;
    let text = format!("{name}: largest {}", nanos(curve.max));
    plot.dot(class, (last, seconds(curve.max)), &text);
}
