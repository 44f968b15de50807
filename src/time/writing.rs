//! Writes wall-clock time in the servers' format.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::text::padded;
use crate::time::zone::local_zone;

/// The length of `2015-01-03T00:33:34`, and with the fraction.
const SECONDS: usize = 19;
const TEXT: usize = SECONDS + 7;

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
    /// That second, and room for the fraction.
    cached_text: [u8; TEXT],
}

impl WallClockFormat {
    /// Local time (the `TZ` variable or the system's zone), without an offset.
    pub fn local() -> WallClockFormat {
        WallClockFormat::new(local_zone(), "")
    }

    /// UTC, marked by a trailing `Z`.
    pub fn utc() -> WallClockFormat {
        WallClockFormat::new(TimeZone::UTC, "Z")
    }

    /// Time of a zone, without an offset.
    pub fn of_zone(zone: TimeZone) -> WallClockFormat {
        WallClockFormat::new(zone, "")
    }

    fn new(zone: TimeZone, suffix: &'static str) -> WallClockFormat {
        WallClockFormat {
            zone,
            suffix,
            cached_second: None,
            cached_text: [b'.'; TEXT],
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
        const SECOND: i64 = 1_000_000_000;
        let cached = self.cached_second.map(|second| second.wrapping_mul(SECOND));
        let since = cached.map_or(-1, |second| unix_nanos.wrapping_sub(second));
        let is_cached = (0..SECOND).contains(&since);
        let micros = match is_cached {
            true => since,
            false => unix_nanos.rem_euclid(SECOND),
        } / 1_000;
        if !is_cached {
            let second = unix_nanos.div_euclid(SECOND);
            let civil = Timestamp::from_duration(SignedDuration::from_secs(second))
                .expect("an i64 of nanoseconds lies within jiff's range of years")
                .to_zoned(self.zone.clone())
                .datetime();
            let mut begin = &mut self.cached_text[..SECONDS];
            std::io::Write::write_fmt(
                &mut begin,
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
            .expect("years between 1677 and 2262 have four digits");
            self.cached_second = Some(second);
        }
        let mut text = self.cached_text;
        text[SECONDS + 1..].copy_from_slice(&padded::<6>(micros as u64));
        out.extend_from_slice(&text);
        out.extend_from_slice(self.suffix.as_bytes());
    }
}

#[cfg(test)]
#[path = "writing_tests.rs"]
mod tests;
