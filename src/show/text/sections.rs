//! The labelled lines below the latencies.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::summary::{
    ClockFinding, ErrorGroup, Interval, Summary, ThresholdOutcome, ThresholdState, Trust,
};
use crate::text::{Printable, counted};

use super::layout::{BAD, GOOD, foreign, line, percent, plain, span};
use super::tls;

/// Error groups and statuses that are listed; the rest is counted.
const MAX_LISTED: usize = 8;

/// Characters shown of a text from outside.
const MAX_SHOWN: usize = 100;

/// The status that stands for no response.
const NO_RESPONSE: i32 = -100;

pub(super) fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let is_whole = summary.variants.is_none();
    if is_whole {
        responses(summary, out)?;
    }
    figures(summary, out)?;
    tls::write(summary, out)?;
    client(summary, out)?;
    match is_whole {
        true => server(summary, out),
        false => Ok(()),
    }
}

/// What is said of the server of a variant.
pub(super) fn of_server(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    responses(summary, out)?;
    server(summary, out)
}

fn responses(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    statuses(summary, out)?;
    errors(summary, out)?;
    odd_reports(summary, out)
}

fn statuses(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    if summary.launched + summary.dropped == 0 {
        return Ok(());
    }
    let (home, buy) = (&summary.home_http_codes, &summary.buy_http_codes);
    let lists = [("home", home), ("purchase", buy)].into_iter();
    let shown = lists.filter(|(_, counts)| !counts.is_empty());
    let parts: Vec<String> = shown
        .map(|(name, counts)| format!("{name} {}", status_list(counts)))
        .collect();
    if parts.is_empty() {
        return Ok(());
    }
    let text = parts.join("; ");
    line(out, "Status", text)
}

fn status_list(counts: &BTreeMap<i32, u64>) -> String {
    let mut statuses: Vec<_> = counts.iter().collect();
    statuses.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let mut parts: Vec<String> = statuses
        .iter()
        .take(MAX_LISTED)
        .map(|(status, count)| match **status {
            NO_RESPONSE => format!("no response x {count}"),
            status => format!("{status} x {count}"),
        })
        .collect();
    let others: u64 = statuses.iter().skip(MAX_LISTED).map(|(_, n)| **n).sum();
    if others > 0 {
        parts.push(format!("others x {others}"));
    }
    parts.join(", ")
}

fn errors(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let mut label = "Errors";
    let mut given = Vec::new();
    for group in summary.errors.iter().take(MAX_LISTED) {
        line(out, label, error(group))?;
        label = "";
        if let Some(hint) = group.hint.filter(|hint| !given.contains(hint)) {
            line(out, label, format_args!("  hint: {hint}"))?;
            given.push(hint);
        }
    }
    let others: u64 = summary
        .errors
        .iter()
        .skip(MAX_LISTED)
        .map(|group| group.count)
        .sum();
    match others + summary.errors_ungrouped {
        0 => Ok(()),
        others => line(out, label, format_args!("{others} others, in the rows")),
    }
}

/// Anomalies of reports that could be read nevertheless.
fn odd_reports(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let mut label = "Odd reports";
    for group in summary.odd_reports.iter().take(MAX_LISTED) {
        let reports = counted(group.count, "report", "reports");
        line(
            out,
            label,
            format_args!("{reports}: {}", foreign(&group.message, MAX_SHOWN)),
        )?;
        label = "";
    }
    Ok(())
}

fn error(group: &ErrorGroup) -> String {
    let mut text = format!(
        "{} ({:.1} %): {}: {}",
        counted(group.count, "shopper", "shoppers"),
        group.share * 100.0,
        group.step,
        foreign(&group.message, MAX_SHOWN)
    );
    if let Some(example) = &group.example {
        text += &format!(", e.g. {}", foreign(example, MAX_SHOWN));
    }
    text
}

/// Whether the figures can be trusted, and on what basis.
fn figures(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let of = &summary.instrument;
    let source = match (of.kernel_stamped_responses, of.responses) {
        (_, 0) => None,
        (0, _) => Some("this process's clock".to_owned()),
        (kernel, all) if kernel == all => Some("kernel timestamps".to_owned()),
        (kernel, all) => Some(format!(
            "kernel timestamps for {kernel} of {all} responses, this process's clock for the others"
        )),
    };
    let busy = of
        .cpu_share
        .map(|share| format!("event loop {} busy", percent(share.min(1.0))));
    let basis: Vec<String> = source.into_iter().chain(busy).collect();
    let word = match summary.verdict.latencies() {
        Trust::Trusted => "latencies trusted",
        Trust::NotTrusted => "latencies NOT TRUSTED, see above",
        Trust::NotJudged if summary.bought == 0 => "not judged: nothing succeeded",
        Trust::NotJudged => "not judged: the report has no data on its client",
    };
    match (basis.as_slice(), summary.launched) {
        (_, 0) => Ok(()),
        ([], _) => line(out, "Figures", word),
        (basis, _) => line(
            out,
            "Figures",
            format_args!("{word} ({})", basis.join(", ")),
        ),
    }
}

fn client(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let of = &summary.client;
    let cpu = of.cpu_user_seconds.zip(of.cpu_system_seconds);
    let memory = of
        .peak_memory_bytes
        .map(|bytes| format!("{:.1} MB", bytes as f64 / 1e6));
    let parts: Vec<String> = (cpu.map(|(user, system)| format!("CPU {:.3} s", user + system)))
        .into_iter()
        .chain(memory)
        .chain((summary.starts_spread_nanos).map(|nanos| format!("launch spread {}", span(nanos))))
        .collect();
    match parts.is_empty() {
        true => Ok(()),
        false => line(out, "Client", parts.join(", ")),
    }
}

fn server(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    for (label, cpu, memory, clock) in [
        (
            "Server",
            summary.server_max_cpu_percent,
            summary.server_max_memory_megabytes,
            &summary.server_clock,
        ),
        (
            "Second server",
            summary.rest_max_cpu_percent,
            summary.rest_max_memory_megabytes,
            &summary.rest_clock,
        ),
    ] {
        let offset = match clock.finding {
            ClockFinding::Unknown => None,
            ClockFinding::Agrees => Some(format!("clock {}", agreement(clock.offset_seconds))),
            ClockFinding::Differs => {
                Some(format!("clock {} ahead", interval(clock.offset_seconds)))
            }
            ClockFinding::Contradictory => Some("clock readings contradict each other".to_owned()),
        };
        let parts: Vec<String> = (cpu.map(|cpu| format!("CPU {} %", plain(cpu))).into_iter())
            .chain(memory.map(|memory| format!("{} MB", plain(memory))))
            .chain(offset)
            .collect();
        if !parts.is_empty() {
            line(out, label, parts.join(", "))?;
        }
    }
    Ok(())
}

fn agreement(bounds: Interval) -> String {
    match (bounds.at_least, bounds.at_most) {
        (Some(low), Some(high)) => {
            let most = low.unsigned_abs().max(high.unsigned_abs());
            format!("within {:.3} ms of this one", most as f64 / 1e6)
        }
        _ => format!("{} ahead of this one", interval(bounds)),
    }
}

/// The interval of an offset.
pub(super) fn interval(bounds: Interval) -> String {
    match (bounds.at_least, bounds.at_most) {
        (Some(low), Some(high)) => {
            // Bounds that cross by a negligible amount are shown as one point.
            let (low, high) = (low.min(high), low.max(high));
            format!("{} to {}", signed(Some(low)), signed(Some(high)))
        }
        (Some(low), None) => format!("at least {}", signed(Some(low))),
        (None, Some(high)) => format!("at most {}", signed(Some(high))),
        (None, None) => "an unknown span".to_owned(),
    }
}

/// A signed span in the unit that suits it.
pub(super) fn signed(nanos: Option<i64>) -> String {
    match nanos {
        None => "-".to_owned(),
        Some(nanos) if nanos.unsigned_abs() < 10_000_000_000 => {
            format!("{:+.3} ms", nanos as f64 / 1e6)
        }
        Some(nanos) => format!("{:+.3} s", nanos as f64 / 1e9),
    }
}

pub(super) fn thresholds(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let mut label = "Thresholds";
    for outcome in &summary.thresholds {
        let (style, word) = match outcome.failed {
            true => (BAD, "FAILED"),
            false => (GOOD, "ok"),
        };
        let threshold = Printable(&outcome.threshold);
        let text = format!("{threshold} {}", threshold_told(outcome));
        line(out, label, format_args!("{style}{word}{style:#} {text}"))?;
        label = "";
    }
    Ok(())
}

/// Whether a threshold is met, and by which figure: `is met: 312.345 ms`.
pub fn threshold_told(outcome: &ThresholdOutcome) -> String {
    let value = match (outcome.value, outcome.unit) {
        (Some(seconds), "seconds") => span((seconds * 1e9).round() as i64),
        (Some(share), "share") => {
            let (part, whole) = (outcome.part.unwrap_or(0), outcome.whole.unwrap_or(0));
            format!("{:.1} % ({part} of {whole})", share * 100.0)
        }
        (Some(count), "count") => format!("{count}"),
        (Some(rate), _) => format!("{rate:.3} per second"),
        (None, _) => String::new(),
    };
    let mut at = match outcome.level {
        Some(level) => format!(" at -c {level}"),
        None => String::new(),
    };
    if let Some(variant) = &outcome.variant {
        at += &format!(" by variant \"{}\"", foreign(variant, MAX_SHOWN));
    }
    match outcome.state {
        ThresholdState::Met => format!("is met{at}: {value}"),
        ThresholdState::NotMet => format!("is not met{at}: {value}"),
        ThresholdState::CannotBeEvaluated => {
            let reason = outcome.reason.as_deref().unwrap_or("");
            format!("cannot be evaluated{at}: {}", Printable(reason))
        }
    }
}

pub(super) fn rows(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let name = match summary.report_file.as_str() {
        "-" => "standard output",
        name => name,
    };
    let text = format!("{} (+{})", Printable(name), summary.rows_written);
    line(out, "Rows", text)
}

#[cfg(test)]
#[path = "sections_tests.rs"]
mod tests;
