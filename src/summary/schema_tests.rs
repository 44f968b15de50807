//! Tests of the schema.

use serde_json::{Value, json};

use crate::row::failure::FailureKind;
use crate::row::{Exchange, Row};
use crate::stats::Sample;
use crate::summary::levels::Level;
use crate::summary::levels::tests::{level, limited, sweep};
use crate::summary::samples::{facts, part, sample, summary, summary_of};
use crate::summary::{Figures, PartFacts, Summary, Whole};
use crate::time::clock::Clock;

fn written(levels: Vec<Level>) -> Value {
    serde_json::to_value(sweep(levels)).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn a_level_and_its_keys() {
    let mut first = level(4, &[8.0, 4.0]);
    first.figures.home.elapsed_ok = [1_000_000, 3_000_000].into_iter().collect();
    first.figures.buy.elapsed_ok = Sample::default();
    first.verdict = limited();
    let value = written(vec![first, Level::new(8)]);
    let no_share = json!({"p50": null, "p99": null});
    let of =
        |state: &str| json!({"state": state, "own_share": no_share, "reasons": [], "hints": []});
    let reason = json!({"kind": "send_delay", "level": null, "reason": "requests waited",
        "hint": "fewer virtual users"});
    let home = json!({"state": "not_trusted", "own_share": no_share, "reasons": [reason],
        "hints": ["fewer virtual users"]});
    let expected = json!([
        {"concurrent": 4, "rounds": 2, "launched": 8, "bought": 8, "failed_purchases": 0,
         "wall_seconds": 1.5, "span_seconds": 1.5, "purchases_per_second": 8.0 / 1.5, "round_rates": [8.0, 4.0],
         "home_elapsed_seconds": {"n": 2, "min": 0.001, "mean": 0.002, "p50": 0.001,
             "p90": null, "p95": null, "p99": null, "p99_9": null, "max": 0.003},
         "buy_elapsed_seconds": null, "server_elapsed_seconds": null, "trusted": false, "reasons": [reason],
         "verdict": {"home": home, "purchase": of("trusted"), "pace": of("trusted")}},
        {"concurrent": 8, "rounds": 0, "launched": 0, "bought": 0, "failed_purchases": 0,
         "wall_seconds": 0.0, "span_seconds": 0.0, "purchases_per_second": null, "round_rates": [],
         "home_elapsed_seconds": null, "buy_elapsed_seconds": null, "server_elapsed_seconds": null, "trusted": null, "reasons": [],
         "verdict": {"home": of("not_judged"), "purchase": of("not_judged"), "pace": of("not_judged")}},
    ]);
    assert_eq!(value["levels"], expected);
    let scalability = json!({"lambda": null, "sigma": null, "kappa": null, "error": null,
        "finding": "too_few", "knee": null, "peak": null, "ceiling": null, "up_to": null,
        "unsupported": null, "levels_without_purchases": []});
    assert_eq!(value["scalability"], scalability);
}

#[test]
fn findings() {
    let scalability = |rates: [f64; 4]| {
        let levels: Vec<Level> = ([1, 10, 100, 1000].iter().zip(rates))
            .map(|(n, rate)| level(*n, &[rate, rate]))
            .collect();
        let value = written(levels);
        assert_eq!(value["levels"][3]["trusted"], json!(true));
        value["scalability"].clone()
    };
    let knee = scalability([10.0, 84.0, 252.0, 82.6]);
    assert_eq!(knee["finding"], json!("knee"));
    assert!((number(&knee["lambda"]) - 10.0).abs() < 0.1, "{knee}");
    assert!((number(&knee["sigma"]) - 0.02).abs() < 1e-3, "{knee}");
    assert!((number(&knee["kappa"]) - 1e-4).abs() < 1e-5, "{knee}");
    assert!(number(&knee["error"]) < 0.01, "{knee}");
    assert!((number(&knee["knee"]) - 99.0).abs() < 1.0, "{knee}");
    assert!((number(&knee["peak"]) - 252.0).abs() < 1.0, "{knee}");
    assert_eq!(knee["ceiling"], Value::Null);

    let falls = scalability([10.0, 5.0, 2.0, 0.5]);
    let found = (&falls["finding"], &falls["knee"]);
    assert_eq!(found, (&json!("falls"), &json!(1.0)));

    let none = scalability([10.0, 40.0, 41.0, 42.0]);
    let found = (&none["finding"], &none["knee"]);
    assert_eq!(found, (&json!("no_knee"), &Value::Null), "{none}");
    assert!(number(&none["ceiling"]) > 40.0, "{none}");

    let poor = scalability([10.0, 100.0, 100.0, 100.0]);
    let found = (&poor["finding"], &poor["ceiling"], &poor["knee"]);
    assert_eq!(found, (&json!("not_supported"), &Value::Null, &Value::Null));
}

#[test]
fn what_would_mix_levels_is_absent_from_a_sweep() {
    let keys = [
        "purchases_per_second",
        "home_elapsed_seconds",
        "home_ok_elapsed_seconds",
        "buy_elapsed_seconds",
        "buy_ok_elapsed_seconds",
        "server_elapsed_seconds",
    ];
    let parts = ["home_phases", "buy_phases"];
    let of = |levels: &[u64]| {
        let mut whole = Whole::default();
        for level in levels {
            let part = PartFacts {
                level: Some(*level),
                ..part()
            };
            whole.add(&part, &sample());
        }
        let mut run = facts();
        run.load.levels = levels.to_vec();
        run.load.levels.dedup();
        serde_json::to_value(Summary::of(run, whole, &[])).expect("JSON")
    };
    let (sweep, rounds) = (of(&[1, 10]), of(&[10, 10]));
    for key in keys {
        assert_eq!(sweep[key], Value::Null, "{key}");
        assert_ne!(rounds[key], Value::Null, "rounds of one level: {key}");
    }
    for phases in parts {
        assert_eq!(sweep[phases]["wait"]["seconds"], Value::Null, "{phases}");
        assert_ne!(rounds[phases]["wait"]["seconds"], Value::Null, "{phases}");
    }
    assert_eq!(
        (&sweep["launched"], &sweep["bought"]),
        (&json!(200), &json!(192))
    );
    let level = &sweep["levels"][1];
    assert_eq!(
        (&level["buy_elapsed_seconds"]["p95"], &level["concurrent"]),
        (&json!(0.094), &json!(10))
    );
}

/// Each level has its own reasons.
#[test]
fn a_level_says_why_it_is_not_trusted() {
    let mut whole = Whole::default();
    for (level, cpu) in [(1, 1), (10, 2)] {
        let mut part = PartFacts {
            level: Some(level),
            ..part()
        };
        if let Some(usage) = &mut part.usage {
            usage.cpu = usage.wall * cpu / 2;
        }
        whole.add(&part, &sample());
    }
    let mut run = facts();
    run.load.levels = vec![1, 10];
    let value = serde_json::to_value(Summary::of(run, whole, &[])).expect("JSON");
    let (reason, hint) = (
        "the event loop used 100 % of its core",
        "a faster or less busy core, or fewer virtual users",
    );
    let given = |level: Value| json!([{"kind": "busy_loop", "level": level, "reason": reason, "hint": hint}]);
    let pace = |of: &Value| of["verdict"]["pace"].clone();
    assert_eq!(pace(&value["levels"][0])["reasons"], json!([]));
    assert_eq!(pace(&value["levels"][1])["reasons"], given(Value::Null));
    assert_eq!(pace(&value)["reasons"], given(json!(10)));
    assert_eq!(pace(&value)["hints"], json!([hint]));
    // The latencies are not concerned.
    assert_eq!(value["instrument"]["trusted"], true);
    assert_eq!(value["levels"][1]["reasons"], json!([]));
}

#[test]
fn dropped_arrivals_are_counted_once_and_by_themselves() {
    let mut figures = sample();
    let dropped = Exchange {
        failure: Some(FailureKind::NotLaunched.into()),
        ..Exchange::default()
    };
    let row = Row {
        home: dropped.clone(),
        buy: dropped,
        ..Row::default()
    };
    for _ in 0..5 {
        figures.add(&row, &Clock::of_unix_time());
    }
    let with = serde_json::to_value(summary_of(facts(), &part(), &figures)).expect("JSON");
    let without = serde_json::to_value(summary()).expect("JSON");
    assert_eq!(with["dropped"], json!(5));
    for key in ["home_http_codes", "buy_http_codes"] {
        assert_eq!(with[key], without[key], "{key}");
    }
    let messages = |of: &Value| -> Vec<Value> {
        let groups = of["errors"].as_array().expect("a list");
        groups
            .iter()
            .map(|group| group["message"].clone())
            .collect()
    };
    assert_eq!(messages(&with), messages(&without));
    assert_eq!(with["failed_purchases"], json!(9));
}

#[test]
fn a_run_that_bought_nothing_is_not_judged() {
    let figures = Figures {
        shoppers: 3,
        ..Figures::default()
    };
    let value = serde_json::to_value(summary_of(facts(), &part(), &figures)).expect("JSON");
    assert_eq!(value["instrument"]["trusted"], Value::Null);
    let mut limited = figures.clone();
    limited.home.without_descriptor = 3;
    let value = serde_json::to_value(summary_of(facts(), &part(), &limited)).expect("JSON");
    assert_eq!(
        value["instrument"]["trusted"],
        json!(false),
        "the reason is known"
    );
}
