//! Tests of server report.

use super::*;
use proptest::prelude::*;

const WHOLE: &str = r#"{"cpu_seconds": 0.01, "cpu_usage": 29.3, "elapsed_seconds": 0.234,
        "error_msg": "", "memory_usage": 3093, "result": true,
        "started_time": "2015-01-03T00:33:40.520812", "stopped_time": "2015-01-03T00:33:40.755203",
        "rest": {"cpu_usage": 3.1, "elapsed_seconds": 0.02, "error_msg": "", "memory_usage": 811,
                 "result": true, "started_time": "a", "stopped_time": "b"}}"#;

#[test]
fn a_whole_report() {
    let report = ServerReport::parse(WHOLE.as_bytes()).expect("a report");
    assert_eq!(report.main.cpu_usage, Figure::from_f64(29.3));
    assert_eq!(report.main.memory_usage, Some(Figure::from(3093u64)));
    assert_eq!(report.main.elapsed_seconds, Figure::from_f64(0.234));
    assert_eq!(report.main.error_msg.as_deref(), Some(""));
    assert_eq!(report.main.result, Some(true));
    assert_eq!(
        report.main.started_time.as_deref(),
        Some("2015-01-03T00:33:40.520812")
    );
    let rest = report.rest.expect("a second server");
    assert_eq!(rest.memory_usage, Some(Figure::from(811u64)));
    assert_eq!(rest.stopped_time.as_deref(), Some("b"));
}

#[test]
fn keys_may_be_missing_null_unknown_or_repeated() {
    assert_eq!(ServerReport::parse(b"{}"), Ok(ServerReport::default()));
    let nulls = br#"{"cpu_usage":null,"result":null,"error_msg":null,"rest":null,"x":[{}]}"#;
    assert_eq!(ServerReport::parse(nulls), Ok(ServerReport::default()));
    let twice = ServerReport::parse(br#"{"result":false,"result":true}"#).expect("a report");
    assert_eq!(twice.main.result, Some(true));
    let escaped = ServerReport::parse(br#"{"r\u0065sult":false}"#).expect("a report");
    assert_eq!(escaped.main.result, Some(false));
    let nested = ServerReport::parse(br#"{"rest":{"rest":3}}"#).expect("a report");
    assert_eq!(nested.rest, Some(ServerFigures::default()));
}

#[test]
fn what_is_no_report_says_what_and_where() {
    for (body, expected) in [
        (&b""[..], "the body is empty"),
        (b" \r\n", "the body is empty"),
        (b"<html>", "the body is HTML"),
        (
            b"<!DOCTYPE html><title>ValueError\n at /rdbms/</title>",
            "the body is HTML, titled \"ValueError at /rdbms/\"",
        ),
        (
            b"{\"cpu_usage\": 1",
            "EOF while parsing an object at line 1 column 15",
        ),
        (
            b"[]",
            "expected a server report (a JSON object) at line 1 column 0",
        ),
        (b"{} x", "trailing characters at line 1 column 4"),
        (
            b"{\"result\": \"yes\"}",
            "result: invalid type: string \"yes\", expected a boolean at line 1 column 16",
        ),
        (
            b"{\"memory_usage\": \"much\"}",
            "memory_usage: \"much\" is no number",
        ),
        (b"{\"rest\": [1]}", "rest: invalid type: sequence"),
        (
            b"{\"rest\": {\"result\": 1}}",
            "rest: result: invalid type: integer `1`",
        ),
        (
            b"{\"cpu_usage\": NaN}",
            "cpu_usage: expected value at line 1 column 15",
        ),
        (
            b"{\"error_msg\": \"\xff\"}",
            "error_msg: invalid unicode code point",
        ),
    ] {
        let error = ServerReport::parse(body).expect_err("no report");
        assert!(error.contains(expected), "{error:?} lacks {expected:?}");
    }
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    let deep = format!("{{\"x\":{}", "[".repeat(1_000_000));
    assert!(ServerReport::parse(deep.as_bytes()).is_err());
}

proptest! {
    #[test]
    fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = ServerReport::parse(&body);
    }

    #[test]
    fn a_cut_report_is_never_a_report(cut in 0..WHOLE.len()) {
        prop_assert!(ServerReport::parse(&WHOLE.as_bytes()[..cut]).is_err());
    }
}
