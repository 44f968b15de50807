//! Text helpers: makes text from outside safe to print, and formats digits.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Appends the last `N` decimal digits of a number, including leading zeroes. (Formatting with a width
/// costs several times as much, and every row has a dozen such numbers.)
pub fn push_padded<const N: usize>(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&padded::<N>(number));
}

/// The same, by themselves.
pub fn padded<const N: usize>(number: u64) -> [u8; N] {
    let mut digits = [b'0'; N];
    let mut rest = number;
    // Two at a time: a division costs more than a look into a table.
    for pair in digits.rchunks_mut(2) {
        let two = &PAIRS[(rest % 100) as usize];
        rest /= 100;
        pair.copy_from_slice(&two[2 - pair.len()..]);
    }
    digits
}

/// The numbers below 100, two digits each.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// Whether a condition holds for any byte. All bytes are looked at, 16 at once where the compiler can:
/// for texts in which it holds for none, as in most.
#[inline]
pub fn has_byte(text: &[u8], condition: impl Fn(u8) -> bool) -> bool {
    let any = |bytes: &[u8]| {
        let one = |any, byte: &u8| any | u8::from(condition(*byte));
        bytes.iter().fold(0, one) != 0
    };
    let (whole, rest) = text.as_chunks::<16>();
    let in_whole = whole
        .iter()
        .fold(false, |before, chunk| before | any(chunk));
    match text.last_chunk::<16>() {
        // The last 16 overlap with those before, which is quicker than one at a time.
        Some(last) => in_whole | any(last),
        None => any(rest),
    }
}

/// Text from outside for a terminal or a one-line message: what is
/// [unprintable](is_unprintable) is written as an escape.
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

/// Whether a character could move the cursor, colour the screen, reorder its line or be invisible in it.
///
/// These are the control characters (C0, DEL, C1), the line and paragraph separators, and all characters
/// of the general category Cf of Unicode 16 (format characters: the bidirectional controls of UAX #9, the
/// ones without a width such as U+200B and U+FEFF, the interlinear annotations, the tags).
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The first `max` characters of a text; an ellipsis replaces the rest.
pub fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// A count and its noun.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// At most `max` characters (1 or more) of a text, including the ellipsis for the rest.
pub fn bounded(text: &str, max: usize) -> Cow<'_, str> {
    // A text has at most as many characters as bytes.
    if text.len() <= max || text.char_indices().nth(max).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(shortened(text, max - 1))
}

/// Text from outside in the form of rows: tabs and line breaks (LF, CR LF) stay; a CR without its LF,
/// at which some readers of CSV end a record even within quotes, and all other control characters (NUL,
/// which Python's csv refused up to 3.10; the escape sequences of terminals) become escapes as in
/// [`Printable`].
pub fn cleaned(text: &str) -> Cow<'_, str> {
    if !has_byte(text.as_bytes(), may_need_cleaning) {
        return Cow::Borrowed(text);
    }
    let mut chars = text.chars().peekable();
    let mut clean = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        let stays = match c {
            '\t' | '\n' => true,
            '\r' => chars.peek() == Some(&'\n'),
            c => !c.is_control(),
        };
        if stays {
            clean.push(c);
        } else {
            clean.extend(c.escape_default());
        }
    }
    Cow::Owned(clean)
}

/// Whether a byte may belong to a control character: C0 (but for tabs and line feeds), DEL, or the
/// first of the two bytes of C1.
#[inline]
pub fn may_need_cleaning(byte: u8) -> bool {
    ((byte < b' ') & (byte != b'\t') & (byte != b'\n')) | (byte == 0x7f) | (byte == 0xc2)
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
