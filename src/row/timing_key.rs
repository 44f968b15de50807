//! The name of a time that a server sends: `buy.timing.db`, `home.timing.X-Runtime`, `buy.timing.db:queries`.

use std::fmt;

use super::Source;
use super::server_timing::{LONGEST_NAME, LONGEST_UNIT, is_token, is_unit};

/// A metric of Server-Timing, or a field with a time, of one kind of request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimingKey {
    is_home: bool,
    name: Word<LONGEST_NAME>,
    /// Empty for a time.
    unit: Word<LONGEST_UNIT>,
}

/// A word of ASCII, in place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Word<const MOST: usize> {
    bytes: [u8; MOST],
    len: u8,
}

impl TimingKey {
    /// The unit of times.
    pub const SECONDS: &'static str = "seconds";

    /// That of a request (`home` or `buy`), a metric, and `seconds` or the unit of a count. Absent where the
    /// name is not a token of at most [`LONGEST_NAME`] characters, or the unit is not one word.
    pub fn new(step: &str, name: &str, unit: &str) -> Option<TimingKey> {
        let is_home = match step {
            "home" => true,
            "buy" => false,
            _ => return None,
        };
        if !is_token(name) || !is_unit(unit) {
            return None;
        }
        let unit = if unit == TimingKey::SECONDS { "" } else { unit };
        Some(TimingKey {
            is_home,
            name: Word::of(name)?,
            unit: Word::of(unit)?,
        })
    }

    /// Reads `buy.timing.NAME` or `buy.timing.NAME:UNIT`.
    pub fn parse(text: &str) -> Option<TimingKey> {
        let (step, rest) = text.split_once(".timing.")?;
        let (name, unit) = rest.split_once(':').unwrap_or((rest, TimingKey::SECONDS));
        TimingKey::new(step, name, unit)
    }

    /// Whose it is: home or buy.
    pub fn source(&self) -> Source {
        match self.is_home {
            true => Source::Home,
            false => Source::Buy,
        }
    }

    /// The name, as the server writes it.
    pub fn name(&self) -> &str {
        self.name.text()
    }

    /// `seconds`, or that of a count.
    pub fn unit(&self) -> &str {
        match self.unit.text() {
            "" => TimingKey::SECONDS,
            unit => unit,
        }
    }

    /// Whether it is a time; a count otherwise.
    pub fn is_time(&self) -> bool {
        self.unit.len == 0
    }
}

impl fmt::Display for TimingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.timing.{}", self.source().name(), self.name())?;
        match self.is_time() {
            true => Ok(()),
            false => write!(f, ":{}", self.unit()),
        }
    }
}

impl fmt::Debug for TimingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<const MOST: usize> Word<MOST> {
    fn of(text: &str) -> Option<Word<MOST>> {
        let mut bytes = [0; MOST];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        let len = u8::try_from(text.len()).ok()?;
        text.is_ascii().then_some(Word { bytes, len })
    }

    fn text(&self) -> &str {
        let bytes = &self.bytes[..usize::from(self.len)];
        std::str::from_utf8(bytes).expect("a word is ASCII")
    }
}

#[cfg(test)]
#[path = "timing_key_tests.rs"]
mod tests;
