//! Requests that are not served.

use super::body::BodyError;
use crate::http::fields::FieldError;

/// A request that is not served; the connection must be closed after the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400, with what is wrong.
    Malformed(&'static str),
    /// 413.
    BodyTooLarge,
    /// 431.
    HeadTooLarge,
    /// 501: a transfer coding other than `chunked`.
    UnknownCoding,
    /// 505.
    UnknownVersion,
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Refusal {
        match error {
            BodyError::Malformed => Refusal::Malformed("the chunked body is malformed"),
            BodyError::TooLarge => Refusal::BodyTooLarge,
        }
    }
}

impl From<FieldError> for Refusal {
    fn from(error: FieldError) -> Refusal {
        match error {
            // Digits only: a number beyond all limits.
            FieldError::BadLength(value)
                if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                Refusal::BodyTooLarge
            }
            FieldError::BadLength(_) => Refusal::Malformed("the Content-Length is not a number"),
            FieldError::ConflictingLengths(..) => {
                Refusal::Malformed("two different Content-Lengths")
            }
            // Implementations differ in which of the two they use, which enables request smuggling.
            FieldError::CodingAndLength => {
                Refusal::Malformed("Content-Length beside Transfer-Encoding")
            }
            FieldError::BadCoding(_) => Refusal::Malformed("the Transfer-Encoding is malformed"),
        }
    }
}
