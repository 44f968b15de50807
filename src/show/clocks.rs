//! What the purchases say of the servers' clocks, and the system of this machine's.

use std::io::{self, Write};

use crate::show::text::line;
use crate::summary::{RunFacts, Summary};
use crate::time::offset::{Bounds, Finding, MATTERS, Offsets};

/// The lines for people: short where all is well.
pub(super) fn write(summary: &Summary, facts: &RunFacts, out: &mut impl Write) -> io::Result<()> {
    let servers = [
        ("Server clock", &summary.journeys.main),
        ("Second server's clock", &summary.journeys.rest),
    ];
    if servers.iter().all(|(_, offsets)| offsets.rows() == 0) {
        return Ok(());
    }
    writeln!(out)?;
    for (name, offsets) in servers {
        if offsets.rows() > 0 {
            line(out, name, describe(offsets))?;
        }
    }
    own(servers.map(|(_, offsets)| offsets), facts, out)
}

/// One line on a server's clock, with the mend where it needs one.
fn describe(offsets: &Offsets) -> String {
    let bounds = offsets.bounds();
    let corrected = "the journey above is corrected by the middle";
    let mut text = match offsets.finding() {
        Finding::Unknown => return String::new(),
        Finding::Agrees => format!("{} of this one", interval(bounds)),
        Finding::Differs => match offsets.quarters_of_an_hour() {
            0 => format!(
                "WARNING: {} of this one; {corrected}. Have NTP set both (chronyc tracking says how \
                 far off a machine is)",
                interval(bounds)
            ),
            quarters => format!(
                "WARNING: {} of this one, as if it wrote the time of another zone ({}): set the same \
                 TZ here and there, or have it write UTC offsets; {corrected}",
                interval(bounds),
                hours(quarters)
            ),
        },
        Finding::Contradictory => format!(
            "WARNING: contradicts itself, by its times it is both {} and {} ahead of this one: a \
             clock was set during the run, or several machines answer (chronyc tracking on each). \
             The journey above is not corrected",
            exact(bounds.at_least),
            exact(bounds.at_most)
        ),
    };
    if let Some(moved) = offsets.drift().and_then(certain_drift) {
        text += &format!(
            ". WARNING: between the first and the last rows it moved by {} at least (chronyc tracking)",
            milliseconds(moved)
        );
    }
    text
}

/// The drift that the rows leave no doubt of, where it matters.
fn certain_drift(drift: Bounds) -> Option<i64> {
    let forward = drift.at_least.filter(|least| *least > MATTERS);
    let backward = drift.at_most.filter(|most| *most < -MATTERS);
    forward.or(backward)
}

/// How well this machine's clock is kept, where that may be what is wrong.
fn own(offsets: [&Offsets; 2], facts: &RunFacts, out: &mut impl Write) -> io::Result<()> {
    let Some(discipline) = facts.instrument.discipline else {
        return Ok(());
    };
    let is_doubtful = offsets
        .iter()
        .any(|offsets| matches!(offsets.finding(), Finding::Differs | Finding::Contradictory));
    if !discipline.synchronised && (facts.instrument.is_remote || is_doubtful) {
        return line(
            out,
            "This clock",
            "not kept by a time service (ntp_adjtime): start one, such as chrony",
        );
    }
    if is_doubtful {
        let error = discipline.estimated_error.as_secs_f64() * 1e3;
        return line(
            out,
            "This clock",
            format_args!("kept by a time service, {error:.3} ms off by its estimate"),
        );
    }
    Ok(())
}

fn interval(bounds: Bounds) -> String {
    match (bounds.at_least, bounds.at_most) {
        (Some(low), Some(high)) => {
            // Bounds that cross by less than what matters are as good as one point.
            let (low, high) = (low.min(high), low.max(high));
            format!("within {} … {}", milliseconds(low), milliseconds(high))
        }
        (Some(low), None) => format!("at least {} ahead", milliseconds(low)),
        (None, Some(high)) => format!("at most {} ahead", milliseconds(high)),
        (None, None) => "unknown".to_owned(),
    }
}

fn exact(bound: Option<i64>) -> String {
    bound.map_or("-".to_owned(), milliseconds)
}

/// A signed span in the unit that suits it.
fn milliseconds(nanos: i64) -> String {
    if nanos.unsigned_abs() < 10_000_000_000 {
        format!("{:+.3} ms", nanos as f64 / 1e6)
    } else {
        format!("{:+.3} s", nanos as f64 / 1e9)
    }
}

fn hours(quarters: i64) -> String {
    let sign = if quarters < 0 { '-' } else { '+' };
    let quarters = quarters.unsigned_abs();
    format!("{sign}{}:{:02} h", quarters / 4, quarters % 4 * 15)
}

#[cfg(test)]
#[path = "clocks_tests.rs"]
mod tests;
