//! Tests of the refusal of unlike runs.

use std::path::PathBuf;

use super::*;
use crate::compare::sides::sides;
use crate::compare::sides::tests::run;
use crate::comparison::By;
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

/// Two runs with different plans, of visits with these hashes.
fn with_visits(hashes: [&str; 2], rounds: u64) -> Result<Vec<String>, String> {
    let mut runs = two();
    for (run, hash) in runs.iter_mut().zip(hashes) {
        run.plan.as_mut().expect("a plan").visit_hash = hash.to_owned();
    }
    runs[1].plan.as_mut().expect("a plan").hash = "other".to_owned();
    runs[1].facts.load.rounds = rounds;
    checked(&runs)
}

#[test]
fn other_visits_are_refused_though_rounds_differ_too() {
    let warned = with_visits(["a", "a"], 20).expect("alike");
    assert!(
        warned[0].ends_with("their rounds or pauses are not the same"),
        "{warned:?}"
    );
    let error = with_visits(["a", "b"], 20).expect_err("other visits");
    assert!(
        error.contains("values of header fields, product ids"),
        "{error}"
    );
    // Earlier versions did not record it.
    for hashes in [["", "b"], ["a", ""], ["", ""]] {
        assert_eq!(
            with_visits(hashes, 20).expect("alike").len(),
            1,
            "{hashes:?}"
        );
    }
}

/// The name of a certificate belongs to the target, which may differ.
#[test]
fn equal_visits_at_other_names_are_alike() {
    let mut runs = two();
    for (run, name) in runs.iter_mut().zip(["a.example", "b.example"]) {
        let plan = run.plan.as_mut().expect("a plan");
        plan.hash = name.to_owned();
        plan.visit_hash = "same".to_owned();
        plan.choices.tls = Some(crate::rows::runs::TlsChoices {
            name: name.to_owned(),
            ..Default::default()
        });
    }
    runs[1].facts.load.rounds = 20;
    assert_eq!(checked(&runs).expect("alike").len(), 1);
}

#[test]
fn what_differs_in_many_runs_is_told_once() {
    let mut runs = [1, 2, 3, 4].map(|number| run(number, "x", &[(None, 4, 1)]));
    for run in &mut runs[1..] {
        run.plan.as_mut().expect("a plan").hash = "other".to_owned();
        run.facts.load.rounds = 20;
    }
    let warnings = checked(&runs).expect("alike");
    assert_eq!(
        warnings,
        [
            "run 1 (x) of x.csv and run 2 (x) of x.csv and 2 other runs: their rounds or pauses are not the same"
        ]
    );
}

#[test]
fn parts_that_a_signal_ended_are_left_out_and_that_is_said() {
    let mut runs = [
        run(1, "a", &[(None, 4, 1), (None, 4, 2)]),
        run(2, "b", &[(None, 4, 1), (None, 4, 2)]),
    ];
    runs[0].parts[1].facts.is_cut = true;
    let warnings = checked(&runs).expect("alike");
    let told = "1 part that a signal ended early is left out: only whole rounds are compared";
    assert_eq!(warnings, [told]);
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
