//! Where the time went, in two lines and a remark.

use std::io::{self, Write};

use crate::summary::{Part, Phases, Summary};

use super::latency::has_response;
use super::layout::{line, percent};

/// A larger share of queueing and network in the purchases' time is remarked upon.
const MOST: f64 = 0.5;

/// No remark if the median of it is below this, in nanoseconds.
const NOTABLE: i64 = 10_000_000;

/// What is known of a wait, and what is not.
const UNKNOWN_REST: &str = "known: service time (the server's) and wait (this client's); not known: queueing, \
     network and overhead within the rest, which take the server's clock (a JSON report)";

/// A share that may be off by less is given as it is.
const LEAST: f64 = 0.01;

pub(super) fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    if summary.levels.is_some() {
        // Shares over different levels mixed describe none of them.
        return Ok(());
    }
    let list = |parts: &[(&str, &Part)]| {
        let shown = parts.iter().filter_map(|(name, part)| {
            let share = part.share.filter(|share| *share != 0.0)?;
            Some(format!("{name} {}", percent(share)))
        });
        shown.collect::<Vec<_>>().join(", ")
    };
    let of_home = match has_response(&summary.home_http_codes) {
        true => &summary.home_phases,
        false => &Phases::default(),
    };
    let home = list(&[
        ("connect", &of_home.connect),
        ("TLS", &of_home.tls),
        ("send", &of_home.send),
        ("wait", &of_home.wait),
        ("receive", &of_home.receive),
    ]);
    let journey = &summary.journey;
    let mut buy = list(&[
        ("queueing and network", &journey.before_server),
        ("service time", &journey.in_server),
        ("after", &journey.after_server),
    ]);
    if let Some(uncertainty) = journey.share_uncertainty.filter(|of| *of >= LEAST)
        && !buy.is_empty()
    {
        buy.push_str(&format!(
            " (± {}: the clock offset is uncertain)",
            percent(uncertainty)
        ));
    }
    if buy.is_empty() {
        let phases = match has_response(&summary.buy_http_codes) {
            true => &summary.buy_phases,
            false => &Phases::default(),
        };
        buy = list(&[
            ("connect", &phases.connect),
            ("TLS", &phases.tls),
            ("send", &phases.send),
            ("wait", &phases.wait),
            ("receive", &phases.receive),
        ]);
    }
    if let Some(split) = &summary.wait_split
        && journey.in_server.share.is_none()
    {
        let phases = &summary.buy_phases;
        buy = list(&[
            ("connect", &phases.connect),
            ("TLS", &phases.tls),
            ("send", &phases.send),
            ("service time", &split.service),
            ("rest of the wait", &split.rest),
            ("receive", &phases.receive),
        ]);
    }
    let mut label = "Where time went";
    for (name, text) in [("home", home), ("purchase", buy)] {
        if !text.is_empty() {
            line(out, label, format_args!("{name}: {text}"))?;
            label = "";
        }
    }
    if summary.wait_split.is_some() && journey.in_server.share.is_none() {
        return line(out, label, UNKNOWN_REST);
    }
    match queueing(summary) {
        Some(text) => line(out, label, text),
        None => Ok(()),
    }
}

/// The remark that most of the purchases' time was queueing or network.
fn queueing(summary: &Summary) -> Option<&'static str> {
    let before = &summary.journey.before_server;
    let uncertainty = summary.journey.share_uncertainty.unwrap_or(0.0);
    before.share.filter(|share| share - uncertainty > MOST)?;
    let typical = before.seconds?.middle();
    (typical > NOTABLE).then_some(
        "most of it passed before the server's code began: look at the queue before it (workers, \
         backlog, proxy) and at the network first",
    )
}

#[cfg(test)]
#[path = "time_went_tests.rs"]
mod tests;
