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
fn times_are_read_as_finely_as_they_are_written() {
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
fn the_spans_lie_between_the_clocks_readings_and_may_be_negative() {
    let clock = Clock::start();
    let buy = Exchange {
        started: Some(Stamp(1_000)),
        first_byte: Some(Stamp(9_000)),
        ..Exchange::default()
    };
    let origin = clock.unix_nanos(Stamp(0));
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
