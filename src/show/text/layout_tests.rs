//! Tests of the layout.

use super::*;
use crate::text::counted;

#[test]
fn figures_have_three_digits() {
    for (value, text) in [
        (0.0, "0"),
        (1.234e-7, "1.23e-7"),
        (0.000_012_34, "0.0000123"),
        (0.1, "0.100"),
        (1.0, "1.00"),
        (12.34, "12.3"),
        (123.4, "123"),
        (999.4, "999"),
        (999.6, "1000"),
        (1_234_567.8, "1234568"),
        (1.5e18, "1.50e18"),
    ] {
        assert_eq!(three_digits(value), text);
    }
    assert_eq!(listed(&[1]), "1");
    assert_eq!(listed(&[1, 10, 100]), "1, 10 and 100");
    assert_eq!(rate_asked(5.0 / 3600.0, Some("h")), "5/h");
    assert_eq!(rate_asked(1e-5, None), "0.0000100/s");
}

#[test]
fn figures_keep_their_digits_up_to_a_limit() {
    assert_eq!(plain(29.3), "29.3");
    assert_eq!(plain(3093.0), "3093");
    assert_eq!(plain(1e300), "1e300");
    assert_eq!(plain(1e-300).chars().count(), 21);
}

#[test]
fn spans_have_a_suitable_unit() {
    assert_eq!(span(999_999_000), "999.999 ms");
    assert_eq!(span(1_500_000_000), "1.500 s");
    assert_eq!(span(-250_000), "-0.250 ms");
    assert_eq!(
        (seconds(0.0), seconds(0.2), seconds(30.0)),
        ("0s".into(), "200ms".into(), "30s".into())
    );
}

#[test]
fn counts_have_the_right_noun() {
    assert_eq!(counted(1, "shopper", "shoppers"), "1 shopper");
    assert_eq!(counted(0, "shopper", "shoppers"), "0 shoppers");
}

#[test]
fn small_shares_are_not_shown_as_zero() {
    assert_eq!(
        (percent(0.0), percent(0.001), percent(0.995)),
        ("0 %".into(), "<1 %".into(), "100 %".into())
    );
}

#[test]
fn lines_break_at_blanks_and_a_number_stays_with_its_unit() {
    assert_eq!(wrapped("a bb ccc", 4), ["a bb", "ccc"]);
    assert_eq!(
        wrapped("share 12 %, 5.0 ms", 9),
        ["share", "12 %,", "5.0 ms"]
    );
    assert_eq!(wrapped("averylongword x", 4), ["averylongword", "x"]);
    assert_eq!(wrapped("", 4), [""]);
}

#[test]
fn a_number_that_is_no_span_is_shown_as_it_is() {
    for (given, shown) in [
        (0.0, "0s"),
        (0.25, "250ms"),
        (1.5, "1.5s"),
        (-2.0, "-2e0s"),
        (1e300, "1e300s"),
    ] {
        assert_eq!(seconds(given), shown);
    }
}
