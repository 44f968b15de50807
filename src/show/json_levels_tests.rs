use serde_json::{Value, json};

use super::*;
use crate::show::levels::tests::level;
use crate::stats::Sample;

struct Object<'a>(&'a [Level]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write(self.0, &mut map)?;
        map.end()
    }
}

fn written(levels: &[Level]) -> Value {
    let text = serde_json::to_string(&Object(levels)).expect("JSON");
    serde_json::from_str(&text).expect("JSON")
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
    let text = serde_json::to_string(&Object(&[first.clone()])).expect("JSON");
    let keys = "{\"levels\":[{\"concurrent\":4,\"rounds\":2,\"launched\":8,";
    assert!(text.starts_with(keys), "{text}");
    let expected = json!({
        "levels": [
            {"concurrent": 4, "rounds": 2, "launched": 8, "bought": 8, "failed_purchases": 0,
             "wall_seconds": 1.5, "purchases_per_second": 8.0 / 1.5,
             "home_elapsed_seconds": {"n": 2, "min": 0.001, "mean": 0.002, "p50": 0.001,
                 "p90": null, "p99": null, "p99_9": null, "max": 0.003},
             "buy_elapsed_seconds": null, "trusted": false},
            {"concurrent": 8, "rounds": 0, "launched": 0, "bought": 0, "failed_purchases": 0,
             "wall_seconds": 0.0, "purchases_per_second": null, "home_elapsed_seconds": null,
             "buy_elapsed_seconds": null, "trusted": null},
        ],
        "scalability": {"lambda": null, "sigma": null, "kappa": null, "error": null, "knee": null,
            "peak": null, "finding": "too_few", "ceiling": null},
    });
    assert_eq!(written(&[first, Level::new(8)]), expected);
}

#[test]
fn findings() {
    let scalability = |rates: [f64; 4]| {
        let levels: Vec<Level> = ([1, 10, 100, 1000].iter().zip(rates))
            .map(|(n, rate)| level(*n, &[rate]))
            .collect();
        let value = written(&levels);
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
    assert_eq!(
        (&falls["finding"], &falls["knee"]),
        (&json!("falls"), &json!(1.0))
    );

    let none = scalability([10.0, 40.0, 40.0, 40.0]);
    assert_eq!(
        (&none["finding"], &none["knee"]),
        (&json!("no_knee"), &Value::Null)
    );
    assert!(number(&none["ceiling"]) > 40.0, "{none}");
}
