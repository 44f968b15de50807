//! Tests of reading.

use super::*;
use proptest::prelude::*;

#[test]
fn times_of_reports() {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone");
    for (text, expected) in [
        ("1970-01-01T01:00:00.000001", Some(1_000)),
        ("1970-01-01 01:00:01", Some(1_000_000_000)),
        ("1970-07-01T02:00:00", Some(181 * 86_400 * 1_000_000_000)),
        ("1970-01-01T00:00:01Z", Some(1_000_000_000)),
        ("1970-01-01T05:00:01.5+05:00", Some(1_500_000_000)),
        (" 1970-01-01T00:00:00-00:30 ", Some(1_800_000_000_000)),
        ("", None),
        ("yesterday", None),
        ("1970-13-01T00:00:00", None),
        ("9999-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00\u{1b}[2J", None),
    ] {
        assert_eq!(of_report(text, &zone), expected, "{text:?}");
        let mut clock = ReportClock::new(zone.clone());
        let read = |clock: &mut ReportClock| clock.read(text).map(|time| time.unix_nanos);
        assert_eq!(read(&mut clock), expected, "{text:?}");
        assert_eq!(read(&mut clock), expected, "{text:?} again");
    }
}

/// A local time that occurs twice is the one near the client's.
#[test]
fn an_hour_that_occurs_twice_is_read_by_the_clients_clock() {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone");
    // 2026-10-25T01:00:00Z: the clocks go from 03:00 back to 02:00.
    let change = 1_792_890_000_000_000_000;
    let second = 1_000_000_000;
    let hour = 3600 * second;
    for text in ["2026-10-25T02:30:00.5", "2026-10-25 02:30:00.5"] {
        let mut clock = ReportClock::new(zone.clone());
        let mut read = |near| clock.read_near(text, near).expect("a time").unix_nanos;
        let first = change - hour / 2 + second / 2;
        for near in [first - second, first, change - second, change - 10 * hour] {
            assert_eq!(read(near), first, "{text} near {near}");
        }
        for near in [first + hour, change + second, change + 10 * hour, i64::MAX] {
            assert_eq!(read(near), first + hour, "{text} near {near}");
        }
        assert_eq!(clock.read(text).map(|time| time.unix_nanos), Some(first));
    }
    // Unambiguous ones, and those that no clock shows, are the same whatever is near.
    for text in [
        "2026-10-25T03:00:00",
        "2026-10-25T02:30:00+02:00",
        "2026-03-29T02:30:00",
    ] {
        let mut clock = ReportClock::new(zone.clone());
        let read = clock.read(text);
        assert!(read.is_some());
        for near in [i64::MIN, 0, change, i64::MAX] {
            assert_eq!(clock.read_near(text, near), read, "{text}");
        }
    }
}

/// The times that a server writes across the change are read back the same.
#[test]
fn a_run_across_the_end_of_daylight_saving_has_one_clock() {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone");
    let mut clock = ReportClock::new(zone.clone());
    let change = 1_792_890_000;
    for seconds in (-2 * 3600..2 * 3600).step_by(299) {
        let instant = Timestamp::from_second(change + seconds).expect("an instant");
        let civil = instant.to_zoned(zone.clone()).datetime();
        let nanos = (change + seconds) * 1_000_000_000;
        let read = clock.read_near(&civil.to_string(), nanos + 5_000_000);
        assert_eq!(read.map(|time| time.unix_nanos), Some(nanos), "{civil}");
    }
}

proptest! {
    /// A reader that remembers agrees with one that does not, over changes of the hour too.
    #[test]
    fn what_is_remembered_changes_nothing(
        texts in proptest::collection::vec(
            "2015-(03-29|10-25|01-01)[T ]0[0-3]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{0,10})?(Z|\\+01:00|x)?",
            1..40,
        )
    ) {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone");
        let mut clock = ReportClock::new(zone.clone());
        for text in texts {
            let expected = of_report(&text, &zone).map(|unix_nanos| ReportTime {
                unix_nanos,
                resolution: resolution(&text),
            });
            prop_assert_eq!(clock.read(&text), expected, "{}", text);
        }
    }
}

/// Found by the fuzz target: the seconds were read apart from what stood before them.
#[test]
fn seconds_follow_nothing_but_a_minute() {
    let mut clock = ReportClock::new(TimeZone::UTC);
    for text in [
        "2262-01-01T0030\u{c}:00",
        "2015-01-03T00:3 :33",
        "+02015-01-03T00:33",
        "20150103T003300Z:33",
        "2015-01-03T00+01:33",
    ] {
        let read = clock.read(text).map(|time| time.unix_nanos);
        assert_eq!(read, of_report(text, &TimeZone::UTC), "{text:?}");
    }
}

#[test]
fn date_fields() {
    let read = |text: &str| of_date_field(text.as_bytes());
    assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
    for text in [
        "",
        "Sun, 36 Nov 1994 08:49:37 GMT",
        "no date at all",
        "\u{1b}",
    ] {
        assert_eq!(read(text), None, "{text:?}");
    }
    assert_eq!(of_date_field(b"\xff"), None);
}

/// No real zone does so, but a rule may: the minute has seconds of both offsets.
#[test]
fn clocks_that_change_within_a_minute_are_read_second_by_second() {
    let zone = TimeZone::posix("CET-1CEST,J100/20:34:15,J329/20:34:15").expect("a POSIX zone");
    let mut clock = ReportClock::new(zone.clone());
    // On 25 November at 20:34:15 the clocks go back to 19:34:15, so those before and those at or after
    // 19:34:15 have one meaning or two.
    for (text, is_twofold) in [
        ("2026-11-25T19:34:10.5", false),
        ("2026-11-25T19:34:20.5", true),
        ("2026-11-25T20:34:10.5", true),
        ("2026-11-25T20:34:20.5", false),
        ("2026-11-25T19:34:10.5", false),
    ] {
        let read = |clock: &mut ReportClock, near| {
            let time = clock.read_near(text, near);
            time.expect("a time").unix_nanos
        };
        let (first, second) = (read(&mut clock, i64::MIN), read(&mut clock, i64::MAX));
        assert_eq!(Some(first), of_report(text, &zone), "{text}");
        let apart = if is_twofold { 3_600_000_000_000 } else { 0 };
        assert_eq!(second - first, apart, "{text}");
    }
}
