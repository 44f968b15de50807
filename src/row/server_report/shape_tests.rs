use proptest::prelude::*;

use super::*;

const REPORT: &str = r#"{"cpu_seconds": 0.01, "cpu_usage": 29.3, "elapsed_seconds": 0.234, "error_msg": "",
 "memory_usage": 3093, "result": true, "extra": null, "started_time": "2015-01-03T00:33:40.520812",
 "stopped_time": "2015-01-03T00:33:40.755203", "rest": {"cpu_usage": -3.1, "elapsed_seconds": 0.02,
 "error_msg": "a b", "result": false}, "last": "x"}
"#;

fn learned(body: &str) -> ReportShape {
    let mut shape = ReportShape::default();
    shape.learn(body.as_bytes());
    shape
}

fn parsed(body: &[u8]) -> ServerReport {
    ServerReport::parse(body).expect("a report")
}

#[test]
fn a_report_of_the_same_shape_is_read_like_json() {
    let shape = learned(REPORT);
    assert_eq!(
        shape.read(REPORT.as_bytes()),
        Some(parsed(REPORT.as_bytes()))
    );
    let other = (REPORT.replace("0.234", "12").replace("true", "false"))
        .replace("40.755203", "41.1")
        .replace("\"a b\"", "null");
    let read = shape.read(other.as_bytes()).expect("the same shape");
    assert_eq!(read, parsed(other.as_bytes()));
    assert_eq!(read.main.result, Some(false));
    assert_eq!(read.rest.expect("a second server").error_msg, None);
}

#[test]
fn other_shapes_and_odd_values_are_left_to_the_readers_of_json() {
    let shape = learned(REPORT);
    for (from, to) in [
        ("0.234", "1e400"),
        ("0.234", "01"),
        ("0.234", "1."),
        ("0.234", "-"),
        ("0.234", "\"0.234\""),
        ("0.234", "true"),
        ("true", "1"),
        ("\"a b\"", "\"a\\u0000b\""),
        ("\"a b\"", "\"a\tb\""),
        ("\"a b\"", "\"é\""),
        ("\"a b\"", "3"),
        ("null", "{}"),
        ("null", "[1]"),
        ("cpu_usage", "cpu_usages"),
        (", \"last\": \"x\"", ""),
        ("\"x\"}", "\"x\"} 1"),
        ("\"x\"}", "\"x\""),
    ] {
        let other = REPORT.replacen(from, to, 1);
        assert_ne!(other, REPORT);
        assert_eq!(shape.read(other.as_bytes()), None, "{other}");
    }
    let long = REPORT.replace("a b", &"a".repeat(301));
    assert_eq!(shape.read(long.as_bytes()), None);
    assert_eq!(ReportShape::default().read(b""), None);
    for nested in [
        r#"{"a": [1]}"#,
        r#"{"rest": {"rest": {}}}"#,
        "{}",
        r#"{"a\u0062": 1}"#,
        r#"{"result": true, "rest": {}}"#,
    ] {
        assert_eq!(learned(nested).read(nested.as_bytes()), None, "{nested}");
    }
}

proptest! {
    #[test]
    fn what_is_read_by_shape_is_what_json_says(
        place in 0..REPORT.len(),
        cut in 0..12_usize,
        patch in r#"[-0-9.eE"\\a-z{}\[\],: ntf]{0,12}"#,
    ) {
        let mut body = REPORT.as_bytes().to_vec();
        body.splice(place..(place + cut).min(REPORT.len()), patch.bytes());
        if let Some(read) = learned(REPORT).read(&body) {
            prop_assert_eq!(read, parsed(&body));
        }
        // Learned from the changed one, if that is a report at all.
        if let Ok(report) = ServerReport::parse(&body)
            && report.odd.is_none()
            && let Some(read) = learned(&String::from_utf8(body.clone()).expect("ASCII")).read(&body)
        {
            prop_assert_eq!(read, report);
        }
    }
}
