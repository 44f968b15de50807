//! The metrics that servers name: which of them a table has.

use std::collections::BTreeSet;

use super::metric::{Level, Metric};
use super::part::PartMetrics;

/// The most names in a reason.
const MOST_NAMED: usize = 8;

/// Medians and 99th percentiles of all that the parts have, and the primary metric.
pub(super) fn metrics<'a>(
    primary: Metric,
    parts: impl Iterator<Item = &'a PartMetrics>,
) -> Vec<Metric> {
    let found = parts.flat_map(|part| part.values.of_server());
    let mut shown: BTreeSet<Metric> = found
        .filter(|metric| matches!(metric, Metric::Timing(_, Level::P50 | Level::P99)))
        .collect();
    if primary.place().is_none() {
        shown.insert(primary);
    }
    shown.into_iter().collect()
}

/// Why a metric that no part has tells nothing, with those that there are; absent for others.
pub(super) fn unknown<'a>(
    metric: Metric,
    parts: impl Iterator<Item = &'a PartMetrics>,
) -> Option<String> {
    let asked = metric.timing_key()?;
    let keys: BTreeSet<_> = parts
        .flat_map(|part| part.values.of_server())
        .filter_map(Metric::timing_key)
        .collect();
    if keys.contains(&asked) {
        return None;
    }
    Some(match keys.len() {
        0 => "no part has times of the server: give --report server-timing or --phases".to_owned(),
        _ => {
            let mut names: Vec<String> = keys
                .iter()
                .take(MOST_NAMED)
                .map(|key| key.to_string())
                .collect();
            if keys.len() > MOST_NAMED {
                names.push("…".to_owned());
            }
            format!("no part has it; there are {}", names.join(", "))
        }
    })
}
