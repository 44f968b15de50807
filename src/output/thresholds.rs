//! What became of the conditions of `--fail-if`, for people and for programs.

use std::fmt;
use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::json::seconds;
use super::text::span;
use crate::text::Printable;
use crate::threshold::{Finding, Outcome, Value};

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
mod tests {
    use super::*;

    fn outcomes() -> Vec<Outcome> {
        let outcome = |condition: &str, finding| Outcome {
            condition: condition.to_owned(),
            finding,
        };
        vec![
            outcome("buy.p99>300ms", Finding::Crossed(Value::Nanos(312_345_000))),
            outcome("errors > 1%", Finding::Held(Value::Part(3, 1000))),
            outcome("rate<40", Finding::Held(Value::Rate(48.0))),
            outcome(
                "buy.p99.9>1s\x1b[2J",
                Finding::Unknown("p99.9 needs 1000\u{202e} values".to_owned()),
            ),
        ]
    }

    #[test]
    fn a_line_for_each_condition() {
        let mut out = Vec::new();
        write(&outcomes(), &mut out).expect("written");
        assert_eq!(
            String::from_utf8(out).expect("text"),
            "
Conditions (--fail-if)
  FAILED  buy.p99>300ms          312.345 ms
  ok      errors > 1%            0.3 % (3 of 1000)
  ok      rate<40                48.000 per second
  FAILED  buy.p99.9>1s\\u{1b}[2J  cannot be told: p99.9 needs 1000\\u{202e} values
"
        );
    }

    #[test]
    fn no_conditions_no_section() {
        let mut out = Vec::new();
        write(&[], &mut out).expect("written");
        assert!(out.is_empty());
    }

    #[test]
    fn an_object_for_each_condition() {
        let value = serde_json::to_value(Conditions(&outcomes())).expect("JSON");
        assert_eq!(
            value,
            serde_json::json!([
                {"condition": "buy.p99>300ms", "failed": true, "value": 0.312345, "reason": null},
                {"condition": "errors > 1%", "failed": false, "value": 0.003, "reason": null},
                {"condition": "rate<40", "failed": false, "value": 48.0, "reason": null},
                {"condition": "buy.p99.9>1s\u{1b}[2J", "failed": true, "value": null,
                 "reason": "p99.9 needs 1000\u{202e} values"},
            ])
        );
    }
}
