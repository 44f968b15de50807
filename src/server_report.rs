//! The server's report: the JSON body of a profiled purchase.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::figure::Figure;
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
        if start[0] == b'<' {
            return Err(match html_title(body) {
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

/// The text of an HTML page's `<title>`: what Django's error pages say in short.
pub fn html_title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, after) = text.split_once("<title>")?;
    let (title, _) = after.split_once("</title>")?;
    let words: Vec<&str> = title.split_whitespace().collect();
    Some(shortened(&words.join(" "), 200))
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: &str = r#"{"cpu_seconds": 0.01, "cpu_usage": 29.3, "elapsed_seconds": 0.234,
        "error_msg": "", "memory_usage": 3093, "result": true,
        "started_time": "2015-01-03T00:33:40.520812", "stopped_time": "2015-01-03T00:33:40.755203",
        "rest": {"cpu_usage": 3.1, "elapsed_seconds": 0.02, "error_msg": "", "memory_usage": 811,
                 "result": true, "started_time": "a", "stopped_time": "b"}}"#;

    #[test]
    fn a_whole_report() {
        let report = ServerReport::parse(WHOLE.as_bytes()).expect("a report");
        assert_eq!(report.main.cpu_usage, Figure::from_f64(29.3));
        assert_eq!(report.main.memory_usage, Some(Figure::from(3093u64)));
        assert_eq!(report.main.elapsed_seconds, Figure::from_f64(0.234));
        assert_eq!(report.main.error_msg.as_deref(), Some(""));
        assert_eq!(report.main.result, Some(true));
        assert_eq!(
            report.main.started_time.as_deref(),
            Some("2015-01-03T00:33:40.520812")
        );
        let rest = report.rest.expect("a second server");
        assert_eq!(rest.memory_usage, Some(Figure::from(811u64)));
        assert_eq!(rest.stopped_time.as_deref(), Some("b"));
    }

    #[test]
    fn keys_may_be_missing_null_unknown_or_repeated() {
        assert_eq!(ServerReport::parse(b"{}"), Ok(ServerReport::default()));
        let nulls = br#"{"cpu_usage":null,"result":null,"error_msg":null,"rest":null,"x":[{}]}"#;
        assert_eq!(ServerReport::parse(nulls), Ok(ServerReport::default()));
        let twice = ServerReport::parse(br#"{"result":false,"result":true}"#).expect("a report");
        assert_eq!(twice.main.result, Some(true));
        let escaped = ServerReport::parse(br#"{"r\u0065sult":false}"#).expect("a report");
        assert_eq!(escaped.main.result, Some(false));
        let nested = ServerReport::parse(br#"{"rest":{"rest":3}}"#).expect("a report");
        assert_eq!(nested.rest, Some(ServerFigures::default()));
    }

    #[test]
    fn what_is_no_report_says_what_and_where() {
        for (body, expected) in [
            (&b""[..], "the body is empty"),
            (b" \r\n", "the body is empty"),
            (b"<html>", "the body is HTML"),
            (
                b"<!DOCTYPE html><title>ValueError\n at /rdbms/</title>",
                "the body is HTML, titled \"ValueError at /rdbms/\"",
            ),
            (
                b"{\"cpu_usage\": 1",
                "EOF while parsing an object at line 1 column 15",
            ),
            (
                b"[]",
                "expected a server report (a JSON object) at line 1 column 0",
            ),
            (b"{} x", "trailing characters at line 1 column 4"),
            (
                b"{\"result\": \"yes\"}",
                "result: invalid type: string \"yes\", expected a boolean at line 1 column 16",
            ),
            (
                b"{\"memory_usage\": \"much\"}",
                "memory_usage: \"much\" is no number",
            ),
            (b"{\"rest\": [1]}", "rest: invalid type: sequence"),
            (
                b"{\"rest\": {\"result\": 1}}",
                "rest: result: invalid type: integer `1`",
            ),
            (
                b"{\"cpu_usage\": NaN}",
                "cpu_usage: expected value at line 1 column 15",
            ),
            (
                b"{\"error_msg\": \"\xff\"}",
                "error_msg: invalid unicode code point",
            ),
        ] {
            let error = ServerReport::parse(body).expect_err("no report");
            assert!(error.contains(expected), "{error:?} lacks {expected:?}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let deep = format!("{{\"x\":{}", "[".repeat(1_000_000));
        assert!(ServerReport::parse(deep.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = ServerReport::parse(&body);
        }

        #[test]
        fn a_cut_report_is_never_a_report(cut in 0..WHOLE.len()) {
            prop_assert!(ServerReport::parse(&WHOLE.as_bytes()[..cut]).is_err());
        }
    }
}
