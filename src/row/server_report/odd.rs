//! Anomalies of a report, and the limits of its parts.

use std::fmt;

use crate::row::figure::Figure;
use crate::text::{Printable, bounded, cleaned};

use super::figures::Key;

/// The longest text of a server that is kept, characters: it is written into every affected row.
pub(super) const MAX_TEXT: usize = 300;

/// The longest number that is kept digit for digit, characters.
const MAX_DIGITS: usize = 300;

/// Remarks that are kept in full; the others are counted.
const MOST_REMARKS: usize = 3;

/// Collects remarks on one report; allocates nothing while there are none.
#[derive(Debug, Default)]
pub(super) struct Odd {
    remarks: String,
    count: usize,
    /// Whether the second server's part is being read.
    pub in_rest: bool,
}

impl Odd {
    /// Adds a remark about the value of a key.
    pub fn note(&mut self, key: Key, what: impl fmt::Display) {
        self.count += 1;
        if self.count > MOST_REMARKS {
            return;
        }
        let separator = if self.count > 1 { "; " } else { "" };
        let rest = if self.in_rest { "rest: " } else { "" };
        let what = what.to_string();
        let what = bounded(&what, 80);
        let (name, what) = (key.name(), Printable(&what));
        self.remarks += &format!("{separator}{rest}{name}: {what}");
    }

    /// Whether it has no remarks.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// One line with all remarks; `None` where there are none.
    pub fn into_line(self) -> Option<Box<str>> {
        let more = match self.count.saturating_sub(MOST_REMARKS) {
            0 => String::new(),
            more => format!("; {more} more"),
        };
        let line = self.remarks + &more;
        (!line.is_empty()).then(|| bounded(&line, MAX_TEXT).into())
    }

    /// A text within the limit and without control characters.
    pub fn text(&mut self, key: Key, text: Box<str>) -> Box<str> {
        let text = match bounded(&text, MAX_TEXT) {
            short if short.len() == text.len() => text,
            short => {
                self.note(key, "cut to 300 characters");
                short.into()
            }
        };
        match cleaned(&text) {
            clean if *clean == *text => text,
            clean => {
                self.note(key, "control characters");
                bounded(&clean, MAX_TEXT).into()
            }
        }
    }

    /// The figure that the text of a JSON number is; the nearest float where it has more than a few
    /// hundred digits.
    pub fn figure(&mut self, key: Key, number: &str) -> Option<Figure> {
        let is_long = number.len() > MAX_DIGITS;
        let may_be_large = is_long || number.bytes().any(|byte| matches!(byte, b'e' | b'E'));
        let figure = Figure::of_json(number)?;
        if !may_be_large {
            return Some(figure);
        }
        let float = figure.as_f64();
        if float.is_none() {
            // Readers of the rows would take it for infinity, and their means with it.
            self.note(key, "beyond the range of floating-point numbers");
            return None;
        }
        if is_long {
            self.note(key, "a number of more than 300 digits, rounded");
        }
        if is_long {
            return float.and_then(Figure::from_f64);
        }
        Some(figure)
    }
}
