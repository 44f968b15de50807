//! Several levels or rounds in one run: each a part of its own, one after the other.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::load_support::*;
use crate::support::*;

const SWEEP: &str = "-c 1,3,10 --rounds 2 --repeat 2 --pause 50ms";

#[test]
fn levels_run_round_by_round_with_different_shoppers() {
    let till = Till::start();
    for mode in ["", "--keep-alive"] {
        let before = (till.orders().len(), till.connections());
        let run = run(&till.url(), &format!("{SWEEP} --seed 9 {mode}"));
        assert_eq!(run.all_bought(), 56);
        // One header: a second would be a row without numbers.
        let levels: Vec<&str> = run
            .rows
            .iter()
            .map(|row| row["concurrent_requests"].as_str())
            .collect();
        let parts: Vec<(&str, usize)> = levels
            .chunk_by(|a, b| a == b)
            .map(|part| (part[0], part.len()))
            .collect();
        let round = [("1", 2), ("3", 6), ("10", 20)];
        assert_eq!(parts, [round, round].concat(), "{mode}");

        let ends = visits(&run.rows);
        for (one, next) in [(0..2, 2..8), (2..8, 8..28), (8..28, 28..30)] {
            let stopped = ends[one].iter().map(|visit| visit.buy_stopped).max();
            let began = ends[next].iter().map(|visit| visit.home_started).min();
            let pause = began.expect("a part") - stopped.expect("a part");
            assert!(pause >= 50_000 - 1, "{mode}: {pause} µs");
        }

        // Levels and rounds, and the same shoppers again with the same seed.
        let orders = till.orders();
        assert_eq!(orders.len(), before.0 + 56);
        assert_eq!(distinct(&orders), 56, "{mode}");
        let first = orders_of(9).order(0);
        assert!(
            orders.contains(&first),
            "the first part is that of one level"
        );
        let connections = till.connections() - before.1;
        assert_eq!(run.connections(), connections);
        let expected = if mode.is_empty() { 112 } else { 28 };
        assert_eq!(connections, expected, "places are anew in each part");
    }
}

#[test]
fn the_summary_of_a_sweep_has_a_table_and_a_knee() {
    let shop = Shop::start(&["--service-time", "2ms"]);
    let run = run(&shop.url, SWEEP);
    assert_eq!(run.all_bought(), 56);
    assert_eq!(run.json["load"]["levels"], json!([1, 3, 10]));
    assert_eq!(run.json["concurrent"], 10);
    for mixture in [
        "purchases_per_second",
        "buy_elapsed_seconds",
        "home_elapsed_seconds",
    ] {
        assert_eq!(run.json[mixture], Value::Null, "{mixture}");
    }
    let levels = run.json["levels"].as_array().expect("a list");
    assert_eq!(levels.len(), 3);
    let mut wall = 0.0;
    for (level, concurrent) in levels.iter().zip([1, 3, 10]) {
        assert_eq!(level["concurrent"], concurrent);
        assert_eq!(level["rounds"], 2, "{level}");
        for all in ["launched", "bought"] {
            assert_eq!(level[all], 4 * concurrent, "{level}");
        }
        assert_eq!(level["failed_purchases"], 0, "{level}");
        for elapsed in ["home_elapsed_seconds", "buy_elapsed_seconds"] {
            assert_eq!(level[elapsed]["n"], 4 * concurrent, "{level}");
        }
        // Two purchases after one another, twice.
        let seconds = level["span_seconds"].as_f64().expect("a number");
        assert!(seconds >= 4.0 * 0.002, "{level}");
        let rate = level["purchases_per_second"].as_f64().expect("a number");
        let expected = f64::from(4 * concurrent) / seconds;
        assert!((rate / expected - 1.0).abs() < 1e-6, "{level}");
        wall += seconds;
    }
    let together = run.seconds("/span_seconds");
    assert!(
        (wall - together).abs() < 1e-6,
        "{wall} {together}: no pause"
    );
    let finding = run.json["scalability"]["finding"].as_str();
    assert_eq!(finding, Some("not_supported"), "three levels are too few");

    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let file = file.to_str().expect("UTF-8");
    let told = client(words(&shop.url, file, SWEEP)).ok().stdout;
    let (_, end) = told.split_once("\n\n").expect("a table");
    let first: Vec<&str> = end
        .lines()
        .take(4)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(first, ["Users", "1", "3", "10"], "{told}");
    assert!(end.contains("λ = "), "no law in {told}");
    assert!(end.contains("no statement on knee or ceiling"), "{told}");
    assert!(!told.contains("Latency"), "no pooled percentiles: {told}");
    let what = "\nclosed workload of 1, 3 and 10 virtual users, ";
    assert!(told.contains(what), "{told}");
}

#[test]
fn rounds_of_one_level_or_of_a_rate_are_parts_too() {
    let shop = Shop::start(&[]);
    let closed = run(&shop.url, "-c 4 --rounds 3");
    assert_eq!(closed.all_bought(), 12);
    assert_eq!(closed.json["levels"][0]["rounds"], 3);
    assert_eq!(closed.json["scalability"]["finding"], "too_few");
    let open = run(&shop.url, "--rate 200/s --count 10 --rounds 2");
    assert_eq!(open.all_bought(), 20);
    assert_eq!(open.json["levels"], Value::Null);
    let stats = shop.stats();
    assert_eq!(stats["purchases"], 32, "{stats}");
    assert_eq!(stats["duplicate_emails"], 0, "{stats}");
}

#[test]
fn warm_up_shoppers_buy_without_a_row() {
    for (load, rows, parts) in [
        ("-c 4", 4, 1),
        ("-c 1,3 --keep-alive", 4, 2),
        ("-c 2 --rounds 2 --repeat 3", 12, 2),
        ("--rate 200/s --count 10", 10, 1),
    ] {
        let shop = Shop::start(&[]);
        let run = run(&shop.url, &format!("{load} --warm-up 7"));
        assert_eq!(run.all_bought(), rows, "{load}");
        let warming = 7 * parts;
        assert_eq!(run.json["load"]["warm_up_shoppers"], warming, "{load}");
        assert_eq!(run.json["load"]["warm_up_failed"], 0, "{load}");
        assert_eq!(run.count("launched"), rows, "{load}");
        let stats = shop.stats();
        assert_eq!(stats["purchases"], rows + warming, "{load}: {stats}");
        assert_eq!(stats["duplicate_emails"], 0, "{load}: {stats}");
    }
}

#[test]
fn failures_of_a_warm_up_are_reported_but_not_counted() {
    let shop = Shop::start(&["--service-time", "10ms"]);
    let begun = Instant::now();
    let run = run(&shop.url, "-c 2 --warm-up 300ms");
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!(run.all_bought(), 2);
    let warming = run.json["load"]["warm_up_shoppers"].as_u64();
    let warming = warming.expect("a count");
    // No more than one in 10 ms on each of two places.
    assert!((2..=60).contains(&warming), "{warming}");
    assert_eq!(shop.stat("purchases"), 2 + warming);
    assert!(run.seconds("/wall_seconds") < begun.elapsed().as_secs_f64() - 0.3);

    let till = Till::serving(|number, stream| {
        let answer = match number {
            0..5 => page(500, "text/html", "cold"),
            _ => report(),
        };
        respond(stream, &answer);
        true
    });
    let cold = crate::load_support::run(&till.url(), "-c 1 --repeat 3 --warm-up 5");
    assert_eq!(cold.all_bought(), 3);
    assert_eq!(cold.json["load"]["warm_up_failed"], 5);
    assert_eq!(cold.json["errors"], json!([]));
}

/// Runs until that many rows are in the file and `is_there` agrees, and is interrupted then.
#[track_caller]
fn interrupted(url: &str, load: &str, rows_before: usize, is_there: impl Fn() -> bool) -> Finished {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let args = words(url, file.to_str().expect("UTF-8"), load);
    let child = command(args)
        .args(["--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    wait_until("the rows of the parts that are through", || {
        let text = fs::read_to_string(&file).unwrap_or_default();
        text.lines().count() == 1 + rows_before && is_there()
    });
    let begun = Instant::now();
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(130), "{finished:#?}");
    assert!(begun.elapsed() < PATIENCE / 2, "at once");
    assert_eq!(rows(&file).len(), rows_before);
    finished
}

#[test]
fn a_signal_in_a_pause_ends_the_run_and_keeps_its_results() {
    let shop = Shop::start(&[]);
    let finished = interrupted(&shop.url, "-c 4,2 --rounds 2 --pause 60s", 4, || true);
    let json: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    assert_eq!(json["interrupted"], "SIGINT");
    assert_eq!(json["launched"], 4);
    assert_eq!(json["load"]["levels"], json!([4, 2]));
    assert_eq!(json["levels"][0]["rounds"], 1, "{json:#}");
    assert_eq!(shop.stat("purchases"), 4);
}

#[test]
fn a_signal_in_a_warm_up_leaves_the_rows_of_the_parts_before() {
    // The warm-up of the second level never ends by itself.
    let till = Till::serving(|number, stream| {
        if number < 6 {
            respond(stream, &report());
            return true;
        }
        read_request(stream);
        false
    });
    let finished = interrupted(&till.url(), "-c 2,4 --repeat 2 --warm-up 2", 4, || {
        // Two of the first warm-up, four of the first part, two of the second warm-up.
        till.orders().len() == 8
    });
    let json: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    assert_eq!(json["launched"], 4, "{json:#}");
    assert_eq!(json["load"]["warm_up_shoppers"], 4, "{json:#}");
}

#[test]
fn thresholds_are_evaluated_over_all_parts_and_open_workloads() {
    let shop = Shop::start(&["--service-time", "2ms", "--fault", "500:10%"]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let file = file.to_str().expect("UTF-8");
    for (load, condition, code, told) in [
        ("-c 1,3,6 --repeat 2", "errors>=10%", 3, "10.0 % (2 of 20)"),
        ("-c 1,3,6 --repeat 2", "errors>10%", 0, ""),
        ("-c 1,3,6 --repeat 2", "buy.max>=0s", 3, "is met at -c "),
        ("-c 1,3,6 --repeat 2", "rate<1", 0, ""),
        (
            "-c 1,60",
            "buy.p50<0s",
            3,
            "cannot be evaluated at -c 1: p50",
        ),
        ("-c 2 --rounds 5 --warm-up 10", "errors>50%", 0, ""),
        (
            "--rate 200/s --count 40",
            "errors>9%",
            3,
            "10.0 % (4 of 40)",
        ),
        ("--rate 200/s --count 40", "buy.max>1h", 0, ""),
        ("--rate 200/s --count 40", "server.min>1ms", 3, "2."),
    ] {
        let mut args = words(&shop.url, file, load);
        args.extend(["--fail-if", condition].map(str::to_owned));
        let finished = client(args);
        assert_eq!(finished.code(), Some(code), "{load}: {finished:#?}");
        let line = format!("profilerclient: --fail-if {condition}: ");
        match code {
            0 => assert_eq!(finished.stderr, "", "{load}"),
            _ => assert!(finished.stderr.starts_with(&line), "{finished:#?}"),
        }
        assert!(finished.stderr.contains(told), "{finished:#?}");
    }

    // Who was not launched did not buy.
    let slow = Shop::start(&["--service-time", "300ms"]);
    let mut args = words(&slow.url, file, "--rate 200/s --count 20 --max-in-flight 2");
    args.extend(["--fail-if", "errors>1%"].map(str::to_owned));
    let finished = client(args);
    assert_eq!(finished.code(), Some(3), "{finished:#?}");
    assert!(
        finished.stdout.contains("max in flight was reached"),
        "{finished:#?}"
    );
}
