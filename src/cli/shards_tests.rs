//! Tests of how the options of a run are divided.

use super::*;
use crate::cli::parse;

fn parsed(line: &str) -> Result<ShardsSettings, String> {
    let argv = line.split_whitespace().map(OsString::from).collect();
    match parse(argv).map_err(|error| error.to_string())?.command {
        Command::Shards(settings) => Ok(*settings),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn what_judges_and_shows_goes_to_the_merge_and_the_rest_to_every_process() {
    let line = "shards 3 -- -t http://h -d rdbms -c 9 --fail-if errors>1% --strict --json -o a.csv \
                --seed 7 --start-at 4102444800 --progress never";
    let line = line.replace("--start-at 4102444800 ", "");
    let settings = parsed(&line).expect("valid");
    assert_eq!(settings.count.get(), 3);
    let expected = ["--target=http://h", "--app-dirname=rdbms", "--concurrent=9"];
    assert_eq!(settings.shard_flags, expected);
    assert_eq!((settings.seed, settings.start_at), (Some(7), None));
    assert!(settings.merge.judge.strict && settings.merge.show.json);
    assert_eq!(settings.merge.judge.thresholds.len(), 1);
    assert_eq!(settings.merge.output.to_str(), Some("a.csv"));
    assert_eq!(settings.progress, ProgressMode::Never);
    assert!(!settings.has_cpu);
    assert!(settings.merge.files.is_empty());
}

#[test]
fn a_relative_start_becomes_one_instant() {
    let line = "shards 2 -- -t http://h -d rdbms --start-at +60s --cpu 0";
    let settings = parsed(line).expect("valid");
    assert!(settings.start_at.is_some() && settings.has_cpu);
    assert!(
        !settings
            .shard_flags
            .iter()
            .any(|flag| flag.contains("start-at"))
    );
}

#[test]
fn what_cannot_be_divided_is_refused_with_a_hint() {
    for (line, parts) in [
        ("shards", &["number of processes"][..]),
        ("shards 2", &["after --"][..]),
        ("shards 0 -- -t http://h -d rdbms", &["1 to 1024"][..]),
        ("shards x -- -t http://h -d rdbms", &["x", "1 to 1024"][..]),
        ("shards 1025 -- -t http://h -d rdbms", &["1 to 1024"][..]),
        ("shards 2 3 -- -t http://h -d rdbms", &["3"][..]),
        ("shards 2 -- -d rdbms", &["--target"][..]),
        (
            "shards 2 -- -t http://h -d rdbms --shard 1/2",
            &["--shard", "every process"][..],
        ),
        (
            "shards 2 -- -t http://h -d rdbms --no-runs-file",
            &["--no-runs-file", "merge"][..],
        ),
        (
            "shards 2 -- -t http://h -d rdbms -o rows-%s.csv",
            &["rows-%s.csv", "%s"][..],
        ),
        ("shards 2 -- -t http://h -d rdbms -o -", &["--output"][..]),
        ("shards 2 -- -t http://h -d rdbms -c 1,2", &["--slot"][..]),
        ("shards 2 -- -t http://h -d rdbms --help", &["after --"][..]),
    ] {
        let error = parsed(line).expect_err(line);
        for part in parts {
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
