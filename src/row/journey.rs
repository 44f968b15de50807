//! A purchase's way to a server and back, by the times that the server reported.
//!
//! ```text
//!  client   started ─────────────────────────────────── first byte
//!              │ before                            after ▲
//!  server      └───────► started ──── inside ──── stopped ┘
//! ```
//!
//! Two clocks are read for it, the client's and the server's. The spans here are as the clocks say;
//! what [`crate::time::offset`] finds out of their difference is for the outputs to put right.

use crate::row::Exchange;
use crate::row::server_report::ServerFigures;
use crate::time::clock::Clock;
use crate::time::reading::ReportClock;

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
        ServerTimes::near(i64::MIN, figures, clock)
    }

    /// The same; a local time that occurs twice is the one nearer to `near`, an instant at which the
    /// client waited for the server, nanoseconds since the Unix epoch.
    pub fn near(near: i64, figures: &ServerFigures, clock: &mut ReportClock) -> ServerTimes {
        let mut read = |text: &Option<Box<str>>| clock.read_near(text.as_deref()?, near);
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
            after: span(server.stopped, buy.first_byte.or(buy.stopped).map(unix)),
        }
    }
}

#[cfg(test)]
#[path = "journey_tests.rs"]
mod tests;
