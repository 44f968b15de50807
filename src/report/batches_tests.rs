//! Tests of the batches of runs.

use super::*;
use crate::report::FoundPart;

fn run(rows: u64) -> FoundRun {
    FoundRun {
        parts: vec![FoundPart {
            rows,
            ..FoundPart::default()
        }],
        ..FoundRun::default()
    }
}

#[test]
fn each_run_is_in_one_batch_and_none_is_too_large() {
    for (number, rows, expected) in [
        (0, 1, vec![]),
        (3, 5_000_000, std::iter::once(0..3).collect()),
        (20, 5_000_000, vec![0..9, 9..18, 18..20]),
        (160, 2_000, vec![0..75, 75..150, 150..160]),
        (450, 10, vec![0..200, 200..400, 400..450]),
    ] {
        let runs: Vec<FoundRun> = (0..number).map(|_| run(rows)).collect();
        assert_eq!(batches(&runs, 0..number), expected, "{number} of {rows}");
    }
    let runs: Vec<FoundRun> = (0..6).map(|_| run(1)).collect();
    assert_eq!(batches(&runs, 2..5), std::slice::from_ref(&(2..5)));
}
