//! Where the time went: the parts of the requests, and the purchases' way to the servers and back.

use std::io::{self, Write};

use jiff::tz::TimeZone;

use crate::row::journey::{Journey, ServerTimes, offset_bounds};
use crate::row::{Exchange, Phases, Row};
use crate::show::text::aligned;
use crate::stats::Sample;
use crate::summary::Summary;
use crate::time::clock::Clock;
use crate::time::offset::{Finding, Offsets};
use crate::time::reading::ReportClock;

/// The parts of the requests of one kind, nanoseconds, in the order of [`Phases::NAMES`].
#[derive(Clone, Debug, Default)]
pub struct PhaseSamples {
    /// One sample for each part.
    pub parts: [Sample; 4],
}

impl PhaseSamples {
    pub(crate) fn add(&mut self, exchange: &Exchange) {
        let parts = exchange.phases().unwrap_or_default().parts();
        for (sample, part) in self.parts.iter_mut().zip(parts) {
            part.into_iter().for_each(|nanos| sample.push(nanos));
        }
    }
}

/// The ways of the purchases, and what they say of the servers' clocks.
#[derive(Clone, Debug, Default)]
pub struct Journeys {
    zone: Zone,
    /// The offset of the main server's clock.
    pub main: Offsets,
    /// The offset of the second server's clock.
    pub rest: Offsets,
    /// From the client's start to the main server's, as the clocks say, nanoseconds; of the
    /// purchases of which the whole way is known.
    pub before: Sample,
    /// From the server's start to its stop, of the same.
    pub inside: Sample,
    /// From the server's stop to the first byte, as the clocks say, of the same.
    pub after: Sample,
    /// From the first byte to the last, of the same.
    pub receive: Sample,
}

impl Journeys {
    /// The names of the stages, in their order.
    pub const NAMES: [&str; 3] = ["before server", "in server", "after server"];

    /// Takes in one row.
    pub fn add(&mut self, row: &Row, clock: &Clock) {
        let Some(report) = &row.report else { return };
        let times = ServerTimes::of(&report.main, &mut self.zone.0);
        self.main.add(offset_bounds(&row.buy, &times, clock));
        if let Some(rest) = &report.rest {
            let times = ServerTimes::of(rest, &mut self.zone.0);
            self.rest.add(offset_bounds(&row.buy, &times, clock));
        }
        let journey = Journey::of(&row.buy, &times, clock);
        let receive = row.buy.phases().and_then(|phases| phases.receive);
        if let (Some(before), Some(inside), Some(after), Some(receive)) =
            (journey.before, journey.inside, journey.after, receive)
        {
            self.before.push(before);
            self.inside.push(inside);
            self.after.push(after);
            self.receive.push(receive);
        }
    }

    /// The stages in their order, each with what to add to it for the offset of the server's clock.
    pub fn corrected(&self) -> [(&Sample, i64); 3] {
        let correction = self.main.correction();
        [
            (&self.before, -correction),
            (&self.inside, 0),
            (&self.after, correction),
        ]
    }

    /// The purchases' time that the stages are shares of, nanoseconds.
    fn total(&self) -> i128 {
        let parts = [&self.before, &self.inside, &self.after, &self.receive];
        parts.iter().map(|part| part.sum()).sum()
    }

    /// The shares of the stages in the time of the purchases whose way is known: 1 is all of it.
    /// Absent where the clocks contradict one another: then the stages are not to be compared.
    pub fn shares(&self) -> Option<[f64; 3]> {
        if self.main.finding() == Finding::Contradictory {
            return None;
        }
        let total = self.total();
        let share = |(sample, added): (&Sample, i64)| {
            let sum = sample.sum() + i128::from(added) * sample.len() as i128;
            sum as f64 / total as f64
        };
        (total > 0).then(|| self.corrected().map(share))
    }
}

/// The zone of times without an offset: this machine's.
#[derive(Clone, Debug)]
struct Zone(ReportClock);

impl Default for Zone {
    fn default() -> Zone {
        Zone(ReportClock::new(TimeZone::system()))
    }
}

/// The length of a bar that stands for all of the time.
const BAR: f64 = 30.0;

/// More than this of the purchases' time before the server began is a finding of its own.
const MOST: f64 = 0.5;

/// Unless it is less than this, typically, nanoseconds.
const NOTABLE: i64 = 10_000_000;

/// The table for people.
pub(super) fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let mut rows = Vec::new();
    for (name, step) in [("home", &summary.home), ("buy", &summary.buy)] {
        let total: i128 = step.phases.parts.iter().map(Sample::sum).sum();
        for (part, sample) in Phases::NAMES.iter().zip(&step.phases.parts) {
            let share = (total > 0).then(|| sample.sum() as f64 / total as f64);
            rows.extend(stage(&format!("{name} {part}"), sample, 0, share));
        }
    }
    let shares = summary.journeys.shares();
    let stages = Journeys::NAMES.iter().zip(summary.journeys.corrected());
    for (place, (name, (sample, added))) in stages.enumerate() {
        let share = shares.map(|shares| shares[place]);
        rows.extend(stage(&format!("buy {name}"), sample, added, share));
    }
    if rows.is_empty() {
        return Ok(());
    }
    let title = ["Where the time went, ms", "p50", "p99", "share"].map(str::to_owned);
    let bars: Vec<String> = std::iter::once(String::new())
        .chain(rows.iter().map(|(_, share)| bar(*share)))
        .collect();
    let mut table = vec![title];
    table.extend(rows.into_iter().map(|(row, _)| row));
    let mut text = Vec::new();
    aligned(&table, &mut text)?;
    writeln!(out)?;
    for (line, bar) in String::from_utf8_lossy(&text).lines().zip(bars) {
        writeln!(out, "{}", format!("{line}  {bar}").trim_end())?;
    }
    conclusion(&summary.journeys, out)?;
    negatives(summary, out)
}

type Stage = ([String; 4], f64);

fn stage(name: &str, sample: &Sample, added: i64, share: Option<f64>) -> Option<Stage> {
    let of = sample.summary()?;
    let ms = |nanos: i64| format!("{:.3}", nanos.saturating_add(added) as f64 / 1e6);
    let maybe = |nanos: Option<i64>| nanos.map_or("-".to_owned(), ms);
    let percent = share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0));
    let row = [name.to_owned(), maybe(of.p50), maybe(of.p99), percent];
    Some((row, share.unwrap_or(0.0)))
}

fn bar(share: f64) -> String {
    "#".repeat((share.clamp(0.0, 1.0) * BAR).round() as usize)
}

fn conclusion(journeys: &Journeys, out: &mut impl Write) -> io::Result<()> {
    let [(before, added), ..] = journeys.corrected();
    let wait = before
        .summary()
        .map(|of| of.p50.unwrap_or(of.max).saturating_add(added));
    match journeys.shares() {
        Some([before, inside, _]) if before > MOST && wait > Some(NOTABLE) => writeln!(
            out,
            "{:.1} % of the purchases' time had passed BEFORE THE SERVER BEGAN, its work took {:.1} %: \
             look at the queue before its code (workers, backlog, proxy) and at the network first.",
            before * 100.0,
            inside * 100.0
        ),
        _ => Ok(()),
    }
}

/// Spans below zero: shown, so that nobody has to wonder at a sum.
fn negatives(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let journeys = &summary.journeys;
    let counts = [
        ("home wait", summary.home.phases.parts[2].negatives()),
        ("buy wait", summary.buy.phases.parts[2].negatives()),
        ("before server", journeys.before.negatives()),
        ("in server", journeys.inside.negatives()),
        ("after server", journeys.after.negatives()),
    ];
    let found: Vec<String> = (counts.iter().filter(|(_, count)| *count > 0))
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    writeln!(out, "Negative, as the clocks say: {}", found.join(", "))?;
    let of_wait = counts[0].1 + counts[1].1;
    if of_wait > 0 {
        writeln!(
            out,
            "  (wait: the kernel had the answer before this program could stamp its request as sent)"
        )?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "where_time_tests.rs"]
mod tests;
