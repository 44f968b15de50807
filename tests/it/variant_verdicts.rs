//! The comparison that ends a run with variants: what is asked of it, and the exit code that follows from it.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::support::*;

/// A quick shop and a slow one, and a directory for rows.
struct Shops {
    dir: TempDir,
    quick: Shop,
    slow: Shop,
}

impl Shops {
    fn start() -> Shops {
        let [quick, slow] = ["1ms", "20ms"].map(|time| Shop::start(&["--service-time", time]));
        Shops {
            dir: tempdir().expect("a directory"),
            quick,
            slow,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The words of a run that compares both, with others added. The rows go to `rows.csv` unless said otherwise.
    fn words(&self, more: &str) -> Vec<String> {
        let mut words: Vec<String> = "-d rdbms -c 2 --repeat 5 --rounds 6 --variant"
            .split(' ')
            .map(str::to_owned)
            .collect();
        words.push(format!("quick={}", self.quick.url));
        words.push("--variant".to_owned());
        words.push(format!("slow={}", self.slow.url));
        let has_output = more.split_whitespace().any(|word| word == "-o");
        if !has_output {
            words.extend(["-o".to_owned(), self.path("rows.csv").display().to_string()]);
        }
        words.extend(more.split_whitespace().map(str::to_owned));
        words
    }

    fn run(&self, more: &str) -> Finished {
        client(self.words(more))
    }

    /// The same without those words, or shoppers at either shop.
    fn refused(&self, more: &str, parts: &[&str]) {
        self.run(more).refused(2, parts);
        assert!(!self.path("rows.csv").exists(), "{more}");
    }

    fn purchases(&self) -> u64 {
        self.quick.stat("purchases") + self.slow.stat("purchases")
    }
}

#[test]
fn a_slower_variant_fails_a_run_that_asks_for_it() {
    let shops = Shops::start();
    for (more, code, told) in [
        ("-q", 0, ""),
        (
            "-q --fail-if-slower",
            3,
            "--fail-if-slower: SLOWER: slow against quick (baseline), buy.p50 +",
        ),
        (
            "-q --fail-if-different",
            3,
            "--fail-if-different: SLOWER: slow against quick",
        ),
        ("-q --fail-if-slower --baseline slow", 0, ""),
        (
            "-q --fail-if-different --baseline slow --allow-unknown",
            3,
            "--fail-if-different: FASTER: quick against slow (baseline)",
        ),
        // Differences of 95 percentage points do not matter here.
        ("-q --fail-if-slower --metric errors --margin 95%", 0, ""),
        (
            "-q --fail-if-slower --metric purchases_per_second",
            3,
            "--fail-if-slower: LOWER: slow against quick (baseline), purchases_per_second -",
        ),
        // Six rounds do not reach 99.9 %.
        (
            "-q --fail-if-slower --confidence 99.9%",
            3,
            "--fail-if-slower: CANNOT TELL: slow against quick",
        ),
        (
            "-q --fail-if-slower --confidence 99.9% --allow-unknown",
            0,
            "",
        ),
        // The tail of ten shoppers is not known.
        (
            "-q --fail-if-slower --metric buy.p99",
            3,
            "100 are needed in each",
        ),
    ] {
        let finished = shops.run(more);
        assert_eq!(finished.code(), Some(code), "{more}: {finished:#?}");
        assert_eq!(finished.stdout, "", "{more}");
        match told {
            "" => assert_eq!(finished.stderr, "", "{more}"),
            told => {
                assert_eq!(finished.stderr.lines().count(), 1, "{more}: {finished:#?}");
                assert!(finished.stderr.contains(told), "{more}: {finished:#?}");
            }
        }
    }
}

#[test]
fn what_is_asked_of_a_run_is_what_compare_answers() {
    let shops = Shops::start();
    let floor = shops.path("floor.json");
    let findings = json!({"floor": {"new_connection_seconds": {"p50": 1.0, "max": 1.0}}});
    fs::write(&floor, findings.to_string()).expect("written");
    let page = shops.path("page.html");
    let asked = format!(
        "--metric home.mean --margin 1% --confidence 90% --baseline slow --floor {}",
        floor.display()
    );
    let finished = shops
        .run(&format!("{asked} --json --html {}", page.display()))
        .ok();
    let live: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let rows = shops.path("rows.csv").display().to_string();
    let words = ["compare", rows.as_str(), "--json"];
    let read = client(words.into_iter().chain(asked.split(' '))).ok();
    let read: Value = serde_json::from_str(&read.stdout).expect("JSON");
    assert_eq!(live["comparison"], read);
    assert_eq!(read["primary"], "home.mean");
    assert_eq!(
        (&read["margin"], &read["confidence"]),
        (&json!(0.01), &json!(0.9))
    );
    let pair = &read["groups"][0]["pairs"][0];
    assert_eq!(
        (&pair["baseline"], &pair["other"]),
        (&json!("slow"), &json!("quick"))
    );
    let page = fs::read_to_string(page).expect("a page");
    assert!(page.contains("<bdi>quick</bdi> against <bdi>slow</bdi> (baseline), home.mean"));
    assert!(page.contains("home.mean"));

    // By purchases, the difference is far below a floor of a second.
    let warned = shops
        .run(&format!("--json --floor {}", floor.display()))
        .ok();
    let live: Value = serde_json::from_str(&warned.stdout).expect("JSON");
    let warnings = live["comparison"]["warnings"].to_string();
    assert!(
        warnings.contains("below the floor of 1000.000 ms"),
        "{warnings}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused_before_the_load() {
    let shops = Shops::start();
    let nowhere = shops.path("nowhere.json").display().to_string();
    for (more, parts) in [
        (
            "--fail-if-slower -o -",
            &["--fail-if-slower cannot be combined with --output -"][..],
        ),
        (
            "--fail-if-different --no-runs-file",
            &["--fail-if-different", "--no-runs-file", "leave it out"],
        ),
        ("--metric home.p50 -o -", &["--metric", "--output -"]),
        (
            "--baseline fast",
            &["--baseline", "no variant has that name", "quick; slow"],
        ),
        ("--metric buy.p42", &["give one of buy.p50"]),
        (
            "--margin 200%",
            &["--margin", "up to, but not including, 100%"],
        ),
        ("--margin much", &["--margin"]),
        ("--confidence 49%", &["--confidence", "from 50% to 99.9%"]),
        (
            "--allow-unknown",
            &["--allow-unknown requires --fail-if-slower"],
        ),
        (
            &format!("--floor {nowhere}"),
            &["--floor", &nowhere, "calibrate --json"],
        ),
    ] {
        shops.refused(more, parts);
    }
    let fifo = shops.path("fifo");
    let made = std::process::Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .expect("mkfifo runs");
    assert!(made.success());
    let mut reader = std::process::Command::new("cat")
        .arg(&fifo)
        .stdout(Stdio::null())
        .spawn()
        .expect("cat runs");
    shops.refused(
        &format!("--fail-if-slower -o {}", fifo.display()),
        &[
            "require rows that can be read back",
            "give -o the name of a file",
        ],
    );
    reader.wait().expect("the FIFO was closed");
    assert_eq!(shops.purchases(), 0);
}

#[test]
fn options_of_the_comparison_require_variants() {
    let shop = Shop::start(&[]);
    for option in [
        "--metric buy.p50",
        "--margin 5%",
        "--confidence 95%",
        "--baseline a",
        "--floor floor.json",
        "--fail-if-slower",
        "--fail-if-different",
        "--allow-unknown",
    ] {
        let line = format!("-t {} -d rdbms -o never.csv {option}", shop.url);
        let name = option.split(' ').next().expect("a name");
        let told = format!("{name} requires --variant");
        client(line.split(' ')).refused(
            2,
            &[&told, "two or more variants", "profilerclient compare"],
        );
    }
    assert_eq!(shop.stat("purchases"), 0);
}

#[test]
fn rows_in_a_stream_are_not_compared_and_standard_input_is_not_read() {
    let shops = Shops::start();
    let mut words = shops.words("-o -");
    words.extend([
        "--json-file".to_owned(),
        shops.path("found.json").display().to_string(),
    ]);
    // Nobody writes to it, and nobody closes it.
    let mut command = command(words);
    command.stdin(Stdio::piped());
    let finished = finish(command).ok();
    assert_eq!(rows_of(&finished.stdout).len(), 120);
    let found: Value =
        serde_json::from_slice(&fs::read(shops.path("found.json")).expect("a file")).expect("JSON");
    assert_eq!(
        (&found["comparison"], &found["bought"]),
        (&Value::Null, &json!(120))
    );
    assert!(
        finished.stderr.contains("the variants are not compared"),
        "{finished:#?}"
    );
}

/// Interrupted, then 1, then 3, then 4.
#[test]
fn exit_codes_have_their_order() {
    let shops = Shops::start();
    // 3 by a threshold and by the comparison, with a line for each.
    let both = shops.run("-q --fail-if-slower --fail-if server.min<1us --fail-if server.min>10ms");
    assert_eq!(both.code(), Some(3), "{both:#?}");
    let lines: Vec<&str> = both.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{both:#?}");
    assert!(
        lines[0].contains("--fail-if server.min>10ms") && lines[1].contains("--fail-if-slower")
    );
    // 1 precedes 3: the command at the end fails.
    let mut words = shops.words("-q --fail-if-slower --cleanup");
    words.push("exit 7".to_owned());
    let failed = client(words);
    assert_eq!(failed.code(), Some(1), "{failed:#?}");
    assert!(
        failed.stderr.contains("--fail-if-slower: SLOWER"),
        "{failed:#?}"
    );
    assert!(
        failed.stderr.contains("--cleanup 'exit 7' failed"),
        "{failed:#?}"
    );
}

#[test]
fn an_interrupted_run_is_not_judged() {
    let shops = Shops::start();
    let file = shops.path("rows.csv");
    let mut words = shops.words("--fail-if-slower --json");
    let rounds = words
        .iter()
        .position(|word| word == "--rounds")
        .expect("there are some");
    words[rounds + 1] = "1000".to_owned();
    let child = command(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Rows of at least eight blocks.
    wait_until("rows", || {
        fs::metadata(&file).is_ok_and(|of| of.len() > 60_000)
    });
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(130), "{finished:#?}");
    assert!(
        !finished.stderr.contains("--fail-if-slower:"),
        "{finished:#?}"
    );
    let live: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let pair = &live["comparison"]["groups"][0]["pairs"][0];
    assert_eq!(pair["metrics"][0]["verdict"], "SLOWER", "{live:#}");
    assert_eq!(
        pair["baseline_rounds"], live["whole_blocks"],
        "whole blocks only"
    );
}

#[test]
fn compare_has_the_thresholds_of_each_run_and_variant() {
    let shops = Shops::start();
    shops.run("-q").ok();
    shops.run("-q").ok();
    let rows = shops.path("rows.csv").display().to_string();
    let found = client([
        "compare",
        &rows,
        "--json",
        "--fail-if",
        "server.min>10ms",
        "--fail-if",
        "buy.p99<1s",
    ]);
    assert_eq!(found.code(), Some(3), "{found:#?}");
    let json: Value = serde_json::from_str(&found.stdout).expect("JSON");
    let thresholds = json["thresholds"].as_array().expect("a list");
    let told: Vec<String> = (thresholds.iter())
        .map(|of| {
            let words =
                ["threshold", "variant", "state"].map(|key| of[key].as_str().expect("text"));
            format!("{} {}", of["run"], words.join(" "))
        })
        .collect();
    let of_run = |run: u32| {
        [
            format!("{run} server.min>10ms quick not_met"),
            format!("{run} buy.p99<1s quick cannot_be_evaluated"),
            format!("{run} server.min>10ms slow met"),
            format!("{run} buy.p99<1s slow cannot_be_evaluated"),
        ]
    };
    assert_eq!(told, [of_run(1), of_run(2)].concat());
    assert_eq!(thresholds[2]["failed"], true);
    assert!(thresholds[2]["value"].as_f64() >= Some(0.02), "{json:#}");
    assert_eq!(found.stderr.lines().count(), 6, "{found:#?}");
    let without = client(["compare", &rows, "--json"]).ok();
    assert!(!without.stdout.contains("\"thresholds\""));
}
