//! Tests of the floor.

use super::*;

fn floor_of(text: &str) -> Result<f64, String> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("floor.json");
    std::fs::write(&path, text).expect("written");
    floor_seconds(&path).map_err(|error| error.to_string())
}

#[test]
fn the_smaller_median_of_the_connections_is_the_floor() {
    let text = r#"{"floor": {"new_connection_seconds": {"n": 3, "min": 1, "mean": 1, "p50": 0.0002, "p99": null,
        "max": 0.1}, "kept_connection_seconds": {"p50": 0.0001, "max": 0.2}}, "levels": []}"#;
    assert_eq!(floor_of(text), Ok(0.0001));
    let one = r#"{"floor": {"new_connection_seconds": {"p50": null, "max": 0.1}, "kept_connection_seconds": null}}"#;
    assert_eq!(floor_of(one), Ok(0.1));
}

#[test]
fn other_files_are_refused_with_their_name() {
    for text in ["", "{}", "[1]", r#"{"floor": {}}"#] {
        let error = floor_of(text).expect_err(text);
        assert!(
            error.contains("floor.json") && error.contains("calibrate --json"),
            "{error}"
        );
    }
    let missing = floor_seconds(Path::new("/nowhere/floor.json")).expect_err("missing");
    assert!(
        missing.to_string().contains("/nowhere/floor.json"),
        "{missing}"
    );
}
