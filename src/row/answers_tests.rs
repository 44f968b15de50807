//! Tests of expected statuses.

use super::*;

#[test]
fn expected_statuses_are_lists_and_ranges() {
    let expected = Expected::parse("200, 302,400-404").expect("statuses");
    for (status, has) in [
        (200, true),
        (201, false),
        (302, true),
        (402, true),
        (405, false),
    ] {
        assert_eq!(expected.has(status), has, "{status}");
    }
    assert_eq!(expected.to_string(), "200,302,400-404");
    assert!(Expected::default().has(200) && !Expected::default().has(302));
    for wrong in [
        "", "200,", "99", "600", "2xx", "299-200", "200-", "+200", "-200", "1000",
    ] {
        assert!(Expected::parse(wrong).is_err(), "{wrong}");
    }
}
