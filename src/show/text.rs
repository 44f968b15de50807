//! The summary for people.
//!
//! Every section is a function of its own that is silent where there is nothing to tell. All
//! foreign text passes through [`Printable`].

use std::fmt::Display;
use std::io::{self, Write};

use crate::rows::columns::NO_RESPONSE;
use crate::show::clocks;
use crate::show::instrument;
use crate::show::levels;
use crate::show::thresholds;
use crate::show::where_time;
use crate::stats::{Distribution, Sample};
use crate::summary::errors::ErrorGroup;
use crate::summary::{RunFacts, Server, Step, Summary};
use crate::text::{Printable, shortened};

/// The width of the labels on the left.
const LABEL: usize = 24;

/// Error groups and statuses that are listed; the rest is counted.
const MAX_LISTED: usize = 8;

/// Characters of a foreign text that are shown.
const MAX_SHOWN: usize = 100;

/// Writes the summary.
pub fn write(summary: &Summary, facts: &RunFacts, out: &mut impl Write) -> io::Result<()> {
    let evidence = instrument::evidence(summary, facts);
    let verdict = instrument::verdict(summary, facts);
    if !verdict.is_trusted() {
        writeln!(out, "NOT TRUSTED: {verdict}")?;
    }
    head(facts, out)?;
    purchases(summary, facts, out)?;
    largest(summary, out)?;
    client(facts, out)?;
    table(summary, out)?;
    where_time::write(summary, out)?;
    statuses(summary, out)?;
    errors(summary, out)?;
    clocks::write(summary, facts, out)?;
    drift(facts, out)?;
    instrument::write(summary, facts, &evidence, &verdict, out)?;
    thresholds::write(&facts.conditions, out)?;
    levels::write(&facts.levels, out)
}

fn head(facts: &RunFacts, out: &mut impl Write) -> io::Result<()> {
    let name = match facts.report_file.as_str() {
        "-" => "standard output",
        name => name,
    };
    let rows = counted(facts.rows_written, "row", "rows");
    line(
        out,
        "Report file",
        format_args!("{} ({rows} added)", Printable(name)),
    )?;
    let (target, app) = (Printable(&facts.target), Printable(&facts.app));
    line(out, "Target", format_args!("{target}/{app}"))?;
    let ways = match (facts.preconnect, facts.keep_alive) {
        (false, false) => "",
        (true, false) => ", preconnect",
        (false, true) => ", keep-alive",
        (true, true) => ", preconnect, keep-alive",
    };
    line(
        out,
        "Started",
        format_args!("{}, seed {}{ways}", facts.started_time, facts.seed),
    )?;
    if let Some(signal) = &facts.interrupted {
        line(
            out,
            "Interrupted",
            format_args!("by {signal}: not all shoppers were done"),
        )?;
    }
    let load = &facts.load;
    if load.is_open() {
        let most = load.most_in_flight;
        line(out, "Concurrent", format_args!("{most} at most"))?;
    } else {
        let levels: Vec<String> = load.levels.iter().map(u64::to_string).collect();
        line(out, "Concurrent", levels.join(", "))?;
    }
    if let Some(description) = &load.description {
        line(out, "Load", description)?;
    }
    match load.warmed_up {
        Some((shoppers, failed)) if failed > 0 => line(
            out,
            "Warm-up",
            format_args!("{failed} of {shoppers} purchases failed in it"),
        ),
        _ => Ok(()),
    }
}

fn purchases(summary: &Summary, facts: &RunFacts, out: &mut impl Write) -> io::Result<()> {
    let (bought, launched) = (summary.bought, summary.launched);
    let took = span(facts.wall_nanos);
    match facts.wall_seconds() {
        Some(seconds) => {
            let rate = bought as f64 / seconds;
            let text = format_args!("{bought} of {launched} in {took}, {rate:.1} per second");
            line(out, "Purchases", text)?;
        }
        None => line(out, "Purchases", format_args!("{bought} of {launched}"))?,
    }
    line(out, "Failed purchases", summary.failed_purchases())?;
    if summary.turned_away > 0 {
        let text = format_args!("{} (too many in flight)", summary.turned_away);
        line(out, "Not launched", text)?;
    }
    match facts.starts_spread_nanos {
        Some(nanos) => line(out, "First to last start", span(nanos)),
        None => Ok(()),
    }
}

fn largest(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let max = |sample: &Sample| sample.max().map(span);
    let of_steps: Vec<String> = [("home", &summary.home), ("buy", &summary.buy)]
        .into_iter()
        .filter_map(|(name, step)| Some(format!("{name} {}", max(&step.elapsed)?)))
        .collect();
    if !of_steps.is_empty() {
        line(out, "Largest client elapsed", of_steps.join(", "))?;
    }
    for (name, server) in servers(summary) {
        let parts: Vec<String> = [
            max(&server.elapsed).map(|elapsed| format!("elapsed {elapsed}")),
            server.max_cpu.map(|cpu| format!("cpu {} %", plain(cpu))),
            server
                .max_memory
                .map(|memory| format!("memory {} MB", plain(memory))),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !parts.is_empty() {
            line(out, &format!("Largest {name}"), parts.join(", "))?;
        }
    }
    Ok(())
}

fn client(facts: &RunFacts, out: &mut impl Write) -> io::Result<()> {
    let user = facts.cpu_user.as_secs_f64();
    let system = facts.cpu_system.as_secs_f64();
    let memory = facts.peak_memory_bytes as f64 / 1e6;
    let text = format_args!("cpu {user:.3} s user, {system:.3} s system, memory {memory:.1} MB");
    line(out, "This client", text)
}

fn table(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let mut rows = vec![
        [
            "Elapsed, ms",
            "n",
            "min",
            "mean",
            "p50",
            "p90",
            "p99",
            "p99.9",
            "max",
        ]
        .map(String::from),
    ];
    for (name, step) in [("home", &summary.home), ("buy", &summary.buy)] {
        rows.extend(table_row(name, &step.elapsed));
        if step.has_failed_figures() {
            rows.extend(table_row(&format!("  {name} ok"), &step.elapsed_ok));
        }
    }
    if let Some(from_due) = &summary.from_due {
        rows.extend(table_row("due to home", &from_due.home));
        rows.extend(table_row("due to bought", &from_due.visit));
    }
    for (name, server) in servers(summary) {
        rows.extend(table_row(name, &server.elapsed));
    }
    if rows.len() == 1 {
        return Ok(());
    }
    writeln!(out)?;
    aligned(&rows, out)
}

fn table_row(name: &str, sample: &Sample) -> Option<[String; 9]> {
    let Distribution {
        n,
        min,
        mean,
        p50,
        p90,
        p99,
        p99_9,
        max,
    } = sample.summary()?;
    let ms = |nanos: i64| format!("{:.3}", nanos as f64 / 1e6);
    let maybe = |nanos: Option<i64>| nanos.map_or("-".to_owned(), ms);
    Some([
        name.to_owned(),
        n.to_string(),
        ms(min),
        ms(mean),
        maybe(p50),
        maybe(p90),
        maybe(p99),
        maybe(p99_9),
        ms(max),
    ])
}

/// Columns as wide as their widest cell: the first to the left, the others to the right. All rows
/// have as many cells.
pub(super) fn aligned(rows: &[impl AsRef<[String]>], out: &mut impl Write) -> io::Result<()> {
    let mut widths = Vec::new();
    for row in rows {
        let row = row.as_ref();
        widths.resize(row.len().max(widths.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in rows {
        for (column, (cell, width)) in row.as_ref().iter().zip(&widths).enumerate() {
            match column {
                0 => write!(out, "{cell:<width$}")?,
                _ => write!(out, "  {cell:>width$}")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn statuses(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    if summary.launched == 0 {
        return Ok(());
    }
    writeln!(out)?;
    line(out, "Response codes, home", status_list(&summary.home))?;
    line(out, "Response codes, buy", status_list(&summary.buy))
}

fn status_list(step: &Step) -> String {
    let mut statuses: Vec<_> = step.statuses.iter().collect();
    statuses.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let mut parts: Vec<String> = statuses
        .iter()
        .take(MAX_LISTED)
        .map(|(status, count)| match status {
            Some(status) => format!("{status} × {count}"),
            None => format!("{NO_RESPONSE} (no response) × {count}"),
        })
        .collect();
    let others: u64 = statuses.iter().skip(MAX_LISTED).map(|(_, n)| **n).sum();
    if others > 0 {
        parts.push(format!("others × {others}"));
    }
    parts.join(", ")
}

fn errors(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let errors = &summary.errors;
    let groups = errors.most_frequent();
    let Some(most) = groups.first() else {
        return Ok(());
    };
    writeln!(
        out,
        "\nCommon error messages ({} in all, % of shoppers)",
        errors.total()
    )?;
    let width = most.count.to_string().len();
    let mut given = Vec::new();
    for group in groups.iter().take(MAX_LISTED) {
        error(group, width, summary.launched, out)?;
        if let Some(hint) = group.what.hint().filter(|hint| !given.contains(hint)) {
            writeln!(out, "{:indent$}hint: {hint}", "", indent = width + 13)?;
            given.push(hint);
        }
    }
    let listed: u64 = groups
        .iter()
        .take(MAX_LISTED)
        .map(|group| group.count)
        .sum();
    match errors.total() - listed {
        0 => Ok(()),
        others => writeln!(out, "  {others:>width$} others, in the report"),
    }
}

fn error(group: &ErrorGroup, width: usize, shoppers: u64, out: &mut impl Write) -> io::Result<()> {
    let (place, count) = (group.place.name(), group.count);
    let share = 100.0 * count as f64 / shoppers as f64;
    let what = shortened(&group.what.to_string(), MAX_SHOWN);
    write!(
        out,
        "  {count:>width$}  {share:>5.1} %  {place}: {}",
        Printable(&what)
    )?;
    if let Some(example) = &group.example {
        write!(out, ", e.g. {}", Printable(&shortened(example, MAX_SHOWN)))?;
    }
    writeln!(out)
}

fn drift(facts: &RunFacts, out: &mut impl Write) -> io::Result<()> {
    if !facts.drift.is_notable() {
        return Ok(());
    }
    writeln!(
        out,
        "\nThe wall clock moved by {} against the monotonic one during the run: do not compare \
         times of day with the servers' (durations are not affected).",
        facts.drift
    )
}

fn servers(summary: &Summary) -> [(&'static str, &Server); 2] {
    [("server", &summary.server), ("rest", &summary.rest)]
}

pub(super) fn line(out: &mut impl Write, label: &str, value: impl Display) -> io::Result<()> {
    writeln!(out, "{label:<LABEL$}{value}")
}

fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// A span of time in the unit that suits it.
pub(super) fn span(nanos: i64) -> String {
    if nanos.unsigned_abs() < 1_000_000_000 {
        format!("{:.3} ms", nanos as f64 / 1e6)
    } else {
        format!("{:.3} s", nanos as f64 / 1e9)
    }
}

/// A server's figure: all its digits, unless there are absurdly many.
fn plain(figure: f64) -> String {
    if figure.abs() < 1e15 {
        shortened(&figure.to_string(), 20)
    } else {
        format!("{figure:e}")
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
