//! Tests of journey.

use super::*;
use crate::time::clock::Stamp;

fn figures(started: &str, stopped: &str) -> ServerFigures {
    ServerFigures {
        started_time: Some(started.into()),
        stopped_time: Some(stopped.into()),
        ..ServerFigures::default()
    }
}

#[test]
fn times_are_read_with_their_resolution() {
    let mut utc = ReportClock::new(jiff::tz::TimeZone::UTC);
    for (started, stopped, resolution) in [
        ("1970-01-01T00:00:01.000000", "1970-01-01T00:00:02.5", 1_000),
        (
            "1970-01-01T00:00:01.000Z",
            "1970-01-01T00:00:02.500Z",
            1_000_000,
        ),
        ("1970-01-01T00:00:01.000000", "1970-01-01T00:00:02", 1_000),
        ("1970-01-01T00:00:01", "1970-01-01T00:00:02", 1_000_000_000),
        ("1970-01-01T00:00:01.000000000", "1970-01-01T00:00:02", 1),
    ] {
        let times = ServerTimes::of(&figures(started, stopped), &mut utc);
        assert_eq!(times.started, Some(1_000_000_000), "{started}");
        assert_eq!(times.resolution, resolution, "{started}");
    }
    let none = ServerTimes::of(&ServerFigures::default(), &mut utc);
    assert_eq!(none, ServerTimes::default());
    let one = ServerTimes::of(&figures("soon", "1970-01-01T00:00:01Z"), &mut utc);
    assert_eq!((one.started, one.stopped), (None, Some(1_000_000_000)));
}

#[test]
fn a_time_that_occurs_twice_is_the_one_near_the_clients() {
    let zone = jiff::tz::TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone");
    let mut clock = ReportClock::new(zone);
    // 2026-10-25T01:00:00Z, when the clocks go from 03:00 back to 02:00.
    let change = 1_792_890_000_000_000_000;
    let minute = 60_000_000_000;
    for near in [change - 30 * minute, change + 30 * minute] {
        let figures = figures("2026-10-25T02:30:00", "2026-10-25T02:31:00");
        let times = ServerTimes::near(near, &figures, &mut clock);
        assert_eq!(times.started, Some(near));
        assert_eq!(times.stopped, Some(near + minute));
    }
}

#[test]
fn spans_are_differences_of_clock_readings_and_may_be_negative() {
    let clock = Clock::start();
    let buy = Exchange {
        started: Some(Stamp::at(1_000)),
        first_byte: Some(Stamp::at(9_000)),
        ..Exchange::default()
    };
    let origin = clock.unix_nanos(Stamp::at(0));
    let server = |started: i64, stopped: i64| ServerTimes {
        started: Some(origin + started),
        stopped: Some(origin + stopped),
        resolution: 1_000,
    };
    let journey = Journey::of(&buy, &server(3_000, 4_000), &clock);
    let spans = [journey.before, journey.inside, journey.after];
    assert_eq!(spans, [Some(2_000), Some(1_000), Some(5_000)]);
    let journey = Journey::of(&buy, &server(500, 300), &clock);
    let spans = [journey.before, journey.inside, journey.after];
    assert_eq!(spans, [Some(-500), Some(-200), Some(8_700)]);
    let unknown = Journey::of(&buy, &ServerTimes::default(), &clock);
    assert_eq!(unknown, Journey::default());
    let absurd = ServerTimes {
        started: Some(i64::MIN),
        ..ServerTimes::default()
    };
    assert_eq!(Journey::of(&buy, &absurd, &clock).before, None);
}

/// A purchase of a server whose clock is `offset` ahead.
fn purchase(offset: i64) -> (Exchange, ServerTimes, Clock) {
    let clock = Clock::start();
    let origin = clock.unix_nanos(Stamp::at(0));
    let buy = Exchange {
        started: Some(Stamp::at(1_000)),
        connected: Some(Stamp::at(50_000)),
        stopped: Some(Stamp::at(400_000)),
        ..Exchange::default()
    };
    let server = ServerTimes {
        started: Some(origin + 150_000 + offset),
        stopped: Some(origin + 350_000 + offset),
        resolution: 1_000,
    };
    (buy, server, clock)
}

#[test]
fn a_purchase_bounds_the_offset_on_both_sides() {
    for offset in [0, 5_000_000, -3_600_000_000_000] {
        let (buy, server, clock) = purchase(offset);
        let found = offset_bounds(&buy, &server, &clock);
        assert_eq!(
            found,
            Bounds {
                at_least: Some(offset - 50_000),
                at_most: Some(offset + 101_000),
            }
        );
    }
    let (buy, server, clock) = purchase(0);
    let one_sided = ServerTimes {
        stopped: None,
        ..server
    };
    let found = offset_bounds(&buy, &one_sided, &clock);
    assert_eq!((found.at_least, found.at_most), (None, Some(101_000)));
    let never_connected = Exchange {
        connected: None,
        ..buy
    };
    let found = offset_bounds(&never_connected, &server, &clock);
    assert_eq!(found.at_most, Some(150_000));
    assert_eq!(
        offset_bounds(&Exchange::default(), &server, &clock),
        Bounds::default()
    );
}
