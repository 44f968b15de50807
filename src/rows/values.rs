//! The values of cells.

use super::columns::NO_RESPONSE;

/// A count.
pub fn parse_count(text: &str) -> Option<u64> {
    // Tables that were edited elsewhere may have whole numbers as floats.
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}

/// An HTTP status; the inner `None` where no response came.
pub fn parse_status(text: &str) -> Option<Option<u16>> {
    let text = text.strip_suffix(".0").unwrap_or(text);
    if text.parse() == Ok(NO_RESPONSE) {
        return Some(None);
    }
    text.parse().ok().map(Some)
}

/// True or False.
pub fn parse_truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Seconds to nanoseconds: exact for plain decimals (digits beyond the ninth are cut), through a
/// float for those with an exponent.
pub fn parse_seconds(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        let nanos = text.parse::<f64>().ok()? * 1e9;
        // Beyond this a float is less precise than a microsecond, and an i64 may overflow.
        return (nanos.abs() < 9e18).then(|| nanos.round() as i64);
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let nanos = (0..9).fold(0, |nanos, place| {
        let digit = fraction.as_bytes().get(place).map_or(0, |byte| byte - b'0');
        nanos * 10 + i128::from(digit)
    });
    let total = whole.checked_mul(1_000_000_000)?.checked_add(nanos)?;
    i64::try_from(if negative { -total } else { total }).ok()
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
