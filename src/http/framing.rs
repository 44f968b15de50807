//! Where a response's body ends (RFC 9112 section 6.3), decided from its head.

use httparse::Header;

use crate::row::failure::{Failure, FailureKind};

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// No body at all: 204, 304.
    Empty,
    /// So many bytes.
    Sized(u64),
    /// Chunked transfer coding.
    Chunked,
    /// All that comes until the server closes.
    UntilClose,
}

/// What the header fields say of the message and its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// How the end of the body is found.
    pub framing: Framing,
    /// Whether the connection may carry another request after this response (RFC 9112 section 9.3).
    pub keep_alive: bool,
}

/// Decides by version (the minor one), status and header fields, which are looked through once.
///
/// Refused are the heads whose end cannot be trusted: Content-Length values that differ or are no
/// numbers, Transfer-Encoding next to Content-Length, `chunked` applied twice.
pub fn of_response(version: u8, status: u16, headers: &[Header<'_>]) -> Result<Message, Failure> {
    let mut length = None;
    let mut coding = Coding::default();
    let mut connection = Connection::default();
    let has_body = !matches!(status, 204 | 304);
    for header in headers {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        match header.name.len() {
            10 if is("connection") => connection.take(header.value),
            14 if has_body && is("content-length") => take_length(header.value, &mut length)?,
            17 if has_body && is("transfer-encoding") => coding.take(header.value)?,
            _ => {}
        }
    }
    let framing = match (coding.framing()?, length) {
        _ if !has_body => Framing::Empty,
        (None, None) => Framing::UntilClose,
        (None, Some(length)) => Framing::Sized(length),
        (Some(_), Some(_)) => return Err(FailureKind::TransferEncodingAndContentLength.into()),
        (Some(framing), None) => framing,
    };
    let keep_alive = match (version, framing) {
        (_, Framing::UntilClose) => false,
        // A 1.0 message with Transfer-Encoding is faulty: read it, then close (section 6.1).
        (0, Framing::Chunked) => false,
        (0, _) => connection.keep_alive && !connection.close,
        _ => !connection.close,
    };
    Ok(Message {
        framing,
        keep_alive,
    })
}

/// The values of the fields with a name, which is given in lower case.
pub fn values<'h>(headers: &'h [Header<'h>], name: &'h str) -> impl Iterator<Item = &'h [u8]> {
    headers
        .iter()
        .filter(move |header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value)
}

/// The elements of a comma-separated field value (RFC 9110 section 5.6.1), white space trimmed.
fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// The options of the Connection fields.
#[derive(Default)]
struct Connection {
    close: bool,
    keep_alive: bool,
}

impl Connection {
    fn take(&mut self, value: &[u8]) {
        for option in list(value) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }
}

fn take_length(value: &[u8], found: &mut Option<u64>) -> Result<(), Failure> {
    for element in list(value) {
        let Some(length) = digits(element) else {
            return Err(Failure::with_detail(
                FailureKind::BadContentLength,
                &format!("{:?}", String::from_utf8_lossy(element)),
            ));
        };
        match *found {
            Some(other) if other != length => {
                return Err(Failure::with_detail(
                    FailureKind::ConflictingContentLength,
                    &format!("{other} and {length}"),
                ));
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

/// The transfer codings, from first to last.
#[derive(Default)]
struct Coding {
    present: bool,
    chunked: u32,
    last_is_chunked: bool,
}

impl Coding {
    fn take(&mut self, value: &[u8]) -> Result<(), Failure> {
        self.present = true;
        for element in list(value) {
            // Empty list elements are to be passed over (RFC 9110 section 5.6.1.2).
            if element.is_empty() {
                continue;
            }
            let name = element
                .split(|&byte| byte == b';')
                .next()
                .unwrap_or(element);
            self.last_is_chunked = name.trim_ascii().eq_ignore_ascii_case(b"chunked");
            self.chunked += u32::from(self.last_is_chunked);
            if self.last_is_chunked && name.len() != element.len() {
                return Err(Failure::with_detail(
                    FailureKind::BadTransferEncoding,
                    "chunked takes no parameters",
                ));
            }
        }
        Ok(())
    }

    fn framing(&self) -> Result<Option<Framing>, Failure> {
        match (self.present, self.chunked, self.last_is_chunked) {
            (false, ..) => Ok(None),
            (_, 1, true) => Ok(Some(Framing::Chunked)),
            // Not chunked last: the end is the end of the connection (RFC 9112 section 6.3 rule 4).
            (_, 0, _) => Ok(Some(Framing::UntilClose)),
            (_, 1, false) => Err(Failure::with_detail(
                FailureKind::BadTransferEncoding,
                "chunked is not the last coding",
            )),
            _ => Err(Failure::with_detail(
                FailureKind::BadTransferEncoding,
                "chunked more than once",
            )),
        }
    }
}

#[cfg(test)]
#[path = "framing_tests.rs"]
mod tests;
