//! The table of latencies.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::stats::Distribution;
use crate::summary::Summary;

use super::layout::{ms, table};

/// Figures of one kind of request, with their name.
type Named<'a> = (&'static str, Option<&'a Distribution>);

pub(super) fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let rows = rows(summary);
    if rows.iter().all(|(_, of)| of.is_none()) {
        return Ok(());
    }
    writeln!(out)?;
    let title = [
        "Latency, ms",
        "p50",
        "p90",
        "p95",
        "p99",
        "p99.9",
        "max",
        "mean",
    ];
    let mut cells = vec![title.map(str::to_owned).to_vec()];
    let decimals = decimals(&rows);
    cells.extend(
        rows.iter()
            .filter_map(|(name, of)| row(name, (*of)?, decimals).into()),
    );
    table(&cells, out)
}

fn rows(summary: &Summary) -> Vec<Named<'_>> {
    let failed = |all: &Option<Distribution>, ok: &Option<Distribution>| {
        all.as_ref().map(|of| of.n) != ok.as_ref().map(|of| of.n)
    };
    let home = (
        &summary.home_elapsed_seconds,
        &summary.home_ok_elapsed_seconds,
    );
    let buy = (
        &summary.buy_elapsed_seconds,
        &summary.buy_ok_elapsed_seconds,
    );
    let home = match has_response(&summary.home_http_codes) {
        true => home,
        false => (&None, &None),
    };
    let buy = match has_response(&summary.buy_http_codes) {
        true => buy,
        false => (&None, &None),
    };
    let mut rows: Vec<Named<'_>> = vec![("home", home.0.as_ref())];
    if failed(home.0, home.1) {
        rows.push(("  successful", home.1.as_ref()));
    }
    rows.push(("form page", summary.form_page_elapsed_seconds.as_ref()));
    rows.push(("purchase", buy.0.as_ref()));
    if failed(buy.0, buy.1) {
        rows.push(("  successful", buy.1.as_ref()));
    }
    rows.push(("  service time", summary.server_elapsed_seconds.as_ref()));
    rows.push(("  CPU time", summary.server_cpu_seconds.as_ref()));
    rows.push(("  second server", summary.rest_elapsed_seconds.as_ref()));
    if home.0.is_some() {
        rows.push(("due to home", summary.home_from_due_seconds.as_ref()));
    }
    if buy.0.is_some() {
        rows.push(("due to bought", summary.visit_from_due_seconds.as_ref()));
    }
    rows
}

/// Whether any request got a response: the time of a refused connect does not count as latency.
pub(super) fn has_response(counts: &BTreeMap<i32, u64>) -> bool {
    counts.keys().any(|status| *status > 0)
}

fn row(name: &str, of: &Distribution, decimals: usize) -> Vec<String> {
    let figures = [
        of.p50,
        of.p90,
        of.p95,
        of.p99,
        of.p99_9,
        Some(of.max),
        Some(of.mean),
    ];
    let cells = figures.iter().map(|nanos| ms(*nanos, decimals));
    std::iter::once(name.to_owned()).chain(cells).collect()
}

/// Columns per figure, so that the names and seven figures fit into a line.
const MOST_COLUMNS: usize = 7;

/// As many decimals, at most three, as the widest figure leaves room for: all rows of the table have
/// the same.
fn decimals(rows: &[Named<'_>]) -> usize {
    let widest = rows
        .iter()
        .filter_map(|(_, of)| Some(of.as_ref()?.max))
        .max();
    decimals_for(widest)
}

/// The decimals for columns whose largest figure is this one, nanoseconds.
pub(super) fn decimals_for(widest: Option<i64>) -> usize {
    let whole = ms(widest, 0).len();
    MOST_COLUMNS.saturating_sub(whole + 1).min(3)
}
