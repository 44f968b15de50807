//! Tests of what becomes of conditions.

use super::*;
use crate::cli::fail_if::parse;
use crate::summary::tests::{facts, sample};

fn finding(condition: &str, summary: &Summary, facts: &RunFacts) -> Finding {
    let condition = parse(condition).expect(condition);
    let outcome = condition.evaluate(summary, facts);
    assert_eq!(outcome.condition, condition.text);
    let held = matches!(outcome.finding, Finding::Held(_));
    assert_eq!(outcome.failed(), !held, "what cannot be told has failed");
    outcome.finding
}

#[test]
fn a_figure_is_held_against_its_limit() {
    let (summary, facts) = sample();
    let ms = |ms: i64| Value::Nanos(ms * 1_000_000);
    for (condition, crossed, value) in [
        ("buy.p99>300ms", true, ms(2000)),
        ("buy.p99>2s", false, ms(2000)),
        ("buy.p99>=2s", true, ms(2000)),
        ("buy.p99<2s", false, ms(2000)),
        ("buy.p99<=2s", true, ms(2000)),
        ("buy.p50<50ms", true, ms(49)),
        ("buy.min<1ms", false, ms(1)),
        ("buy.max>1h", false, ms(2000)),
        ("buy.mean>100ms", true, Value::Nanos(106_610_000)),
        ("home.max>1500us", false, Value::Nanos(1_500_000)),
        ("server.p90>0.4ms", true, Value::Nanos(500_000)),
        ("rest.max>1", true, ms(1250)),
        ("errors>4%", false, Value::Part(4, 100)),
        ("errors>=4%", true, Value::Part(4, 100)),
        ("home.errors>0", false, Value::Part(0, 100)),
        ("buy.errors>2.99%", true, Value::Part(3, 100)),
        ("server.errors>1%", true, Value::Part(1, 97)),
        ("rest.errors>=100%", true, Value::Part(1, 1)),
        ("rate<48", false, Value::Rate(48.0)),
        ("rate<=48/s", true, Value::Rate(48.0)),
        ("purchases_per_second<48.1", true, Value::Rate(48.0)),
    ] {
        let expected = match crossed {
            true => Finding::Crossed(value),
            false => Finding::Held(value),
        };
        assert_eq!(
            finding(condition, &summary, &facts),
            expected,
            "{condition}"
        );
    }
}

#[test]
fn a_share_that_no_binary_fraction_has_is_met_exactly() {
    let summary = Summary {
        launched: 1000,
        bought: 993,
        ..Summary::default()
    };
    let value = Value::Part(7, 1000);
    assert_eq!(
        finding("errors>0.7%", &summary, &facts()),
        Finding::Held(value)
    );
    assert_eq!(
        finding("errors>0.6999999%", &summary, &facts()),
        Finding::Crossed(value)
    );
}

#[test]
fn what_cannot_be_told_has_failed() {
    let (summary, facts) = sample();
    let nothing = Summary::default();
    let no_time = RunFacts {
        wall_nanos: 0,
        ..facts.clone()
    };
    for (condition, summary, why) in [
        (
            "buy.p99.9>1h",
            &summary,
            "p99.9 needs 1000 values, of which there are 100",
        ),
        (
            "rest.p50>1h",
            &summary,
            "p50 needs 2 values, of which there are 1",
        ),
        ("buy.p50>1h", &nothing, "no purchase has an elapsed time"),
        ("home.mean>1h", &nothing, "no home page has an elapsed time"),
        (
            "server.min<0",
            &nothing,
            "no report has the server's elapsed time",
        ),
        (
            "rest.max>1h",
            &nothing,
            "no report has the second server's elapsed time",
        ),
        ("errors>1%", &nothing, "no shopper was launched"),
        ("buy.errors>1%", &nothing, "no shopper was launched"),
        (
            "server.errors>1%",
            &nothing,
            "no report has the server's result",
        ),
        (
            "rest.errors>1%",
            &nothing,
            "no report has the second server's result",
        ),
        ("rate>1", &summary, "the run took no time"),
    ] {
        let expected = Finding::Unknown(why.to_owned());
        assert_eq!(
            finding(condition, summary, &no_time),
            expected,
            "{condition}"
        );
    }
}
