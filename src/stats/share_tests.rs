//! Tests of share.

use super::*;

#[test]
fn fractions_and_percentages() {
    for (text, billionths) in [
        ("0", 0),
        ("0.3", 300_000_000),
        (".3", 300_000_000),
        ("30%", 300_000_000),
        ("30 %", 300_000_000),
        ("0.7%", 7_000_000),
        ("0.0000001%", 1),
        ("1", 1_000_000_000),
        ("100%", 1_000_000_000),
    ] {
        let share = Share::parse(text).expect(text);
        assert_eq!(share.billionths(), billionths, "{text}");
    }
    assert_eq!(Share::parse("100%"), Some(Share::WHOLE));
    for text in [
        "", "%", ".", "-1%", "+1%", "1.1", "101%", "1e-3", "NaN", "0.1.1", "1%%",
    ] {
        assert_eq!(Share::parse(text), None, "{text}");
    }
}
