//! The offset of the server's clock, and the synchronization of this machine's. The offset
//! is determined as for the rows of a run (see [`crate::time::offset`]).

use std::io;
use std::io::Write;

use jiff::tz::TimeZone;

use super::Check;
use super::output::Report;
use crate::http::response::DATE_BYTES;
use crate::prepare::fetch::{Page, Times};
use crate::row::journey::ServerTimes;
use crate::row::server_report::ServerFigures;
use crate::sys::clock::{self, Discipline};
use crate::time::offset::{Answered, Bounds, Finding, MATTERS};
use crate::time::reading::{self, ReportClock};

const SECOND: i64 = 1_000_000_000;

/// The Date field has whole seconds, and servers update it once a second: offsets up to this, in
/// nanoseconds, cannot be distinguished from 0.
const DATE_SLACK: i64 = SECOND;

const NTP: &str = "synchronize both clocks by NTP (see chronyc tracking)";

/// The server's clock by the Date field of its response.
pub(super) fn judge_date(date: Option<&[u8; DATE_BYTES]>, times: Times) -> Check {
    let name = "server clock";
    let Some(seconds) = date.and_then(|date| reading::of_date_field(date)) else {
        return Check::warn(
            name,
            "the response has no readable Date field for comparing clocks",
            "use --buy, which checks the report clock",
        );
    };
    let date = seconds.saturating_mul(SECOND);
    let bounds = Bounds::of(Answered {
        sent: Some(times.sent),
        received: Some(times.received),
        started: Some(date),
        stopped: Some(date),
        resolution: SECOND,
    });
    let finding = format!(
        "offset {} from this machine, by its Date field",
        interval(bounds)
    );
    match bounds.finding(DATE_SLACK) {
        Finding::Agrees => Check::ok(name, finding),
        _ => Check::warn(name, finding, NTP),
    }
}

/// The clock of the server's report, by its purchase.
pub(super) fn judge_report(figures: &ServerFigures, page: &Page, zone: &TimeZone) -> Check {
    let name = "report clock";
    let mut clock = ReportClock::new(zone.clone());
    let server = ServerTimes::near(page.times.received, figures, &mut clock);
    if server.started.is_none() || server.stopped.is_none() {
        return Check::warn(
            name,
            format!(
                "started_time and stopped_time cannot be read: {:?}, {:?}",
                figures.started_time.as_deref().unwrap_or("missing"),
                figures.stopped_time.as_deref().unwrap_or("missing")
            ),
            "have the server write both as ISO 8601, such as 2015-01-03T00:33:40.520812",
        );
    }
    // After redirects the report may be of the first request.
    let sent = match page.redirects {
        0 => page.times.sent,
        _ => page.times.started,
    };
    judge_bounds(
        name,
        Bounds::of(Answered {
            sent: Some(sent),
            received: Some(page.times.received),
            started: server.started,
            stopped: server.stopped,
            resolution: server.resolution,
        }),
    )
}

fn judge_bounds(name: &'static str, bounds: Bounds) -> Check {
    let finding = format!(
        "offset {} from this machine, by its report",
        interval(bounds)
    );
    match (bounds.finding(MATTERS), bounds.quarters_of_an_hour()) {
        (Finding::Contradictory, _) => Check::warn(
            name,
            format!("the report's times span more than the purchase took ({finding})"),
            "check that started_time and stopped_time are those of this purchase, read from one clock",
        ),
        (Finding::Differs, Some(quarters)) => Check::warn(
            name,
            format!("{finding}: another time zone ({} h)", hours(quarters)),
            "set both to the same zone: TZ here, TIME_ZONE and USE_TZ in the shop's settings; otherwise the \
             report's time columns cannot be compared",
        ),
        (Finding::Differs, None) => Check::warn(name, finding, NTP),
        (Finding::Agrees | Finding::Unknown, _) => Check::ok(name, finding),
    }
}

/// `-0.010 to +1.000 s`; an unbounded end is infinite.
fn interval(bounds: Bounds) -> String {
    let ends = [bounds.at_least, bounds.at_most];
    let is_short = |end: Option<i64>| end.is_none_or(|end| end.unsigned_abs() < 1_000_000_000);
    let (unit, nanos) = match ends.into_iter().all(is_short) {
        true => ("ms", 1e6),
        false => ("s", 1e9),
    };
    let [low, high] = ends.map(|end| end.map(|end| end as f64 / nanos));
    let (low, high) = (low.unwrap_or(-f64::INFINITY), high.unwrap_or(f64::INFINITY));
    format!("{low:+.3} to {high:+.3} {unit}")
}

/// `+5:30`.
fn hours(quarters: i64) -> String {
    let minutes = quarters.abs() * 15;
    let sign = if quarters < 0 { '-' } else { '+' };
    format!("{sign}{}:{:02}", minutes / 60, minutes % 60)
}

/// Whether a time service synchronizes this machine's clock; `is_here` is whether the shop runs on it.
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
            "not synchronised, which does not matter with a shop on this machine",
        ),
        Ok(_) => Check::warn(
            name,
            "not synchronised",
            "start a time service, such as chronyd or systemd-timesyncd (see chronyc tracking)",
        ),
        Err(error) if is_here => Check::ok(
            name,
            format!("not known ({error}), which does not matter with a shop on this machine"),
        ),
        Err(error) => Check::warn(
            name,
            format!("not known ({error})"),
            "containers may not query it: check on the host (chronyc tracking)",
        ),
    }
}

#[cfg(test)]
#[path = "clocks_tests.rs"]
mod tests;
