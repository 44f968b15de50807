//! Tests of values.

use super::*;

#[test]
fn seconds_are_exact() {
    for (text, nanos) in [
        ("0.028", Some(28_000_000)),
        ("0.123456789", Some(123_456_789)),
        ("0.1234567899", Some(123_456_789)),
        ("-0.000000001", Some(-1)),
        ("7", Some(7_000_000_000)),
        (".5", Some(500_000_000)),
        ("2.3e-05", Some(23_000)),
        ("9223372036.854775807", Some(i64::MAX)),
        ("-9223372036.854775808", Some(i64::MIN)),
        ("9223372036.854775808", None),
        ("99999999999999999999999999999999999999999999", None),
        ("1e10", None),
        ("nan", None),
        ("inf", None),
        ("1,5", None),
        (".", None),
        ("-", None),
    ] {
        assert_eq!(parse_seconds(text), nanos, "{text}");
    }
}
