//! A sweep over levels of concurrency: its figures, the table for people, and where the knee is.
//!
//! The JSON of the same is [`crate::show::json_levels`]'s.

use std::io::{self, Write};

use crate::show::text::aligned;
use crate::stats::Sample;
use crate::stats::scalability::{self, Finding, Fit};
use crate::summary::Summary;

/// The rounds of one level.
#[derive(Clone, Debug, Default)]
pub struct Level {
    /// Shoppers at once in each of its rounds.
    pub concurrent: u64,
    /// Rounds so far.
    pub rounds: u64,
    /// Shoppers launched, over all rounds.
    pub launched: u64,
    /// Purchases that satisfied on both sides.
    pub bought: u64,
    /// Purchases that did not.
    pub failed: u64,
    /// The time in which the load ran, over all rounds, nanoseconds.
    pub wall_nanos: i64,
    /// Bought per second of each round that took time, in their order.
    pub rates: Vec<f64>,
    /// From start to stop of the home pages that have both, failed ones too, nanoseconds.
    pub home: Sample,
    /// The same of the purchases.
    pub buy: Sample,
    /// Rounds whose figures are the client's own by their verdict.
    pub untrusted: u64,
}

impl Level {
    /// A level without a round yet.
    pub fn new(concurrent: u64) -> Level {
        Level {
            concurrent,
            ..Level::default()
        }
    }

    /// Takes in a round: its rows, the time in which its load ran (nanoseconds; pauses before and
    /// after are not the server's), and whether its verdict was trusted.
    pub fn add_round(&mut self, summary: &Summary, wall_nanos: i64, trusted: bool) {
        self.rounds += 1;
        self.launched += summary.launched;
        self.bought += summary.bought;
        self.failed += summary.failed_purchases();
        self.wall_nanos = self.wall_nanos.saturating_add(wall_nanos.max(0));
        self.rates.extend(rate(summary.bought, wall_nanos));
        self.home.merge(&summary.home.elapsed);
        self.buy.merge(&summary.buy.elapsed);
        self.untrusted += u64::from(!trusted);
    }

    /// Bought per second over all rounds; absent if they took no time.
    pub fn rate(&self) -> Option<f64> {
        rate(self.bought, self.wall_nanos)
    }

    /// Whether the verdict of every round was trusted; absent without rounds.
    pub fn is_trusted(&self) -> Option<bool> {
        (self.rounds > 0).then_some(self.untrusted == 0)
    }
}

fn rate(bought: u64, wall_nanos: i64) -> Option<f64> {
    (wall_nanos > 0).then(|| bought as f64 / (wall_nanos as f64 / 1e9))
}

/// The scalability law that describes the rounds of the levels best; absent if fewer than three
/// levels sold anything. Rounds that sold nothing are not in it: the law has no zero.
pub fn fit(levels: &[Level]) -> Option<Fit> {
    let points: Vec<(u64, f64)> = levels
        .iter()
        .flat_map(|level| level.rates.iter().map(|rate| (level.concurrent, *rate)))
        .collect();
    scalability::fit(&points)
}

/// Writes the table and what the levels say of the knee; nothing without levels.
pub fn write(levels: &[Level], out: &mut impl Write) -> io::Result<()> {
    if levels.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nLevels (elapsed in ms)")?;
    table(levels, out)?;
    if levels.iter().any(|level| level.untrusted > 0) {
        writeln!(
            out,
            "* NOT TRUSTED: the figures of at least one round are this client's own; a knee may \
             be, too"
        )?;
    }
    match fit(levels) {
        Some(fit) => law(&fit, levels, out),
        None => writeln!(out, "fewer than three levels with purchases: no fit"),
    }
}

fn table(levels: &[Level], out: &mut impl Write) -> io::Result<()> {
    let has_rounds = levels.iter().any(|level| level.rounds > 1);
    let row = |cells: [String; 8]| -> Vec<String> {
        let cells = cells.into_iter().enumerate();
        let shown = cells.filter(|(column, _)| has_rounds || *column != 1);
        shown.map(|(_, cell)| cell).collect()
    };
    let title = [
        "concurrent",
        "rounds",
        "purchases/s",
        "buy p50",
        "buy p99",
        "home p50",
        "home p99",
        "failed",
    ];
    let mut rows = vec![row(title.map(str::to_owned))];
    rows.extend(levels.iter().map(|level| row(cells(level))));
    aligned(&rows, out)
}

fn cells(level: &Level) -> [String; 8] {
    let mark = if level.untrusted > 0 { " *" } else { "" };
    let rate = level.rate().map(|rate| match rate {
        ..10.0 => format!("{rate:.3}"),
        _ => format!("{rate:.1}"),
    });
    let ms = |nanos: Option<i64>| {
        nanos.map_or("-".to_owned(), |nanos| format!("{:.3}", nanos as f64 / 1e6))
    };
    let [buy, home] = [&level.buy, &level.home].map(Sample::summary);
    [
        format!("{}{mark}", level.concurrent),
        level.rounds.to_string(),
        rate.unwrap_or("-".to_owned()),
        ms(buy.and_then(|of| of.p50)),
        ms(buy.and_then(|of| of.p99)),
        ms(home.and_then(|of| of.p50)),
        ms(home.and_then(|of| of.p99)),
        level.failed.to_string(),
    ]
}

fn law(fit: &Fit, levels: &[Level], out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "Universal Scalability Law: X(N) = λN / (1 + σ(N−1) + κN(N−1))\n  \
         λ = {} purchases/s, σ = {}, κ = {}, fit error {:.1} %: {}",
        figure(fit.law.lambda),
        figure(fit.law.sigma),
        figure(fit.law.kappa),
        fit.error * 100.0,
        finding(&fit.finding)
    )?;
    let is_knee = !matches!(fit.finding, Finding::NoKnee { .. });
    let caveats = [
        (
            !fit.is_tested(),
            "three parameters follow any three levels: the fit error means nothing",
        ),
        (
            !fit.describes_levels(),
            "the law does not describe these levels well: go by the table",
        ),
        (
            is_knee && levels.iter().any(|level| level.rates.len() < 2),
            "levels with one round: noise can look like a knee",
        ),
    ];
    for (_, caveat) in caveats.iter().filter(|(applies, _)| *applies) {
        writeln!(out, "  {caveat}")?;
    }
    let without: Vec<String> = (levels.iter().filter(|level| level.rates.contains(&0.0)))
        .map(|level| grouped(level.concurrent))
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

fn finding(finding: &Finding) -> String {
    match *finding {
        Finding::Knee { at, peak } => format!(
            "knee at about N = {} ({} purchases/s by the fit)",
            grouped(at.round() as u64),
            figure(peak)
        ),
        Finding::Falls { from, peak } => format!(
            "knee at N = {}{}, throughput falls from there on ({} purchases/s by the fit)",
            grouped(from),
            if from > 1 { " or below" } else { "" },
            figure(peak)
        ),
        Finding::NoKnee { up_to, ceiling } => {
            let ceiling =
                ceiling.map(|rate| format!(" (ceiling {} purchases/s by the fit)", figure(rate)));
            format!(
                "no knee seen up to {}{}",
                grouped(up_to),
                ceiling.unwrap_or_default()
            )
        }
    }
}

/// A figure that is 0 or more, with three significant digits, or all those before the point.
fn figure(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        ..1e-5 | 1e15.. => format!("{value:.2e}"),
        999.5.. => grouped(value.round() as u64),
        _ => {
            let decimals = 2 - value.log10().floor() as i32;
            format!("{value:.*}", decimals.max(0) as usize)
        }
    }
}

/// A count with a comma at each thousand.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
#[path = "levels_tests.rs"]
pub(super) mod tests;
