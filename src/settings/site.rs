//! What makes an ordinary site measurable: what is posted, which answers satisfy, sessions, and where the
//! server's figures come from.

use std::path::PathBuf;

use crate::row::answers::{Expected, ReportKind};

/// The settings of an ordinary site; the default is a shop that takes three fields and answers with its
/// report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteSettings {
    /// What a purchase posts.
    pub posts: Posts,
    /// The accepted statuses.
    pub expect: Expected,
    /// Where the server's figures come from.
    pub report: ReportKind,
    /// The metric of Server-Timing that is the service time.
    pub timing_total: Option<String>,
    /// Fields of responses with a time of the server each.
    pub server_headers: Vec<String>,
    /// Whether each shopper keeps cookies.
    pub cookies: bool,
    /// The path of the page that has the form with the CSRF token, after host and port.
    pub csrf_page: Option<String>,
}

/// What a purchase posts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posts {
    /// The method; POST if absent.
    pub method: Option<String>,
    /// Names and templates of form fields, in their order.
    pub form: Vec<(String, String)>,
    /// A CSV file with values of form fields.
    pub form_file: Option<PathBuf>,
    /// A file with the template of a whole body.
    pub body: Option<PathBuf>,
    /// The Content-Type of that body.
    pub content_type: Option<String>,
}

impl Posts {
    /// Whether purchases have a body.
    pub fn has_body(&self) -> bool {
        self.method.as_deref() != Some("GET")
    }
}
