//! What all shoppers of an ordinary site have in common: what they post, which answers satisfy, and what
//! their sessions need.

use std::sync::Arc;

use crate::http::kept::Wanted;
use crate::plan::{Encoding, Template, Values};
use crate::row::answers::{Expected, ReportKind};

use super::jar::CookieHost;

/// What differs from a shop that takes three fields and answers with its report.
#[derive(Clone, Debug)]
pub struct Site {
    /// The method of purchases.
    pub method: String,
    /// Whether purchases have a body.
    pub has_body: bool,
    /// What is posted; `None` for the three fields.
    pub posted: Option<Posted>,
    /// The accepted statuses.
    pub expect: Expected,
    /// Where the server's figures come from.
    pub report: ReportKind,
    /// The metric of Server-Timing that is the service time.
    pub timing_total: Option<String>,
    /// Which fields of responses are kept; `None` if none is.
    pub wanted: Option<Arc<Wanted>>,
    /// Each shopper has a session; `None` without `--cookies`.
    pub sessions: Option<Sessions>,
}

/// A compiled template, and its values.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The whole body.
    pub template: Template,
    /// Where its values come from.
    pub values: Values,
    /// How they are written.
    pub encoding: Encoding,
}

/// What the sessions of all shoppers have in common.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// Where cookies go.
    pub host: CookieHost,
    /// Cookies that go with every request (`-H 'Cookie: …'`).
    pub own: String,
    /// Where each shopper takes its CSRF token from; `None` without `--csrf`.
    pub token: Option<TokenSource>,
    /// The wall clock at instant 0 of the run's clock, nanoseconds since the Unix epoch: cookies expire.
    pub unix_at_zero: i64,
}

/// The page with the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// The home page.
    Home,
    /// A page of its own, by path and query.
    Page(String),
}

impl Site {
    /// Whether each purchase should have a service time in its header fields.
    pub fn asks_for_time(&self) -> bool {
        match self.report {
            ReportKind::Json => false,
            ReportKind::ServerTiming => true,
            ReportKind::None => (self.wanted.as_ref()).is_some_and(|of| !of.named.is_empty()),
        }
    }

    /// Whether the body is a form, in which the CSRF token is a field.
    pub fn is_form(&self) -> bool {
        (self.posted.as_ref()).is_none_or(|posted| posted.encoding == Encoding::Form)
    }
}
