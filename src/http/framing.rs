//! Where a response's body ends (RFC 9112 section 6.3), decided from its head.

use httparse::Header;

use crate::http::fields::{FieldError, MessageFields};
use crate::row::failure::{Failure, FailureKind};

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// No body: 204, 304.
    Empty,
    /// This number of bytes.
    Sized(u64),
    /// Chunked transfer coding.
    Chunked,
    /// Everything until the server closes the connection.
    UntilClose,
}

/// The framing of the message and the persistence of its connection, from the header fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// How the end of the body is found.
    pub framing: Framing,
    /// Whether the connection may carry another request after this response (RFC 9112 section 9.3).
    pub keep_alive: bool,
    /// Whether the body has transfer codings that are not `chunked` last: it ends with the connection, and
    /// cannot be decoded.
    pub is_unreadable: bool,
}

/// Decides by version (the minor one), status and header fields, in one pass.
///
/// Heads whose end cannot be trusted are refused: Content-Length values that differ or are not
/// numbers, Transfer-Encoding next to Content-Length, `chunked` applied twice.
pub fn of_response(version: u8, status: u16, headers: &[Header<'_>]) -> Result<Message, Failure> {
    let mut fields = MessageFields::default();
    let has_body = !matches!(status, 204 | 304);
    for header in headers {
        if has_body || header.name.eq_ignore_ascii_case("connection") {
            fields.take(header)?;
        }
    }
    fields.check()?;
    let codings = fields.codings;
    let framing = match fields.length {
        _ if !has_body => Framing::Empty,
        _ if codings.ends_chunked() => Framing::Chunked,
        Some(length) => Framing::Sized(length),
        // The same holds for codings that do not end with chunked (RFC 9112 section 6.3 rule 4).
        None => Framing::UntilClose,
    };
    let keep_alive = match (version, framing) {
        (_, Framing::UntilClose) => false,
        // A 1.0 message with Transfer-Encoding is faulty: read it, then close (section 6.1).
        (0, Framing::Chunked) => false,
        _ => fields.connection.persists(version),
    };
    Ok(Message {
        framing,
        keep_alive,
        is_unreadable: framing == Framing::UntilClose && codings.is_coded(),
    })
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Failure {
        let kind = match &error {
            FieldError::BadLength(_) => FailureKind::BadContentLength,
            FieldError::ConflictingLengths(..) => FailureKind::ConflictingContentLength,
            FieldError::CodingAndLength => {
                return FailureKind::TransferEncodingAndContentLength.into();
            }
            FieldError::BadCoding(_) => FailureKind::BadTransferEncoding,
        };
        Failure::with_detail(kind, &error.to_string())
    }
}

#[cfg(test)]
#[path = "framing_tests.rs"]
mod tests;
