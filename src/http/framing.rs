//! Where a response's body ends (RFC 9112 section 6.3), decided from its head.

use httparse::Header;

use crate::failure::{Failure, FailureKind};

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

/// Decides by status and header fields.
///
/// Refused are the heads whose end cannot be trusted: Content-Length values that differ or are no
/// numbers, Transfer-Encoding next to Content-Length, `chunked` applied twice.
pub fn of_response(status: u16, headers: &[Header<'_>]) -> Result<Framing, Failure> {
    if matches!(status, 204 | 304) {
        return Ok(Framing::Empty);
    }
    let length = content_length(headers)?;
    match (transfer_encoding(headers)?, length) {
        (None, None) => Ok(Framing::UntilClose),
        (None, Some(length)) => Ok(Framing::Sized(length)),
        (Some(_), Some(_)) => Err(FailureKind::TransferEncodingAndContentLength.into()),
        (Some(framing), None) => Ok(framing),
    }
}

/// Whether the connection may carry another request after this response (RFC 9112 section 9.3).
pub fn keeps_alive(version: u8, headers: &[Header<'_>], framing: Framing) -> bool {
    let has = |option: &str| {
        values(headers, "connection")
            .flat_map(list)
            .any(|token| token.eq_ignore_ascii_case(option.as_bytes()))
    };
    match (version, framing) {
        (_, Framing::UntilClose) => false,
        // A 1.0 message with Transfer-Encoding is faulty: read it, then close (section 6.1).
        (0, Framing::Chunked) => false,
        (0, _) => has("keep-alive") && !has("close"),
        _ => !has("close"),
    }
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

fn content_length(headers: &[Header<'_>]) -> Result<Option<u64>, Failure> {
    let mut found = None;
    for element in values(headers, "content-length").flat_map(list) {
        let Some(length) = digits(element) else {
            return Err(Failure::with_detail(
                FailureKind::BadContentLength,
                &format!("{:?}", String::from_utf8_lossy(element)),
            ));
        };
        match found {
            Some(other) if other != length => {
                return Err(Failure::with_detail(
                    FailureKind::ConflictingContentLength,
                    &format!("{other} and {length}"),
                ));
            }
            _ => found = Some(length),
        }
    }
    Ok(found)
}

/// Digits only: `u64::from_str` would take a sign.
fn digits(element: &[u8]) -> Option<u64> {
    if element.is_empty() || !element.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(element).ok()?.parse().ok()
}

fn transfer_encoding(headers: &[Header<'_>]) -> Result<Option<Framing>, Failure> {
    let mut present = false;
    let mut chunked = 0;
    let mut last_is_chunked = false;
    for element in values(headers, "transfer-encoding").flat_map(list) {
        present = true;
        // Empty list elements are to be passed over (RFC 9110 section 5.6.1.2).
        if element.is_empty() {
            continue;
        }
        let name = element
            .split(|&byte| byte == b';')
            .next()
            .unwrap_or(element);
        last_is_chunked = name.trim_ascii().eq_ignore_ascii_case(b"chunked");
        chunked += u32::from(last_is_chunked);
        if last_is_chunked && name.len() != element.len() {
            return Err(Failure::with_detail(
                FailureKind::BadTransferEncoding,
                "chunked takes no parameters",
            ));
        }
    }
    match (present, chunked, last_is_chunked) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(fields: &[(&str, &str)]) -> Result<Framing, FailureKind> {
        let headers: Vec<Header<'_>> = fields
            .iter()
            .map(|(name, value)| Header {
                name,
                value: value.as_bytes(),
            })
            .collect();
        of_response(200, &headers).map_err(|failure| failure.kind)
    }

    #[test]
    fn the_rules_of_section_6_3() {
        use Framing::*;
        for (fields, expected) in [
            (&[][..], Ok(UntilClose)),
            (&[("Content-Length", "5")], Ok(Sized(5))),
            (&[("content-LENGTH", " 05 ")], Ok(Sized(5))),
            (
                &[("Content-Length", "5"), ("Content-Length", "5")],
                Ok(Sized(5)),
            ),
            (&[("Content-Length", "5, 5")], Ok(Sized(5))),
            (
                &[("Content-Length", "18446744073709551615")],
                Ok(Sized(u64::MAX)),
            ),
            (&[("Transfer-Encoding", "Chunked")], Ok(Chunked)),
            (&[("Transfer-Encoding", "gzip, chunked")], Ok(Chunked)),
            (
                &[
                    ("Transfer-Encoding", "gzip"),
                    ("Transfer-Encoding", ",chunked"),
                ],
                Ok(Chunked),
            ),
            (&[("Transfer-Encoding", "gzip")], Ok(UntilClose)),
            (&[("Transfer-Encoding", "identity")], Ok(UntilClose)),
        ] {
            assert_eq!(framing(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn heads_whose_end_cannot_be_trusted_are_refused() {
        use FailureKind::*;
        for (fields, expected) in [
            (
                &[("Content-Length", "5"), ("Content-Length", "6")][..],
                ConflictingContentLength,
            ),
            (&[("Content-Length", "5, 6")], ConflictingContentLength),
            (&[("Content-Length", "+5")], BadContentLength),
            (&[("Content-Length", "-5")], BadContentLength),
            (&[("Content-Length", "0x5")], BadContentLength),
            (&[("Content-Length", "")], BadContentLength),
            (&[("Content-Length", "5,")], BadContentLength),
            (&[("Content-Length", "5 5")], BadContentLength),
            (
                &[("Content-Length", "18446744073709551616")],
                BadContentLength,
            ),
            (
                &[("Transfer-Encoding", "chunked"), ("Content-Length", "5")],
                TransferEncodingAndContentLength,
            ),
            (
                &[("Transfer-Encoding", "gzip"), ("Content-Length", "5")],
                TransferEncodingAndContentLength,
            ),
            (
                &[("Transfer-Encoding", "chunked, chunked")],
                BadTransferEncoding,
            ),
            (
                &[("Transfer-Encoding", "chunked, gzip")],
                BadTransferEncoding,
            ),
            (&[("Transfer-Encoding", "chunked;q=1")], BadTransferEncoding),
        ] {
            assert_eq!(framing(fields), Err(expected), "{fields:?}");
        }
    }

    #[test]
    fn bodiless_statuses_ignore_their_length() {
        let headers = [Header {
            name: "Content-Length",
            value: b"5",
        }];
        for status in [204, 304] {
            assert_eq!(of_response(status, &headers), Ok(Framing::Empty));
        }
    }

    #[test]
    fn keeping_alive_follows_version_and_connection() {
        let field = |value: &'static str| {
            [Header {
                name: "Connection",
                value: value.as_bytes(),
            }]
        };
        assert!(keeps_alive(1, &[], Framing::Sized(1)));
        assert!(!keeps_alive(1, &field("foo, Close"), Framing::Sized(1)));
        assert!(!keeps_alive(0, &[], Framing::Sized(1)));
        assert!(keeps_alive(0, &field("Keep-Alive"), Framing::Sized(1)));
        assert!(!keeps_alive(0, &field("keep-alive"), Framing::Chunked));
        assert!(!keeps_alive(1, &[], Framing::UntilClose));
    }
}
