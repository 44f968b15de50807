//! A purchase's way to a server and back, by the times that the server reported.
//!
//! ```text
//!  client   started ─────────────────────────────────── first byte
//!              │ before                            after ▲
//!  server      └───────► started ──── inside ──── stopped ┘
//! ```
//!
//! Two clocks are read for it, the client's and the server's. The spans here are as the clocks say;
//! what [`crate::offset`] finds out of their difference is for the outputs to put right.

use crate::clock::Clock;
use crate::row::Exchange;
use crate::server_report::ServerFigures;
use crate::wall_clock::ReportClock;

/// When a server began and ended its work on a purchase, by its own clock: nanoseconds since the
/// Unix epoch. Times without an offset are taken for local time of this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerTimes {
    /// When it began; the true reading is at most [`ServerTimes::resolution`] later.
    pub started: Option<i64>,
    /// When it ended; likewise.
    pub stopped: Option<i64>,
    /// What the server's way of writing times cut off at most, nanoseconds.
    pub resolution: i64,
}

impl ServerTimes {
    /// The times of a report that can be read.
    pub fn of(figures: &ServerFigures, clock: &mut ReportClock) -> ServerTimes {
        let mut read = |text: &Option<Box<str>>| clock.read(text.as_deref()?);
        let started = read(&figures.started_time);
        let stopped = read(&figures.stopped_time);
        // Python leaves the decimals out in the rare case that they are all zero; a server whose one
        // time has them and the other has not writes them.
        let resolutions = [started, stopped].into_iter().flatten();
        ServerTimes {
            started: started.map(|time| time.unix_nanos),
            stopped: stopped.map(|time| time.unix_nanos),
            resolution: resolutions.map(|time| time.resolution).min().unwrap_or(0),
        }
    }
}

/// The spans of the way, nanoseconds, as the two clocks say; each may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Journey {
    /// From the client's start to the server's: the network, and the queue before the server's code.
    pub before: Option<i64>,
    /// From the server's start to its stop: its work. One clock only.
    pub inside: Option<i64>,
    /// From the server's stop to the first byte of the answer: its overhead, and the way back.
    pub after: Option<i64>,
}

impl Journey {
    /// The way of a purchase.
    pub fn of(buy: &Exchange, server: &ServerTimes, clock: &Clock) -> Journey {
        let unix = |stamp| clock.unix_nanos(stamp);
        let span = |from: Option<i64>, to: Option<i64>| to?.checked_sub(from?);
        Journey {
            before: span(buy.started.map(unix), server.started),
            inside: span(server.started, server.stopped),
            after: span(server.stopped, buy.first_byte.map(unix)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Stamp;

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
}
