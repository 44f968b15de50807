//! Reads reports that are valid JSON directly into their struct: the usual case.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::row::figure::Figure;
use crate::text::shortened;

use super::TimeText;
use super::figures::{Key, Seen, ServerFigures, ServerReport};
use super::odd::Odd;

/// Reads a report; keys may be missing, `null`, unknown or repeated (the last one counts, as in
/// Python). Everything else that is not expected is an error.
pub(super) fn parse(body: &[u8]) -> Result<ServerReport, serde_json::Error> {
    match str::from_utf8(body) {
        // Checked once, it need not be checked again for each key and text.
        Ok(text) => report_in(serde_json::Deserializer::from_str(text)),
        Err(_) => report_in(serde_json::Deserializer::from_slice(body)),
    }
}

fn report_in<'de, R: serde_json::de::Read<'de>>(
    mut deserializer: serde_json::Deserializer<R>,
) -> Result<ServerReport, serde_json::Error> {
    let mut odd = Odd::default();
    let mut report = deserializer.deserialize_map(MainVisitor(&mut odd))?;
    deserializer.end()?;
    report.odd = odd.into_line();
    Ok(report)
}

struct MainVisitor<'a>(&'a mut Odd);

impl<'de> Visitor<'de> for MainVisitor<'_> {
    type Value = ServerReport;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a server report (a JSON object)")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ServerReport, A::Error> {
        let odd = self.0;
        let mut report = ServerReport::default();
        let mut seen = Seen::default();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            if seen.again(key) {
                odd.note(key, "repeated");
            }
            if key == Key::Rest {
                odd.in_rest = true;
                let rest = map.next_value_seed(RestSeed(odd)).map_err(named(key))?;
                report.rest = rest.map(Box::new);
                odd.in_rest = false;
            } else {
                take(&mut report.main, key, &mut map, odd)?;
            }
        }
        Ok(report)
    }
}

/// The second server's object, or `null`.
struct RestSeed<'a>(&'a mut Odd);

impl<'de> DeserializeSeed<'de> for RestSeed<'_> {
    type Value = Option<ServerFigures>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RestSeed<'_> {
    type Value = Option<ServerFigures>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the second server's report (a JSON object)")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut figures = ServerFigures::default();
        let mut seen = Seen::default();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            if seen.again(key) {
                self.0.note(key, "repeated");
            }
            take(&mut figures, key, &mut map, self.0)?;
        }
        Ok(Some(figures))
    }
}

fn take<'de, A: MapAccess<'de>>(
    figures: &mut ServerFigures,
    key: Key,
    map: &mut A,
    odd: &mut Odd,
) -> Result<(), A::Error> {
    match key {
        Key::CpuSeconds => figures.cpu_seconds = number(map, key, odd)?,
        Key::CpuUsage => figures.cpu_usage = number(map, key, odd)?,
        Key::ElapsedSeconds => figures.elapsed_seconds = number(map, key, odd)?,
        Key::ErrorMsg => figures.error_msg = text(map, key, odd)?,
        Key::MemoryUsage => figures.memory_usage = number(map, key, odd)?,
        Key::Result => figures.result = map.next_value().map_err(named(key))?,
        Key::StartedTime => figures.started_time = text(map, key, odd)?.map(TimeText::from),
        Key::StoppedTime => figures.stopped_time = text(map, key, odd)?.map(TimeText::from),
        Key::Rest | Key::Unknown => {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(())
}

fn text<'de, A: MapAccess<'de>>(
    map: &mut A,
    key: Key,
    odd: &mut Odd,
) -> Result<Option<Box<str>>, A::Error> {
    let text: Option<Box<str>> = map.next_value().map_err(named(key))?;
    Ok(text.map(|text| odd.text(key, text)))
}

/// One number with its digits, or `null`: serde's own numbers are floats, and lose digits.
fn number<'de, A: MapAccess<'de>>(
    map: &mut A,
    key: Key,
    odd: &mut Odd,
) -> Result<Option<Figure>, A::Error> {
    let text = map.next_value::<&RawValue>().map_err(named(key))?.get();
    if text == "null" {
        return Ok(None);
    }
    if Figure::is_number(text) {
        return Ok(odd.figure(key, text));
    }
    Err(named(key)(de::Error::custom(format_args!(
        "{} is not a number",
        shortened(text, 60)
    ))))
}

/// Puts the key in front of what is wrong with its value.
fn named<E: de::Error>(key: Key) -> impl Fn(E) -> E {
    move |error| E::custom(format_args!("{}: {error}", key.name()))
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
        Ok(Key::of(key))
    }
}
