//! Evaluates complete responses.

use crate::html;
use crate::row::TlsFailure;
use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::{ReportShape, ServerReport};

/// A complete response.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Its status.
    pub status: u16,
    /// What is kept of its body.
    pub body: &'a [u8],
    /// The field by which the body is encoded, if it is.
    pub coding: Option<&'a str>,
    /// Whether it has a Server-Timing field.
    pub has_timing: bool,
}

/// Evaluates a purchase's complete response: the report, if it can be read, and what is
/// wrong on the client's side. `shape` is that of the reports before.
pub fn judge_purchase(
    answer: &Answer<'_>,
    shape: &mut ReportShape,
) -> (Option<ServerReport>, Option<Failure>) {
    judge_report(answer, answer.status == 200, shape)
}

/// The same; `is_expected`: whether the status satisfies.
pub(super) fn judge_report(
    answer: &Answer<'_>,
    is_expected: bool,
    shape: &mut ReportShape,
) -> (Option<ServerReport>, Option<Failure>) {
    let &Answer { status, body, .. } = answer;
    let parsed = ServerReport::parse_like(body, shape);
    if is_expected {
        return match parsed {
            Ok(report) => (Some(report), None),
            Err(why) => {
                let kind = match answer.has_timing {
                    true => FailureKind::TimingOnly,
                    false => FailureKind::BadReport,
                };
                let why = match answer.coding {
                    Some(coding) => format!("{coding} is not decoded: {why}"),
                    None => why.to_string(),
                };
                let failure = Failure::with_detail(kind, &why);
                (None, Some(failure))
            }
        };
    }
    // A server may report its own failure; an object without any figure is not a report.
    let report = parsed.ok().filter(|report| !report.is_empty());
    (report, Some(unexpected(status, body)))
}

/// The failure of a purchase with a status that does not satisfy.
pub(super) fn unexpected(status: u16, body: &[u8]) -> Failure {
    match status == 403 && contains(body, b"CSRF") {
        true => FailureKind::CsrfRefused.into(),
        false => refused(status, body),
    }
}

/// What nginx, Apache and Go's servers answer to a plain request on a port with TLS.
const TO_TLS_PORT: [&[u8]; 3] = [
    b"plain HTTP request was sent to HTTPS port",
    b"plain HTTP to an SSL-enabled server port",
    b"sent an HTTP request to an HTTPS server",
];

/// The failure of a complete response with a status other than 200, with the message of its page.
pub(super) fn refused(status: u16, body: &[u8]) -> Failure {
    if status == 400 && TO_TLS_PORT.iter().any(|told| contains(body, told)) {
        return FailureKind::Tls(TlsFailure::PlainToTls).into();
    }
    let kind = FailureKind::Status(status);
    match html::error_text(body, &kind.to_string()) {
        Some(text) => Failure::with_detail(kind, &text),
        None => kind.into(),
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
