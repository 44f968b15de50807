//! The table over the levels of a sweep, and the knee.

use std::io::{self, Write};

use crate::summary::{LevelSummary, Scalability, ScalabilityFinding, Summary};

use super::latency::decimals_for;
use super::layout::{WARNING, WIDTH, marked, ms, rate, table, three_digits, wrapped};

pub(super) fn write(
    summary: &Summary,
    levels: &[LevelSummary],
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out)?;
    let has_rounds = levels.iter().any(|level| level.rounds > 1);
    let row = |cells: [String; 9]| -> Vec<String> {
        let cells = cells.into_iter().enumerate();
        let shown = cells.filter(|(column, _)| has_rounds || *column != 1);
        shown.map(|(_, cell)| cell).collect()
    };
    let title = [
        "Users", "rounds", "purch./s", "buy p50", "p95", "p99, ms", "home p50", "p95, ms", "failed",
    ];
    let shown = levels.iter().flat_map(|level| {
        let (buy, home) = (&level.buy_elapsed_seconds, &level.home_elapsed_seconds);
        let buy = buy.and_then(|of| of.p99.or(of.p95).or(of.p50));
        buy.max(home.and_then(|of| of.p95.or(of.p50)))
    });
    let decimals = decimals_for(shown.max());
    let mut rows = vec![row(title.map(str::to_owned))];
    rows.extend(levels.iter().map(|level| row(cells(level, decimals))));
    table(&rows, out)?;
    if levels.iter().any(|level| level.trusted == Some(false)) {
        let text = ": at least one round was client-limited, and so may be a knee";
        marked(out, WARNING, "* NOT TRUSTED", text)?;
    }
    if levels.iter().any(sets_pace) {
        let text = ": this client set the pace in at least one round, and so may set a knee";
        marked(out, WARNING, "~ PACE", text)?;
    }
    match &summary.scalability {
        Some(scalability) => law(scalability, out),
        None => Ok(()),
    }
}

/// Whether this client set the pace of a round.
fn sets_pace(level: &LevelSummary) -> bool {
    level.verdict.pace.is_limited()
}

fn cells(level: &LevelSummary, decimals: usize) -> [String; 9] {
    let mark = match (level.trusted == Some(false), sets_pace(level)) {
        (true, true) => " *~",
        (true, false) => " *",
        (false, true) => " ~",
        (false, false) => "",
    };
    let (buy, home) = (&level.buy_elapsed_seconds, &level.home_elapsed_seconds);
    [
        format!("{}{mark}", level.concurrent),
        level.rounds.to_string(),
        level.purchases_per_second.map_or("-".to_owned(), rate),
        ms(buy.and_then(|of| of.p50), decimals),
        ms(buy.and_then(|of| of.p95), decimals),
        ms(buy.and_then(|of| of.p99), decimals),
        ms(home.and_then(|of| of.p50), decimals),
        ms(home.and_then(|of| of.p95), decimals),
        level.failed_purchases.to_string(),
    ]
}

fn law(of: &Scalability, out: &mut impl Write) -> io::Result<()> {
    let (Some(lambda), Some(sigma), Some(kappa), Some(error)) =
        (of.lambda, of.sigma, of.kappa, of.error)
    else {
        return writeln!(out, "fewer than three levels with purchases: no fit");
    };
    writeln!(
        out,
        "Universal Scalability Law: X(N) = λN / (1 + σ(N−1) + κN(N−1))"
    )?;
    writeln!(
        out,
        "  λ = {} purchases/s, σ = {}, κ = {}, fit error {:.1} %",
        three_digits(lambda),
        three_digits(sigma),
        three_digits(kappa),
        error * 100.0
    )?;
    for part in wrapped(&finding(of), WIDTH - 2) {
        writeln!(out, "  {part}")?;
    }
    let without: Vec<String> = (of.levels_without_purchases.iter())
        .map(|level| level.to_string())
        .collect();
    match without.as_slice() {
        [] => Ok(()),
        _ => writeln!(
            out,
            "  rounds without a purchase are not in the fit: of {}",
            without.join(" and ")
        ),
    }
}

fn finding(of: &Scalability) -> String {
    let by_fit = |rate: Option<f64>| three_digits(rate.unwrap_or(0.0));
    let knee = of.knee.unwrap_or(0.0).round() as u64;
    match of.finding {
        ScalabilityFinding::TooFew => String::new(),
        ScalabilityFinding::NotSupported => format!(
            "no statement on knee or ceiling: {}",
            of.unsupported.as_deref().unwrap_or("")
        ),
        ScalabilityFinding::Knee => format!(
            "knee at about N = {} ({} purchases/s by the fit)",
            knee,
            by_fit(of.peak)
        ),
        ScalabilityFinding::Falls => format!(
            "knee at N = {}{}, throughput falls from there on ({} purchases/s by the fit)",
            knee,
            if knee > 1 { " or below" } else { "" },
            by_fit(of.peak)
        ),
        ScalabilityFinding::NoKnee => {
            let ceiling = of
                .ceiling
                .map(|rate| format!(" (ceiling {} purchases/s by the fit)", three_digits(rate)));
            format!(
                "no knee seen up to {}{}",
                of.up_to.unwrap_or(0),
                ceiling.unwrap_or_default()
            )
        }
    }
}

#[cfg(test)]
#[path = "levels_tests.rs"]
mod tests;
