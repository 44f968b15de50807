//! The results as text: what was reported, its errors, and one line of conclusion.

use std::io::{self, Write};

use super::arithmetic::{Reported, within};
use super::{Findings, Level};
use crate::stats::{Distribution, Quantile, Sample};

/// Writes the tables and the conclusion.
pub(super) fn write(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    let Findings { floor, levels, .. } = findings;
    writeln!(
        out,
        "floor: one shopper at a time, a shop that takes no time{}",
        over_tls(findings)
    )?;
    floor_line("new connection", &floor.new_connection, out)?;
    floor_line("kept connection", &floor.kept_connection, out)?;

    heading(
        "reported, ms",
        ["arithmetic", "kernel clock", "user clock"],
        out,
    )?;
    for level in levels {
        let comparison = &level.comparison;
        write!(out, "{}", place(level))?;
        for sample in [
            &comparison.arithmetic,
            &comparison.kernel.elapsed,
            &comparison.user.elapsed,
        ] {
            three(sample, 1e6, 3, out)?;
        }
        writeln!(out)?;
    }
    heading("off, µs", ["shop", "kernel clock", "user clock"], out)?;
    for level in levels {
        let comparison = &level.comparison;
        write!(out, "{}", place(level))?;
        three(&comparison.lateness, 1e3, 0, out)?;
        for reported in [&comparison.kernel, &comparison.user] {
            three(&reported.error, 1e3, 0, out)?;
            write!(out, "{:>VERDICT_WIDTH$}", verdict(reported))?;
        }
        writeln!(out)?;
    }
    writeln!(out)?;
    notes(findings, out)?;
    conclusion(findings, out)
}

/// Writes the conclusion alone.
pub(super) fn conclusion(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    let p50 = |sample: &Sample| micros(sample.percentile(Quantile::P50));
    let floor = &findings.floor;
    writeln!(
        out,
        "floor{}: {} µs, {} µs with a new connection",
        over_tls(findings),
        p50(&floor.kept_connection),
        p50(&floor.new_connection)
    )?;
    for (name, of) in CLOCKS {
        let reported = || (findings.levels.iter()).map(|level| (level.shoppers, of(level)));
        let verdicts = || reported().map(|(shoppers, of)| (shoppers, of.is_within()));
        if verdicts().all(|(_, verdict)| verdict.is_none()) {
            continue;
        }
        let mut sizes: Vec<usize> = reported().map(|(shoppers, _)| shoppers).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let errors = sizes.iter().map(|&size| {
            let same = reported().filter(|&(shoppers, _)| shoppers == size);
            micros(worst(same.map(|(_, reported)| reported)))
        });
        writeln!(
            out,
            "{name} clock: off by {} µs at p99 with {} at once; within 1 % or 50 µs with {}",
            list(errors),
            list(sizes.iter().map(usize::to_string)),
            match within(verdicts()) {
                none if none.is_empty() => "none of them".to_owned(),
                some if some == sizes => "all of them".to_owned(),
                some => list(some.iter().map(usize::to_string)),
            }
        )?;
    }
    Ok(())
}

fn over_tls(findings: &Findings) -> &'static str {
    match findings.is_over_tls {
        true => ", over TLS",
        false => "",
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn micros(nanos: Option<i64>) -> String {
    number(nanos, 1e3, 0, 0)
}

type Choice = fn(&Level) -> &Reported;

const CLOCKS: [(&str, Choice); 2] = [
    ("kernel", |level| &level.comparison.kernel),
    ("user", |level| &level.comparison.user),
];

/// The largest error at p99 (or at the top, where there are fewer than 100) of several levels.
fn worst<'a>(of: impl Iterator<Item = &'a Reported>) -> Option<i64> {
    of.filter_map(|reported| reported.error.summary())
        .map(|error| error.p99.unwrap_or(error.max))
        .max_by_key(|nanos| nanos.abs())
}

fn notes(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    if let Err(why) = &findings.kernel_stamps {
        writeln!(
            out,
            "no kernel clock: receive timestamps are not available here ({why})"
        )?;
    }
    let count = |of: fn(&Level) -> usize| findings.levels.iter().map(of).sum::<usize>();
    let unstamped = count(|level| level.comparison.unstamped());
    if findings.kernel_stamps.is_ok() && unstamped > 0 {
        let all = count(|level| level.comparison.user.elapsed.len());
        writeln!(
            out,
            "{unstamped} of {all} responses had no kernel timestamp"
        )?;
    }
    if let Some(precise) = &findings.precise {
        if let Some(got) = precise.got() {
            writeln!(out, "precise: {got}")?;
        }
        for missing in precise.missing() {
            writeln!(out, "left out of --precise: {missing}")?;
        }
    }
    if let Some(why) = &findings.left_out {
        writeln!(out, "left out: {why}")?;
    }
    if findings.drift.is_notable() {
        let drift = findings.drift;
        writeln!(
            out,
            "the wall clock was set by {drift} during the calibration: calibrate again"
        )?;
    }
    Ok(())
}

fn floor_line(name: &str, sample: &Sample, out: &mut impl Write) -> io::Result<()> {
    let Some(Distribution { min, p50, p99, .. }) = sample.summary() else {
        return Ok(());
    };
    writeln!(
        out,
        "  {name:<16} min {:>6.0} µs   p50 {} µs   p99 {} µs",
        min as f64 / 1e3,
        number(p50, 1e3, 0, 6),
        number(p99, 1e3, 0, 6)
    )
}

fn heading(what: &str, groups: [&str; 3], out: &mut impl Write) -> io::Result<()> {
    let is_judged = what.starts_with("off");
    let mut names = format!("{what:<PLACE_WIDTH$}");
    let mut columns = format!("{:<PLACE_WIDTH$}", "  shoppers x rounds");
    for (index, group) in groups.iter().enumerate() {
        let verdict = if is_judged && index > 0 {
            VERDICT_WIDTH
        } else {
            0
        };
        names.push_str(&format!("{group:^0$}", 3 * COLUMN_WIDTH + verdict));
        for name in ["p50", "p99", "max"] {
            columns.push_str(&format!("{name:>COLUMN_WIDTH$}"));
        }
        if verdict > 0 {
            columns.push_str(&format!("{:>verdict$}", "in"));
        }
    }
    writeln!(out, "\n{}\n{columns}", names.trim_end())
}

const VERDICT_WIDTH: usize = 4;
const PLACE_WIDTH: usize = 32;
const COLUMN_WIDTH: usize = 9;

fn place(level: &Level) -> String {
    let workers = match level.standard.workers {
        Some(workers) => format!(", {workers} at a time"),
        None => String::new(),
    };
    let place = format!(
        "  {} x {}, {} ms{workers}",
        level.shoppers,
        level.rounds,
        level.standard.service.as_millis()
    );
    format!("{place:<PLACE_WIDTH$}")
}

fn three(sample: &Sample, unit: f64, decimals: usize, out: &mut impl Write) -> io::Result<()> {
    let of = sample.summary();
    let figures = [
        of.and_then(|of| of.p50),
        of.and_then(|of| of.p99),
        of.map(|of| of.max),
    ];
    for figure in figures {
        write!(out, "{}", number(figure, unit, decimals, COLUMN_WIDTH))?;
    }
    Ok(())
}

fn number(nanos: Option<i64>, unit: f64, decimals: usize, width: usize) -> String {
    match nanos {
        Some(nanos) => format!("{:>width$.decimals$}", nanos as f64 / unit),
        None => format!("{:>width$}", "-"),
    }
}

fn verdict(reported: &Reported) -> &'static str {
    match reported.is_within() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "-",
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
