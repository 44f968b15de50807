//! Tests of the settings of `compare`.

use crate::cli::{Command, parse};
use crate::comparison::{By, Level, Metric};
use crate::settings::{CompareSettings, FailSettings};

fn settings(line: &str) -> Result<CompareSettings, String> {
    let argv = line.split_whitespace().map(Into::into).collect();
    match parse(argv).map_err(|error| error.to_string())?.command {
        Command::Compare(settings) => Ok(*settings),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn the_defaults_are_those_of_the_help() {
    let settings = settings("compare a.csv b.csv").expect("valid");
    assert_eq!(settings.read.paths.len(), 2);
    assert_eq!((settings.by, settings.comparing.baseline), (None, None));
    let question = settings.comparing.question;
    assert_eq!(question.metric, Metric::Buy(Level::P50));
    assert_eq!((question.margin, question.confidence), (0.05, 0.95));
    assert!(!question.accept_separate);
    assert_eq!(settings.comparing.fail, FailSettings::default());
}

#[test]
fn every_option_is_read() {
    let line = "compare r.csv --by level --baseline 10 --metric home.p99 --margin 0.02 --confidence 99% \
                --accept-separate --floor f.json --fail-if-slower --fail-if-different --allow-unknown --json \
                --level 10,20";
    let settings = settings(line).expect("valid");
    assert_eq!(settings.by, Some(By::Level));
    assert_eq!(settings.comparing.baseline.as_deref(), Some("10"));
    assert_eq!(settings.comparing.question.metric, Metric::Home(Level::P99));
    assert_eq!(
        (
            settings.comparing.question.margin,
            settings.comparing.question.confidence
        ),
        (0.02, 0.99)
    );
    assert!(settings.comparing.question.accept_separate && settings.json);
    assert!(
        settings.comparing.fail.if_slower
            && settings.comparing.fail.if_different
            && settings.comparing.fail.allow_unknown
    );
    assert_eq!(settings.read.selection.levels, [10, 20]);
    assert_eq!(settings.comparing.floor, Some("f.json".into()));
}

#[test]
fn what_is_wrong_is_named() {
    for (line, expected) in [
        ("compare", "compare report.csv"),
        ("compare r.csv --metric buy.p42", "give one of buy.p50"),
        ("compare r.csv --margin 100%", "from 0% up to"),
        ("compare r.csv --margin -1%", "--margin"),
        ("compare r.csv --confidence 95", "from 50% to 99.9%"),
        ("compare r.csv --confidence 1e-1", "from 50% to 99.9%"),
        (
            "compare r.csv --by shop",
            "give auto, file, title, variant, level or run",
        ),
        ("compare r.csv --allow-unknown", "--fail-if-slower"),
    ] {
        let error = settings(line).expect_err(line);
        assert!(error.contains(expected), "{line}: {error}");
    }
}
