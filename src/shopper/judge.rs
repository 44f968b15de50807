//! What a purchase's response comes to.

use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::{ServerReport, html_title};

/// What a purchase's complete response comes to: the report, where one can be read, and what is
/// wrong on the client's side.
pub fn judge_purchase(status: u16, body: &[u8]) -> (Option<ServerReport>, Option<Failure>) {
    let parsed = ServerReport::parse(body);
    if status == 200 {
        return match parsed {
            Ok(report) => (Some(report), None),
            Err(why) => (
                None,
                Some(Failure::with_detail(
                    FailureKind::BadReport,
                    &why.to_string(),
                )),
            ),
        };
    }
    // A server may report on its own failure; an object without any figure does not.
    let report = parsed.ok().filter(|report| !report.is_empty());
    let title = html_title(body);
    let is_csrf_page = status == 403 && contains(body, b"CSRF");
    let failure = match title {
        _ if is_csrf_page => FailureKind::CsrfRefused.into(),
        Some(title) => Failure::with_detail(FailureKind::Status(status), &title),
        None => FailureKind::Status(status).into(),
    };
    (report, Some(failure))
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
