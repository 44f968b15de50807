//! Reports repeat in shape: the reports of one server have the same keys in the same order, between the
//! same signs, and differ in their values alone. A report of a shape that was read before is read by
//! comparing what lies between its values, in a tenth of the time that a reader of JSON needs.

use crate::row::figure::Figure;
use crate::text::has_byte;

use super::figures::{Key, ServerFigures, ServerReport};
use super::odd::MAX_TEXT;

/// A longer report, in bytes, is read as JSON each time.
const MOST_BYTES: usize = 4096;

/// The shape of the last report.
#[derive(Debug, Default)]
pub struct ReportShape {
    /// What lies before the values, one after the other, and behind the last.
    signs: String,
    /// The values: where the signs before each of them end, and what it is.
    values: Vec<(usize, Place)>,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Main(Key),
    Rest(Key),
}

/// One value of a report.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value<'a> {
    Number(&'a str),
    Text(&'a str),
    Truth(bool),
    Null,
}

impl ReportShape {
    /// Reads a report of the same shape; `None` for every other body, and for values that need a closer
    /// look.
    pub(super) fn read(&self, body: &[u8]) -> Option<ServerReport> {
        let mut report = ServerReport::default();
        // Checked once, it need not be checked again for each value.
        let body = str::from_utf8(body)
            .ok()
            .filter(|_| !self.values.is_empty())?;
        let (mut left, mut from) = (body, 0);
        for &(to, place) in &self.values {
            left = left.strip_prefix(&self.signs[from..to])?;
            from = to;
            let (value, length) = value(left)?;
            left = &left[length..];
            match place {
                Place::Main(key) => take(&mut report.main, key, value)?,
                Place::Rest(key) => take(report.rest.get_or_insert_default(), key, value)?,
            }
        }
        (left == &self.signs[from..]).then_some(report)
    }

    /// Remembers the shape of a report that was read as JSON without anything odd. One that has other
    /// objects or arrays than the second server's object has no shape.
    pub(super) fn learn(&mut self, body: &[u8]) {
        self.signs.clear();
        self.values.clear();
        let short = str::from_utf8(body)
            .ok()
            .filter(|body| body.len() <= MOST_BYTES);
        if short.and_then(|body| self.walk(body)).is_none() {
            self.signs.clear();
            self.values.clear();
        }
    }

    /// Goes through valid JSON.
    fn walk(&mut self, json: &str) -> Option<()> {
        let body = json.as_bytes();
        let mut at = 0;
        let mut in_rest = false;
        let mut key = None;
        while at < body.len() {
            match (body[at], key) {
                (b'"', None) => {
                    let (Value::Text(name), length) = value(&json[at..])? else {
                        return None;
                    };
                    key = Some(Key::of(name));
                    self.signs.push_str(&json[at..at + length]);
                    at += length;
                    continue;
                }
                (b'{', Some(Key::Rest)) if !in_rest => {
                    in_rest = true;
                    key = None;
                }
                (b'{', None) if at == body.len() - body.trim_ascii_start().len() => {}
                (b'}', None) if in_rest => {
                    // A second server that reports nothing is one nevertheless.
                    if !matches!(self.values.last(), Some((_, Place::Rest(_)))) {
                        return None;
                    }
                    in_rest = false;
                }
                (b'}' | b',', None) | (b':', Some(_)) => {}
                (byte, _) if byte.is_ascii_whitespace() => {}
                (_, Some(of)) => {
                    let place = match in_rest {
                        true => Place::Rest(of),
                        false => Place::Main(of),
                    };
                    let (_, length) = value(&json[at..])?;
                    self.values.push((self.signs.len(), place));
                    at += length;
                    key = None;
                    continue;
                }
                _ => return None,
            }
            self.signs.push(body[at].into());
            at += 1;
        }
        Some(())
    }
}

/// `None` where the value is not of the key's type.
fn take(figures: &mut ServerFigures, key: Key, value: Value<'_>) -> Option<()> {
    match key {
        Key::CpuSeconds => figures.cpu_seconds = number(value)?,
        Key::CpuUsage => figures.cpu_usage = number(value)?,
        Key::ElapsedSeconds => figures.elapsed_seconds = number(value)?,
        Key::ErrorMsg => figures.error_msg = text(value)?,
        Key::MemoryUsage => figures.memory_usage = number(value)?,
        Key::Result => {
            figures.result = match value {
                Value::Truth(truth) => Some(truth),
                Value::Null => None,
                _ => return None,
            }
        }
        Key::StartedTime => figures.started_time = text(value)?,
        Key::StoppedTime => figures.stopped_time = text(value)?,
        Key::Rest => return (value == Value::Null).then_some(()),
        Key::Unknown => {}
    }
    Some(())
}

fn number(value: Value<'_>) -> Option<Option<Figure>> {
    match value {
        Value::Number(digits) => Some(Some(Figure::of_json(digits)?)),
        Value::Null => Some(None),
        _ => None,
    }
}

fn text<'a, T: From<&'a str>>(value: Value<'a>) -> Option<Option<T>> {
    match value {
        Value::Text(text) => Some(Some(text.into())),
        Value::Null => Some(None),
        _ => None,
    }
}

/// The value at the beginning of `json`, and its length; `None` for objects, arrays, numbers with an
/// exponent, and texts that are long or have escapes, control characters or anything but ASCII.
fn value(json: &str) -> Option<(Value<'_>, usize)> {
    let bytes = json.as_bytes();
    match bytes.first()? {
        b'"' => {
            let inside = &bytes[1..];
            let length = memchr::memchr(b'"', &inside[..inside.len().min(MAX_TEXT + 1)])?;
            let text = &json[1..1 + length];
            let is_usual = |byte| (b' '..=b'~').contains(&byte) & (byte != b'\\');
            let is_plain = !has_byte(text.as_bytes(), |byte| !is_usual(byte));
            is_plain.then_some((Value::Text(text), length + 2))
        }
        b't' => bytes
            .starts_with(b"true")
            .then_some((Value::Truth(true), 4)),
        b'f' => bytes
            .starts_with(b"false")
            .then_some((Value::Truth(false), 5)),
        b'n' => bytes.starts_with(b"null").then_some((Value::Null, 4)),
        _ => {
            let length = number_length(bytes)?;
            Some((Value::Number(&json[..length]), length))
        }
    }
}

/// The length of a number without an exponent (RFC 8259 section 6).
fn number_length(bytes: &[u8]) -> Option<usize> {
    let digits_from = |from: usize| {
        let mut at = from;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let begin = usize::from(bytes[0] == b'-');
    let whole = digits_from(begin);
    let has_leading_zero = bytes.get(begin) == Some(&b'0') && whole > begin + 1;
    if whole == begin || has_leading_zero {
        return None;
    }
    let end = match bytes.get(whole) {
        Some(b'.') => Some(digits_from(whole + 1)).filter(|end| *end > whole + 1)?,
        _ => whole,
    };
    let has_exponent = matches!(bytes.get(end), Some(b'e' | b'E'));
    (!has_exponent && end <= MAX_TEXT).then_some(end)
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
