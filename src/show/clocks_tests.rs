//! Tests of clocks.

use super::*;
use crate::summary::tests::facts;
use crate::sys::clock::Discipline;
use std::time::Duration;

const MS: i64 = 1_000_000;
const HOUR: i64 = 3_600_000 * MS;

fn offsets(rows: &[(i64, i64)]) -> Offsets {
    let mut offsets = Offsets::default();
    for &(at_least, at_most) in rows {
        offsets.add(Bounds {
            at_least: Some(at_least),
            at_most: Some(at_most),
        });
    }
    offsets
}

fn written(main: Offsets, synchronised: Option<bool>, is_remote: bool) -> String {
    let mut summary = Summary::default();
    summary.journeys.main = main;
    let mut facts = facts();
    facts.instrument.is_remote = is_remote;
    facts.instrument.discipline = synchronised.map(|synchronised| Discipline {
        synchronised,
        estimated_error: Duration::from_micros(50),
    });
    let mut out = Vec::new();
    write(&summary, &facts, &mut out).expect("written");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_clock_that_agrees_is_one_short_line() {
    let fine = offsets(&[(-200_000, 100_000)]);
    let expected = "\nServer clock            within -0.200 ms … +0.100 ms of this one\n";
    for (synchronised, is_remote) in [(Some(true), true), (Some(false), false), (None, true)] {
        assert_eq!(written(fine.clone(), synchronised, is_remote), expected);
    }
    assert_eq!(written(Offsets::default(), Some(false), true), "");
    let text = written(fine, Some(false), true);
    assert!(text.contains("This clock              not kept"), "{text}");
}

#[test]
fn what_is_wrong_comes_with_the_mend() {
    for (rows, parts) in [
        (
            &[(5 * MS, 6 * MS)][..],
            &["+5.000 ms … +6.000 ms", "chronyc tracking"][..],
        ),
        (
            &[(-5 * HOUR, -5 * HOUR + MS)],
            &["-18000.000 s", "another zone (-5:00 h)", "TZ"],
        ),
        (
            &[(5 * MS, 6 * MS), (-6 * MS, -5 * MS)],
            &["contradicts itself", "chronyc tracking"],
        ),
        (
            &[(0, MS), (0, MS), (2 * MS + 1, 3 * MS)],
            &["moved by +1.000 ms at least"],
        ),
    ] {
        let text = written(offsets(rows), Some(true), false);
        for part in parts.iter().chain(&["WARNING"]) {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    let text = written(offsets(&[(5 * MS, 6 * MS)]), Some(true), false);
    assert!(text.contains("0.050 ms off by its estimate"), "{text}");
}

#[test]
fn one_bound_and_a_hair_of_contradiction() {
    let mut one = Offsets::default();
    one.add(Bounds {
        at_least: None,
        at_most: Some(MS),
    });
    assert!(describe(&one).starts_with("at most +1.000 ms ahead of this one"));
    let hair = describe(&offsets(&[(1_000, 0)]));
    assert_eq!(hair, "within +0.000 ms … +0.001 ms of this one");
    assert_eq!(hours(-21), "-5:15 h");
}
