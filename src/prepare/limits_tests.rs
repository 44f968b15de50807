//! Tests of limits.

use super::*;

#[test]
fn the_needed_descriptors_are_compared_with_the_limit() {
    let limit = OpenFiles {
        soft: 100,
        hard: 200,
    };
    assert!(check(AtOnce::concurrent(90), 10, limit).is_ok());
    let error = check(AtOnce::concurrent(91), 10, limit)
        .expect_err("one too many")
        .line();
    for part in [
        "--concurrent 91",
        "needs 101",
        "limit is 100",
        "hard limit 200",
        "-c 90",
    ] {
        assert!(error.contains(part), "{error:?} lacks {part:?}");
    }
}

#[test]
fn ranges_of_ports() {
    for (range, reserved, count) in [
        ("32768\t60999\n", "\n", Some(28_232)),
        ("32768 60999", "8080,40000-40009,61000\n", Some(28_222)),
        ("32768 60999", "1-32768,60999-65535", Some(28_230)),
        ("32768 60999", "1-65535", Some(0)),
        ("5 5", "", Some(1)),
        ("32768", "", None),
        ("", "", None),
        ("a b", "", None),
    ] {
        let read = PortRange::parse(range, reserved).map(PortRange::count);
        assert_eq!(read, count, "{range:?} without {reserved:?}");
    }
}

#[test]
fn each_source_address_has_all_ports() {
    let range = PortRange::parse("32768 60999", "").expect("a range");
    for (at_once, sources) in [(28_232, 1), (56_464, 2), (usize::MAX, u64::MAX)] {
        assert!(range.check(AtOnce::concurrent(at_once), sources).is_ok());
    }
    for (at_once, sources, parts) in [
        (
            28_233,
            1,
            &[
                "28233",
                "32768 60999",
                "one source",
                "--bind A,B",
                "-c 28232",
            ][..],
        ),
        (
            56_465,
            2,
            &["56465", "28232 (", "each of 2", "56464 in all", "-c 56464"],
        ),
    ] {
        let error = range
            .check(AtOnce::concurrent(at_once), sources)
            .expect_err("one too many")
            .line();
        for part in parts {
            assert!(error.contains(part), "{error:?} lacks {part:?}");
        }
    }
}

#[test]
fn the_number_of_ports_is_bounded() {
    // Where the range can be read, it lies within 16 bits.
    let refused = check_ports(AtOnce::concurrent(70_000), 1);
    assert_eq!(refused.is_err(), source_ports().is_some(), "{refused:?}");
    assert!(check_ports(AtOnce::in_flight(1), 1).is_ok());
}

#[test]
fn more_than_any_machine_allows_is_refused() {
    let error = descriptors_for(AtOnce::concurrent(usize::MAX / 4))
        .expect_err("no machine has that many")
        .line();
    assert!(error.contains("ulimit"), "{error}");
}

#[test]
fn hints_never_suggest_zero_shoppers() {
    let limit = OpenFiles { soft: 8, hard: 8 };
    let error = check(AtOnce::concurrent(1), 10, limit).expect_err("too few");
    assert!(!error.line().contains("at most"), "{error}");
    let range = PortRange::parse("5 5", "5").expect("a range");
    let error = range.check(AtOnce::concurrent(1), 1).expect_err("none");
    assert!(!error.line().contains("at most"), "{error}");
}
