//! Throughput and latency over concurrency.

use maud::{Markup, html};

use crate::page::{RoundPoint, Sweep};
use crate::stats::Distribution;
use crate::summary::{Scalability, ScalabilityFinding};

use super::figure::{Figure, Table};
use super::latencies::trusted;
use super::plot::Plot;
use super::scale::{Scale, Unit};
use super::trust::Doubts;
use super::words::{count, millis, percent, short, thinned};

/// The most levels, and the most rounds, that are shown.
const MOST_LEVELS: usize = 400;
const MOST_ROUNDS: usize = 600;

/// The section.
pub(super) fn section(sweep: &Sweep, doubts: &Doubts) -> Markup {
    let all = sweep;
    let sweep = &Sweep {
        levels: thinned(&all.levels, MOST_LEVELS).cloned().collect(),
        rounds: thinned(&all.rounds, MOST_ROUNDS).cloned().collect(),
        ..all.clone()
    };
    html! {
        p class="key" { (finding(&sweep.finding)) }
        @for (name, shown, all) in [
            ("levels", sweep.levels.len(), all.levels.len()),
            ("rounds", sweep.rounds.len(), all.rounds.len()),
        ] { @if shown < all {
            p class="note" { (count(shown as u64)) " of the " (count(all as u64)) " " (name) " are shown, evenly chosen." }
        } }
        div class="charts" {
            (throughput(sweep, &doubts.pace))
            (latency(sweep, &doubts.purchase))
            @if sweep.rounds.iter().any(|round| round.residual.is_some()) { (residuals(sweep, &doubts.pace)) }
        }
    }
}

/// The conclusion in a sentence.
fn finding(of: &Scalability) -> String {
    let law = match (of.lambda, of.sigma, of.kappa, of.error) {
        (Some(lambda), Some(sigma), Some(kappa), Some(error)) => format!(
            " The fitted law: λ = {}/s, σ = {}, κ = {}, fit error {}.",
            short(lambda),
            number(sigma),
            number(kappa),
            percent(error)
        ),
        _ => String::new(),
    };
    let users = |level: Option<f64>| level.map_or("?".to_owned(), |level| format!("{level:.0}"));
    let rate = |rate: Option<f64>| rate.map_or("?".to_owned(), short);
    let conclusion = match (of.finding, &of.unsupported) {
        (ScalabilityFinding::TooFew, _) => {
            "Fewer than three levels with purchases: no fit.".to_owned()
        }
        (_, Some(why)) => format!("Knee and ceiling are not supported by these levels: {why}."),
        (ScalabilityFinding::Knee, _) => format!(
            "Throughput falls above about {} virtual users, where it is {}/s.",
            users(of.knee),
            rate(of.peak)
        ),
        (ScalabilityFinding::Falls, _) => "Throughput falls from the first level on.".to_owned(),
        _ => match of.ceiling {
            Some(ceiling) => format!(
                "No knee up to {} virtual users; throughput does not exceed {}/s.",
                of.up_to.unwrap_or(0),
                short(ceiling)
            ),
            None => format!("No knee up to {} virtual users.", of.up_to.unwrap_or(0)),
        },
    };
    conclusion + &law
}

fn number(value: f64) -> String {
    match value {
        _ if value == 0.0 => "0".to_owned(),
        _ if value.abs() < 0.001 => format!("{value:.2e}"),
        _ => short(value),
    }
}

fn users(sweep: &Sweep) -> Scale {
    let ends = [sweep.levels.first(), sweep.levels.last()];
    let [from, to] = ends.map(|level| level.map_or(1.0, |level| level.concurrent.max(1) as f64));
    Scale::log(from / 1.15, to * 1.15, Unit::Number)
}

fn throughput(sweep: &Sweep, warning: &str) -> Markup {
    let title = "Throughput over concurrency";
    let rates = sweep.rounds.iter().filter_map(|round| round.rate);
    let most = rates
        .chain(sweep.law.iter().map(|point| point.rate))
        .fold(0.0, f64::max);
    let mut plot = Plot::new(
        title,
        260.0,
        users(sweep),
        Scale::up_to(most, Unit::Number),
        "purchases/s",
    )
    .describe(finding(&sweep.finding));
    let band: Vec<(f64, f64, f64)> = (sweep.law.iter())
        .map(|point| (point.concurrent, point.band[0], point.band[1]))
        .collect();
    plot.area("law", &band);
    plot.line(
        "law",
        sweep
            .law
            .iter()
            .map(|point| Some((point.concurrent, point.rate))),
    );
    let is_supported = sweep.finding.unsupported.is_none();
    if let (Some(knee), Some(peak), true) = (sweep.finding.knee, sweep.finding.peak, is_supported) {
        plot.dot(
            "knee",
            (knee, peak),
            &format!("knee: {knee:.0} virtual users, {}/s", short(peak)),
        );
    }
    if let (Some(ceiling), true) = (sweep.finding.ceiling, is_supported) {
        let level =
            |of: Option<&crate::page::LevelPoint>| of.map_or(1.0, |of| of.concurrent as f64);
        let ends = [level(sweep.levels.first()), level(sweep.levels.last())];
        plot.line("knee", ends.map(|x| Some((x, ceiling))));
    }
    for round in &sweep.rounds {
        if let Some(rate) = round.rate {
            let text = format!(
                "c={}, round {}: {}/s",
                round.concurrent,
                round.round,
                short(rate)
            );
            plot.dot("round", (round.concurrent as f64, rate), &text);
        }
    }
    let mut legend = vec![("round".to_owned(), "a round".to_owned())];
    if !sweep.law.is_empty() {
        legend.push((
            "law".to_owned(),
            "fitted law, and twice its fit error on both sides".to_owned(),
        ));
    }
    if is_supported && (sweep.finding.knee.is_some() || sweep.finding.ceiling.is_some()) {
        legend.push(("knee".to_owned(), "knee or ceiling".to_owned()));
    }
    let figure = Figure {
        title: title.to_owned(),
        note: "Logarithmic scale of virtual users.".to_owned(),
        legend,
        warning: warning.to_owned(),
        table: levels(sweep),
        is_wide: false,
        is_high: false,
    };
    figure.markup_with(&plot.finish(), &rounds(sweep).markup())
}

fn levels(sweep: &Sweep) -> Table {
    let mut table = Table::new(
        "Levels",
        &[
            "virtual users",
            "rounds",
            "purchases",
            "failed",
            "purchases/s",
            "fitted/s",
            "trusted",
        ],
    );
    for level in &sweep.levels {
        table.rows.push(vec![
            count(level.concurrent),
            count(level.rounds),
            count(level.bought),
            count(level.failed),
            level.rate.map_or(String::new(), short),
            level.fitted.map_or(String::new(), short),
            trusted(level.trusted).to_owned(),
        ]);
    }
    table
}

fn rounds(sweep: &Sweep) -> Table {
    let mut table = Table::new(
        "Rounds",
        &[
            "virtual users",
            "round",
            "purchases/s",
            "residual",
            "purchase p50 (ms)",
            "purchase p99 (ms)",
        ],
    );
    for round in &sweep.rounds {
        table.rows.push(vec![
            count(round.concurrent),
            count(round.round),
            round.rate.map_or(String::new(), short),
            round.residual.map_or(String::new(), percent),
            round.p50.map_or(String::new(), millis),
            round.p99.map_or(String::new(), millis),
        ]);
    }
    table
}

fn latency(sweep: &Sweep, warning: &str) -> Markup {
    let title = "Latency of purchases over concurrency";
    type Of = fn(&Distribution) -> Option<i64>;
    let figures: [(&str, &str, Of); 3] = [
        ("p50", "p50", |of| Some(of.middle())),
        ("p99", "p99", |of| of.p99),
        ("max", "largest", |of| Some(of.max)),
    ];
    let all: Vec<i64> = (sweep.levels.iter())
        .filter_map(|level| level.purchase)
        .flat_map(|of| [of.middle(), of.max])
        .filter(|nanos| *nanos > 0)
        .collect();
    let ends = all.iter().min().zip(all.iter().max());
    let Some((least, most)) = ends else {
        return html! {};
    };
    let y = Scale::log(*least as f64 / 1e9, *most as f64 / 1e9, Unit::Span);
    let mut plot = Plot::new(title, 260.0, users(sweep), y, "latency").describe(
        "Medians, 99th percentiles and largest latencies of the purchases of each level."
            .to_owned(),
    );
    for (class, _, of) in &figures {
        let points = sweep.levels.iter().map(|level| {
            let value = of(level.purchase.as_ref()?)?;
            Some((level.concurrent as f64, value as f64 / 1e9))
        });
        plot.line(class, points);
    }
    let mut dot = |class: &str, round: &RoundPoint, value: Option<i64>| {
        if let Some(value) = value {
            let text = format!(
                "c={}, round {}: {class} {}",
                round.concurrent,
                round.round,
                millis(value)
            );
            plot.dot(
                class,
                (round.concurrent as f64, value as f64 / 1e9),
                &format!("{text} ms"),
            );
        }
    };
    for round in &sweep.rounds {
        dot("p50", round, round.p50);
        dot("p99", round, round.p99);
    }
    let mut table = Table::new(
        title,
        &[
            "virtual users",
            "requests",
            "p50 (ms)",
            "p90 (ms)",
            "p99 (ms)",
            "largest (ms)",
        ],
    );
    for level in &sweep.levels {
        let Some(of) = level.purchase else { continue };
        let some = |value: Option<i64>| value.map_or(String::new(), millis);
        table.rows.push(vec![
            count(level.concurrent),
            count(of.n as u64),
            some(of.p50),
            some(of.p90),
            some(of.p99),
            millis(of.max),
        ]);
    }
    let figure = Figure {
        title: title.to_owned(),
        note: "Lines: over all rounds of a level. Dots: single rounds.".to_owned(),
        legend: figures
            .iter()
            .map(|(class, name, _)| ((*class).to_owned(), (*name).to_owned()))
            .collect(),
        warning: warning.to_owned(),
        table,
        is_wide: false,
        is_high: false,
    };
    figure.markup(&plot.finish())
}

fn residuals(sweep: &Sweep, warning: &str) -> Markup {
    let title = "Residuals of the fitted law";
    let found = || {
        sweep
            .rounds
            .iter()
            .filter_map(|round| Some((round, round.residual? * 100.0)))
    };
    let largest = found()
        .map(|(_, residual)| residual.abs())
        .fold(1.0, f64::max);
    let y = Scale::Linear {
        from: -largest,
        to: largest,
        unit: Unit::Percent,
    };
    let mut plot = Plot::new(title, 200.0, users(sweep), y, "measured less fitted")
        .describe(format!("The largest is {} %.", short(largest)));
    let level = |of: Option<&crate::page::LevelPoint>| of.map_or(1.0, |of| of.concurrent as f64);
    let ends = [level(sweep.levels.first()), level(sweep.levels.last())];
    plot.line("law", ends.map(|x| Some((x, 0.0))));
    for (round, residual) in found() {
        let text = format!(
            "c={}, round {}: {} %",
            round.concurrent,
            round.round,
            short(residual)
        );
        plot.dot("round", (round.concurrent as f64, residual), &text);
    }
    let figure = Figure {
        title: title.to_owned(),
        note:
            "A pattern (all rounds of neighbouring levels on one side) means that the law does not \
               describe these levels."
                .to_owned(),
        legend: Vec::new(),
        warning: warning.to_owned(),
        table: rounds(sweep),
        is_wide: false,
        is_high: false,
    };
    figure.markup(&plot.finish())
}
