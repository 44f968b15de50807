//! The tokens of a text that should be JSON: strings, bare words, and nested values of which only
//! the end is searched. Any depth of nesting takes one byte per level, without recursion.

use std::borrow::Cow;
use std::fmt;

use crate::text::shortened;

/// Where the frame of a report is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What was expected; `None` where the text ends too early.
    expected: Option<&'static str>,
    /// Counted from 1.
    line: usize,
    /// In bytes, counted from 1.
    column: usize,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expected {
            Some(expected) => write!(f, "expected {expected}")?,
            None => f.write_str("the JSON ends too early")?,
        }
        write!(f, " at line {} column {}", self.line, self.column)
    }
}

/// A string, decoded as far as it can be.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub text: Cow<'a, str>,
    /// What could not be decoded; U+FFFD stands for it.
    pub odd: Option<&'static str>,
}

/// A value of a key.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Text(Text<'a>),
    /// A number, a literal, or another bare word.
    Bare(&'a str),
    /// An array or object, which is skipped.
    Nested(&'a [u8]),
}

impl Value<'_> {
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Bare("null"))
    }

    /// The anomaly of a value that is not used.
    pub fn oddity(&self) -> Option<String> {
        match self {
            Value::Text(text) => text.odd.map(str::to_owned),
            Value::Bare(word) => serde_json::from_str::<serde::de::IgnoredAny>(word)
                .is_err()
                .then(|| format!("{word} is not JSON")),
            Value::Nested(_) => None,
        }
    }
}

/// A short form for a remark.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 30;
        match self {
            Value::Text(text) => write!(f, "\"{}\"", shortened(&text.text, MOST)),
            Value::Bare(word) => f.write_str(&shortened(word, MOST)),
            Value::Nested(raw) => {
                let start = &raw[..raw.len().min(4 * MOST)];
                f.write_str(&shortened(&String::from_utf8_lossy(start), MOST))
            }
        }
    }
}

/// Reads one object at a time, token by token.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether the object that is being read has had no key yet.
    is_first: bool,
}

impl<'a> Scanner<'a> {
    pub fn new(bytes: &'a [u8]) -> Scanner<'a> {
        // A byte order mark: a reader may ignore it (RFC 8259 section 8.1).
        let mark = bytes.starts_with("\u{feff}".as_bytes());
        Scanner {
            bytes,
            at: if mark { 3 } else { 0 },
            is_first: true,
        }
    }

    /// Enters an object.
    pub fn enter(&mut self) -> Result<(), Malformed> {
        self.skip_space();
        self.expect(b'{', "a server report (a JSON object)")?;
        self.is_first = true;
        Ok(())
    }

    /// The next key of the object; `None` at its end.
    pub fn key(&mut self) -> Result<Option<Text<'a>>, Malformed> {
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            // The object around it has had this one as a value.
            self.is_first = false;
            return Ok(None);
        }
        if !self.is_first {
            self.expect(b',', "`,` or `}`")?;
            self.skip_space();
        }
        self.is_first = false;
        self.expect(b'"', "a key in quotes")?;
        let key = self.text()?;
        self.skip_space();
        self.expect(b':', "`:`")?;
        self.skip_space();
        Ok(Some(key))
    }

    /// Whether the value that follows is an object.
    pub fn at_object(&self) -> bool {
        self.peek() == Some(b'{')
    }

    /// The value that follows a key.
    pub fn value(&mut self) -> Result<Value<'a>, Malformed> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.text().map(Value::Text)
            }
            Some(b'{' | b'[') => {
                self.skip_nested()?;
                Ok(Value::Nested(&self.bytes[start..self.at]))
            }
            _ => self.bare_word().map(Value::Bare),
        }
    }

    /// Checks that nothing follows.
    pub fn end(&mut self) -> Result<(), Malformed> {
        self.skip_space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.malformed("the end")),
        }
    }

    fn bare_word(&mut self) -> Result<&'a str, Malformed> {
        let rest = &self.bytes[self.at..];
        let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._".contains(byte);
        let end = rest.iter().take_while(|byte| is_of_word(byte)).count();
        let word = str::from_utf8(&rest[..end]).expect("the bytes of a bare word are ASCII");
        if word.is_empty() {
            return Err(self.malformed("a value"));
        }
        self.at += end;
        Ok(word)
    }

    /// Skips an array or object with all that is in it.
    fn skip_nested(&mut self) -> Result<(), Malformed> {
        let mut closers = Vec::new();
        loop {
            let Some(byte) = self.peek() else {
                return Err(self.malformed("more"));
            };
            self.at += 1;
            match byte {
                b'"' => {
                    self.raw_text()?;
                }
                b'{' => closers.push(b'}'),
                b'[' => closers.push(b']'),
                b'}' | b']' if closers.pop() != Some(byte) => {
                    self.at -= 1;
                    return Err(self.malformed("the other bracket"));
                }
                _ => {}
            }
            if closers.is_empty() {
                return Ok(());
            }
        }
    }

    /// The bytes of a string behind its opening quote, and whether all of them are plain.
    fn raw_text(&mut self) -> Result<(&'a [u8], bool), Malformed> {
        let start = self.at;
        let mut is_plain = true;
        loop {
            match self.peek() {
                None => return Err(self.malformed("a quote")),
                Some(b'"') => break,
                Some(b'\\') => {
                    is_plain = false;
                    // An escaped character never ends a string.
                    self.at += 1;
                }
                Some(0..b' ') => is_plain = false,
                Some(_) => {}
            }
            self.at += 1;
        }
        let raw = &self.bytes[start..self.at];
        self.at += 1;
        Ok((raw, is_plain))
    }

    fn text(&mut self) -> Result<Text<'a>, Malformed> {
        let (raw, is_plain) = self.raw_text()?;
        let lossy = String::from_utf8_lossy(raw);
        let odd = matches!(lossy, Cow::Owned(_)).then_some("invalid UTF-8");
        if is_plain {
            return Ok(Text { text: lossy, odd });
        }
        let (text, odd_escape) = unescaped(&lossy);
        Ok(Text {
            text: text.into(),
            odd: odd.or(odd_escape),
        })
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Malformed> {
        if self.peek() != Some(byte) {
            return Err(self.malformed(what));
        }
        self.at += 1;
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn malformed(&self, expected: &'static str) -> Malformed {
        let before = &self.bytes[..self.at.min(self.bytes.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n');
        Malformed {
            expected: self.peek().map(|_| expected),
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            column: before.len() - line_start.map_or(0, |at| at + 1) + 1,
        }
    }
}

/// Decodes the escapes of a string (RFC 8259 section 7), and says what could not be decoded.
fn unescaped(raw: &str) -> (String, Option<&'static str>) {
    let mut text = String::with_capacity(raw.len());
    let mut odd = None;
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        if rest[..at].contains(|c: char| c < ' ') {
            odd = odd.or(Some("an unescaped control character"));
        }
        text.push_str(&rest[..at]);
        let (c, length, what) = escape(&rest[at..]);
        text.push(c);
        odd = odd.or(what);
        rest = &rest[at + length..];
    }
    if rest.contains(|c: char| c < ' ') {
        odd = odd.or(Some("an unescaped control character"));
    }
    text.push_str(rest);
    (text, odd)
}

/// The character that an escape at the start of a text stands for, and how many bytes it takes.
fn escape(text: &str) -> (char, usize, Option<&'static str>) {
    const INVALID: (char, usize, Option<&str>) =
        (char::REPLACEMENT_CHARACTER, 1, Some("an invalid escape"));
    let c = match text.as_bytes().get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let Some(unit) = unit(text) else {
                return INVALID;
            };
            let low = unit_after(text, 6);
            let pair = [unit, low.unwrap_or(0)];
            return match char::decode_utf16(pair).next() {
                Some(Ok(c)) if c > '\u{ffff}' => (c, 12, None),
                Some(Ok(c)) => (c, 6, None),
                _ => (char::REPLACEMENT_CHARACTER, 6, Some("a lone surrogate")),
            };
        }
        _ => return INVALID,
    };
    (c, 2, None)
}

fn unit_after(text: &str, at: usize) -> Option<u16> {
    text.get(at..).and_then(unit)
}

/// The UTF-16 unit of an escape `\uXXXX` at the start of a text.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}
