//! Spans of time as numbers of JSON: whole nanoseconds inside, seconds outside.

use serde::Serializer;

/// Seconds of nanoseconds.
pub fn to_seconds(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}

/// For `#[serde(serialize_with)]`: nanoseconds as a number of seconds.
pub fn seconds<S: Serializer>(nanos: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(to_seconds(*nanos))
}

/// The same, or `null`.
pub fn maybe_seconds<S: Serializer>(nanos: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match nanos {
        Some(nanos) => seconds(nanos, serializer),
        None => serializer.serialize_none(),
    }
}
