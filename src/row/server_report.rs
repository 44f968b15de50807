//! The server's report: the JSON body of a profiled purchase.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::html;
use crate::row::figure::Figure;
use crate::text::shortened;

/// What a server said of one purchase. Every part may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerReport {
    /// The main server.
    pub main: ServerFigures,
    /// The second server, where there is one.
    pub rest: Option<ServerFigures>,
}

/// The figures one server reported of itself; numbers and times are kept as they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerFigures {
    /// Percent of the server.
    pub cpu_usage: Option<Figure>,
    /// Seconds from the receipt of the request to the saved records.
    pub elapsed_seconds: Option<Figure>,
    /// Why the server refused or failed; often empty.
    pub error_msg: Option<Box<str>>,
    /// Megabytes in use on the server.
    pub memory_usage: Option<Figure>,
    /// Whether the purchase satisfied, as the server saw it.
    pub result: Option<bool>,
    /// ISO 8601, as it came.
    pub started_time: Option<Box<str>>,
    /// ISO 8601, as it came.
    pub stopped_time: Option<Box<str>>,
}

impl ServerReport {
    /// Reads a report. Keys may be missing, `null`, unknown or repeated (the last one counts, as in
    /// Python); the error says in one line what is wrong and where.
    pub fn parse(body: &[u8]) -> Result<ServerReport, String> {
        let start = body.trim_ascii_start();
        if start.is_empty() {
            return Err("the body is empty".to_owned());
        }
        if html::is_html(start) {
            return Err(match html::title(body) {
                Some(title) => format!("the body is HTML, titled {title:?}"),
                None => "the body is HTML".to_owned(),
            });
        }
        match str::from_utf8(body) {
            // Checked once, it need not be checked again for each key and text.
            Ok(text) => report_in(serde_json::Deserializer::from_str(text)),
            Err(_) => report_in(serde_json::Deserializer::from_slice(body)),
        }
    }
}

fn report_in<'de, R: serde_json::de::Read<'de>>(
    mut deserializer: serde_json::Deserializer<R>,
) -> Result<ServerReport, String> {
    let report = deserializer
        .deserialize_map(ReportVisitor)
        .and_then(|report| deserializer.end().map(|()| report));
    report.map_err(|error| error.to_string())
}

struct ReportVisitor;

impl<'de> Visitor<'de> for ReportVisitor {
    type Value = ServerReport;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a server report (a JSON object)")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ServerReport, A::Error> {
        let mut report = ServerReport::default();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            if key == Key::Rest {
                report.rest = map.next_value_seed(RestSeed).map_err(named("rest"))?;
            } else {
                report.main.take(key, &mut map)?;
            }
        }
        Ok(report)
    }
}

/// The second server's object, or `null`.
struct RestSeed;

impl<'de> DeserializeSeed<'de> for RestSeed {
    type Value = Option<ServerFigures>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RestSeed {
    type Value = Option<ServerFigures>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the second server's report (a JSON object)")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut figures = ServerFigures::default();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            figures.take(key, &mut map)?;
        }
        Ok(Some(figures))
    }
}

impl ServerFigures {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: Key, map: &mut A) -> Result<(), A::Error> {
        match key {
            Key::CpuUsage => self.cpu_usage = number(map, "cpu_usage")?,
            Key::ElapsedSeconds => self.elapsed_seconds = number(map, "elapsed_seconds")?,
            Key::ErrorMsg => self.error_msg = value(map, "error_msg")?,
            Key::MemoryUsage => self.memory_usage = number(map, "memory_usage")?,
            Key::Result => self.result = value(map, "result")?,
            Key::StartedTime => self.started_time = value(map, "started_time")?,
            Key::StoppedTime => self.stopped_time = value(map, "stopped_time")?,
            Key::Rest | Key::Unknown => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// One value, with its key in front of what is wrong with it.
fn value<'de, A, T>(map: &mut A, key: &'static str) -> Result<Option<T>, A::Error>
where
    A: MapAccess<'de>,
    T: de::Deserialize<'de>,
{
    map.next_value().map_err(named(key))
}

/// One number as it stands there, or `null`: serde's own numbers are floats, and lose digits.
fn number<'de, A: MapAccess<'de>>(
    map: &mut A,
    key: &'static str,
) -> Result<Option<Figure>, A::Error> {
    let text = map.next_value::<&RawValue>().map_err(named(key))?.get();
    if text == "null" {
        return Ok(None);
    }
    match Figure::of_json(text) {
        Some(figure) => Ok(Some(figure)),
        None => Err(named(key)(de::Error::custom(format_args!(
            "{} is no number",
            shortened(text, 60)
        )))),
    }
}

fn named<E: de::Error>(key: &'static str) -> impl Fn(E) -> E {
    move |error| E::custom(format_args!("{key}: {error}"))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    CpuUsage,
    ElapsedSeconds,
    ErrorMsg,
    MemoryUsage,
    Result,
    StartedTime,
    StoppedTime,
    Rest,
    Unknown,
}

/// Reads a key without keeping its text.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Key, E> {
        Ok(match key {
            "cpu_usage" => Key::CpuUsage,
            "elapsed_seconds" => Key::ElapsedSeconds,
            "error_msg" => Key::ErrorMsg,
            "memory_usage" => Key::MemoryUsage,
            "result" => Key::Result,
            "started_time" => Key::StartedTime,
            "stopped_time" => Key::StoppedTime,
            "rest" => Key::Rest,
            _ => Key::Unknown,
        })
    }
}

#[cfg(test)]
#[path = "server_report_tests.rs"]
mod tests;
