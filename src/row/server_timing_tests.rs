//! Tests of the reader of Server-Timing.

use super::*;
use proptest::prelude::*;

fn read(value: &str) -> Vec<(&str, Option<f64>)> {
    metrics(value).map(|of| (of.name, of.seconds)).collect()
}

#[test]
fn metrics_have_names_and_durations() {
    assert_eq!(
        read("db;dur=41.5;desc=\"7 queries\", total;dur=60, cache, miss;desc=x"),
        [
            ("db", Some(0.0415)),
            ("total", Some(0.06)),
            ("cache", None),
            ("miss", None)
        ]
    );
    let count = metrics("db;dur=1;desc=\"7 queries\"").find_map(|of| of.count);
    assert_eq!(count, Some((7.0, "queries")));
}

#[test]
fn odd_metrics_are_left_out_and_the_others_read() {
    assert_eq!(
        read(
            "a;desc=\"x, y;dur=9\";dur=2, b c;dur=1, ;dur=3, d;dur=-1, e;dur=nan, f ; dur = \"4\""
        ),
        [
            ("a", Some(0.002)),
            ("d", None),
            ("e", None),
            ("f", Some(0.004))
        ]
    );
    assert_eq!(read("a;dur=1;dur=2"), [("a", Some(0.001))]);
    assert_eq!(read("x;dur=1e400, y;dur=inf"), [("x", None), ("y", None)]);
    let long = format!("{};dur=1, ok;dur=2", "n".repeat(65));
    assert_eq!(read(&long), [("ok", Some(0.002))]);
    let many = "a;dur=1,".repeat(10_000);
    assert_eq!(read(&many).len(), MOST_METRICS);
}

#[test]
fn the_service_time_is_the_named_metric_or_total_or_app_or_the_longest() {
    let value = "db;dur=90, app;dur=50, total;dur=60";
    assert_eq!(service_seconds(value, None), Some(0.06));
    assert_eq!(service_seconds(value, Some("DB")), Some(0.09));
    assert_eq!(service_seconds(value, Some("view")), None);
    assert_eq!(service_seconds("db;dur=90, app;dur=50", None), Some(0.05));
    assert_eq!(service_seconds("db;dur=90, view;dur=50", None), Some(0.09));
    assert_eq!(service_seconds("cache", None), None);
}

#[test]
fn fields_with_one_time_are_seconds_unless_a_unit_follows() {
    for (value, seconds) in [
        ("0.25", Some(0.25)),
        ("12ms", Some(0.012)),
        ("250us", Some(0.00025)),
        ("1.5s", Some(1.5)),
        ("0.041 s", Some(0.041)),
        ("41 ms", Some(0.041)),
        ("41000us", Some(0.041)),
        ("4.1e-2", Some(0.041)),
        ("0.010, 0.020", Some(0.03)),
        ("0.010 : -", Some(0.01)),
        ("0,041", None),
        ("0.5, fast", None),
        ("-1", None),
        ("+1", None),
        ("inf", None),
        ("NaN", None),
        ("1e308", None),
        ("ms", None),
        ("1 m s", None),
        ("0.5, 0.25 : 0.25", Some(1.0)),
        ("-, 0.5", Some(0.5)),
        ("-", None),
        ("", None),
        ("fast", None),
        ("1e9", None),
        ("99999999", None),
    ] {
        let read = header_seconds(value);
        let is_same = match (read, seconds) {
            (Some(read), Some(seconds)) => (read - seconds).abs() < 1e-12,
            (read, seconds) => read == seconds,
        };
        assert!(is_same, "{value}: {read:?}");
    }
}

proptest! {
    #[test]
    fn any_value_is_read_within_bounds(value in "\\PC{0,300}|[a-z;=,\"\\\\ .0-9]{0,300}") {
        for metric in metrics(&value) {
            prop_assert!((1..=LONGEST_NAME).contains(&metric.name.len()));
            if let Some(seconds) = metric.seconds {
                prop_assert!((0.0..=LONGEST_SECONDS).contains(&seconds));
            }
        }
        let _ = (service_seconds(&value, None), header_seconds(&value));
        prop_assert!(kept(value.as_bytes()).chars().count() <= LONGEST_KEPT);
    }
}
