//! Tests of where a difference arose.

use super::*;

const BASE: &[(Stage, f64)] = &[
    (Stage::Connect, 0.0001),
    (Stage::Queueing, 0.002),
    (Stage::Service, 0.005),
    (Stage::After, 0.0005),
];

#[test]
fn the_sentence_names_the_stage_of_most_of_it() {
    let other = [
        (Stage::Connect, 0.0001),
        (Stage::Queueing, 0.00201),
        (Stage::Service, 0.006),
        (Stage::After, 0.0005),
    ];
    let changes = changes(&[[BASE, &other]]);
    assert_eq!(
        sentence("purchase", &changes).as_deref(),
        Some(
            "of +1.010 ms of the mean purchase, +1.000 ms arose in the server's code (service time)"
        )
    );
}

#[test]
fn changes_in_opposite_directions_are_both_named() {
    let other = [
        (Stage::Connect, 0.0001),
        (Stage::Queueing, 0.001),
        (Stage::Service, 0.0058),
        (Stage::After, 0.0005),
    ];
    let sentence = sentence("purchase", &changes(&[[BASE, &other]])).expect("a change");
    assert!(sentence.starts_with("of -0.200 ms"), "{sentence}");
    assert!(sentence.contains("-1.000 ms arose before the server's code"));
    assert!(sentence.contains("+0.800 ms arose in the server's code"));
}

#[test]
fn a_side_with_tls_spends_its_time_there() {
    let other: Vec<(Stage, f64)> = (BASE.iter().copied())
        .chain([(Stage::Tls, 0.003)])
        .collect();
    let changes = changes(&[[BASE, &other]]);
    let tls = changes.iter().find(|of| of.stage == Stage::Tls);
    assert_eq!(tls.map(|of| of.change_seconds), Some(0.003));
}

#[test]
fn a_stage_that_one_side_lacks_is_left_out() {
    let without = [(Stage::Connect, 0.0001), (Stage::Wait, 0.007)];
    let changes = changes(&[[BASE, &without]]);
    let stages: Vec<Stage> = changes.iter().map(|of| of.stage).collect();
    assert_eq!(stages, [Stage::Connect]);
    assert_eq!(sentence("purchase", &changes), None);
    assert_eq!(sentence("purchase", &[]), None);
}
