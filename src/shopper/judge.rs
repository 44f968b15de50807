//! Evaluates complete responses.

use crate::html;
use crate::row::TlsFailure;
use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::{ReportShape, ServerReport};

/// Evaluates a purchase's complete response: the report, if it can be read, and what is
/// wrong on the client's side. `coding` is the field by which the body is encoded, if it is; `shape` that of
/// the reports before.
pub fn judge_purchase(
    status: u16,
    body: &[u8],
    coding: Option<&str>,
    shape: &mut ReportShape,
) -> (Option<ServerReport>, Option<Failure>) {
    let parsed = ServerReport::parse_like(body, shape);
    if status == 200 {
        return match parsed {
            Ok(report) => (Some(report), None),
            Err(why) => {
                let why = match coding {
                    Some(coding) => format!("{coding} is not decoded: {why}"),
                    None => why.to_string(),
                };
                let failure = Failure::with_detail(FailureKind::BadReport, &why);
                (None, Some(failure))
            }
        };
    }
    // A server may report its own failure; an object without any figure is not a report.
    let report = parsed.ok().filter(|report| !report.is_empty());
    let failure = match status == 403 && contains(body, b"CSRF") {
        true => FailureKind::CsrfRefused.into(),
        false => refused(status, body),
    };
    (report, Some(failure))
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
