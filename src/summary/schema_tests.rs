//! Tests of the schema.

use serde_json::{Value, json};

use crate::stats::Sample;
use crate::summary::levels::Level;
use crate::summary::levels::tests::{level, sweep};

fn written(levels: Vec<Level>) -> Value {
    serde_json::to_value(sweep(levels)).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn a_level_and_its_keys() {
    let mut first = level(4, &[8.0, 4.0]);
    first.home = [1_000_000, 3_000_000].into_iter().collect();
    first.buy = Sample::default();
    first.untrusted = 1;
    let value = written(vec![first, Level::new(8)]);
    let expected = json!([
        {"concurrent": 4, "rounds": 2, "launched": 8, "bought": 8, "failed_purchases": 0,
         "wall_seconds": 1.5, "span_seconds": 1.5, "purchases_per_second": 8.0 / 1.5, "round_rates": [8.0, 4.0],
         "home_elapsed_seconds": {"n": 2, "min": 0.001, "mean": 0.002, "p50": 0.001,
             "p90": null, "p95": null, "p99": null, "p99_9": null, "max": 0.003},
         "buy_elapsed_seconds": null, "trusted": false},
        {"concurrent": 8, "rounds": 0, "launched": 0, "bought": 0, "failed_purchases": 0,
         "wall_seconds": 0.0, "span_seconds": 0.0, "purchases_per_second": null, "round_rates": [],
         "home_elapsed_seconds": null, "buy_elapsed_seconds": null, "trusted": null},
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
