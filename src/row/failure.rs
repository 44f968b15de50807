//! What can go wrong for one shopper. Failures are data: each becomes part of a row, never a log
//! line, and its kind is what the summary groups by.

use std::fmt;
use std::io;
use std::sync::LazyLock;

use super::tls::TlsFailure;
use crate::text::{bounded, cleaned};

/// Longest text of a failure, kind and detail together, in characters: it is written into every
/// affected row. The server's own texts have the same limit.
const MAX_TEXT: usize = 300;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The kind, which the summary groups by.
    pub kind: FailureKind,
    /// The detail of this failure.
    pub detail: Option<Box<str>>,
}

impl Failure {
    /// A failure with a detail, which is cut so that the whole text has 300 characters at most.
    pub fn with_detail(kind: FailureKind, detail: &str) -> Failure {
        let before = match kind {
            FailureKind::Other => 0,
            kind => kind.to_string().chars().count() + ": ".len(),
        };
        Failure {
            kind,
            detail: Some(bounded(&cleaned(detail), MAX_TEXT - before).into()),
        }
    }
}

impl Failure {
    /// The failure with that text in a report: the inverse of its `Display`.
    pub fn parse(text: &str) -> Failure {
        let kind = FailureKind::of_text(text);
        let detail = match kind {
            FailureKind::Other => text,
            kind => text[kind.to_string().len()..].trim_start_matches(": "),
        };
        match detail {
            "" => Failure::from(kind),
            detail => Failure::with_detail(kind, detail),
        }
    }
}

impl From<FailureKind> for Failure {
    fn from(kind: FailureKind) -> Failure {
        Failure { kind, detail: None }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::from(FailureKind::of_io(&error))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.detail {
            None => self.kind.fmt(f),
            Some(detail) if self.kind == FailureKind::Other => f.write_str(detail),
            Some(detail) => write!(f, "{}: {detail}", self.kind),
        }
    }
}

/// The kinds of failure, client side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureKind {
    /// ECONNREFUSED.
    ConnectionRefused,
    /// ECONNRESET or EPIPE before any byte of the response.
    ConnectionReset,
    /// ECONNRESET within the response.
    ResetInResponse,
    /// No route, network down, or the kernel's own connect time-out.
    Unreachable,
    /// `--connect-timeout` ran out.
    ConnectTimeout,
    /// `--timeout` ran out.
    Timeout,
    /// EMFILE or ENFILE.
    NoDescriptors,
    /// EADDRNOTAVAIL or EADDRINUSE: the source ports are used up.
    NoPorts,
    /// ENOBUFS or ENOMEM.
    NoMemory,
    /// Any other error of a system call, by its `errno`.
    Os(i32),
    /// The server closed the connection without a byte of an answer.
    ClosedWithoutAnswer,
    /// The server closed the connection within the response's head.
    ClosedInHead,
    /// The server closed the connection within the response's body.
    ClosedInBody,
    /// The bytes are not an HTTP/1.x response head.
    BadHead,
    /// Head (or trailers) beyond 64 KiB.
    HeadTooLarge,
    /// More than 256 header fields.
    TooManyHeaders,
    /// A Content-Length that is not a number.
    BadContentLength,
    /// Content-Length values that differ.
    ConflictingContentLength,
    /// Transfer-Encoding and Content-Length in one response (RFC 9112 section 6.3: an attack or a
    /// broken server).
    TransferEncodingAndContentLength,
    /// A Transfer-Encoding that breaks the grammar, has `chunked` twice, or not last.
    BadTransferEncoding,
    /// Broken chunked framing.
    BadChunk,
    /// A body beyond the limit (`--max-body`).
    BodyTooLarge,
    /// An answer that arrived before its request started (RFC 9112 section 9.2).
    UnaskedAnswer,
    /// The response bodies in flight would exceed `--max-memory` together.
    MemoryLimit,
    /// 101 without having asked for it.
    UnaskedUpgrade,
    /// TLS failed.
    Tls(TlsFailure),
    /// A complete response with a status other than 200.
    Status(u16),
    /// 403 with the page of Django's CSRF protection.
    CsrfRefused,
    /// More than 10 redirects.
    TooManyRedirects,
    /// A redirect that leaves the target's origin.
    ForeignRedirect,
    /// A redirect whose Location is missing or not a URL.
    BadRedirect,
    /// The purchase's body is not a server report.
    BadReport,
    /// The same, of an answer with a Server-Timing field.
    TimingOnly,
    /// A signal ended it.
    Interrupted,
    /// A text in a report that is not one of the others: the detail is the text.
    Other,
    /// Dropped: it was due while `--max-in-flight` shoppers were in flight.
    NotLaunched,
}

/// The kinds that are found by their texts alone, with these: many rows have a text of their own.
static KNOWN_TEXTS: LazyLock<Vec<(String, FailureKind)>> = LazyLock::new(|| {
    let tls = TlsFailure::ALL.into_iter().map(FailureKind::Tls);
    let kinds = FailureKind::PLAIN.into_iter().chain(tls);
    kinds.map(|kind| (kind.to_string(), kind)).collect()
});

impl FailureKind {
    /// The kind of a failed system call on a socket.
    pub fn of_io(error: &io::Error) -> FailureKind {
        match error.raw_os_error() {
            Some(libc::ECONNREFUSED) => FailureKind::ConnectionRefused,
            Some(libc::ECONNRESET | libc::EPIPE | libc::ECONNABORTED) => {
                FailureKind::ConnectionReset
            }
            Some(libc::EHOSTUNREACH | libc::ENETUNREACH | libc::ENETDOWN | libc::ETIMEDOUT) => {
                FailureKind::Unreachable
            }
            Some(libc::EMFILE | libc::ENFILE) => FailureKind::NoDescriptors,
            Some(libc::EADDRNOTAVAIL | libc::EADDRINUSE) => FailureKind::NoPorts,
            Some(libc::ENOBUFS | libc::ENOMEM) => FailureKind::NoMemory,
            Some(errno) => FailureKind::Os(errno),
            None => FailureKind::Os(0),
        }
    }

    /// The kinds without data.
    const PLAIN: [FailureKind; 31] = [
        FailureKind::ConnectionRefused,
        FailureKind::ConnectionReset,
        FailureKind::ResetInResponse,
        FailureKind::Unreachable,
        FailureKind::ConnectTimeout,
        FailureKind::Timeout,
        FailureKind::NoDescriptors,
        FailureKind::NoPorts,
        FailureKind::NoMemory,
        FailureKind::ClosedWithoutAnswer,
        FailureKind::ClosedInHead,
        FailureKind::ClosedInBody,
        FailureKind::BadHead,
        FailureKind::HeadTooLarge,
        FailureKind::TooManyHeaders,
        FailureKind::BadContentLength,
        FailureKind::ConflictingContentLength,
        FailureKind::TransferEncodingAndContentLength,
        FailureKind::BadTransferEncoding,
        FailureKind::BadChunk,
        FailureKind::BodyTooLarge,
        FailureKind::UnaskedUpgrade,
        FailureKind::CsrfRefused,
        FailureKind::TooManyRedirects,
        FailureKind::ForeignRedirect,
        FailureKind::BadRedirect,
        FailureKind::BadReport,
        FailureKind::TimingOnly,
        FailureKind::Interrupted,
        FailureKind::NotLaunched,
        FailureKind::Other,
    ];

    /// The kind with which a text begins; [`FailureKind::Other`] if there is none.
    fn of_text(text: &str) -> FailureKind {
        let is_begun = |by: &str| {
            let rest = text.strip_prefix(by);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(": "))
        };
        let begins = |kind: &FailureKind| is_begun(&kind.to_string());
        let plain = KNOWN_TEXTS.iter().find(|(by, _)| is_begun(by));
        let number = |text: &str| -> Option<i32> {
            let end = text
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len());
            text[..end].parse().ok()
        };
        let of_status = || {
            let code = u16::try_from(number(text.strip_prefix("HTTP ")?)?).ok()?;
            Some(FailureKind::Status(code)).filter(begins)
        };
        let of_errno = || {
            let (_, errno) = text.split_once("(os error ")?;
            Some(FailureKind::Os(number(errno)?)).filter(begins)
        };
        (plain.map(|(_, kind)| *kind))
            .or_else(of_status)
            .or_else(of_errno)
            .unwrap_or(FailureKind::Other)
    }

    /// What the reader of a summary can do about it, where the cause is known.
    pub fn hint(self) -> Option<&'static str> {
        Some(match self {
            FailureKind::ConnectionRefused => {
                "nothing listens there: is the server up, on this address and port?"
            }
            FailureKind::ConnectionReset | FailureKind::ResetInResponse => {
                "the server or its backlog is overloaded: look at its log, its workers and its backlog (profilerclient check)"
            }
            FailureKind::Unreachable => "check the target's address, the route and the firewall",
            FailureKind::ConnectTimeout => {
                "the server's accept queue was full or packets were lost: raise its backlog \
                 (profilerclient check shows it), or --connect-timeout"
            }
            FailureKind::Timeout => {
                "the server did not finish in time: raise --timeout to wait longer"
            }
            FailureKind::NoDescriptors => "raise the limit of open files: ulimit -n",
            FailureKind::NoPorts => {
                "source ports ran out: give more source addresses (--bind A,B), widen \
                 net.ipv4.ip_local_port_range, wait a minute for TIME_WAIT to pass, or use \
                 --keep-alive"
            }
            FailureKind::NoMemory => "the kernel had no memory for sockets: see net.ipv4.tcp_mem",
            FailureKind::ClosedWithoutAnswer | FailureKind::ClosedInHead => {
                "the server dropped the request: look at its log (runserver does this under load)"
            }
            FailureKind::BodyTooLarge => "raise --max-body if such a large page is expected",
            FailureKind::UnaskedAnswer => {
                "the server closes or answers connections while they are idle: raise its keep-alive \
                 time-out, or leave out --keep-alive and --preconnect"
            }
            FailureKind::MemoryLimit => {
                "raise --max-memory, lower --max-body, or load with fewer shoppers at once"
            }
            FailureKind::CsrfRefused => {
                "Django's CSRF protection refused it: give --csrf (or remove CsrfViewMiddleware from \
                 MIDDLEWARE for the test)"
            }
            FailureKind::Status(404) => {
                "check --app-dirname, --page-query, --buy-query and --products"
            }
            FailureKind::Status(405) => "the view does not accept this method: check --buy_query",
            FailureKind::Status(500) => "the server's code failed: its log has the traceback",
            FailureKind::Status(502..=504) => {
                "the proxy's upstream is down, too slow or its backlog is full"
            }
            FailureKind::ForeignRedirect => "if that is the shop, name it as the --target",
            FailureKind::BadReport => {
                "the purchase URL must answer with the profiled JSON report: check --buy_query, or give \
                 --report none for a site without one"
            }
            FailureKind::TimingOnly => {
                "the server's figures are in its Server-Timing field: give --report server-timing"
            }
            FailureKind::Status(200) => {
                "--expect lists the accepted statuses (Django answers a form with errors with 200)"
            }
            FailureKind::Tls(failure) => failure.hint(),
            FailureKind::NotLaunched => {
                "the server, or this client, does not keep up with the rate: lower it, raise \
                 --max-in-flight, or send it from more than one client"
            }
            _ => return None,
        })
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FailureKind::ConnectionRefused => "connection refused",
            FailureKind::ConnectionReset => "connection reset by the server",
            FailureKind::ResetInResponse => "connection reset within the response",
            FailureKind::Unreachable => "host or network unreachable",
            FailureKind::ConnectTimeout => "timed out while connecting",
            FailureKind::Timeout => "timed out",
            FailureKind::NoDescriptors => "no file descriptors left",
            FailureKind::NoPorts => "no source ports left",
            FailureKind::NoMemory => "no memory left for sockets",
            FailureKind::Os(errno) => {
                return write!(f, "{}", io::Error::from_raw_os_error(*errno));
            }
            FailureKind::ClosedWithoutAnswer => "connection closed without an answer",
            FailureKind::ClosedInHead => "connection closed within the response head",
            FailureKind::ClosedInBody => "connection closed within the response body",
            FailureKind::BadHead => "not an HTTP/1.x response",
            FailureKind::HeadTooLarge => "response head over 64 KiB",
            FailureKind::TooManyHeaders => "response with more than 256 header fields",
            FailureKind::BadContentLength => "malformed Content-Length",
            FailureKind::ConflictingContentLength => "conflicting Content-Length values",
            FailureKind::TransferEncodingAndContentLength => {
                "Transfer-Encoding together with Content-Length"
            }
            FailureKind::BadTransferEncoding => "unreadable Transfer-Encoding",
            FailureKind::BadChunk => "malformed chunked body",
            FailureKind::BodyTooLarge => "response body over the limit",
            FailureKind::UnaskedAnswer => "answer before its request",
            FailureKind::MemoryLimit => "response bodies over --max-memory together",
            FailureKind::UnaskedUpgrade => "101 Switching Protocols without having asked",
            FailureKind::Tls(failure) => return failure.fmt(f),
            FailureKind::Status(code) => {
                return match reason_phrase(*code) {
                    Some(reason) => write!(f, "HTTP {code} {reason}"),
                    None => write!(f, "HTTP {code}"),
                };
            }
            FailureKind::CsrfRefused => "HTTP 403 Forbidden (CSRF verification failed)",
            FailureKind::TooManyRedirects => "more than 10 redirects",
            FailureKind::ForeignRedirect => "redirect to another origin not followed",
            FailureKind::BadRedirect => "redirect without a usable Location",
            FailureKind::BadReport => "no server report in the response body",
            FailureKind::TimingOnly => "Server-Timing, but no server report in the response body",
            FailureKind::Interrupted => "interrupted",
            FailureKind::Other => "failed without an error message",
            FailureKind::NotLaunched => "not launched",
        })
    }
}

/// The reason phrases (RFC 9110 section 15) of statuses that shops and proxies send.
fn reason_phrase(code: u16) -> Option<&'static str> {
    Some(match code {
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        414 => "URI Too Long",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => return None,
    })
}

#[cfg(test)]
#[path = "failure_tests.rs"]
mod tests;
