//! Files of shards merged into one run: what comes together, what is refused, what is missing.

use std::fs;
use std::path::{Path, PathBuf};

use profilerclient::report;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::networks::Networks;
use crate::shards_support::*;
use crate::support::*;

/// Merges three shards into `merged.csv` beside them.
fn merge(dir: &Path, files: &[PathBuf], more: &[&str]) -> Finished {
    let output = dir.join("merged.csv");
    let mut args = vec!["merge".to_owned()];
    args.extend(files.iter().map(|file| file.display().to_string()));
    args.extend(["-o", output.to_str().expect("UTF-8"), "--color", "never"].map(str::to_owned));
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    client(args)
}

/// Three shards of a burst, made once for all tests that only change copies of them.
fn burst() -> (TempDir, Vec<PathBuf>) {
    static MADE: std::sync::OnceLock<TempDir> = std::sync::OnceLock::new();
    let made = MADE.get_or_init(|| {
        let dir = tempdir().expect("a directory");
        let shop = Shop::start(&["--service-time", "2ms", "--workers", "50"]);
        shards(&shop.url, dir.path(), 3, &["-c", "63"]);
        dir
    });
    let copy = tempdir().expect("a directory");
    for entry in fs::read_dir(made.path()).expect("a directory") {
        let from = entry.expect("an entry").path();
        fs::copy(&from, copy.path().join(from.file_name().expect("a name"))).expect("copied");
    }
    let files = files(copy.path(), 3);
    (copy, files)
}

#[test]
fn rows_are_by_part_then_by_start_and_the_lines_say_where() {
    let dir = tempdir().expect("a directory");
    let shop = Shop::start(&[]);
    let flags = ["-c", "6,12", "--rounds", "2", "--slot", "2s"];
    let files = shards(&shop.url, dir.path(), 3, &flags);
    let found = merge(dir.path(), &files, &["--json"]).ok();
    let merged = dir.path().join("merged.csv");
    let text = fs::read_to_string(&merged).expect("the merged file");
    let all = rows(&merged);
    let of_shards: Vec<Row> = files.iter().flat_map(|file| rows(file)).collect();
    let sorted = |rows: &[Row]| {
        let mut texts: Vec<String> = (rows.iter())
            .map(|row| COLUMNS.map(|name| row[name].clone()).join(";"))
            .collect();
        texts.sort_unstable();
        texts
    };
    assert_eq!(
        sorted(&all),
        sorted(&of_shards),
        "every row once, unchanged"
    );

    let lines = lines_of(&merged);
    let header = text.split_inclusive("\r\n").next().expect("a header");
    let mut at = header.len() as u64;
    let parts: Vec<&Value> = lines.iter().filter(|line| line["line"] == "part").collect();
    let levels: Vec<&Value> = parts.iter().map(|part| &part["level"]).collect();
    let own: Vec<Value> = lines_of(&files[0]);
    let own = own.iter().filter(|line| line["line"] == "part");
    assert_eq!(levels, own.map(|part| &part["level"]).collect::<Vec<_>>());
    for part in parts {
        let range: [u64; 2] = serde_json::from_value(part["range"].clone()).expect("a range");
        assert_eq!(range[0], at, "parts follow one another");
        at = range[1];
        let within = &text[range[0] as usize..range[1] as usize];
        let within = rows_of(&(header.to_owned() + within));
        assert_eq!(part["rows"], within.len());
        let starts: Vec<&String> = (within.iter())
            .map(|row| &row["client_home_started_time"])
            .collect();
        assert!(starts.is_sorted(), "{starts:?}");
    }
    assert_eq!(at, text.len() as u64);
    assert_eq!(lines.first().expect("lines")["merged"]["merged"], 3);
    assert_eq!(lines.last().expect("lines")["rows"], all.len());

    let summary: Value = serde_json::from_str(&found.stdout).expect("JSON");
    let mut read = report::read(&merged, &[]).expect("a report");
    assert_eq!(read.warnings, Vec::<String>::new());
    assert_eq!(read.runs.len(), 1);
    let read = serde_json::to_string(&read.runs.remove(0).summary).expect("JSON");
    assert_eq!(
        found.stdout.trim_end(),
        read,
        "the summary of the merged file"
    );
    let name = merged.to_str().expect("UTF-8");
    let shown = client(["summary", name, "--json"]).ok().stdout;
    assert_eq!(shown, found.stdout, "the command summary says the same");
    assert_eq!(summary["rows_written"], all.len());
    assert_eq!(summary["shards"]["count"], 3);
    assert_eq!(summary["levels"].as_array().map(Vec::len), Some(2));
}

#[test]
fn percentiles_and_counts_are_those_of_all_rows() {
    let (dir, files) = burst();
    let found = merge(dir.path(), &files, &["--json"]).ok();
    let summary: Value = serde_json::from_str(&found.stdout).expect("JSON");
    let all = rows(&dir.path().join("merged.csv"));
    let mut elapsed: Vec<f64> = (all.iter())
        .map(|row| row["client_buy_elapsed_seconds"].parse().expect("a number"))
        .collect();
    elapsed.sort_by(f64::total_cmp);
    let of = &summary["buy_elapsed_seconds"];
    for (name, rank) in [("p50", 32), ("p90", 57), ("p95", 60)] {
        assert_eq!(of[name].as_f64(), Some(elapsed[rank - 1]), "{name}");
    }
    assert_eq!(of["max"].as_f64(), elapsed.last().copied());
    assert_eq!(of["n"], 63);
    let part = &lines_of(&dir.path().join("merged.csv"))[1];
    let counted = |file: &PathBuf| {
        lines_of(file)[1]["figures"]["responses"]
            .as_u64()
            .expect("a count")
    };
    assert_eq!(
        part["figures"]["responses"],
        files.iter().map(counted).sum::<u64>()
    );
    assert_eq!(part["figures"]["home"]["wait"]["n"], 63);
}

#[test]
fn files_that_are_not_of_one_run_are_refused() {
    type Change = fn(&[PathBuf]);
    let changes: [(&str, Change, &[&str]); 9] = [
        (
            "another plan",
            |of| set(&of[1], "plan_hash", json!("0123")),
            &["plan hashes", "0123", "same flags"],
        ),
        (
            "another seed",
            |of| set(&of[1], "seed", json!("6")),
            &["seeds", "--seed"],
        ),
        (
            "another start",
            |of| set(&of[2], "start_at", json!("2026-01-01T00:00:00Z")),
            &["start instants", "--start-at"],
        ),
        (
            "another slot",
            |of| set(&of[2], "slot_seconds", json!(2.5)),
            &["slots", "2.5 s", "--slot"],
        ),
        (
            "another N",
            |of| set_shard(&of[2], 3, 4),
            &["numbers of shards", "3 and 4"],
        ),
        (
            "a shard twice",
            |of| set_shard(&of[2], 1, 3),
            &["shard 1 of 3 was given twice"],
        ),
        (
            "no shard",
            |of| set(&of[0], "shard", Value::Null),
            &["without --shard"],
        ),
        (
            "other columns",
            |of| set(&of[0], "phases", json!(true)),
            &["columns", "--phases"],
        ),
        (
            "another day",
            |of| shift(&of[1], 86_400_000_000_000),
            &["look alike", "one run"],
        ),
    ];
    for (what, change, parts) in changes {
        let (dir, files) = burst();
        change(&files);
        let found = merge(dir.path(), &files, &[]).refused(1, parts);
        assert_eq!(found.stdout, "", "{what}");
        assert!(!dir.path().join("merged.csv").exists(), "{what}");
    }
}

#[test]
fn the_merged_file_is_a_new_or_an_empty_one() {
    let (dir, files) = burst();
    let merged = dir.path().join("merged.csv");
    fs::write(&merged, "").expect("written");
    merge(dir.path(), &files, &[]).ok();
    let before = fs::read(&merged).expect("rows");
    merge(dir.path(), &files, &[]).refused(1, &["merged.csv", "not empty", "-o"]);
    assert_eq!(fs::read(&merged).expect("rows"), before);
    // Nor is it a shard.
    let of_it = [merged.clone(), files[1].clone()];
    let other = ["-o", "other.csv"];
    let mut args = vec!["merge".to_owned()];
    args.extend(of_it.iter().map(|file| file.display().to_string()));
    args.extend(other.map(str::to_owned));
    let mut refused = command(args);
    refused.current_dir(dir.path());
    finish(refused).refused(1, &["is a merged file"]);
    for output in [
        "-",
        "/dev/stdout",
        files[0].to_str().expect("UTF-8"),
        "/nowhere/x.csv",
    ] {
        let first = files[0].to_str().expect("UTF-8");
        client(["merge", first, "-o", output]).refused(1, &[]);
    }
    assert_eq!(rows(&files[0]).len(), 21, "an input is never written");
}

#[test]
fn a_missing_or_broken_shard_is_partial() {
    type Change = fn(&Path);
    let changes: [(&str, Change, &str); 10] = [
        ("absent", |file| remove(file), "does not exist"),
        (
            "rows without their lines",
            |file| fs::remove_file(lines_path(file)).expect("removed"),
            "runs.jsonl, which names their run, does not exist",
        ),
        (
            "lines that were not fetched",
            |file| fs::write(lines_path(file), "").expect("written"),
            "fetch it too",
        ),
        (
            "absent rows",
            |file| fs::remove_file(file).expect("removed"),
            "does not exist",
        ),
        (
            "empty",
            |file| {
                remove(file);
                fs::write(file, "").expect("written")
            },
            "is empty",
        ),
        (
            "emptied",
            |file| fs::write(file, "").expect("written"),
            "0 of the 21 rows",
        ),
        (
            "cut within a row",
            |file| cut(file, 70),
            "20 of the 21 rows",
        ),
        (
            "cut to the header",
            |file| cut(file, 1 << 20),
            "0 of the 21 rows",
        ),
        ("killed", |file| keep_lines(file, 1), "no end line"),
        (
            "without an end line",
            |file| keep_lines(file, 2),
            "no end line",
        ),
    ];
    for (what, change, told) in changes {
        let (dir, files) = burst();
        change(&files[1]);
        let found = merge(dir.path(), &files, &["--fail-if", "errors>1%"]);
        assert_eq!(found.code(), Some(3), "{what}: {found:#?}");
        assert!(
            found
                .stdout
                .starts_with("PARTIAL: 2 of 3 shards - 42 of 42 purchases"),
            "{what}: {found:#?}"
        );
        for part in [
            "PARTIAL: 2 of 3 shards: shard 2: ",
            told,
            "nothing is extrapolated",
        ] {
            assert!(found.stderr.contains(part), "{what}: {found:#?}");
        }
        let all = rows(&dir.path().join("merged.csv"));
        assert_eq!(all.len(), 42, "{what}: the other rows are whole");
        let name = dir.path().join("merged.csv").display().to_string();
        let shown = client(["summary", &name, "--color", "never"]).ok();
        assert!(
            shown.stdout.starts_with("PARTIAL: 2 of 3 shards - "),
            "{what}: {shown:#?}"
        );
        let read = report::read(&dir.path().join("merged.csv"), &[]).expect("a report");
        assert!(
            read.runs[0]
                .summary
                .shards
                .as_ref()
                .expect("shards")
                .partial,
            "{what}"
        );
    }
}

#[test]
fn of_shards_ended_by_a_signal_all_or_none_are_whole() {
    let (dir, files) = burst();
    end_by_signal(&files[2]);
    let found = merge(dir.path(), &files, &[]);
    assert_eq!(found.code(), Some(3), "{found:#?}");
    assert!(
        found.stderr.contains("shard 3: ") && found.stderr.contains("SIGTERM"),
        "{found:#?}"
    );
    assert_eq!(rows(&dir.path().join("merged.csv")).len(), 42);
    let (dir, files) = burst();
    files.iter().for_each(|file| end_by_signal(file));
    let found = merge(dir.path(), &files, &["--json"]);
    let summary: Value = serde_json::from_str(&found.stdout).expect("JSON");
    assert_eq!(summary["interrupted"], "SIGTERM");
    assert_eq!(summary["rows_written"], 63);
    assert_eq!(found.code(), Some(143), "{found:#?}");
}

#[test]
fn no_shard_at_all_is_an_error_and_broken_ones_only_are_partial() {
    let (dir, files) = burst();
    let nowhere = [dir.path().join("rows-*.csv")];
    merge(dir.path(), &nowhere, &[])
        .refused(1, &["no shard was found", "rows-*.csv does not exist"]);
    files.iter().for_each(|file| keep_lines(file, 1));
    let found = merge(dir.path(), &files, &[]).refused(3, &["PARTIAL: 0 of 3 shards"]);
    assert_eq!(found.stdout, "");
    assert!(!dir.path().join("merged.csv").exists());
}

#[test]
fn thresholds_judge_the_merged_run() {
    let (dir, files) = burst();
    let found = merge(
        dir.path(),
        &files,
        &[
            "--fail-if",
            "home.count<1",
            "--fail-if",
            "rate<1000000",
            "-q",
        ],
    );
    // The first figure is unknown: that is the command line's fault.
    assert_eq!(found.code(), Some(2), "{found:#?}");
    let found = merge(dir.path(), &files, &["--fail-if", "rate<1000000", "-q"]);
    assert_eq!(found.code(), Some(3), "{found:#?}");
    assert!(
        found.stderr.contains("--fail-if rate<1000000: is met"),
        "{found:#?}"
    );
}

#[test]
fn a_verdict_of_one_shard_is_that_of_the_run() {
    let (dir, files) = burst();
    for (file, is_limited) in files.iter().zip([false, true, true]) {
        change(file, "part", |part| {
            for figure in ["home", "purchase", "pace"] {
                part["verdict"][figure] = match (figure, is_limited) {
                    ("home", true) => {
                        json!({"state": "not_trusted", "own_share": {"p50": 0.5, "p99": null},
                        "reasons": [{"kind": "busy_loop", "level": null, "reason": "the loop was busy", "hint": "a core"}],
                        "hints": ["a core"]})
                    }
                    _ => {
                        json!({"state": "trusted", "own_share": {"p50": 0.1, "p99": null}, "reasons": [], "hints": []})
                    }
                };
            }
        });
    }
    let found = merge(dir.path(), &files, &["--strict", "--json"]);
    assert_eq!(found.code(), Some(4), "{found:#?}");
    let summary: Value = serde_json::from_str(&found.stdout).expect("JSON");
    let home = &summary["verdict"]["home"];
    assert_eq!(home["state"], "not_trusted");
    assert_eq!(home["own_share"]["p50"], 0.5);
    assert_eq!(home["hints"], json!(["a core"]));
    assert_eq!(home["reasons"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        home["reasons"][0]["reason"],
        "shards 2, 3 of 3: the loop was busy"
    );
    assert_eq!(summary["verdict"]["purchase"]["state"], "trusted");
}

/// The clock of one machine is set forward or back: the interval holds it, and the spread is corrected by it.
#[test]
fn the_bound_of_the_skew_holds_an_injected_offset() {
    let seconds = |summary: &Value, path: &str| {
        summary
            .pointer(path)
            .and_then(Value::as_f64)
            .expect("a number")
    };
    let (dir, files) = burst();
    let found = merge(dir.path(), &files, &["--json"]).ok();
    let before: Value = serde_json::from_str(&found.stdout).expect("JSON");
    let width = seconds(&before, "/shards/clocks/skew_at_most_seconds");
    let spread = seconds(&before, "/shards/starts/spread_seconds");
    assert_eq!(
        seconds(&before, "/shards/clocks/skew_at_least_seconds"),
        0.0,
        "one clock"
    );
    for offset in [0.25, -3.5, 3_600.0] {
        let (dir, files) = burst();
        shift(&files[1], (offset * 1e9) as i64);
        let found = merge(dir.path(), &files, &["--json"]).ok();
        let summary: Value = serde_json::from_str(&found.stdout).expect("JSON");
        let size = f64::abs(offset);
        let low = seconds(&summary, "/shards/clocks/skew_at_least_seconds");
        let high = seconds(&summary, "/shards/clocks/skew_at_most_seconds");
        assert!(
            low <= size && size <= high,
            "{low} to {high} holds {offset}"
        );
        assert!(
            high - low <= 2.0 * width + 1e-6,
            "it is not wider than the ways: {low} to {high}, {width}"
        );
        let [at_least, at_most] = ["at_least", "at_most"]
            .map(|name| seconds(&summary, &format!("/shards/starts/spread_{name}_seconds")));
        assert!(
            at_least <= spread + 1e-6 && spread <= at_most + 1e-6,
            "{at_least} to {at_most}: {spread}"
        );
        let warnings = summary["shards"]["clocks"]["warnings"].to_string();
        assert!(warnings.contains("differ by"), "{warnings}");
        // The shop's clock is compared with one of them, not with a mixture.
        assert_ne!(summary["server_clock"]["finding"], "contradictory");
        let wall = seconds(&summary, "/wall_seconds");
        assert!(wall < 1.0 + seconds(&before, "/wall_seconds"), "{wall}");
    }
}

#[test]
fn without_reports_of_a_clock_there_is_no_common_one() {
    let (dir, files) = burst();
    change(&files[1], "part", |part| {
        part["figures"]["server_clock"] = json!({"blocks": [], "size": 1, "filled": 1, "rows": 0});
    });
    let found = merge(dir.path(), &files, &["--json"]).ok();
    let summary: Value = serde_json::from_str(&found.stdout).expect("JSON");
    let clocks = &summary["shards"]["clocks"];
    assert_eq!(clocks["common"], false);
    assert_eq!(clocks["skew_at_most_seconds"], Value::Null);
    assert!(
        clocks["reason"]
            .as_str()
            .expect("a reason")
            .contains("shard 2"),
        "{clocks}"
    );
    assert!(
        clocks["warnings"].to_string().contains("no common clock"),
        "{clocks}"
    );
}

#[test]
fn a_merge_has_the_outputs_of_a_run() {
    let (dir, files) = burst();
    let [page, json] = ["page.html", "summary.json"].map(|name| dir.path().join(name));
    let [page_name, json_name] = [&page, &json].map(|file| file.to_str().expect("UTF-8"));
    let more = ["--html", page_name, "--json-file", json_name, "-v"];
    let found = merge(dir.path(), &files, &more).ok();
    let one_line: String = found
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        one_line.contains("Shards 3 of 3, the last one began "),
        "{found:#?}"
    );
    assert!(one_line.contains("Shard 3 21 rows, on "), "{found:#?}");
    let html = fs::read_to_string(&page).expect("the page");
    assert!(html.contains("</html>") && html.contains("63"), "{html}");
    let summary = fs::read_to_string(&json).expect("the summary");
    assert!(summary.contains("\"rows_written\":63"), "{summary}");
    let rows_name = files[1].to_str().expect("UTF-8");
    let (dir, _) = burst();
    let refused = merge(dir.path(), &files, &["--json-file", rows_name]);
    refused.refused(2, &["--json-file", rows_name, "another file"]);
    assert_eq!(rows(&files[1]).len(), 21);
}

/// A shard that owns no shopper writes its lines and no row.
#[test]
fn a_shard_without_rows_is_whole() {
    let (dir, files) = burst();
    change(&files[1], "part", |part| {
        part["rows"] = json!(0);
        for name in ["range", "first_start", "last_start", "last_row"] {
            part[name] = Value::Null;
        }
    });
    change(&files[1], "end", |end| end["rows"] = json!(0));
    fs::remove_file(&files[1]).expect("removed");
    let found = merge(dir.path(), &files, &[]).ok();
    assert!(found.stdout.starts_with("42 of 42"), "{found:#?}");
}

/// Each shard in a network of its own, as on machines of their own, and the clock of one set wrong.
#[test]
fn shards_in_networks_of_their_own_are_one_run() {
    let Some(networks) = Networks::make(3) else {
        return;
    };
    let dir = tempdir().expect("a directory");
    let shop = networks.shop();
    let files = networks.shards(&shop, dir.path(), &["-c", "63"]);
    let offset = 1_234_567_000;
    shift(&files[1], offset);
    let found = merge(dir.path(), &files, &["--json"]).ok();
    let summary: Value = serde_json::from_str(&found.stdout).expect("JSON");
    assert_eq!(summary["bought"], 63);
    let of_clocks = &summary["shards"]["clocks"];
    let bound = |name: &str| {
        of_clocks[format!("skew_at_{name}_seconds")]
            .as_f64()
            .expect("a bound")
    };
    let (low, high) = (bound("least"), bound("most"));
    let size = offset as f64 / 1e9;
    assert!(low <= size && size <= high, "{low} to {high} holds {size}");
    // The shards' addresses are different ones.
    let each = summary["shards"]["each"].as_array().expect("shards");
    assert_eq!(each.len(), 3);
    assert_eq!(networks.peers(&shop), 3, "three machines");
}

/// Virtual users begin at once; their later iterations are no part of how sharp that was.
#[test]
fn later_iterations_do_not_widen_the_spread_of_the_starts() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let rows = dir.path().join("1.csv");
    let path = rows.display().to_string();
    let run = ["-t", &shop.url, "-d", "rdbms", "-c", "4", "--repeat", "20"];
    let shard = ["--seed", "1", "--shard", "1/1", "--json", "-o", &path];
    let own = client(run.iter().chain(&shard)).ok();
    let own: Value = serde_json::from_str(&own.stdout).expect("JSON");
    let merged = merge(dir.path(), &[rows], &["--json"]).ok();
    let merged: Value = serde_json::from_str(&merged.stdout).expect("JSON");
    let spread = own["starts_spread_seconds"].as_f64().expect("a spread");
    assert_eq!(merged["starts_spread_seconds"], spread);
    assert_eq!(merged["shards"]["starts"]["spread_seconds"], spread);
}
