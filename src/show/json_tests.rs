use serde_json::{Value, json};

use std::time::Duration;

use super::*;
use crate::summary::tests::{facts, sample};
use crate::sys::clock::Discipline;
use crate::time::offset::Bounds;

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
        "load": {
            "is_open": false, "levels": [100], "description": null, "most_in_flight": 100,
            "warm_up_shoppers": null, "warm_up_failed": null
        },
        "preconnect": false, "keep_alive": false,
        "started_time": "2026-01-02T03:04:05.678901", "interrupted": null,
        "wall_seconds": 2.0, "starts_spread_seconds": 0.00325,
        "launched": 100, "not_launched": 0, "home_from_due_seconds": null,
        "visit_from_due_seconds": null, "levels": null, "scalability": null, "bought": 96, "failed_purchases": 4, "purchases_per_second": 48.0,
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
            {"step": "server", "message": "sold\\u{9b} out", "count": 1, "share": 0.01,
             "example": null, "hint": null},
            {"step": "rest", "message": "refused without an error message", "count": 1,
             "share": 0.01, "example": null, "hint": null},
        ],
        "errors_ungrouped": 0,
        "conditions": [],
        "client": {"cpu_user_seconds": 0.012, "cpu_system_seconds": 0.034,
            "peak_memory_bytes": 7_500_000, "clock_drift_seconds": 2e-8},
    });
    let Value::Object(mut others) = value else {
        panic!("an object");
    };
    // Tested by themselves.
    for key in [
        "home_phases",
        "buy_phases",
        "journey",
        "server_clock",
        "rest_clock",
        "instrument",
    ] {
        assert!(others.remove(key).is_some(), "{key}");
    }
    assert_eq!(Value::Object(others), expected);
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

#[test]
fn where_the_time_went_and_how_the_clocks_stand() {
    let (mut summary, facts) = sample();
    let nothing = json!({"seconds": null, "share": null, "negative": 0});
    let (_, value) = written(&summary, &facts);
    assert_eq!(
        value["home_phases"]["connect"],
        json!({"seconds": {"n": 100, "min": 0.00015, "mean": 0.00015, "p50": 0.00015,
            "p90": 0.00015, "p99": 0.00015, "p99_9": null, "max": 0.00015},
            "share": 0.1, "negative": 0})
    );
    assert_eq!(value["buy_phases"]["wait"]["share"], 0.9);
    assert_eq!(
        value["journey"],
        json!({"before_server": nothing, "in_server": nothing, "after_server": nothing,
            "correction_seconds": 0.0})
    );
    assert_eq!(
        value["rest_clock"],
        json!({"finding": "unknown", "rows": 0,
            "offset_seconds": {"at_least": null, "at_most": null},
            "drift_seconds": null, "time_zone_hours": null})
    );

    let journeys = &mut summary.journeys;
    for _ in 0..3 {
        // An hour ahead, give or take half a second.
        journeys.before.push(3_601_000_000_000);
        journeys.inside.push(1_000_000_000);
        journeys.after.push(-3_598_000_000_000);
        journeys.receive.push(0);
        journeys.main.add(Bounds {
            at_least: Some(3_599_500_000_000),
            at_most: Some(3_600_500_000_000),
        });
    }
    let (_, value) = written(&summary, &facts);
    let journey = &value["journey"];
    assert_eq!(journey["correction_seconds"], 3600.0);
    assert_eq!(journey["before_server"]["seconds"]["max"], 1.0);
    assert_eq!(journey["before_server"]["share"], 0.25);
    assert_eq!(journey["after_server"]["seconds"]["p50"], 2.0);
    assert_eq!(journey["after_server"]["negative"], 3);
    assert_eq!(
        value["server_clock"],
        json!({"finding": "differs", "rows": 3,
            "offset_seconds": {"at_least": 3599.5, "at_most": 3600.5},
            "drift_seconds": {"at_least": -1.0, "at_most": 1.0}, "time_zone_hours": 1.0})
    );
}

#[test]
fn the_instrument_of_itself() {
    let (summary, mut facts) = sample();
    let (_, value) = written(&summary, &facts);
    let lag = json!({"n": 100, "min": 5e-7, "mean": 5e-7, "p50": 5e-7, "p90": 5e-7, "p99": 5e-7,
        "p99_9": null, "max": 5e-7});
    let served = json!({"n": 100, "min": 0.0015005, "mean": 0.0015005, "p50": 0.0015005,
        "p90": 0.0015005, "p99": 0.0015005, "p99_9": null, "max": 0.0015005});
    let delay = json!({"n": 197, "min": 1e-5, "mean": 1e-5, "p50": 1e-5, "p90": 1e-5, "p99": 1e-5,
        "p99_9": null, "max": 1e-5});
    assert_eq!(
        value["instrument"],
        json!({"trusted": true, "reasons": [], "launch_lag_seconds": lag, "home_since_due_seconds": served,
            "seen_delay_seconds": delay, "longest_turn_seconds": 0.00025, "cpu_share": 0.015,
            "responses": 199, "kernel_stamped_responses": 197, "descriptors_used": 108,
            "descriptors_limit": 1024, "ports_used": 200, "ports_available": 28232,
            "wall_clock_stepped": false, "clock_synchronised": null,
            "clock_estimated_error_seconds": null})
    );
    facts.instrument.cpu = facts.instrument.wall;
    facts.instrument.discipline = Some(Discipline {
        synchronised: true,
        estimated_error: Duration::from_micros(50),
    });
    let (_, value) = written(&summary, &facts);
    let instrument = &value["instrument"];
    assert_eq!(instrument["trusted"], false);
    assert_eq!(instrument["reasons"].as_array().map(Vec::len), Some(1));
    assert_eq!(instrument["clock_synchronised"], true);
    assert_eq!(instrument["clock_estimated_error_seconds"], 5e-5);
}
