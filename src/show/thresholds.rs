//! What became of the conditions of `--fail-if`, for people and for programs.

use std::fmt;
use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::show::json::seconds;
use crate::show::text::span;
use crate::summary::threshold::{Finding, Outcome, Value};
use crate::text::Printable;

/// The figure as it was, or why there is none: `312.345 ms`.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a>(pub &'a Finding);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self.0 {
            Finding::Crossed(value) | Finding::Held(value) => match value {
                Value::Nanos(nanos) => f.write_str(&span(nanos)),
                Value::Part(part, whole) => {
                    let percent = 100.0 * part as f64 / whole as f64;
                    write!(f, "{percent:.1} % ({part} of {whole})")
                }
                Value::Rate(rate) => write!(f, "{rate:.3} per second"),
            },
            Finding::Unknown(ref why) => write!(f, "cannot be told: {}", Printable(why)),
        }
    }
}

/// A section of the text summary; silent where nothing was asked for.
pub(super) fn write(outcomes: &[Outcome], out: &mut impl Write) -> io::Result<()> {
    let shown = |outcome: &Outcome| Printable(&outcome.condition).to_string();
    let Some(width) = outcomes.iter().map(|of| shown(of).chars().count()).max() else {
        return Ok(());
    };
    writeln!(out, "\nConditions (--fail-if)")?;
    for outcome in outcomes {
        let word = if outcome.failed() { "FAILED" } else { "ok" };
        let condition = shown(outcome);
        let told = Told(&outcome.finding);
        writeln!(out, "  {word:<6}  {condition:<width$}  {told}")?;
    }
    Ok(())
}

/// The same in the JSON summary.
pub(super) struct Conditions<'a>(pub &'a [Outcome]);

impl Serialize for Conditions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(One))
    }
}

struct One<'a>(&'a Outcome);

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let One(outcome) = self;
        let (value, reason) = match &outcome.finding {
            Finding::Crossed(value) | Finding::Held(value) => (Some(number(*value)), None),
            Finding::Unknown(why) => (None, Some(why)),
        };
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("condition", &outcome.condition)?;
        map.serialize_entry("failed", &outcome.failed())?;
        map.serialize_entry("value", &value)?;
        map.serialize_entry("reason", &reason)?;
        map.end()
    }
}

/// Seconds, a share (1 is all), or purchases per second.
fn number(value: Value) -> f64 {
    match value {
        Value::Nanos(nanos) => seconds(nanos),
        Value::Part(part, whole) => part as f64 / whole as f64,
        Value::Rate(rate) => rate,
    }
}

#[cfg(test)]
#[path = "thresholds_tests.rs"]
mod tests;
