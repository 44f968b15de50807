//! `--fail-if`: a run whose figures are not as they should be has an exit code of its own.

use std::process::Stdio;
use std::sync::mpsc;

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::instrument::held_while_the_answer_came;
use crate::support::*;

/// Runs with conditions, and with more flags before them.
fn run_with(url: &str, shoppers: usize, more: &[&str], conditions: &[&str]) -> Finished {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(url, shoppers, &file);
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    for &condition in conditions {
        args.extend(["--fail-if".to_owned(), condition.to_owned()]);
    }
    let finished = client(args);
    assert_eq!(rows(&file).len(), shoppers, "the rows are written");
    finished
}

#[test]
fn conditions_that_hold_are_listed_and_no_failure() {
    let shop = Shop::start(&["--service-time", "5ms", "--rest"]);
    let conditions = [
        "buy.p99>=30s",
        "home.mean > 30",
        "server.min<5ms",
        "rest.max>30s",
        "errors>0%",
        "server.errors>0.5%",
        "rate<0.1/s",
    ];
    let finished = run_with(&shop.url, 100, &[], &conditions).ok();
    let (_, section) = finished
        .stdout
        .split_once("\nConditions (--fail-if)\n")
        .expect("a section");
    let lines: Vec<&str> = section.lines().collect();
    assert_eq!(lines.len(), conditions.len(), "{finished:#?}");
    for (line, condition) in lines.iter().zip(conditions) {
        assert!(line.starts_with("  ok      "), "{line}");
        assert!(line.contains(condition), "{line}");
    }
    assert!(section.contains("0.0 % (0 of 100)"), "{section}");
    assert_eq!(finished.stderr, "");
}

#[test]
fn a_condition_that_comes_true_is_exit_code_3_and_told() {
    let shop = Shop::start(&["--service-time", "5ms", "--fault", "500:10%"]);
    let conditions = [
        "server.min>1ms",
        "buy.max>1h",
        "errors>=10%",
        "buy.errors>10%",
    ];
    let finished = run_with(&shop.url, 100, &[], &conditions);
    assert_eq!(finished.code(), Some(3), "{finished:#?}");
    for line in [
        "\n  FAILED  server.min>1ms",
        "\n  ok      buy.max>1h",
        "\n  FAILED  errors>=10%     10.0 % (10 of 100)\n",
        "\n  ok      buy.errors>10%  10.0 % (10 of 100)\n",
    ] {
        assert!(finished.stdout.contains(line), "{line:?}: {finished:#?}");
    }
    let told: Vec<&str> = finished.stderr.lines().collect();
    assert_eq!(told.len(), 2, "{finished:#?}");
    assert!(told[0].starts_with("profilerclient: --fail-if server.min>1ms: "));
    assert_eq!(
        told[1],
        "profilerclient: --fail-if errors>=10%: 10.0 % (10 of 100)"
    );

    let quiet = run_with(&shop.url, 10, &["-q"], &["rate>=0"]);
    assert_eq!((quiet.code(), quiet.stdout.as_str()), (Some(3), ""));
    assert!(
        quiet
            .stderr
            .starts_with("profilerclient: --fail-if rate>=0: ")
    );
}

#[test]
fn what_cannot_be_told_has_failed() {
    let shop = Shop::start(&[]);
    for (condition, why) in [
        ("buy.p99>1h", "p99 needs 100 values, of which there are 3"),
        (
            "rest.max>1h",
            "no report has the second server's elapsed time",
        ),
        ("rest.errors>1%", "no report has the second server's result"),
    ] {
        let finished = run_with(&shop.url, 3, &[], &[condition]);
        assert_eq!(finished.code(), Some(3), "{finished:#?}");
        for text in [&finished.stdout, &finished.stderr] {
            let told = format!("cannot be told: {why}\n");
            assert!(text.ends_with(&told), "{finished:#?}");
        }
    }
}

#[test]
fn json_lists_the_conditions() {
    let shop = Shop::start(&["--service-time", "5ms"]);
    let conditions = ["errors >= 0%", "server.max>1h", "home.p99>1h"];
    let finished = run_with(&shop.url, 10, &["--json"], &conditions);
    assert_eq!(finished.code(), Some(3), "{finished:#?}");
    let summary: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    let listed = summary["conditions"].as_array().expect("a list");
    assert_eq!(
        listed[0],
        json!({"condition": "errors >= 0%", "failed": true, "value": 0.0, "reason": null})
    );
    assert_eq!(listed[1]["failed"], false);
    let largest = &summary["server_elapsed_seconds"]["max"];
    assert_eq!(&listed[1]["value"], largest);
    assert!(largest.as_f64() >= Some(0.005), "{summary:#}");
    assert_eq!(
        listed[2],
        json!({"condition": "home.p99>1h", "failed": true, "value": null,
            "reason": "p99 needs 100 values, of which there are 10"})
    );
    assert_eq!(listed.len(), 3);
}

#[test]
fn bad_conditions_are_refused_before_anything_is_sent() {
    let server = Scripted::start(|_, _| {});
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    for (condition, parts) in [
        ("buy.p99", &["\"buy.p99\"", "in quotes"][..]),
        ("cart.p99>1s", &["cart.p99", "home, buy, server or rest"]),
        ("buy.p100>1s", &["p100", "p99.999"]),
        ("buy.p99>1%", &["buy.p99>1%", "300ms"]),
        ("errors>5", &["errors>5", "1%"]),
        ("errors>100%", &["never be met"]),
        ("rate<\x1b[2J", &["\\u{1b}", "2.5/s"]),
    ] {
        let mut args = flags(&server.url(), 1, &file);
        args.push(format!("--fail_if={condition}"));
        let refused = client(args).refused(2, parts);
        assert_eq!(refused.stdout, "");
    }
    assert_eq!(server.connections(), 0, "nothing was sent");
    assert!(!file.exists());
}

#[test]
fn a_signal_goes_before_a_condition() {
    let (sender, arrived) = mpsc::channel();
    let server = Scripted::purchases(move |mut stream| {
        sender.send(()).expect("the test listens");
        read_request(&mut stream);
    });
    let dir = tempdir().expect("a directory");
    let mut args = flags(&server.url(), 1, &dir.path().join("report.csv"));
    args.extend(["--fail-if", "errors>1%"].map(str::to_owned));
    let child = command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    arrived
        .recv_timeout(PATIENCE)
        .expect("the purchase arrives");
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(130), "{finished:#?}");
    let listed = "\n  FAILED  errors>1%  100.0 % (1 of 1)\n";
    assert!(finished.stdout.contains(listed), "{finished:#?}");
}

#[test]
fn a_condition_goes_before_a_verdict_and_both_are_told() {
    let conditions = ["--strict", "--fail-if", "home.max>1us"];
    let (_, finished) = held_while_the_answer_came(&conditions);
    assert_eq!(finished.code(), Some(3), "{finished:#?}");
    let told: Vec<&str> = finished.stderr.lines().collect();
    assert!(told[0].contains("--strict: NOT TRUSTED: "), "{finished:#?}");
    assert!(
        told[1].contains("--fail-if home.max>1us: "),
        "{finished:#?}"
    );
}
