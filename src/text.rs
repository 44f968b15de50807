//! Text at the edges: wall-clock time as the servers write it, and foreign text made safe to print.

use std::fmt::{self, Write};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Writes wall-clock instants as ISO 8601 with six decimals, the form the servers' reports have:
/// `2015-01-03T00:33:34.117753` in local time, or with a `Z` in UTC.
///
/// The date and time down to the second are kept from one call to the next: rows of one run mostly
/// fall into the same few seconds.
#[derive(Clone, Debug)]
pub struct WallClockFormat {
    zone: TimeZone,
    suffix: &'static str,
    cached_second: Option<i64>,
    cached_text: Vec<u8>,
}

impl WallClockFormat {
    /// Local time (the `TZ` variable or the system's zone), without an offset.
    pub fn local() -> WallClockFormat {
        WallClockFormat::new(TimeZone::system(), "")
    }

    /// The `TZ` variable's text where it names no zone that this machine knows: local times are then
    /// in UTC.
    pub fn unknown_zone() -> Option<String> {
        let name = std::env::var("TZ").ok().filter(|name| !name.is_empty())?;
        TimeZone::try_system().is_err().then_some(name)
    }

    /// UTC, marked by a trailing `Z`.
    pub fn utc() -> WallClockFormat {
        WallClockFormat::new(TimeZone::UTC, "Z")
    }

    fn new(zone: TimeZone, suffix: &'static str) -> WallClockFormat {
        WallClockFormat {
            zone,
            suffix,
            cached_second: None,
            cached_text: Vec::new(),
        }
    }

    /// Appends the text of an instant, nanoseconds since the Unix epoch, cut (not rounded) to
    /// microseconds so that the order of two instants survives.
    pub fn push(&mut self, unix_nanos: i64, out: &mut String) {
        let mut text = Vec::new();
        self.push_bytes(unix_nanos, &mut text);
        out.push_str(str::from_utf8(&text).expect("digits are ASCII"));
    }

    /// The same, as bytes.
    pub fn push_bytes(&mut self, unix_nanos: i64, out: &mut Vec<u8>) {
        let second = unix_nanos.div_euclid(1_000_000_000);
        let micros = unix_nanos.rem_euclid(1_000_000_000) / 1_000;
        if self.cached_second != Some(second) {
            let civil = Timestamp::from_duration(SignedDuration::from_secs(second))
                .expect("an i64 of nanoseconds lies within jiff's range of years")
                .to_zoned(self.zone.clone())
                .datetime();
            self.cached_text.clear();
            std::io::Write::write_fmt(
                &mut self.cached_text,
                format_args!(
                    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                    civil.year(),
                    civil.month(),
                    civil.day(),
                    civil.hour(),
                    civil.minute(),
                    civil.second()
                ),
            )
            .expect("writing to a Vec does not fail");
            self.cached_second = Some(second);
        }
        out.extend_from_slice(&self.cached_text);
        out.push(b'.');
        push_padded::<6>(micros as u64, out);
        out.extend_from_slice(self.suffix.as_bytes());
    }
}

/// Appends the last `N` decimal digits of a number, leading zeroes and all. (Formatting with a width
/// costs several times as much, and every row has a dozen such numbers.)
pub fn push_padded<const N: usize>(number: u64, out: &mut Vec<u8>) {
    let mut digits = [b'0'; N];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&digits);
}

/// Foreign text on its way to a terminal or a one-line message: control characters (and the
/// bidirectional overrides, which can reorder a line) are shown as escapes, never sent.
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if is_unprintable(c) {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// Whether a character could move the cursor, colour the screen or reorder the line it stands in.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

/// The first `max` characters of a text; an ellipsis stands for what was cut.
pub fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(unix_nanos: i64) -> String {
        let mut out = String::new();
        WallClockFormat::utc().push(unix_nanos, &mut out);
        out
    }

    #[test]
    fn six_decimals_and_the_form_of_the_servers() {
        assert_eq!(
            utc(1_420_245_214_117_753_999),
            "2015-01-03T00:33:34.117753Z"
        );
        assert_eq!(utc(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(utc(-1), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn the_kept_second_is_renewed() {
        let mut format = WallClockFormat::utc();
        let mut out = String::new();
        for nanos in [999_999_999, 1_000_000_000, 1_000_001_000, 999_999_000] {
            out.clear();
            format.push(nanos, &mut out);
            assert_eq!(out, utc(nanos));
        }
    }

    #[test]
    fn local_time_has_no_offset_and_follows_daylight_saving() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone");
        let mut format = WallClockFormat::new(zone, "");
        let mut out = String::new();
        format.push(1_774_745_999_000_000_000, &mut out); // 2026-03-29T00:59:59Z
        assert_eq!(out, "2026-03-29T01:59:59.000000");
        out.clear();
        format.push(1_774_746_000_000_000_000, &mut out);
        assert_eq!(out, "2026-03-29T03:00:00.000000");
    }

    #[test]
    fn control_characters_are_shown_not_sent() {
        let hostile = "a\x1b[2Jb\u{202e}c\nd\u{9b}e";
        let shown = Printable(hostile).to_string();
        assert_eq!(shown, "a\\u{1b}[2Jb\\u{202e}c\\nd\\u{9b}e");
        assert!(!shown.chars().any(is_unprintable));
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(shortened("äöü", 2), "äö…");
        assert_eq!(shortened("äöü", 3), "äöü");
    }
}
