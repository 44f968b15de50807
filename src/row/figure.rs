//! A server's figure, digit for digit as the server wrote it.

use std::fmt;

use compact_str::CompactString;
use serde_json::Number;
use serde_json::value::RawValue;

/// A number in the form of JSON (RFC 8259 section 6). Two are equal if their digits are.
///
/// Up to 24 digits need no allocation: a purchase has several figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure(CompactString);

impl Figure {
    /// The number in a text that is known to be a JSON value; `None` if it is not a number.
    pub fn of_json(text: &str) -> Option<Figure> {
        Figure::is_number(text).then(|| Figure(text.into()))
    }

    /// Whether a text that is known to be a JSON value is a number.
    pub fn is_number(text: &str) -> bool {
        matches!(text.as_bytes().first(), Some(b'-' | b'0'..=b'9'))
    }

    /// Reads a number, also in other usual forms such as `+1.` or `.5`.
    pub fn parse(text: &str) -> Option<Figure> {
        let json = serde_json::from_str::<&RawValue>(text).ok();
        json.and_then(|value| Figure::of_json(value.get()))
            .or_else(|| Figure::from_f64(text.parse().ok()?))
    }

    /// The shortest digits that represent this number; `None` if it is not finite.
    pub fn from_f64(number: f64) -> Option<Figure> {
        let text = Number::from_f64(number)?.to_string();
        Some(Figure(text.into()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest float; `None` beyond their range.
    pub fn as_f64(&self) -> Option<f64> {
        self.0
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<i64> for Figure {
    fn from(number: i64) -> Figure {
        Figure(number.to_string().into())
    }
}

impl From<u64> for Figure {
    fn from(number: u64) -> Figure {
        Figure(number.to_string().into())
    }
}

#[cfg(test)]
#[path = "figure_tests.rs"]
mod tests;
