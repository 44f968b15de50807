//! Rows of real runs, read back: the summary is that of the live run.

use profilerclient::report;
use serde_json::Value;
use tempfile::tempdir;

use crate::load_support::*;
use crate::support::*;

/// A live run's JSON, and what its report reads back as.
fn live_and_read_back(load: &str) -> (Value, Value) {
    let till = Till::start();
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("rows.csv");
    let mut args = vec!["-t".to_owned(), till.url(), "-d".into(), "rdbms".into()];
    args.extend(load.split(' ').map(str::to_owned));
    args.extend(["--json".into(), "-o".into(), path.display().to_string()]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let finished = client(&args);
    assert_eq!(finished.status.code(), Some(0), "{finished:?}");
    let live = serde_json::from_str(&finished.stdout).expect("a JSON summary");
    let found = report::read(&path, &[]).expect("rows");
    assert_eq!(found.warnings, Vec::<String>::new(), "{load}");
    let [run] = &found.runs[..] else {
        panic!("{load}: {} runs", found.runs.len());
    };
    assert!(!run.is_guessed && !run.is_incomplete, "{load}");
    let read = serde_json::to_value(&run.summary).expect("JSON");
    (live, read)
}

#[test]
fn every_kind_of_load_reads_back_as_one_run_with_its_figures() {
    for load in [
        "-c 20",
        "-c 3 --repeat 4 --keep-alive",
        "-c 1,3 --rounds 2 --repeat 3",
        "--rate 200/s --duration 1s",
        "--rate 2000/s --duration 500ms --max-in-flight 1",
        "-c 4 --repeat 3 --phases",
    ] {
        let (live, read) = live_and_read_back(load);
        for key in [
            "launched",
            "dropped",
            "bought",
            "failed_purchases",
            "rows_written",
        ] {
            assert_eq!(read[key], live[key], "{load}: {key}");
        }
        for key in ["home_elapsed_seconds", "buy_elapsed_seconds"] {
            for figure in ["n", "p50", "max"] {
                let of = |json: &Value| json[key][figure].as_f64();
                let (live, read) = (of(&live), of(&read));
                let is_same = match (live, read) {
                    (Some(live), Some(read)) => (live - read).abs() <= 1e-6,
                    (live, read) => live == read,
                };
                assert!(is_same, "{load}: {key} {figure}: {live:?}, {read:?}");
            }
        }
    }
}
