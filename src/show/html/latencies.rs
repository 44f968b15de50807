//! The tables of latencies beside the result.

use crate::stats::Distribution;
use crate::summary::{LevelSummary, Summary};

use super::figure::Table;
use super::words::{count, short, thinned};

/// The most levels in the table.
const MOST_LEVELS: usize = 400;

/// The unit of a table of latencies: milliseconds, of long ones seconds; to the precision of the columns.
struct Unit {
    name: &'static str,
    nanos: f64,
    decimals: usize,
}

impl Unit {
    fn of(distributions: &[Distribution]) -> Unit {
        const LONG: i64 = 10_000_000_000;
        let largest = distributions.iter().map(|of| of.max).max();
        let is_whole = |of: &Distribution| {
            let percentiles = [of.p50, of.p90, of.p95, of.p99, of.p99_9];
            let all = percentiles.into_iter().flatten().chain([of.min, of.max]);
            all.into_iter().all(|nanos| nanos % 1_000_000 == 0)
        };
        match (largest >= Some(LONG), distributions.iter().all(is_whole)) {
            (true, true) => Unit {
                name: "s",
                nanos: 1e9,
                decimals: 3,
            },
            (true, false) => Unit {
                name: "s",
                nanos: 1e9,
                decimals: 6,
            },
            (false, _) => Unit {
                name: "ms",
                nanos: 1e6,
                decimals: 3,
            },
        }
    }

    fn text(&self, nanos: i64) -> String {
        format!("{:.*}", self.decimals, nanos as f64 / self.nanos)
    }
}

/// The distributions side by side; absent where there is none.
pub(super) fn latencies(summary: &Summary) -> Option<Table> {
    let named: Vec<(&str, Distribution)> = [
        ("home", summary.home_elapsed_seconds),
        ("purchase", summary.buy_elapsed_seconds),
        ("service time", summary.server_elapsed_seconds),
        ("second server", summary.rest_elapsed_seconds),
        ("home from due", summary.home_from_due_seconds),
        ("visit from due", summary.visit_from_due_seconds),
    ]
    .into_iter()
    .filter_map(|(name, of)| Some((name, of?)))
    .collect();
    if named.is_empty() {
        return None;
    }
    let all: Vec<Distribution> = named.iter().map(|(_, of)| *of).collect();
    let unit = Unit::of(&all);
    let mut head = vec![unit.name];
    head.extend(named.iter().map(|(name, _)| *name));
    let mut table = Table::new(&format!("Latency, {}", unit.name), &head);
    type Of = fn(&Distribution) -> Option<i64>;
    let rows: [(&str, Of); 8] = [
        ("p50", |of| of.p50),
        ("p90", |of| of.p90),
        ("p95", |of| of.p95),
        ("p99", |of| of.p99),
        ("p99.9", |of| of.p99_9),
        ("max", |of| Some(of.max)),
        ("min", |of| Some(of.min)),
        ("mean", |of| Some(of.mean)),
    ];
    let cell = |value: Option<i64>| value.map_or("-".to_owned(), |nanos| unit.text(nanos));
    for (name, of) in rows {
        if all.iter().all(|distribution| of(distribution).is_none()) {
            continue;
        }
        let cells = all.iter().map(|distribution| cell(of(distribution)));
        table
            .rows
            .push(std::iter::once(name.to_owned()).chain(cells).collect());
    }
    let counts = all.iter().map(|of| count(of.n as u64));
    table
        .rows
        .push(std::iter::once("values".to_owned()).chain(counts).collect());
    Some(table)
}

/// The levels of a sweep, one below the other; absent for other loads.
pub(super) fn levels(summary: &Summary) -> Option<Table> {
    let levels = summary.levels.as_ref()?;
    let steps = |of: &LevelSummary| [of.home_elapsed_seconds, of.buy_elapsed_seconds];
    let all: Vec<Distribution> = levels.iter().flat_map(steps).flatten().collect();
    let unit = Unit::of(&all);
    let mut table = Table::new(
        &format!("Levels: latencies in {}", unit.name),
        &[
            "virtual users",
            "purchases",
            "failed",
            "purchases/s",
            "home p50",
            "home p99",
            "purchase p50",
            "purchase p99",
            "largest",
            "trusted",
        ],
    );
    if levels.len() > MOST_LEVELS {
        let (shown, all) = (count(MOST_LEVELS as u64), count(levels.len() as u64));
        table.caption += &format!(" ({shown} of {all} levels, evenly chosen)");
    }
    for level in thinned(levels, MOST_LEVELS) {
        let cell = |value: Option<i64>| value.map_or("-".to_owned(), |nanos| unit.text(nanos));
        let of = |step: usize, of: fn(&Distribution) -> Option<i64>| {
            cell(steps(level)[step].as_ref().and_then(of))
        };
        table.rows.push(vec![
            count(level.concurrent),
            count(level.bought),
            count(level.failed_purchases),
            level.purchases_per_second.map_or("-".to_owned(), short),
            of(0, |of| of.p50),
            of(0, |of| of.p99),
            of(1, |of| of.p50),
            of(1, |of| of.p99),
            of(1, |of| Some(of.max)),
            trusted(level.trusted).to_owned(),
        ]);
    }
    Some(table)
}

/// Whether something is trusted, in a table.
pub(super) fn trusted(is: Option<bool>) -> &'static str {
    match is {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "not known",
    }
}
