//! `--fail-if`: a run whose figures are not as they should be has an exit code of its own.

use std::process::Stdio;
use std::sync::mpsc;

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::instrument::held_while_the_answer_came;
use crate::support::*;

/// Runs with thresholds, and with more flags before them.
fn run_with(url: &str, shoppers: usize, more: &[&str], thresholds: &[&str]) -> Finished {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(url, shoppers, &file);
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    for &threshold in thresholds {
        args.extend(["--fail-if".to_owned(), threshold.to_owned()]);
    }
    let finished = client(args);
    assert_eq!(rows(&file).len(), shoppers, "the rows are written");
    finished
}

#[test]
fn thresholds_that_are_not_met_are_listed_and_no_failure() {
    let shop = Shop::start(&["--service-time", "5ms", "--rest"]);
    let thresholds = [
        "buy.p99>=30s",
        "home.mean > 30",
        "server.min<5ms",
        "rest.max>30s",
        "errors>0%",
        "server.errors>0.5%",
        "rate<0.1/s",
    ];
    let finished = run_with(&shop.url, 100, &[], &thresholds).ok();
    let (_, section) = finished
        .stdout
        .split_once("\nThresholds        ")
        .expect("a section");
    let lines: Vec<&str> = section.lines().map(str::trim).collect();
    assert_eq!(
        lines.len(),
        thresholds.len() + 1,
        "and the rows: {finished:#?}"
    );
    for (line, threshold) in lines.iter().zip(thresholds) {
        let beginning = format!("ok {threshold} is not met: ");
        assert!(line.starts_with(&beginning), "{line}");
    }
    assert!(section.contains("0.0 % (0 of 100)"), "{section}");
    assert_eq!(finished.stderr, "");
}

#[test]
fn a_threshold_that_is_met_is_reported_with_exit_code_3() {
    let shop = Shop::start(&["--service-time", "5ms", "--fault", "500:10%"]);
    let thresholds = [
        "server.min>1ms",
        "buy.max>1h",
        "errors>=10%",
        "buy.errors>10%",
    ];
    let finished = run_with(&shop.url, 100, &[], &thresholds);
    assert_eq!(finished.code(), Some(3), "{finished:#?}");
    for line in [
        " FAILED server.min>1ms is met: ",
        " ok buy.max>1h is not met: ",
        " FAILED errors>=10% is met: 10.0 % (10 of 100)\n",
        " ok buy.errors>10% is not met: 10.0 % (10 of 100)\n",
    ] {
        assert!(finished.stdout.contains(line), "{line:?}: {finished:#?}");
    }
    let told: Vec<&str> = finished.stderr.lines().collect();
    assert_eq!(told.len(), 2, "{finished:#?}");
    assert!(told[0].starts_with("profilerclient: --fail-if server.min>1ms: "));
    assert_eq!(
        told[1],
        "profilerclient: --fail-if errors>=10%: is met: 10.0 % (10 of 100)"
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
fn what_cannot_be_evaluated_has_failed() {
    let shop = Shop::start(&[]);
    for (threshold, why) in [
        ("buy.p99>1h", "p99 needs 100 values, of which there are 3"),
        (
            "rest.max>1h",
            "no report has the second server's elapsed time",
        ),
        ("rest.errors>1%", "no report has the second server's result"),
    ] {
        let finished = run_with(&shop.url, 3, &[], &[threshold]);
        assert_eq!(finished.code(), Some(3), "{finished:#?}");
        for text in [&finished.stdout, &finished.stderr] {
            let told = format!("cannot be evaluated: {why}");
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(&told), "{finished:#?}");
        }
    }
}

#[test]
fn json_lists_the_thresholds() {
    let shop = Shop::start(&["--service-time", "5ms"]);
    let thresholds = ["errors >= 0%", "server.max>1h", "home.p99>1h"];
    let finished = run_with(&shop.url, 10, &["--json"], &thresholds);
    assert_eq!(finished.code(), Some(3), "{finished:#?}");
    let summary: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    let listed = summary["thresholds"].as_array().expect("a list");
    assert_eq!(
        listed[0],
        json!({"threshold": "errors >= 0%", "state": "met", "failed": true, "value": 0.0,
            "unit": "share", "part": 0, "whole": 10, "variant": null, "level": null, "reason": null})
    );
    assert_eq!(listed[1]["failed"], false);
    let largest = &summary["server_elapsed_seconds"]["max"];
    assert_eq!(&listed[1]["value"], largest);
    assert!(largest.as_f64() >= Some(0.005), "{summary:#}");
    assert_eq!(
        listed[2],
        json!({"threshold": "home.p99>1h", "state": "cannot_be_evaluated", "failed": true,
            "value": null, "unit": "seconds", "part": null, "whole": null,
            "variant": null, "level": null, "reason": "p99 needs 100 values, of which there are 10"})
    );
    assert_eq!(listed.len(), 3);
}

#[test]
fn invalid_thresholds_are_refused_before_anything_is_sent() {
    let server = Scripted::start(|_, _| {});
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    for (threshold, parts) in [
        ("buy.p99", &["\"buy.p99\"", "in quotes"][..]),
        (
            "cart.p99>1s",
            &["cart.p99", "home, buy, server, rest or form"],
        ),
        ("buy.p100>1s", &["p100", "p99.999"]),
        ("buy.p99>1%", &["buy.p99>1%", "300ms"]),
        ("errors>5", &["errors>5", "1%"]),
        ("errors>100%", &["never be met"]),
        ("rate<\x1b[2J", &["\\u{1b}", "2.5/s"]),
    ] {
        let mut args = flags(&server.url(), 1, &file);
        args.push(format!("--fail_if={threshold}"));
        let refused = client(args).refused(2, parts);
        assert_eq!(refused.stdout, "");
    }
    assert_eq!(server.connections(), 0, "nothing was sent");
    assert!(!file.exists());
}

#[test]
fn a_signal_takes_precedence_over_a_threshold() {
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
    let listed = " FAILED errors>1% is met: 100.0 % (1 of 1)\n";
    assert!(finished.stdout.contains(listed), "{finished:#?}");
}

#[test]
fn a_threshold_takes_precedence_over_a_verdict_and_both_are_reported() {
    let thresholds = ["--strict-pace", "--fail-if", "home.max>1us"];
    let (_, finished) = held_while_the_answer_came(&thresholds);
    assert_eq!(finished.code(), Some(3), "{finished:#?}");
    let told: Vec<&str> = finished.stderr.lines().collect();
    assert!(
        told[0].contains("--strict-pace: NOT TRUSTED: "),
        "{finished:#?}"
    );
    assert!(
        told[1].contains("--fail-if home.max>1us: "),
        "{finished:#?}"
    );
}
