//! Tests of what is shown of an ordinary site.

use super::*;
use crate::stats::Sample;
use crate::summary::CountAndHint;
use crate::summary::samples::summary;

fn metric(name: &str, unit: &str, p50: Option<f64>) -> ServerTimings {
    ServerTimings {
        step: "buy",
        name: name.to_owned(),
        unit: unit.to_owned(),
        p50,
        p90: None,
        p99: None,
        count: 3,
    }
}

fn written(summary: &Summary) -> String {
    let mut out = Vec::new();
    write(summary, &mut out).expect("a Vec takes all");
    let text = String::from_utf8(out).expect("text");
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn a_shop_that_reports_has_no_line() {
    assert_eq!(written(&summary()), "");
}

#[test]
fn metrics_are_shown_beside_the_service_time() {
    let mut summary = summary();
    summary.server_elapsed_seconds = [60_000_000i64; 3].into_iter().collect::<Sample>().summary();
    summary.server_timings = vec![
        metric("db", "seconds", Some(0.041)),
        metric("db", "queries", Some(7.0)),
        metric("total", "seconds", Some(0.06)),
        metric("e\u{1b}[2Jvil", "seconds", Some(0.001)),
        metric("rare", "seconds", None),
    ];
    let text = written(&summary);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        text,
        "Server's own purchase: db 41.0 ms of 60.0, db 7 queries, total 60.0 ms, e\\u{1b}[2Jvil 1.0 ms of \
         60.0 (medians)"
    );
}

#[test]
fn what_was_dropped_is_a_warning() {
    let mut summary = summary();
    summary.cookies_dropped = 300;
    summary.cookies_withheld = Some(CountAndHint {
        count: 50,
        hint: "use an https target",
    });
    summary.server_times_missing = Some(CountAndHint {
        count: 7,
        hint: "help django",
    });
    summary.server_timings_cut = 1;
    summary.server_timings_left_out = 2;
    summary.form_pages_failed = 4;
    let text = written(&summary);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "300 cookies were not kept",
        "50 Secure cookies were not sent back, since the target is plain http: sessions are lost; use an https target",
        "7 purchases have no service time in Server-Timing or --server-header; help django",
        "1 Server-Timing field was cut after 4 KiB",
        "2 values of Server-Timing were left out",
        "4 pages of the form failed (--csrf-page)",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
