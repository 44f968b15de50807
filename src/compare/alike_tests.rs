//! Tests of the refusal of unlike runs.

use std::path::PathBuf;

use super::*;
use crate::compare::sides::sides;
use crate::compare::sides::tests::run;
use crate::plan::Kind;

fn checked(runs: &[FoundRun]) -> Result<Vec<String>, String> {
    let files: Vec<PathBuf> = vec!["x.csv".into()];
    let sides = sides(runs, &files, Some(By::Run), None).expect("sides");
    check(runs, &sides).map_err(|error| error.to_string())
}

fn two() -> [FoundRun; 2] {
    [run(1, "a", &[(None, 4, 1)]), run(2, "b", &[(None, 4, 1)])]
}

/// Two runs with different hashes, the second of which is changed.
fn unlike(change: impl FnOnce(&mut FoundRun)) -> Result<Vec<String>, String> {
    let mut runs = two();
    runs[1].plan.as_mut().expect("a plan").hash = "other".to_owned();
    change(&mut runs[1]);
    checked(&runs)
}

#[test]
fn runs_of_one_plan_are_alike() {
    assert_eq!(checked(&two()), Ok(Vec::new()));
}

#[test]
fn what_differs_is_named() {
    for (what, found) in [
        (
            "a burst and an open workload",
            unlike(|run| run.facts.load.kind = Kind::Open),
        ),
        (
            "page",
            unlike(|run| run.plan.as_mut().expect("a plan").choices.page = "/x".into()),
        ),
        (
            "duration none and 2 s",
            unlike(|run| run.facts.load.duration_seconds = Some(2.0)),
        ),
        (
            "0 and 5 arrivals per second",
            unlike(|run| run.facts.load.rate_per_second = Some(5.0)),
        ),
        (
            "think time",
            unlike(|run| run.facts.load.think_time_seconds = Some(5.0)),
        ),
        (
            "--keep-alive",
            unlike(|run| run.facts.keep_alive = Some(true)),
        ),
        (
            "app",
            unlike(|run| run.facts.app = Some("cassandra".into())),
        ),
        ("product ids", unlike(|_| ())),
        (
            "-c 4 and -c 8",
            unlike(|run| {
                run.plan.as_mut().expect("a plan").hash = String::new();
                run.parts[0].facts.level = Some(8);
            }),
        ),
    ] {
        let error = found.expect_err(what);
        assert!(
            error.contains("not run with the same load") && error.contains(what),
            "{error}"
        );
    }
}

#[test]
fn more_rounds_are_a_warning() {
    let warnings = unlike(|run| run.facts.load.rounds = 20).expect("alike");
    assert_eq!(
        warnings,
        ["run 1 (a) of a.csv and run 2 (b) of b.csv: their rounds or pauses are not the same"]
    );
}

#[test]
fn loads_that_are_not_recorded_are_a_warning() {
    let mut runs = two();
    (runs[0].plan, runs[0].is_guessed) = (None, true);
    assert!(checked(&runs).expect("alike")[0].contains("not recorded"));
}

#[test]
fn runs_at_the_same_time_are_refused() {
    let mut runs = two();
    runs[1].parts[0].facts.first_start = runs[0].parts[0]
        .facts
        .first_start
        .map(|at| at + 400_000_000);
    let error = checked(&runs).expect_err("overlapping");
    assert!(
        error.contains("run 1 (a) of a.csv and run 2 (b) of b.csv"),
        "{error}"
    );
    runs[1].parts[0].facts.first_start = runs[0].parts[0]
        .facts
        .first_start
        .map(|at| at + 500_000_000);
    assert_eq!(checked(&runs), Ok(Vec::new()));
}
