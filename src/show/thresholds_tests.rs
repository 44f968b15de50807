//! Tests of thresholds.

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
