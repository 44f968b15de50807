//! The floor of this machine, from the findings of `calibrate --json`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use crate::comparison::Question;
use crate::settings::Comparing;

use super::error::CompareError;

/// The longest file that is read, bytes.
const MOST: u64 = 1 << 20;

#[derive(Deserialize)]
struct Findings {
    floor: Floor,
}

#[derive(Deserialize)]
struct Floor {
    new_connection_seconds: Option<Seconds>,
    kept_connection_seconds: Option<Seconds>,
}

#[derive(Deserialize)]
struct Seconds {
    p50: Option<f64>,
    max: f64,
}

/// What is asked, with the floor of the file of `--floor`.
pub fn question(of: &Comparing) -> Result<Question, CompareError> {
    let floor = of.floor.as_deref().map(floor_seconds);
    Ok(Question {
        floor_seconds: floor.transpose()?,
        ..of.question
    })
}

/// The median latency of a shop that takes no time, seconds: of kept connections where they were measured, as
/// the smaller of both.
pub fn floor_seconds(path: &Path) -> Result<f64, CompareError> {
    let wrong = |why: String| CompareError::Floor {
        path: path.to_owned(),
        why,
    };
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MOST).read_to_string(&mut text));
    read.map_err(|error| wrong(error.to_string()))?;
    let findings: Findings = serde_json::from_str(&text)
        .map_err(|_| wrong("not the findings of calibrate".to_owned()))?;
    let both = [
        findings.floor.kept_connection_seconds,
        findings.floor.new_connection_seconds,
    ];
    let floors = both
        .into_iter()
        .flatten()
        .map(|of| of.p50.unwrap_or(of.max));
    let floor = floors.reduce(f64::min);
    floor
        .filter(|floor| floor.is_finite() && *floor >= 0.0)
        .ok_or_else(|| wrong("it has no floor".to_owned()))
}

#[cfg(test)]
#[path = "floor_tests.rs"]
mod tests;
