//! A share, written as a fraction or a percentage.

/// A part of the whole, 0 to 1, in billionths: exact, so that comparisons of counts are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// The whole.
    pub const WHOLE: Share = Share(1_000_000_000);

    /// Reads a fraction (`0.3`) or a percentage (`30%`); absent where it is neither, or more than the
    /// whole.
    pub fn parse(text: &str) -> Option<Share> {
        let (number, unit) = match text.strip_suffix('%') {
            Some(percent) => (percent.trim_end(), 1e7),
            None => (text, 1e9),
        };
        let plain = |c: char| c.is_ascii_digit() || c == '.';
        if !number.chars().all(plain) {
            return None;
        }
        let billionths = (number.parse::<f64>().ok()? * unit).round();
        (0.0..=1e9)
            .contains(&billionths)
            .then_some(Share(billionths as u32))
    }

    /// The share in billionths: 0 to 1,000,000,000.
    pub fn billionths(self) -> u64 {
        self.0.into()
    }
}

#[cfg(test)]
#[path = "share_tests.rs"]
mod tests;
