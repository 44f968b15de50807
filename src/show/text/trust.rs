//! Which figures can be trusted, and why others cannot: lines below the result.

use std::io::{self, Write};

use crate::summary::{FigureVerdict, ReasonGiven, Summary, Trust, Verdict};
use crate::text::Printable;

use super::layout::{BAD, GOOD, WARNING, marked};

pub(super) fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let verdict = &summary.verdict;
    if let Some(trusted) = trusted(verdict) {
        marked(out, GOOD, "Trusted", &format!(": {trusted}"))?;
    }
    for (name, of) in untrusted_latencies(verdict) {
        marked(out, BAD, "NOT TRUSTED", &format!(": {name}: {}", told(of)))?;
    }
    if verdict.pace.is_limited() {
        let text = format!(": {}", told(&verdict.pace));
        marked(out, WARNING, "PACE LIMITED BY THIS CLIENT", &text)?;
    }
    Ok(())
}

/// What was limited by this client, in one line.
pub fn limited(verdict: &Verdict, with_pace: bool) -> String {
    let mut parts: Vec<String> = untrusted_latencies(verdict)
        .into_iter()
        .map(|(name, of)| format!("{name}: {}", told(of)))
        .collect();
    if with_pace && verdict.pace.is_limited() {
        parts.push(format!("pace: {}", told(&verdict.pace)));
    }
    parts.join("; ")
}

/// The figures that can be trusted, in words; absent where there are none.
fn trusted(verdict: &Verdict) -> Option<String> {
    let is_trusted = |of: &FigureVerdict| of.state == Trust::Trusted;
    let latencies = match (is_trusted(&verdict.home), is_trusted(&verdict.purchase)) {
        (true, true) => Some("home and purchase latencies"),
        (true, false) => Some("home latencies"),
        (false, true) => Some("purchase latencies"),
        (false, false) => None,
    };
    let pace = is_trusted(&verdict.pace).then_some("pace");
    let named: Vec<&str> = latencies.into_iter().chain(pace).collect();
    (!named.is_empty()).then(|| named.join(", "))
}

/// The latencies that cannot be trusted; those of both requests together where the reasons are the same.
fn untrusted_latencies(verdict: &Verdict) -> Vec<(&'static str, &FigureVerdict)> {
    let (home, purchase) = (&verdict.home, &verdict.purchase);
    let is_same = home.is_limited() && home.reasons == purchase.reasons;
    let named = match is_same {
        true => vec![("home and purchase latencies", home)],
        false => vec![("home latencies", home), ("purchase latencies", purchase)],
    };
    let limited = named.into_iter().filter(|(_, of)| of.is_limited());
    limited.collect()
}

/// The reasons, and each hint once.
fn told(of: &FigureVerdict) -> String {
    let without_hint = |reason: &ReasonGiven| ReasonGiven {
        hint: String::new(),
        ..reason.clone()
    };
    let reasons = of.reasons.iter().map(|of| without_hint(of).to_string());
    let reasons = reasons.collect::<Vec<_>>().join("; ");
    let text = match of.advice() {
        None => reasons,
        Some(advice) => format!("{reasons} (hint: {advice})"),
    };
    Printable(&text).to_string()
}

#[cfg(test)]
#[path = "trust_tests.rs"]
mod tests;
