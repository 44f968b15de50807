//! Tests of figure.

use super::*;

#[test]
fn digits_are_kept() {
    for text in ["0.10", "-0", "1e400", "12345678901234567890.123456789"] {
        assert_eq!(Figure::parse(text).expect(text).as_str(), text);
    }
    for (text, digits) in [("+1.", "1.0"), (".5", "0.5"), ("01", "1.0")] {
        assert_eq!(Figure::parse(text).expect(text).as_str(), digits);
    }
    for text in ["", "x", "NaN", "inf", "1 2", "1;2", "--1"] {
        assert_eq!(Figure::parse(text), None, "{text:?}");
    }
    assert_eq!(Figure::of_json("\"1\""), None);
    assert_eq!(Figure::of_json("true"), None);
}

#[test]
fn as_floats() {
    assert_eq!(Figure::from(3093u64).as_f64(), Some(3093.0));
    assert_eq!(Figure::parse("1e400").and_then(|big| big.as_f64()), None);
    assert_eq!(Figure::from_f64(f64::INFINITY), None);
    assert_eq!(Figure::from_f64(0.1).expect("finite").as_f64(), Some(0.1));
}
