//! Text at the edges: foreign text made safe to print, and digits.

use std::fmt::{self, Write};

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
#[path = "text_tests.rs"]
mod tests;
