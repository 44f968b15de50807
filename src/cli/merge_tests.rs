//! Tests of merge.

use std::path::PathBuf;

use crate::cli::{Command, parse};
use crate::settings::MergeSettings;

fn settings(line: &str) -> Result<MergeSettings, String> {
    let argv = line.split_whitespace().map(Into::into).collect();
    match parse(argv).map(|of| of.command) {
        Ok(Command::Merge(settings)) => Ok(*settings),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn files_and_options_in_any_order() {
    let of =
        settings("merge rows-1.csv -o all.csv rows-2.csv --fail-if rate<1 --strict -q").unwrap();
    assert_eq!(of.files, ["rows-1.csv", "rows-2.csv"].map(PathBuf::from));
    assert_eq!(of.output, PathBuf::from("all.csv"));
    assert_eq!(of.judge.thresholds.len(), 1);
    assert!(of.judge.strict && !of.judge.strict_pace);
    let of = settings("merge a").unwrap();
    assert_eq!(of.output, PathBuf::from("report.csv"));
}

#[test]
fn what_is_refused() {
    for (line, parts) in [
        (
            "merge",
            ["the list of files is missing", "rows-*.csv -o report.csv"],
        ),
        ("merge a --rate 3/s", ["--rate", "merge"]),
        ("merge a -o", ["--output", "FILE"]),
        ("merge a --fail-if nonsense", ["--fail-if", "nonsense"]),
    ] {
        let error = settings(line).unwrap_err();
        for part in parts {
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
