//! The path of a purchase to a server and back, by the times that the server reported.
//!
//! ```text
//!  client   started ─────────────────────────────────── first byte
//!              │ before                            after ▲
//!  server      └───────► started ──── inside ──── stopped ┘
//! ```
//!
//! Two clocks are involved, the client's and the server's. The spans here are not corrected for
//! their offset; the summary corrects them by what [`crate::time::offset`] finds.

use crate::row::Exchange;
use crate::row::server_report::{ServerFigures, TimeText};
use crate::time::clock::Clock;
use crate::time::offset::{Answered, Bounds};
use crate::time::reading::ReportClock;

/// When a server began and ended its work on a purchase, by its own clock: nanoseconds since the
/// Unix epoch. Times without an offset are read as local time of this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerTimes {
    /// When it began; the true reading is at most [`ServerTimes::resolution`] later.
    pub started: Option<i64>,
    /// When it ended; likewise.
    pub stopped: Option<i64>,
    /// The resolution of the server's times, in nanoseconds: at most this much is cut off.
    pub resolution: i64,
}

impl ServerTimes {
    /// The times of a report that can be read.
    pub fn of(figures: &ServerFigures, clock: &mut ReportClock) -> ServerTimes {
        ServerTimes::near(i64::MIN, figures, clock)
    }

    /// The same; a local time that occurs twice is the one nearer to `near`, an instant at which the
    /// client waited for the server, nanoseconds since the Unix epoch.
    pub fn near(near: i64, figures: &ServerFigures, clock: &mut ReportClock) -> ServerTimes {
        let mut read = |text: &Option<TimeText>| clock.read_near(text.as_deref()?, near);
        let started = read(&figures.started_time);
        let stopped = read(&figures.stopped_time);
        // Python omits the decimals in the rare case that they are all zero; a server that writes them in
        // one of the two times has the finer resolution.
        let resolutions = [started, stopped].into_iter().flatten();
        ServerTimes {
            started: started.map(|time| time.unix_nanos),
            stopped: stopped.map(|time| time.unix_nanos),
            resolution: resolutions.map(|time| time.resolution).min().unwrap_or(0),
        }
    }
}

/// The bounds that a purchase gives for the offset of a server's clock.
pub fn offset_bounds(buy: &Exchange, server: &ServerTimes, clock: &Clock) -> Bounds {
    let unix = |stamp| clock.unix_nanos(stamp);
    Bounds::of(Answered {
        sent: buy.connected.or(buy.started).map(unix),
        received: buy.stopped.map(unix),
        started: server.started,
        stopped: server.stopped,
        resolution: server.resolution,
    })
}

/// The spans of the path, in nanoseconds, by the two uncorrected clocks; each may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Journey {
    /// From the client's start to the server's: queueing and network.
    pub before: Option<i64>,
    /// From the server's start to its stop: the service time. One clock only.
    pub inside: Option<i64>,
    /// From the server's stop to the first byte of the answer: its overhead and the return path.
    pub after: Option<i64>,
}

impl Journey {
    /// The path of a purchase.
    pub fn of(buy: &Exchange, server: &ServerTimes, clock: &Clock) -> Journey {
        let unix = |stamp| clock.unix_nanos(stamp);
        let span = |from: Option<i64>, to: Option<i64>| to?.checked_sub(from?);
        Journey {
            before: span(buy.started.map(unix), server.started),
            inside: span(server.started, server.stopped),
            after: span(server.stopped, buy.first_byte.or(buy.stopped).map(unix)),
        }
    }
}

#[cfg(test)]
#[path = "journey_tests.rs"]
mod tests;
