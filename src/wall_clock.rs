//! Reading the times that servers write.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;

/// The time that a server's report names, nanoseconds since the Unix epoch: ISO 8601 with an offset,
/// or without one and then in `zone`. An hour that a zone's clocks show twice is taken for the first.
pub fn of_report(text: &str, zone: &TimeZone) -> Option<i64> {
    let text = text.trim();
    let timestamp = match text.parse::<Timestamp>() {
        Ok(timestamp) => timestamp,
        Err(_) => {
            let civil: DateTime = text.parse().ok()?;
            zone.to_ambiguous_timestamp(civil).compatible().ok()?
        }
    };
    i64::try_from(timestamp.as_nanosecond()).ok()
}

/// The time in a Date field (RFC 9110 section 5.6.7), whole seconds since the Unix epoch.
pub fn of_date_field(field: &[u8]) -> Option<i64> {
    let text = str::from_utf8(field).ok()?;
    let parsed = DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(parsed.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_reports() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone");
        for (text, expected) in [
            ("1970-01-01T01:00:00.000001", Some(1_000)),
            ("1970-01-01 01:00:01", Some(1_000_000_000)),
            ("1970-07-01T02:00:00", Some(181 * 86_400 * 1_000_000_000)),
            ("1970-01-01T00:00:01Z", Some(1_000_000_000)),
            ("1970-01-01T05:00:01.5+05:00", Some(1_500_000_000)),
            (" 1970-01-01T00:00:00-00:30 ", Some(1_800_000_000_000)),
            ("", None),
            ("yesterday", None),
            ("1970-13-01T00:00:00", None),
            ("9999-01-01T00:00:00Z", None),
            ("1970-01-01T00:00:00\u{1b}[2J", None),
        ] {
            assert_eq!(of_report(text, &zone), expected, "{text:?}");
        }
    }

    #[test]
    fn date_fields() {
        let read = |text: &str| of_date_field(text.as_bytes());
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        for text in [
            "",
            "Sun, 36 Nov 1994 08:49:37 GMT",
            "no date at all",
            "\u{1b}",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(of_date_field(b"\xff"), None);
    }
}
