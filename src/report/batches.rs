//! How many runs are summarized in one pass over the rows.

use std::ops::Range;

use crate::stats::EXACT;

use super::visit::FoundRun;

/// The most rows of all runs in a pass, each run's as far as its samples keep single values: some 250 bytes each.
const MOST_ROWS: u64 = 150_000;

/// The most runs in a pass.
const MOST_RUNS: usize = 200;

/// Divides runs into batches whose figures take bounded memory together: few long runs, or many short ones.
pub(super) fn batches(runs: &[FoundRun], range: Range<usize>) -> Vec<Range<usize>> {
    let mut batches: Vec<Range<usize>> = Vec::new();
    let mut rows = 0;
    for place in range {
        let own = runs[place].rows().min(EXACT as u64);
        match batches.last_mut() {
            Some(last) if rows + own <= MOST_ROWS && last.len() < MOST_RUNS => {
                last.end += 1;
                rows += own;
            }
            _ => {
                batches.push(place..place + 1);
                rows = own;
            }
        }
    }
    batches
}

#[cfg(test)]
#[path = "batches_tests.rs"]
mod tests;
