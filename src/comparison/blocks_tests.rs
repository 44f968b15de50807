//! Tests of blocks.

use super::*;

fn part(side: usize, run: usize, round: u64, began: i64) -> Replicate {
    let mut part = Replicate {
        side,
        run,
        round,
        ..Replicate::default()
    };
    part.part.began = Some(began);
    part
}

#[test]
fn blocks_are_rounds_in_which_all_sides_of_the_run_were_run() {
    // The third side is missing in the second round.
    let parts = [
        part(2, 0, 1, 1),
        part(0, 0, 1, 2),
        part(1, 0, 1, 3),
        part(1, 0, 2, 4),
        part(0, 0, 2, 5),
        part(0, 0, 3, 6),
        part(2, 0, 3, 7),
        part(1, 0, 3, 8),
    ];
    let matched = matched(&parts, 0, 1);
    assert_eq!(matched.design, Design::Interleaved);
    let rounds: Vec<u64> = matched.baseline.iter().map(|part| part.round).collect();
    assert_eq!(rounds, [1, 3]);
    assert_eq!((matched.left_out, matched.looks()), (2, 1));
    assert!(matched.other.iter().all(|part| part.side == 1));
}

#[test]
fn runs_of_one_side_each_are_separate_or_single() {
    let parts = [
        part(0, 0, 1, 1),
        part(0, 0, 2, 2),
        part(1, 1, 1, 3),
        part(1, 1, 2, 4),
    ];
    assert_eq!(matched(&parts, 0, 1).design, Design::Separate);
    assert_eq!(matched(&parts[1..3], 0, 1).design, Design::SingleRuns);
    assert_eq!(matched(&parts[..3], 0, 1).design, Design::SingleRuns);
}

#[test]
fn a_single_block_is_a_single_run_of_each() {
    let parts = [part(0, 0, 1, 1), part(1, 0, 1, 2)];
    assert_eq!(matched(&parts, 0, 1).design, Design::SingleRuns);
}

#[test]
fn blocks_of_several_runs_come_in_the_order_of_time() {
    let parts = [
        part(0, 1, 1, 10),
        part(1, 1, 1, 11),
        part(1, 0, 1, 20),
        part(0, 0, 1, 21),
    ];
    let matched = matched(&parts, 0, 1);
    let runs: Vec<usize> = matched.baseline.iter().map(|part| part.run).collect();
    assert_eq!(runs, [1, 0]);
    assert_eq!(matched.looks(), 2);
}
