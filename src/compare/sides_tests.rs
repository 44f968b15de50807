//! Tests of the sides.

use super::*;
use crate::report::FoundPlan;
use crate::summary::VariantFacts;

/// A run of parts with a variant, a level and a round each.
pub(in crate::compare) fn run(
    number: usize,
    title: &str,
    parts: &[(Option<&str>, u64, u64)],
) -> FoundRun {
    let mut run = FoundRun {
        number,
        files: vec![PathBuf::from(format!("{title}.csv"))],
        plan: Some(FoundPlan::default()),
        ..FoundRun::default()
    };
    run.facts.title = title.to_owned();
    run.facts.id = Some(format!("id-{number}"));
    for (place, (variant, level, round)) in parts.iter().enumerate() {
        let mut part = FoundPart::default();
        part.facts.variant = variant.map(str::to_owned);
        part.facts.level = Some(*level);
        part.facts.round = *round;
        let began = number as i64 * 1_000_000_000_000 + place as i64 * 1_000_000_000;
        part.facts.first_start = Some(began);
        part.facts.wall_nanos = 500_000_000;
        if let Some(name) = variant
            && !run.facts.variants.iter().any(|of| of.name == *name)
        {
            run.facts.variants.push(VariantFacts {
                name: name.to_string(),
                target: None,
            });
        }
        run.parts.push(part);
    }
    run
}

fn names(runs: &[FoundRun], by: Option<By>, baseline: Option<&str>) -> Result<Vec<String>, String> {
    let files: Vec<PathBuf> = vec!["x.csv".into()];
    let sides = sides(runs, &files, by, baseline).map_err(|error| error.to_string())?;
    Ok(sides.names)
}

#[test]
fn what_differs_makes_the_sides() {
    let variants = [run(1, "t", &[(Some("b"), 4, 1), (Some("a"), 4, 1)])];
    assert_eq!(
        names(&variants, None, None),
        Ok(vec!["b".into(), "a".into()])
    );
    let levels = [run(1, "t", &[(None, 10, 1), (None, 1, 1)])];
    let expected = vec!["-c 1".to_owned(), "-c 10".to_owned()];
    assert_eq!(names(&levels, None, None), Ok(expected));
    let titles = [
        run(1, "old", &[(None, 4, 1)]),
        run(2, "new", &[(None, 4, 1)]),
    ];
    assert_eq!(
        names(&titles, None, None),
        Ok(vec!["old".into(), "new".into()])
    );
    let runs = [run(1, "t", &[(None, 4, 1)]), run(2, "t", &[(None, 4, 1)])];
    assert_eq!(
        names(&runs, None, None),
        Ok(vec!["run 1".into(), "run 2".into()])
    );
}

#[test]
fn several_files_are_sides_in_the_order_given() {
    let runs = [run(1, "b", &[(None, 4, 1)]), run(2, "a", &[(None, 4, 1)])];
    let files: Vec<PathBuf> = vec!["a.csv".into(), "b.csv".into()];
    let sides = sides(&runs, &files, None, None).expect("two sides");
    assert_eq!(
        (sides.by, sides.names),
        (By::File, vec!["a.csv".into(), "b.csv".into()])
    );
    assert_eq!(sides.members[0].side, 1);
}

#[test]
fn the_baseline_comes_first() {
    let variants = [run(
        1,
        "t",
        &[(Some("a"), 4, 1), (Some("b"), 4, 1), (Some("c"), 4, 1)],
    )];
    let named = names(&variants, None, Some("b"));
    assert_eq!(named, Ok(vec!["b".into(), "a".into(), "c".into()]));
    let error = names(&variants, None, Some("d")).expect_err("none");
    assert!(error.contains("there are: a; b; c"), "{error}");
    let levels = [run(1, "t", &[(None, 1, 1), (None, 10, 1)])];
    for given in ["10", "-c 10"] {
        let named = names(&levels, None, Some(given)).expect(given);
        assert_eq!(named[0], "-c 10");
    }
    let runs = [run(1, "t", &[(None, 4, 1)]), run(2, "t", &[(None, 4, 1)])];
    for given in ["2", "id-2", "run 2"] {
        assert_eq!(names(&runs, None, Some(given)).expect(given)[0], "run 2");
    }
}

#[test]
fn one_side_is_nothing_to_compare() {
    let one = [run(1, "t", &[(Some("a"), 4, 1)])];
    for by in [By::Variant, By::Level, By::Title, By::Run] {
        let error = names(&one, Some(by), None).expect_err("one side");
        assert!(error.contains("nothing to compare"), "{error}");
    }
    let none = names(&[run(1, "t", &[(None, 4, 1)])], Some(By::Variant), None);
    assert!(none.expect_err("none").contains("not two variants"));
}

#[test]
fn parts_that_a_signal_cut_are_left_out() {
    let mut runs = [run(
        1,
        "t",
        &[(Some("a"), 4, 1), (Some("b"), 4, 1), (Some("a"), 4, 2)],
    )];
    runs[0].parts[2].facts.is_cut = true;
    let sides = sides(&runs, &[], None, None).expect("two sides");
    assert_eq!(sides.members.len(), 2);
}

#[test]
fn levels_of_variants_are_groups_of_their_own() {
    let runs = [run(
        1,
        "t",
        &[(Some("a"), 4, 1), (Some("b"), 4, 1), (Some("a"), 8, 1)],
    )];
    let by_variant = sides(&runs, &[], Some(By::Variant), None).expect("sides");
    let levels: Vec<_> = by_variant
        .members
        .iter()
        .map(|of| of.context.level)
        .collect();
    assert_eq!(levels, [Some(4), Some(4), Some(8)]);
    let by_level = sides(&runs, &[], Some(By::Level), None).expect("sides");
    let contexts = by_level
        .members
        .iter()
        .map(|of| of.context.variant.as_deref());
    assert_eq!(
        contexts.collect::<Vec<_>>(),
        [Some("a"), Some("b"), Some("a")]
    );
    // Those that are alone in their group have intervals within them.
    assert_eq!(by_level.alone().len(), 3);
}

#[test]
fn a_missing_level_is_forgiven_to_guessed_runs_only() {
    let mut runs = [run(1, "a", &[(None, 4, 1)]), run(2, "b", &[(None, 4, 1)])];
    runs[0].parts[0].facts.level = None;
    let sides_of = |runs: &[FoundRun]| sides(runs, &[], Some(By::Title), None).expect("two");
    assert!(!sides_of(&runs).ignores_levels);
    runs[0].is_guessed = true;
    let found = sides_of(&runs);
    assert!(found.ignores_levels);
    assert!(found.members.iter().all(|of| of.context.level.is_none()));
}

#[test]
fn very_many_sides_are_refused() {
    let runs: Vec<FoundRun> = (1..=60)
        .map(|number| run(number, "t", &[(None, 4, 1)]))
        .collect();
    let error = names(&runs, Some(By::Run), None).expect_err("sixty");
    assert!(
        error.contains("60 sides") && error.contains("at most 50"),
        "{error}"
    );
}
