//! Reads reports in which a value is not valid JSON or has another type than expected: an invalid value
//! affects only itself. The frame (braces, keys, colons, commas) must be valid.
//!
//! Python's json.dumps writes such reports unless told otherwise: lone surrogates for text that was
//! decoded with `surrogateescape`, and NaN, Infinity and -Infinity (its documentation, "Standard
//! Compliance and Interoperability").

use std::borrow::Cow;

use crate::row::figure::Figure;

use super::figures::{Key, Seen, ServerFigures, ServerReport};
use super::odd::Odd;
use super::scan::{Malformed, Scanner, Value};

/// Reads what can be read. The error says what is wrong with the frame, and whether an anomaly
/// came before it.
pub(super) fn parse(body: &[u8]) -> Result<ServerReport, (Malformed, bool)> {
    let mut reader = Reader {
        scanner: Scanner::new(body),
        odd: Odd::default(),
    };
    let report = reader.report();
    let odd = reader.odd;
    match report {
        Ok(report) => Ok(ServerReport {
            odd: odd.into_line(),
            ..report
        }),
        Err(error) => Err((error, !odd.is_empty())),
    }
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    odd: Odd,
}

impl Reader<'_> {
    fn report(&mut self) -> Result<ServerReport, Malformed> {
        let mut report = ServerReport::default();
        let mut seen = Seen::default();
        self.scanner.enter()?;
        while let Some(key) = self.key(&mut seen)? {
            if key != Key::Rest {
                self.take(&mut report.main, key)?;
            } else if self.scanner.at_object() {
                report.rest = Some(Box::new(self.rest()?));
            } else {
                let value = self.scanner.value()?;
                match value.is_null() {
                    true => report.rest = None,
                    false => self.reject(key, &value, "an object"),
                }
            }
        }
        self.scanner.end()?;
        Ok(report)
    }

    fn rest(&mut self) -> Result<ServerFigures, Malformed> {
        let mut figures = ServerFigures::default();
        let mut seen = Seen::default();
        self.odd.in_rest = true;
        self.scanner.enter()?;
        while let Some(key) = self.key(&mut seen)? {
            self.take(&mut figures, key)?;
        }
        self.odd.in_rest = false;
        Ok(figures)
    }

    fn key(&mut self, seen: &mut Seen) -> Result<Option<Key>, Malformed> {
        let Some(name) = self.scanner.key()? else {
            return Ok(None);
        };
        let key = Key::of(&name.text);
        if seen.again(key) {
            self.odd.note(key, "repeated");
        }
        Ok(Some(key))
    }

    fn take(&mut self, figures: &mut ServerFigures, key: Key) -> Result<(), Malformed> {
        let value = self.scanner.value()?;
        match key {
            Key::CpuSeconds => self.number(&mut figures.cpu_seconds, key, value),
            Key::CpuUsage => self.number(&mut figures.cpu_usage, key, value),
            Key::ElapsedSeconds => self.number(&mut figures.elapsed_seconds, key, value),
            Key::ErrorMsg => self.text(&mut figures.error_msg, key, value),
            Key::MemoryUsage => self.number(&mut figures.memory_usage, key, value),
            Key::Result => self.truth(&mut figures.result, key, &value),
            Key::StartedTime => self.text(&mut figures.started_time, key, value),
            Key::StoppedTime => self.text(&mut figures.stopped_time, key, value),
            Key::Rest | Key::Unknown => {
                if let Some(what) = value.oddity() {
                    self.odd.note(key, what);
                }
            }
        }
        Ok(())
    }

    /// A value that cannot be read leaves that of an earlier occurrence of the key.
    fn number(&mut self, field: &mut Option<Figure>, key: Key, value: Value<'_>) {
        match &value {
            Value::Bare("null") => *field = None,
            Value::Bare(number) if is_json_number(number) => *field = self.odd.figure(key, number),
            Value::Bare(other) => match Figure::parse(other) {
                Some(figure) => {
                    self.odd.note(key, format_args!("{other} is not JSON"));
                    *field = Some(figure);
                }
                None => self.reject(key, &value, "a number"),
            },
            Value::Text(text) => match number_in(text.text.trim()) {
                Some(number) => {
                    self.odd.note(key, "a number in quotes");
                    *field = self.odd.figure(key, &number);
                }
                None => self.reject(key, &value, "a number"),
            },
            Value::Nested(_) => self.reject(key, &value, "a number"),
        }
    }

    fn truth(&mut self, field: &mut Option<bool>, key: Key, value: &Value<'_>) {
        let (word, is_json) = match value {
            Value::Bare("null") => {
                *field = None;
                return;
            }
            Value::Bare(word) => (*word, matches!(*word, "true" | "false")),
            Value::Text(text) => (&*text.text, false),
            Value::Nested(_) => ("", false),
        };
        let truth = match word.trim() {
            "1" | "1.0" => true,
            "0" | "0.0" => false,
            word if word.eq_ignore_ascii_case("true") => true,
            word if word.eq_ignore_ascii_case("false") => false,
            _ => return self.reject(key, value, "true or false"),
        };
        if !is_json {
            self.odd.note(key, format_args!("{value}, read as {truth}"));
        }
        *field = Some(truth);
    }

    fn text<T: From<Box<str>>>(&mut self, field: &mut Option<T>, key: Key, value: Value<'_>) {
        let text: Cow<'_, str> = match value {
            Value::Bare("null") => {
                *field = None;
                return;
            }
            Value::Text(text) => {
                if let Some(what) = text.odd {
                    self.odd.note(key, what);
                }
                text.text
            }
            Value::Bare(word) => {
                self.odd.note(key, "not a text");
                word.into()
            }
            Value::Nested(raw) => {
                self.odd.note(key, "not a text");
                String::from_utf8_lossy(raw)
            }
        };
        *field = Some(self.odd.text(key, text.into()).into());
    }

    fn reject(&mut self, key: Key, value: &Value<'_>, expected: &str) {
        self.odd
            .note(key, format_args!("{value} is not {expected}"));
    }
}

/// Whether a bare word is a number by the grammar of JSON.
fn is_json_number(word: &str) -> bool {
    Figure::is_number(word) && serde_json::from_str::<&serde_json::value::RawValue>(word).is_ok()
}

/// The number in a text, in the form of JSON.
fn number_in(text: &str) -> Option<Cow<'_, str>> {
    if is_json_number(text) {
        return Some(text.into());
    }
    Figure::parse(text).map(|figure| figure.as_str().to_owned().into())
}
