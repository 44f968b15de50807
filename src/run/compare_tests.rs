//! Tests of the ending that the comparison of variants decides.

use super::*;
use crate::cli::{Command, parse};
use crate::comparison::samples::compared_with;
use crate::summary::sweeps::{level, sweep};

/// The settings of a run with two variants and these flags.
fn settings(flags: &str) -> RunSettings {
    let line = format!("-d rdbms --variant a=http://h:1 --variant b=http://h:2 {flags}");
    let argv = line.split_whitespace().map(Into::into).collect();
    match parse(argv).expect("valid").command {
        Command::Run(settings) => *settings,
        other => panic!("{other:?}"),
    }
}

/// The ending of a run in which b takes `seconds` where a takes 5 ms; `None`: it was not compared.
fn ending(flags: &str, seconds: Option<f64>, otherwise: Ending) -> Ending {
    let mut summary = sweep(vec![level(1, &[10.0])]);
    summary.comparison = seconds.map(|seconds| compared_with(seconds, 10));
    judge(&settings(flags), &summary, otherwise)
}

#[test]
fn three_precedes_four_and_nothing_becomes_better() {
    let all = [Ending::Done, Ending::ThresholdsMet, Ending::ClientLimited];
    for otherwise in all {
        let of = |flags: &str, seconds: f64| ending(flags, Some(seconds), otherwise);
        assert_eq!(of("--fail-if-slower", 0.006), Ending::ThresholdsMet);
        for (flags, seconds) in [
            ("", 0.006),
            ("--fail-if-slower", 0.005),
            ("--fail-if-slower", 0.004),
            ("--fail-if-slower --fail-if-different", 0.005),
        ] {
            assert_eq!(of(flags, seconds), otherwise, "{flags} {seconds}");
        }
    }
}

/// The rows could not be read back, or there were none.
#[test]
fn variants_that_were_not_compared_cannot_be_told_apart() {
    for (flags, expected) in [
        ("", Ending::Done),
        ("--fail-if-slower", Ending::ThresholdsMet),
        ("--fail-if-different", Ending::ThresholdsMet),
        ("--fail-if-slower --allow-unknown", Ending::Done),
    ] {
        assert_eq!(ending(flags, None, Ending::Done), expected, "{flags}");
    }
}

#[test]
fn only_runs_that_are_judged_require_rows_that_can_be_read_back() {
    for (flags, has_lines, is_possible) in [
        ("--fail-if-slower", true, true),
        ("--fail-if-slower", false, false),
        ("--fail-if-different --allow-unknown", false, false),
        ("--metric home.p50", false, true),
        ("", false, true),
    ] {
        let checked = check_possible(&settings(flags), has_lines);
        assert_eq!(checked.is_ok(), is_possible, "{flags}");
    }
}
