//! The header fields that frame a message and its connection, as client and embedded shop read them
//! (RFC 9110 section 5.6, RFC 9112 sections 5, 6 and 9).

use std::borrow::Cow;
use std::fmt;

use httparse::Header;

/// Why the end of a message cannot be found: then nothing that follows can be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// A Content-Length that is not a number.
    BadLength(String),
    /// Content-Length values that differ.
    ConflictingLengths(u64, u64),
    /// Transfer-Encoding beside Content-Length (RFC 9112 section 6.3: an attack or a faulty sender).
    CodingAndLength,
    /// A Transfer-Encoding that breaks the grammar, or has `chunked` more than once.
    BadCoding(&'static str),
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldError::BadLength(value) => write!(f, "{value:?}"),
            FieldError::ConflictingLengths(one, other) => write!(f, "{one} and {other}"),
            FieldError::CodingAndLength => f.write_str("Content-Length beside Transfer-Encoding"),
            FieldError::BadCoding(why) => f.write_str(why),
        }
    }
}

/// The fields of a head on its message's body and connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFields {
    /// The Content-Length.
    pub length: Option<u64>,
    /// The transfer codings.
    pub codings: Codings,
    /// The connection options.
    pub connection: Connection,
}

impl MessageFields {
    /// Takes one field, if it is one of these; others are skipped by their length.
    pub fn take(&mut self, header: &Header<'_>) -> Result<(), FieldError> {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        match header.name.len() {
            10 if is("connection") => self.connection.take(header.value),
            14 if is("content-length") => take_length(header.value, &mut self.length)?,
            17 if is("transfer-encoding") => self.codings.take(header.value)?,
            _ => {}
        }
        Ok(())
    }

    /// Refuses a message with both fields.
    pub fn check(&self) -> Result<(), FieldError> {
        self.codings.check()?;
        match self.length {
            Some(_) if self.codings.is_coded() => Err(FieldError::CodingAndLength),
            _ => Ok(()),
        }
    }
}

/// The options of the Connection fields (RFC 9112 section 9.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// `close`.
    pub close: bool,
    /// `keep-alive`.
    pub keep_alive: bool,
}

impl Connection {
    fn take(&mut self, value: &[u8]) {
        for option in list(value) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    /// Whether the connection persists after a message of this minor version (RFC 9112 section 9.3).
    pub fn persists(self, version: u8) -> bool {
        match version {
            0 => self.keep_alive && !self.close,
            _ => !self.close,
        }
    }
}

/// The transfer codings, from first to last (RFC 9112 section 6.1). `identity`, which RFC 2616 had for
/// none, is passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Codings {
    chunked: u32,
    others: u32,
    last_is_chunked: bool,
}

impl Codings {
    fn take(&mut self, value: &[u8]) -> Result<(), FieldError> {
        // Empty list elements are ignored (RFC 9110 section 5.6.1.2).
        for element in list(value).filter(|element| !element.is_empty()) {
            let name = element
                .split(|&byte| byte == b';')
                .next()
                .unwrap_or(element);
            let has_parameters = name.len() != element.len();
            let name = name.trim_ascii_end();
            if name.is_empty() || !name.iter().copied().all(is_token_byte) {
                return Err(FieldError::BadCoding(
                    "a coding has a name of letters and digits",
                ));
            }
            if name.eq_ignore_ascii_case(b"identity") {
                continue;
            }
            self.last_is_chunked = name.eq_ignore_ascii_case(b"chunked");
            match self.last_is_chunked {
                true if has_parameters => {
                    return Err(FieldError::BadCoding("chunked takes no parameters"));
                }
                true => self.chunked = self.chunked.saturating_add(1),
                false => self.others = self.others.saturating_add(1),
            }
        }
        Ok(())
    }

    fn check(self) -> Result<(), FieldError> {
        match self.chunked {
            0 | 1 => Ok(()),
            _ => Err(FieldError::BadCoding("chunked more than once")),
        }
    }

    /// Whether there is any coding.
    pub fn is_coded(self) -> bool {
        self.chunked + self.others > 0
    }

    /// Whether `chunked` is the last one: then it determines where the body ends.
    pub fn ends_chunked(self) -> bool {
        self.last_is_chunked
    }

    /// Whether `chunked` is the only one.
    pub fn is_only_chunked(self) -> bool {
        self.chunked == 1 && self.others == 0
    }
}

fn take_length(value: &[u8], found: &mut Option<u64>) -> Result<(), FieldError> {
    for element in list(value) {
        let Some(length) = digits(element) else {
            return Err(FieldError::BadLength(
                String::from_utf8_lossy(element).into_owned(),
            ));
        };
        match *found {
            Some(other) if other != length => {
                return Err(FieldError::ConflictingLengths(other, length));
            }
            _ => *found = Some(length),
        }
    }
    Ok(())
}

/// Digits only: `u64::from_str` would take a sign.
fn digits(element: &[u8]) -> Option<u64> {
    if element.is_empty() {
        return None;
    }
    element.iter().try_fold(0u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| byte - b'0')?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// The elements of a comma-separated field value (RFC 9110 section 5.6.1), white space trimmed.
fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// The values of the fields with a name, unfolded.
pub fn values<'h>(headers: &'h [Header<'h>], name: &'h str) -> impl Iterator<Item = Cow<'h, [u8]>> {
    headers
        .iter()
        .filter(move |header| header.name.eq_ignore_ascii_case(name))
        .map(|header| unfolded(header.value))
}

/// The field by which a body is encoded beyond chunked framing (RFC 9110 section 8.4, RFC 9112 section
/// 6.1).
pub fn coding_of(headers: &[Header<'_>]) -> Option<Box<str>> {
    const NAMES: [&str; 2] = ["Content-Encoding", "Transfer-Encoding"];
    let is_encoded = |name: &&str| {
        let of_name = |header: &&Header<'_>| {
            header.name.len() == name.len() && header.name.eq_ignore_ascii_case(name)
        };
        headers.iter().filter(of_name).any(|header| {
            !list(header.value).all(|coding| {
                [&b""[..], b"identity", b"chunked"]
                    .iter()
                    .any(|none| coding.eq_ignore_ascii_case(none))
            })
        })
    };
    let name = NAMES.iter().find(|name| is_encoded(name))?;
    Some(format!("{name}: {}", listed(headers, name)).into())
}

/// The values of a list field as one.
pub fn listed(headers: &[Header<'_>], name: &str) -> String {
    let values: Vec<String> = values(headers, name)
        .map(|value| String::from_utf8_lossy(&value).into_owned())
        .collect();
    values.join(", ")
}

/// A field value with each line folding in it replaced by a space (RFC 9112 section 5.2).
pub(super) fn unfolded(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.contains(&b'\n') {
        return Cow::Borrowed(value);
    }
    let lines = value.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).collect();
    Cow::Owned(lines.join(&b' '))
}

/// Whether a byte may stand in a token (RFC 9110 section 5.6.2).
pub fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Whether a byte may stand in a field value (RFC 9110 section 5.5): visible, space, tab or beyond
/// ASCII.
pub fn is_value_byte(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
