//! What the purchases say of the servers' clocks, and the system of this machine's.

use std::io::{self, Write};

use super::summary::{RunFacts, Summary};
use super::text::line;
use crate::offset::{Bounds, Finding, MATTERS, Offsets};

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
mod tests {
    use super::*;
    use crate::output::summary::tests::facts;
    use crate::sys::clock::Discipline;
    use std::time::Duration;

    const MS: i64 = 1_000_000;
    const HOUR: i64 = 3_600_000 * MS;

    fn offsets(rows: &[(i64, i64)]) -> Offsets {
        let mut offsets = Offsets::default();
        for &(at_least, at_most) in rows {
            offsets.add(Bounds {
                at_least: Some(at_least),
                at_most: Some(at_most),
            });
        }
        offsets
    }

    fn written(main: Offsets, synchronised: Option<bool>, is_remote: bool) -> String {
        let mut summary = Summary::default();
        summary.journeys.main = main;
        let mut facts = facts();
        facts.instrument.is_remote = is_remote;
        facts.instrument.discipline = synchronised.map(|synchronised| Discipline {
            synchronised,
            estimated_error: Duration::from_micros(50),
        });
        let mut out = Vec::new();
        write(&summary, &facts, &mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_clock_that_agrees_is_one_short_line() {
        let fine = offsets(&[(-200_000, 100_000)]);
        let expected = "\nServer clock            within -0.200 ms … +0.100 ms of this one\n";
        for (synchronised, is_remote) in [(Some(true), true), (Some(false), false), (None, true)] {
            assert_eq!(written(fine.clone(), synchronised, is_remote), expected);
        }
        assert_eq!(written(Offsets::default(), Some(false), true), "");
        let text = written(fine, Some(false), true);
        assert!(text.contains("This clock              not kept"), "{text}");
    }

    #[test]
    fn what_is_wrong_comes_with_the_mend() {
        for (rows, parts) in [
            (
                &[(5 * MS, 6 * MS)][..],
                &["+5.000 ms … +6.000 ms", "chronyc tracking"][..],
            ),
            (
                &[(-5 * HOUR, -5 * HOUR + MS)],
                &["-18000.000 s", "another zone (-5:00 h)", "TZ"],
            ),
            (
                &[(5 * MS, 6 * MS), (-6 * MS, -5 * MS)],
                &["contradicts itself", "chronyc tracking"],
            ),
            (
                &[(0, MS), (0, MS), (2 * MS + 1, 3 * MS)],
                &["moved by +1.000 ms at least"],
            ),
        ] {
            let text = written(offsets(rows), Some(true), false);
            for part in parts.iter().chain(&["WARNING"]) {
                assert!(text.contains(part), "{part} in {text}");
            }
        }
        let text = written(offsets(&[(5 * MS, 6 * MS)]), Some(true), false);
        assert!(text.contains("0.050 ms off by its estimate"), "{text}");
    }

    #[test]
    fn one_bound_and_a_hair_of_contradiction() {
        let mut one = Offsets::default();
        one.add(Bounds {
            at_least: None,
            at_most: Some(MS),
        });
        assert!(describe(&one).starts_with("at most +1.000 ms ahead of this one"));
        let hair = describe(&offsets(&[(1_000, 0)]));
        assert_eq!(hair, "within +0.000 ms … +0.001 ms of this one");
        assert_eq!(hours(-21), "-5:15 h");
    }
}
