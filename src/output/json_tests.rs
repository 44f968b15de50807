use serde_json::{Value, json};

use super::*;
use crate::output::summary::tests::{facts, sample};

fn written(summary: &Summary, facts: &RunFacts) -> (String, Value) {
    let mut out = Vec::new();
    write(summary, facts, &mut out).expect("written");
    let text = String::from_utf8(out).expect("text");
    let value = serde_json::from_str(&text).expect("JSON");
    (text, value)
}

#[test]
fn the_whole_object() {
    let (summary, facts) = sample();
    let (text, value) = written(&summary, &facts);
    assert!(text.starts_with("{\"schema_version\":1,\"report_file\":\"report.csv\","));
    let home = json!({"n": 100, "min": 0.0015, "mean": 0.0015, "p50": 0.0015, "p90": 0.0015,
        "p99": 0.0015, "p99_9": null, "max": 0.0015});
    let expected = json!({
        "schema_version": 1,
        "report_file": "report.csv", "rows_written": 100,
        "target": "http://shop:8000", "app": "rdbms", "concurrent": 100, "seed": 42,
        "preconnect": false, "keep_alive": false,
        "started_time": "2026-01-02T03:04:05.678901", "interrupted": null,
        "wall_seconds": 2.0, "starts_spread_seconds": 0.00325,
        "launched": 100, "bought": 96, "failed_purchases": 4, "purchases_per_second": 48.0,
        "home_elapsed_seconds": home, "home_ok_elapsed_seconds": home,
        "buy_elapsed_seconds": {"n": 100, "min": 0.001, "mean": 0.10661, "p50": 0.049,
            "p90": 0.089, "p99": 2.0, "p99_9": null, "max": 2.0},
        "buy_ok_elapsed_seconds": {"n": 97, "min": 0.001, "mean": 0.048051546, "p50": 0.048,
            "p90": 0.087, "p99": null, "p99_9": null, "max": 0.096},
        "server_elapsed_seconds": {"n": 96, "min": 0.0005, "mean": 0.0005, "p50": 0.0005,
            "p90": 0.0005, "p99": null, "p99_9": null, "max": 0.0005},
        "server_max_cpu_percent": 30.0, "server_max_memory_megabytes": 3093.0,
        "rest_elapsed_seconds": {"n": 1, "min": 1.25, "mean": 1.25, "p50": null, "p90": null,
            "p99": null, "p99_9": null, "max": 1.25},
        "rest_max_cpu_percent": null, "rest_max_memory_megabytes": null,
        "home_http_codes": {"200": 100},
        "buy_http_codes": {"-100": 1, "200": 97, "500": 2},
        "errors": [
            {"step": "buy", "message": "HTTP 500 Internal Server Error", "count": 2,
             "share": 0.02, "example": "ValueError at /rdbms/2/\u{1b}[2J",
             "hint": "the server's code failed: its log has the traceback"},
            {"step": "buy", "message": "connection reset by the server", "count": 1,
             "share": 0.01, "example": null,
             "hint": "the server or its backlog gave up: look at its log, its workers, \
                      net.core.somaxconn"},
            {"step": "server", "message": "sold\u{9b} out", "count": 1, "share": 0.01,
             "example": null, "hint": null},
            {"step": "rest", "message": "refused without an error message", "count": 1,
             "share": 0.01, "example": null, "hint": null},
        ],
        "errors_ungrouped": 0,
        "client": {"cpu_user_seconds": 0.012, "cpu_system_seconds": 0.034,
            "peak_memory_bytes": 7_500_000, "clock_drift_seconds": 2e-8},
    });
    assert_eq!(value, expected);
}

#[test]
fn one_line_without_characters_that_a_terminal_obeys() {
    let (summary, facts) = sample();
    let facts = RunFacts {
        report_file: "a\u{202e}\u{9b}\"\\\n\u{1b}é💶".to_owned(),
        ..facts
    };
    let (text, value) = written(&summary, &facts);
    assert_eq!(text.find('\n'), Some(text.len() - 1));
    assert!(!text.trim_end().chars().any(is_unprintable), "{text}");
    assert_eq!(value["report_file"], facts.report_file);
}

#[test]
fn a_run_without_rows_has_nulls() {
    let facts = RunFacts {
        wall_nanos: 0,
        starts_spread_nanos: None,
        interrupted: Some("SIGTERM".to_owned()),
        ..facts()
    };
    let (_, value) = written(&Summary::default(), &facts);
    for absent in [
        "purchases_per_second",
        "starts_spread_seconds",
        "home_elapsed_seconds",
        "rest_elapsed_seconds",
        "server_max_cpu_percent",
    ] {
        assert_eq!(value.get(absent), Some(&Value::Null), "{absent}");
    }
    assert_eq!(value["errors"], json!([]));
    assert_eq!(value["interrupted"], "SIGTERM");
}
