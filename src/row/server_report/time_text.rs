//! A time as a server wrote it.

use std::fmt;
use std::ops::Deref;

use arrayvec::ArrayString;

/// ISO 8601 with six decimals and an offset.
const SHORT: usize = "2015-01-03T00:33:40.520812+00:00".len();

/// The text of a time. Up to 32 bytes, as Python's `isoformat` writes, need no allocation: each purchase
/// has two.
#[derive(Clone)]
pub struct TimeText(Inner);

#[derive(Clone)]
enum Inner {
    Short(ArrayString<SHORT>),
    Long(Box<str>),
}

impl Deref for TimeText {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Inner::Short(text) => text,
            Inner::Long(text) => text,
        }
    }
}

impl From<&str> for TimeText {
    fn from(text: &str) -> TimeText {
        TimeText(match ArrayString::from(text) {
            Ok(short) => Inner::Short(short),
            Err(_) => Inner::Long(text.into()),
        })
    }
}

impl From<Box<str>> for TimeText {
    fn from(text: Box<str>) -> TimeText {
        match ArrayString::from(&text) {
            Ok(short) => TimeText(Inner::Short(short)),
            Err(_) => TimeText(Inner::Long(text)),
        }
    }
}

impl PartialEq for TimeText {
    fn eq(&self, other: &TimeText) -> bool {
        **self == **other
    }
}

impl fmt::Debug for TimeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
#[path = "time_text_tests.rs"]
mod tests;
