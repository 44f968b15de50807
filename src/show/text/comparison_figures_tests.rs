//! Tests of figures.

use super::*;

#[test]
fn figures_have_four_digits_and_their_unit() {
    for (unit, value, expected) in [
        (Unit::Seconds, 0.0050123, "5.012 ms"),
        (Unit::Seconds, 0.000_015, "0.01500 ms"),
        (Unit::Seconds, 12.3456, "12.35 s"),
        (Unit::Seconds, f64::INFINITY, "infinite"),
        (Unit::PerSecond, 1234.5, "1234/s"),
        (Unit::Share, 0.012, "1.200 %"),
        (Unit::Share, 0.0, "0 %"),
    ] {
        assert_eq!(figure_of(unit, Number(value)), expected);
    }
    assert_eq!(percent(Number(1.0104)), "+1.04");
    assert_eq!(percent(Number(0.5)), "-50.0");
    assert_eq!(percent(Number(f64::INFINITY)), "+inf");
    assert_eq!(percent(Number(0.0)), "-100");
}
