use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::summary::samples::{facts, part, sample, summary, summary_of};
use crate::summary::{Figures, PartFacts, RunFacts, Summary, Usage};
use crate::sys::clock::Discipline;
use crate::time::offset::Bounds;

fn written(summary: &Summary) -> (String, Value) {
    let mut out = Vec::new();
    write(summary, &mut out).expect("written");
    let text = String::from_utf8(out).expect("text");
    let value = serde_json::from_str(&text).expect("JSON");
    (text, value)
}

fn value_of(figures: &Figures) -> Value {
    written(&summary_of(facts(), &part(), figures)).1
}

#[test]
fn the_whole_object() {
    let (text, value) = written(&summary());
    let begin = "{\"schema_version\":2,\"version\":\"1.2.3\",\"run\":\"1a-2b\",";
    assert!(text.starts_with(begin), "{text}");
    let home = json!({"n": 100, "min": 0.0015, "mean": 0.0015, "p50": 0.0015, "p90": 0.0015,
        "p95": 0.0015, "p99": 0.0015, "p99_9": null, "max": 0.0015});
    let expected = json!({
        "schema_version": 2, "version": "1.2.3", "run": "1a-2b", "ending": "done", "title": "a title",
        "tls": null, "shards": null, "note": "",
        "report_file": "report.csv", "rows_written": 100, "rows_lost": 0, "rows_skipped": 0,
        "target": "http://shop:8000", "app": "rdbms", "concurrent": 100, "seed": "42",
        "load": {
            "kind": "burst", "levels": [100], "repeat": null,
            "duration_seconds": null, "think_time_seconds": null,
            "think_time_distribution": null, "ramp_up_seconds": null, "rate_per_second": null, "rate_unit": null,
            "stages": null, "arrivals": null, "count": null, "max_in_flight": null,
            "warm_up_planned_shoppers": null, "warm_up_seconds": null, "rounds": 1,
            "pause_seconds": 0.0, "most_in_flight": 100, "warm_up_shoppers": null,
            "warm_up_failed": null
        },
        "preconnect": false, "keep_alive": false,
        "started_time": "2026-01-02T03:04:05.678901", "interrupted": null,
        "wall_seconds": 2.0, "span_seconds": 2.0, "starts_spread_seconds": 0.00325,
        "launched": 100, "dropped": 0, "not_launched": 0, "dropped_late": 0, "dropped_without_row": 0, "backoffs": 0, "bought": 96,
        "failed_purchases": 4, "purchases_per_second": 48.0,
        "home_elapsed_seconds": home, "home_ok_elapsed_seconds": home,
        "buy_elapsed_seconds": {"n": 100, "min": 0.001, "mean": 0.10661, "p50": 0.049,
            "p90": 0.089, "p95": 0.094, "p99": 2.0, "p99_9": null, "max": 2.0},
        "buy_ok_elapsed_seconds": {"n": 97, "min": 0.001, "mean": 0.048051546, "p50": 0.048,
            "p90": 0.087, "p95": 0.092, "p99": null, "p99_9": null, "max": 0.096},
        "home_from_due_seconds": null, "visit_from_due_seconds": null,
        "server_elapsed_seconds": {"n": 96, "min": 0.0005, "mean": 0.0005, "p50": 0.0005,
            "p90": 0.0005, "p95": 0.0005, "p99": null, "p99_9": null, "max": 0.0005},
        "server_cpu_seconds": null, "rest_cpu_seconds": null, "server_max_cpu_percent": 30.0, "server_max_memory_megabytes": 3093.0,
        "rest_elapsed_seconds": {"n": 1, "min": 1.25, "mean": 1.25, "p50": null, "p90": null,
            "p95": null, "p99": null, "p99_9": null, "max": 1.25},
        "rest_max_cpu_percent": null, "rest_max_memory_megabytes": null,
        "home_http_codes": {"200": 100},
        "buy_http_codes": {"-100": 1, "200": 97, "500": 2},
        "errors": [
            {"step": "buy", "message": "HTTP 500 Internal Server Error", "count": 2,
             "share": 0.02, "example": "ValueError at /rdbms/2/\\u{1b}[2J",
             "hint": "the server's code failed: its log has the traceback"},
            {"step": "buy", "message": "connection reset by the server", "count": 1,
             "share": 0.01, "example": null,
             "hint": "the server or its backlog is overloaded: look at its log, its workers \
                      and its backlog (profilerclient check)"},
            {"step": "server", "message": "sold\\u{9b} out", "count": 1, "share": 0.01,
             "example": null, "hint": null},
            {"step": "rest", "message": "refused without an error message", "count": 1,
             "share": 0.01, "example": null, "hint": null},
        ],
        "errors_ungrouped": 0,
        "odd_reports": [{"step": "server", "message": "error_msg: control characters", "count": 1,
            "share": 0.01, "example": null, "hint": null}], "thresholds": [], "variants": null, "comparison": null, "whole_blocks": null, "levels": null, "scalability": null, "machine": null,
        "load_average_after": null, "precise": null,
        "server_timings": [], "server_timings_left_out": 0, "server_timings_cut": 0, "server_times_missing": null, "cookies_dropped": 0, "cookies_withheld": null,
        "form_page_elapsed_seconds": null, "form_pages_failed": 0,
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
        "wait_split",
        "server_clock",
        "rest_clock",
        "verdict",
        "instrument",
    ] {
        assert!(others.remove(key).is_some(), "{key}");
    }
    assert_eq!(Value::Object(others), expected);
}

#[test]
fn one_line_without_terminal_control_characters() {
    let facts = RunFacts {
        report_file: "a\u{202e}\u{9b}\"\\\n\u{1b}é💶".to_owned(),
        ..facts()
    };
    let (text, value) = written(&summary_of(facts.clone(), &part(), &sample()));
    assert_eq!(text.find('\n'), Some(text.len() - 1));
    assert!(!text.trim_end().chars().any(is_unprintable), "{text}");
    assert_eq!(value["report_file"], facts.report_file);
}

#[test]
fn a_seed_above_2_to_the_53_is_exact() {
    let facts = RunFacts {
        seed: Some(u64::MAX),
        ..facts()
    };
    let (_, value) = written(&summary_of(facts, &part(), &sample()));
    assert_eq!(value["seed"], "18446744073709551615");
}

#[test]
fn a_run_without_rows_has_nulls() {
    let facts = RunFacts {
        interrupted: Some("SIGTERM".to_owned()),
        ..facts()
    };
    let (_, value) = written(&summary_of(
        facts,
        &PartFacts::default(),
        &Figures::default(),
    ));
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
    assert_eq!(
        value["instrument"]["trusted"],
        Value::Null,
        "nothing was judged"
    );
}

#[test]
fn phases_journey_and_clocks() {
    let mut figures = sample();
    let nothing = json!({"seconds": null, "share": null, "negative": 0});
    let value = value_of(&figures);
    assert_eq!(
        value["home_phases"]["connect"],
        json!({"seconds": {"n": 100, "min": 0.00015, "mean": 0.00015, "p50": 0.00015,
            "p90": 0.00015, "p95": 0.00015, "p99": 0.00015, "p99_9": null, "max": 0.00015},
            "share": 0.1, "negative": 0})
    );
    assert_eq!(value["buy_phases"]["wait"]["share"], 0.9);
    assert_eq!(
        value["journey"],
        json!({"before_server": nothing, "in_server": nothing, "after_server": nothing,
            "correction_seconds": 0.0, "correction_uncertainty_seconds": null,
            "share_uncertainty": null})
    );
    assert_eq!(
        value["rest_clock"],
        json!({"finding": "unknown", "rows": 0,
            "offset_seconds": {"at_least": null, "at_most": null},
            "drift_seconds": null, "time_zone_hours": null})
    );

    let journeys = &mut figures.journeys;
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
    let value = value_of(&figures);
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
fn the_instrument_object() {
    let value = value_of(&sample());
    let all = |n: u64, seconds: f64| {
        json!({"n": n, "min": seconds, "mean": seconds, "p50": seconds, "p90": seconds,
            "p95": seconds, "p99": seconds, "p99_9": null, "max": seconds})
    };
    assert_eq!(
        value["instrument"],
        json!({"trusted": true, "reasons": [], "launch_delay_seconds": all(100, 5e-7),
            "read_delay_seconds": all(197, 1e-5),
            "hop_delay_seconds": null, "send_delay_seconds": all(197, 0.0),
            "run_queue_wait_seconds": 0.0004, "steal_seconds": 0.0, "involuntary_context_switches": 5,
            "longest_iteration_seconds": 0.00025, "longest_turn_seconds": 0.00025, "paused_seconds": 0.0, "cpu_share": 0.015, "cpu_seconds": 0.03, "spin_seconds": 0.0,
            "responses": 199, "kernel_stamped_responses": 197, "descriptors_used": 108,
            "descriptors_limit": 1024, "ports_used": 200, "ports_available": 28232,
            "wall_clock_stepped": false, "clock_synchronised": null,
            "clock_estimated_error_seconds": null, "is_remote": false})
    );
    let facts = RunFacts {
        discipline: Some(Discipline {
            synchronised: true,
            estimated_error: Duration::from_micros(50),
        }),
        ..facts()
    };
    let usage = Usage {
        cpu: Duration::from_secs(2),
        wall: Duration::from_secs(2),
        ..Usage::default()
    };
    let part = PartFacts {
        usage: Some(usage),
        ..part()
    };
    let (_, value) = written(&summary_of(facts, &part, &sample()));
    let instrument = &value["instrument"];
    assert_eq!(instrument["trusted"], true, "the pace is another matter");
    assert_eq!(
        value["verdict"],
        json!({"home": {"state": "trusted", "own_share": {"p50": 0.0, "p99": 0.0}, "reasons": [],
                "hints": []},
            "purchase": {"state": "trusted", "own_share": {"p50": 0.0, "p99": null}, "reasons": [],
                "hints": []},
            "pace": {"state": "not_trusted", "own_share": {"p50": null, "p99": null},
                "reasons": [{"kind": "busy_loop", "level": null,
                    "reason": "the event loop used 100 % of its core",
                    "hint": "a faster or less busy core, or fewer virtual users"}],
                "hints": ["a faster or less busy core, or fewer virtual users"]}})
    );
    assert_eq!(instrument["clock_synchronised"], true);
    assert_eq!(instrument["clock_estimated_error_seconds"], 5e-5);
}
