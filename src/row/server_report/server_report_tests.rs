//! Tests of server report.

use super::*;
use crate::row::figure::Figure;
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
    assert_eq!(report.main.cpu_seconds, Figure::from_f64(0.01));
    assert_eq!(report.odd, None);
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
    assert_eq!(nested.rest, Some(Box::default()));
}

#[test]
fn invalid_reports_are_described_with_their_position() {
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
            b"{\"cpu_usage\": NaN, \"result\": true",
            "the JSON ends too early at line 1 column 34",
        ),
        (
            b"{\"cpu_usage\": NaN,\n \"result\" true}",
            "expected `:` at line 2 column 11",
        ),
        (
            b"{\"x\": NaN, \"y\": [{]}",
            "expected the other bracket at line 1 column 19",
        ),
        (b"{\"x\": NaN} {}", "expected the end at line 1 column 12"),
        (
            b"{\"x\": nan \"y\": 1}",
            "expected `,` or `}` at line 1 column 11",
        ),
    ] {
        let error = ServerReport::parse(body).expect_err("no report");
        let error = error.to_string();
        assert!(error.contains(expected), "{error:?} lacks {expected:?}");
    }
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    let deep = format!("{{\"x\":{}", "[".repeat(1_000_000));
    assert!(ServerReport::parse(deep.as_bytes()).is_err());
}

/// The whole report with other text in the place of some of it.
fn with(from: &str, to: &str) -> Vec<u8> {
    assert!(WHOLE.contains(from), "{from}");
    WHOLE.replacen(from, to, 1).into_bytes()
}

fn read(body: &[u8]) -> ServerReport {
    ServerReport::parse(body).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn an_invalid_value_affects_only_itself() {
    let whole = read(WHOLE.as_bytes());
    let figure = |text: &str| Some(Figure::parse(text).expect("a number"));
    let cases: &[(&str, &str, Option<Figure>, &str)] = &[
        ("29.3", "NaN", None, "cpu_usage: NaN is not a number"),
        (
            "29.3",
            "-Infinity",
            None,
            "cpu_usage: -Infinity is not a number",
        ),
        (
            "29.3",
            "\"much\"",
            None,
            "cpu_usage: \"much\" is not a number",
        ),
        ("29.3", "[29.3]", None, "cpu_usage: [29.3] is not a number"),
        ("29.3", "true", None, "cpu_usage: true is not a number"),
        (
            "29.3",
            "\" 29.30 \"",
            figure("29.30"),
            "cpu_usage: a number in quotes",
        ),
        (
            "29.3",
            "\"nan\"",
            None,
            "cpu_usage: \"nan\" is not a number",
        ),
        ("29.3", ".5", figure("0.5"), "cpu_usage: .5 is not JSON"),
        (
            "29.3",
            "1e999",
            None,
            "cpu_usage: beyond the range of floating-point numbers",
        ),
    ];
    for (from, to, cpu_usage, odd) in cases {
        let mut expected = whole.clone();
        expected.main.cpu_usage = cpu_usage.clone();
        expected.odd = Some((*odd).into());
        assert_eq!(read(&with(from, to)), expected, "{to}");
    }
    let digits = "7".repeat(301);
    let report = read(&with("29.3", &digits));
    assert_eq!(
        report.main.cpu_usage,
        Figure::from_f64(digits.parse().expect("a float"))
    );
    assert_eq!(report.main.memory_usage, whole.main.memory_usage);
    assert_eq!(
        report.odd.as_deref(),
        Some("cpu_usage: a number of more than 300 digits, rounded")
    );
}

#[test]
fn a_result_of_another_type_is_read_where_it_can_be() {
    for (value, result, odd) in [
        ("\"True\"", Some(true), "result: \"True\", read as true"),
        ("False", Some(false), "result: False, read as false"),
        ("1", Some(true), "result: 1, read as true"),
        ("0.0", Some(false), "result: 0.0, read as false"),
        ("\"yes\"", None, "result: \"yes\" is not true or false"),
        ("2", None, "result: 2 is not true or false"),
        ("{}", None, "result: {} is not true or false"),
    ] {
        let report = read(&with("\"result\": true", &format!("\"result\": {value}")));
        assert_eq!(report.main.result, result, "{value}");
        assert_eq!(report.odd.as_deref(), Some(odd));
        assert_eq!(report.main.memory_usage, Some(Figure::from(3093u64)));
        assert!(report.rest.is_some());
    }
}

#[test]
fn the_readable_part_of_texts_is_kept() {
    for (value, text, odd) in [
        (&br#""caf\udce9""#[..], "caf\u{fffd}", "a lone surrogate"),
        (
            br#""\ud83d\ude00 \ud83d!""#,
            "\u{1f600} \u{fffd}!",
            "a lone surrogate",
        ),
        (br#""\ude00\ud83d""#, "\u{fffd}\u{fffd}", "a lone surrogate"),
        (b"\"caf\xe9\"", "caf\u{fffd}", "invalid UTF-8"),
        (
            br#""a\x41\u12""#,
            "a\u{fffd}x41\u{fffd}u12",
            "an invalid escape",
        ),
        (b"\"a\nb\"", "a\nb", "an unescaped control character"),
        (b"404", "404", "not a text"),
        (br#"["no", "stock"]"#, r#"["no", "stock"]"#, "not a text"),
    ] {
        let mut body = br#"{"result": true, "error_msg": "#.to_vec();
        body.extend_from_slice(value);
        body.extend_from_slice(br#", "memory_usage": 7}"#);
        let report = read(&body);
        assert_eq!(report.main.error_msg.as_deref(), Some(text));
        assert_eq!(report.main.result, Some(true));
        assert_eq!(report.main.memory_usage, Some(Figure::from(7u64)));
        assert_eq!(report.odd, Some(format!("error_msg: {odd}").into()));
    }
    let escaped = read(br#"{"error_msg": "a\u0000b\r\n\u001b"}"#);
    let expected = "a\\u{0}b\r\n\\u{1b}";
    assert_eq!(escaped.main.error_msg.as_deref(), Some(expected));
    assert_eq!(
        escaped.odd.as_deref(),
        Some("error_msg: control characters")
    );
    let long = read(format!("{{\"error_msg\": \"{}\"}}", "ä".repeat(200_000)).as_bytes());
    let expected = "ä".repeat(299) + "…";
    assert_eq!(long.main.error_msg.as_deref(), Some(&*expected));
    assert_eq!(
        long.odd.as_deref(),
        Some("error_msg: cut to 300 characters")
    );
}

#[test]
fn repeated_and_unknown_keys_give_remarks() {
    let twice = read(br#"{"result": false, "result": true}"#);
    assert_eq!(twice.main.result, Some(true));
    assert_eq!(twice.odd.as_deref(), Some("result: repeated"));
    let unreadable = read(br#"{"result": false, "result": "x"}"#);
    assert_eq!(unreadable.main.result, Some(false));
    let unknown = read(br#"{"note": "\udce9", "other": Infinity, "result": true}"#);
    assert_eq!(unknown.main.result, Some(true));
    assert_eq!(
        unknown.odd.as_deref(),
        Some("an unknown key: a lone surrogate; an unknown key: Infinity is not JSON")
    );
    let depth = 500_000;
    for (odd, remark) in [("1", None), ("NaN", Some("cpu_usage: NaN is not a number"))] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let body = format!("{{\"x\": {open}{close}, \"cpu_usage\": {odd}, \"result\": true}}");
        let deep = read(body.as_bytes());
        assert_eq!(deep.main.result, Some(true));
        assert_eq!(deep.odd.as_deref(), remark);
    }
    let marked = read("\u{feff}{\"result\": true}".as_bytes());
    assert_eq!(marked.main.result, Some(true));
}

#[test]
fn the_second_servers_part_is_read_with_the_same_tolerance() {
    let report = read(&with("3.1", "NaN"));
    let rest = report.rest.expect("a second server");
    assert_eq!(rest.cpu_usage, None);
    assert_eq!(rest.memory_usage, Some(Figure::from(811u64)));
    assert_eq!(report.main.memory_usage, Some(Figure::from(3093u64)));
    assert_eq!(
        report.odd.as_deref(),
        Some("rest: cpu_usage: NaN is not a number")
    );
    for (rest, odd) in [
        ("[1]", "rest: [1] is not an object"),
        ("7", "rest: 7 is not an object"),
    ] {
        let report = read(format!("{{\"rest\": {rest}, \"result\": true}}").as_bytes());
        assert_eq!((report.main.result, report.rest), (Some(true), None));
        assert_eq!(report.odd.as_deref(), Some(odd));
    }
}

#[test]
fn the_number_and_length_of_remarks_are_limited() {
    let body = format!(
        "{{\"error_msg\": 1, \"cpu_usage\": \"{}\", \"result\": 2, \"memory_usage\": [], \"started_time\": 1}}",
        "x\u{1b}".repeat(10_000)
    );
    let odd = read(body.as_bytes()).odd.expect("remarks");
    assert!(odd.ends_with("; 2 more"), "{odd}");
    assert!(
        odd.chars().count() <= 300 && !odd.contains(char::is_control),
        "{odd}"
    );
}

proptest! {
    #[test]
    fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = ServerReport::parse(&body);
    }

    /// Both readers agree on what is JSON by the letter.
    #[test]
    fn the_tolerant_reader_reads_what_the_strict_one_does(
        number in "-?[1-9][0-9]{0,9}(\\.[0-9]{1,9})?", text in "\\PC{0,20}", result in any::<bool>(),
    ) {
        let text = serde_json::to_string(&text).expect("a text");
        let body = format!("{{\"cpu_usage\": {number}, \"error_msg\": {text}, \"result\": {result},
            \"rest\": {{\"started_time\": {text}, \"x\": [{{}}, {text}]}}}}");
        let strict = strict::parse(body.as_bytes()).expect("JSON");
        prop_assert_eq!(tolerant::parse(body.as_bytes()).expect("JSON"), strict);
    }

    /// A value of whatever bytes leaves the others as they are, or breaks the frame.
    #[test]
    fn any_value_costs_at_most_itself(value in "[\\PC\\x00-\\x1f]{0,12}|\\[[\\[\\]{}a1,]{0,6}\\]") {
        let body = format!("{{\"memory_usage\": 7, \"cpu_usage\": {value}, \"result\": true}}");
        if let Ok(report) = ServerReport::parse(body.as_bytes()) {
            prop_assert_eq!(report.main.memory_usage, Some(Figure::from(7u64)));
            prop_assert_eq!(report.main.result, Some(true));
        }
    }

    #[test]
    fn a_cut_report_is_never_a_report(cut in 0..WHOLE.len()) {
        prop_assert!(ServerReport::parse(&WHOLE.as_bytes()[..cut]).is_err());
    }
}
