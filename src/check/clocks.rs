//! The clocks: the server's against this machine's, and this machine's against the world's.
//!
//! An answer bounds the offset (server's clock − this machine's) from both sides: what the server
//! stamped cannot have happened before the request was sent, nor after its answer was there.

use std::fmt;
use std::io;
use std::io::Write;

use jiff::tz::TimeZone;

use super::Check;
use super::output::Report;
use crate::http::response::DATE_BYTES;
use crate::prepare::fetch::{Page, Times};
use crate::row::server_report::ServerFigures;
use crate::sys::clock::{self, Discipline};
use crate::time::reading::{self, ReportClock};

const SECOND: i64 = 1_000_000_000;

/// The Date field has whole seconds; two clocks a second apart are as well as it can tell.
const DATE_SLACK: i64 = SECOND;

/// What a journey's spans can bear: more than a time service leaves on a network, less than a queue.
const REPORT_SLACK: i64 = 5_000_000;

/// Time zones are whole multiples of this apart, and no two more than 26 hours.
const ZONE_STEP: i64 = 900 * SECOND;
const ZONE_MAX: i64 = 26 * 3600 * SECOND;

/// How far from such a multiple clocks may be that differ by their time zone.
const ZONE_SLACK: i64 = 30 * SECOND;

const NTP: &str = "set both clocks by NTP (see chronyc tracking)";

/// The bounds of a server's clock minus this machine's, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Offset {
    low: i64,
    high: i64,
}

impl Offset {
    /// How far the offset is from zero at least.
    fn at_least(self) -> i64 {
        self.low.max(self.high.saturating_neg()).max(0)
    }

    /// The difference of two time zones, where the offset is one.
    fn zone(self) -> Option<i64> {
        let middle = self.low / 2 + self.high / 2;
        if middle.abs() > ZONE_MAX + ZONE_SLACK {
            return None;
        }
        let zone = (middle + ZONE_STEP / 2).div_euclid(ZONE_STEP) * ZONE_STEP;
        let fits =
            (middle - zone).abs() <= ZONE_SLACK && self.high.saturating_sub(self.low) <= ZONE_SLACK;
        (fits && zone != 0).then_some(zone)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Offset { low, high } = *self;
        match low.unsigned_abs().max(high.unsigned_abs()) < SECOND.unsigned_abs() {
            true => write!(
                f,
                "{:+.3} to {:+.3} ms",
                low as f64 / 1e6,
                high as f64 / 1e6
            ),
            false => write!(
                f,
                "{:+.3} to {:+.3} s",
                low as f64 / SECOND as f64,
                high as f64 / SECOND as f64
            ),
        }
    }
}

/// The server's clock by the Date field of its answer.
pub(super) fn judge_date(date: Option<&[u8; DATE_BYTES]>, times: Times) -> Check {
    let name = "server clock";
    let Some(seconds) = date.and_then(|date| reading::of_date_field(date)) else {
        return Check::warn(
            name,
            "the answer has no readable Date field to compare clocks by",
            "see the report clock, with --buy",
        );
    };
    let date = seconds.saturating_mul(SECOND);
    let offset = Offset {
        low: date.saturating_sub(times.received),
        high: date.saturating_add(SECOND).saturating_sub(times.sent),
    };
    let finding = format!("{offset} off ours, by its Date field");
    match offset.at_least() <= DATE_SLACK {
        true => Check::ok(name, finding),
        false => Check::warn(name, finding, NTP),
    }
}

/// The clock of the server's report, by the purchase that it reports of.
pub(super) fn judge_report(figures: &ServerFigures, page: &Page, zone: &TimeZone) -> Check {
    let name = "report clock";
    let mut clock = ReportClock::new(zone.clone());
    let mut read = |text: &Option<Box<str>>| {
        let time = clock.read_near(text.as_deref()?, page.times.received)?;
        Some(time.unix_nanos)
    };
    let (Some(start), Some(stop)) = (read(&figures.started_time), read(&figures.stopped_time))
    else {
        return Check::warn(
            name,
            format!(
                "started_time and stopped_time cannot be read: {:?}, {:?}",
                figures.started_time.as_deref().unwrap_or("missing"),
                figures.stopped_time.as_deref().unwrap_or("missing")
            ),
            "have the server write both as ISO 8601, such as 2015-01-03T00:33:40.520812",
        );
    };
    // After redirects the report may be of the first request.
    let sent = match page.redirects {
        0 => page.times.sent,
        _ => page.times.started,
    };
    let offset = Offset {
        low: stop.saturating_sub(page.times.received),
        high: start.saturating_sub(sent),
    };
    judge_offset(name, offset)
}

fn judge_offset(name: &'static str, offset: Offset) -> Check {
    let finding = format!("{offset} off ours, by its report");
    if offset.low > offset.high.saturating_add(REPORT_SLACK) {
        return Check::warn(
            name,
            format!("the report's times span more than the purchase took ({finding})"),
            "see that started_time and stopped_time are those of this purchase, read from one clock",
        );
    }
    if let Some(zone) = offset.zone() {
        return Check::warn(
            name,
            format!("{finding}: another time zone ({} h)", hours(zone)),
            "give both the same: TZ here, TIME_ZONE and USE_TZ in the shop's settings; else the \
             report's time columns cannot be compared",
        );
    }
    match offset.at_least() <= REPORT_SLACK {
        true => Check::ok(name, finding),
        false => Check::warn(name, finding, NTP),
    }
}

/// `+5:30`.
fn hours(zone: i64) -> String {
    let minutes = (zone / SECOND / 60).abs();
    let sign = if zone < 0 { '-' } else { '+' };
    format!("{sign}{}:{:02}", minutes / 60, minutes % 60)
}

/// Whether a time service keeps this machine's clock; `is_here` is whether the shop runs on it.
pub(super) fn examine_own<W: Write>(
    is_here: Option<bool>,
    report: &mut Report<W>,
) -> io::Result<()> {
    report.add(judge_own(clock::discipline(), is_here == Some(true)))
}

fn judge_own(discipline: io::Result<Discipline>, is_here: bool) -> Check {
    let name = "own clock";
    match discipline {
        Ok(Discipline {
            synchronised: true,
            estimated_error,
        }) => Check::ok(
            name,
            format!(
                "synchronised, to an estimated {:.3} ms",
                estimated_error.as_secs_f64() * 1e3
            ),
        ),
        Ok(_) if is_here => Check::ok(
            name,
            "not synchronised, which does not matter to a shop on this machine",
        ),
        Ok(_) => Check::warn(
            name,
            "not synchronised",
            "start a time service, such as chronyd or systemd-timesyncd (see chronyc tracking)",
        ),
        Err(error) if is_here => Check::ok(
            name,
            format!("not known ({error}), which does not matter to a shop on this machine"),
        ),
        Err(error) => Check::warn(
            name,
            format!("not known ({error})"),
            "containers may not ask: look on the host (chronyc tracking)",
        ),
    }
}

#[cfg(test)]
#[path = "clocks_tests.rs"]
mod tests;
