//! Reading the times that servers write.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// The time that a server's report names, nanoseconds since the Unix epoch: ISO 8601 with an offset,
/// or without one and then in `zone`. Of a local time that occurs twice, the first is taken.
pub fn of_report(text: &str, zone: &TimeZone) -> Option<i64> {
    instants(text, zone).map(|instants| instants.first)
}

/// The instants that a time may mean, nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Instants {
    first: i64,
    /// The second instant of a local time that occurs twice because the clocks were set back.
    second: Option<i64>,
}

impl Instants {
    /// The one that is nearer to another instant.
    fn nearest(self, near: i64) -> i64 {
        let second = self.second.unwrap_or(self.first);
        match second.abs_diff(near) < self.first.abs_diff(near) {
            true => second,
            false => self.first,
        }
    }

    /// The time that far behind these: of two, the one that is nearer to `near`.
    fn at(self, within: ReportTime, near: i64) -> Option<ReportTime> {
        let since = |minute: i64| minute.checked_add(within.unix_nanos);
        let instants = Instants {
            first: since(self.first)?,
            second: self.second.and_then(since),
        };
        Some(ReportTime {
            unix_nanos: instants.nearest(near),
            resolution: within.resolution,
        })
    }
}

fn instants(text: &str, zone: &TimeZone) -> Option<Instants> {
    let text = text.trim();
    let nanos = |timestamp: Timestamp| i64::try_from(timestamp.as_nanosecond()).ok();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        let first = nanos(timestamp)?;
        return Some(Instants {
            first,
            second: None,
        });
    }
    let local = zone.to_ambiguous_timestamp(text.parse::<DateTime>().ok()?);
    let occurs_twice = matches!(local.offset(), AmbiguousOffset::Fold { .. });
    let second = occurs_twice.then(|| local.later().ok()).flatten();
    Some(Instants {
        first: nanos(local.compatible().ok()?)?,
        second: second.and_then(nanos),
    })
}

/// Reads the times of many reports. Most of them fall into the same minute as the one before; then only
/// the seconds are parsed again.
#[derive(Clone, Debug)]
pub struct ReportClock {
    zone: TimeZone,
    /// `2015-01-03T00:33`, and when that minute began; absent before the first.
    minute: Option<([u8; MINUTE], Instants)>,
}

const MINUTE: usize = "2015-01-03T00:33".len();

impl ReportClock {
    /// Reads times without an offset as times of `zone`.
    pub fn new(zone: TimeZone) -> ReportClock {
        ReportClock { zone, minute: None }
    }

    /// The same as [`of_report`], and how finely the time is written.
    pub fn read(&mut self, text: &str) -> Option<ReportTime> {
        // Of two instants, the earlier one is nearer to i64::MIN.
        self.read_near(text, i64::MIN)
    }

    /// The same, but of a local time that occurs twice (in the hour in which daylight saving ends) the
    /// one that is nearer to an instant of another clock, nanoseconds since the Unix epoch.
    pub fn read_near(&mut self, text: &str, near: i64) -> Option<ReportTime> {
        if let Some((minute, begin)) = &self.minute
            && let Some(rest) = text.as_bytes().strip_prefix(minute)
            && let Some(within) = since_minute(rest)
        {
            return begin.at(within, near);
        }
        let Some((minute, within)) = within_minute(text.as_bytes()) else {
            return Some(ReportTime {
                unix_nanos: instants(text, &self.zone)?.nearest(near),
                resolution: resolution(text),
            });
        };
        let instants_of = |text: &str| instants(text, &self.zone);
        let begin = instants_of(&text[..MINUTE])?;
        // The clocks of all real zones change at whole minutes, but a TZ rule may say otherwise.
        let last = instants_of(&format!("{}:59", &text[..MINUTE]));
        let span = 59_000_000_000;
        let is_even = Instants {
            first: begin.first.saturating_add(span),
            second: begin.second.map(|second| second.saturating_add(span)),
        };
        if last != Some(is_even) {
            return Some(ReportTime {
                unix_nanos: instants_of(text)?.nearest(near),
                resolution: within.resolution,
            });
        }
        self.minute = Some((*minute, begin));
        begin.at(within, near)
    }
}

/// A time of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportTime {
    /// Nanoseconds since the Unix epoch.
    pub unix_nanos: i64,
    /// The unit of the last digit, in nanoseconds: 1,000 for six decimals.
    pub resolution: i64,
}

/// The resolution of a time in any form.
fn resolution(time: &str) -> i64 {
    let digits = time.split_once(['.', ',']).map_or(0, |(_, fraction)| {
        let is_digit = |byte: &u8| byte.is_ascii_digit();
        fraction.bytes().take_while(is_digit).take(9).count()
    });
    10_i64.pow(9 - digits as u32)
}

/// Splits `2015-01-03T00:33:34.117753` into the minute and the time since it began. `None` for any
/// other form, including one with an offset.
fn within_minute(text: &[u8]) -> Option<(&[u8; MINUTE], ReportTime)> {
    let (minute, rest) = text.split_first_chunk::<MINUTE>()?;
    is_minute(minute).then_some((minute, since_minute(rest)?))
}

/// The powers of ten.
const UNITS: [i64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// Reads what follows a minute: `:34.117753`. `None` for any other form.
fn since_minute(rest: &[u8]) -> Option<ReportTime> {
    let (&[b':', tens @ b'0'..=b'5', ones @ b'0'..=b'9'], fraction) = rest.split_first_chunk()?
    else {
        return None;
    };
    let seconds = i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
    let (mut nanos, mut resolution) = (0, 1_000_000_000);
    if let Some((b'.', digits)) = fraction.split_first() {
        if digits.is_empty() || digits.len() > 9 {
            return None;
        }
        let mut are_digits = true;
        for digit in digits {
            let value = digit.wrapping_sub(b'0');
            are_digits &= value < 10;
            nanos = nanos * 10 + i64::from(value);
        }
        if !are_digits {
            return None;
        }
        resolution = UNITS[9 - digits.len()];
        nanos *= resolution;
    } else if !fraction.is_empty() {
        return None;
    }
    Some(ReportTime {
        unix_nanos: seconds * 1_000_000_000 + nanos,
        resolution,
    })
}

/// Whether a text has the form of a minute, so that seconds may follow it.
fn is_minute(text: &[u8; MINUTE]) -> bool {
    let mut signs = text.iter().zip(b"0000-00-00T00:00");
    signs.all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        _ => byte == form,
    })
}

/// The time in a Date field (RFC 9110 section 5.6.7), whole seconds since the Unix epoch.
pub fn of_date_field(field: &[u8]) -> Option<i64> {
    let text = str::from_utf8(field).ok()?;
    let parsed = DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(parsed.as_second())
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
