//! What all shoppers of a run have in common: target, paths and header fields of their requests.

use url::{Origin, Url};

use crate::http::body_use::BodyUse;
use crate::http::request::RequestWriter;
use crate::row::answers::ReportKind;
use crate::row::failure::{Failure, FailureKind};

use super::site::{Site, TokenSource};

/// The shop and the requests to it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Scheme, host and port of the target.
    pub base: Url,
    /// A second name of the target's origin, where the Host field was overridden.
    pub alias: Option<Origin>,
    /// Writes the requests.
    pub requests: RequestWriter,
    /// The path and query of the home page.
    pub home_path: String,
    /// The path and query of the purchase of each product.
    pub buy_paths: Vec<String>,
    /// Further form fields of each purchase, encoded and with a leading `&`; mostly empty.
    pub form_suffix: Vec<u8>,
    /// Whether a shopper may buy on the connection that fetched the home page.
    pub keep_alive: bool,
    /// The longest body of a purchase, bytes.
    pub max_body: usize,
    /// What makes an ordinary site measurable; `None` for a shop that takes three fields and reports.
    pub site: Option<Box<Site>>,
    /// The page to fetch before a load; `None` for shoppers that visit and buy.
    pub page: Option<PageRequest>,
}

/// A single request before a load.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// The path and query.
    pub path: String,
    /// The encoded form of a POST; `None` for a GET.
    pub form: Option<Vec<u8>>,
    /// The longest body, bytes.
    pub limit: usize,
}

impl PageRequest {
    /// How its body is used: it is kept.
    pub fn body_use(&self) -> BodyUse {
        BodyUse::KeepPage { limit: self.limit }
    }
}

/// The longest page with the form of a purchase, bytes.
pub const FORM_PAGE_LIMIT: usize = 4 << 20;

/// The most redirects followed for one request.
pub const MAX_REDIRECTS: u8 = 10;

impl Scenario {
    /// How the purchase's body is used: it is kept if it has the report.
    pub fn buy_body(&self) -> BodyUse {
        let report = self.site.as_ref().map(|site| site.report);
        if report.is_some_and(|report| report != ReportKind::Json) {
            return BodyUse::Count;
        }
        BodyUse::Keep {
            limit: self.max_body,
        }
    }

    /// Says what the wall clock was at instant 0 of the run's clock, nanoseconds since the Unix epoch.
    pub fn begin_at(&mut self, unix_nanos: i64) {
        let site = self.site.as_mut();
        if let Some(sessions) = site.and_then(|site| site.sessions.as_mut()) {
            sessions.unix_at_zero = unix_nanos;
        }
    }

    /// This scenario, prepared anew during a run, with what the run has set in the last one.
    pub fn in_place_of(mut self, last: &Scenario) -> Scenario {
        let Some(of_last) = &last.site else {
            return self;
        };
        if let Some(sessions) = &of_last.sessions {
            self.begin_at(sessions.unix_at_zero);
        }
        match &mut self.site {
            Some(site) => site.wanted = of_last.wanted.clone(),
            None => self.site = last.site.clone(),
        }
        self
    }

    /// How the home page's body is used: it is kept if each shopper takes its token from it.
    pub fn home_body(&self) -> BodyUse {
        match self.token_source() {
            Some(TokenSource::Home) => BodyUse::Keep {
                limit: FORM_PAGE_LIMIT,
            },
            _ => BodyUse::Count,
        }
    }

    /// The page that each shopper takes its token from, if that is not the home page.
    pub fn form_page(&self) -> Option<&str> {
        match self.token_source()? {
            TokenSource::Page(path) => Some(path),
            TokenSource::Home => None,
        }
    }

    fn token_source(&self) -> Option<&TokenSource> {
        let sessions = self.site.as_ref()?.sessions.as_ref()?;
        sessions.token.as_ref()
    }

    /// The path and query that a redirect's Location leads to, seen from `path`.
    ///
    /// Another origin or another scheme is refused: a response must not point a load generator at a
    /// third party. A user name is dropped, as the request line cannot carry one; the result
    /// is a path of visible ASCII, the rest percent-encoded (WHATWG URL).
    pub fn redirect(&self, path: &str, location: Option<&[u8]>) -> Result<String, Failure> {
        let bad = |detail: &str| Err(Failure::with_detail(FailureKind::BadRedirect, detail));
        let foreign =
            |detail: &str| Err(Failure::with_detail(FailureKind::ForeignRedirect, detail));
        let Some(location) = location else {
            return bad("none was sent");
        };
        let Ok(text) = std::str::from_utf8(location) else {
            return bad("it is not UTF-8");
        };
        // Set, not joined: a path that begins with two slashes would name another host.
        let (here_path, here_query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let mut here = self.base.clone();
        here.set_path(here_path);
        here.set_query(here_query);
        let Ok(url) = here.join(text) else {
            return bad(&format!("{text:?}"));
        };
        let origin = url.origin();
        // The origin of blob: is that of the URL within.
        if !matches!(url.scheme(), "http" | "https") {
            return foreign(&format!("{}:", url.scheme()));
        }
        if origin != self.base.origin() && Some(&origin) != self.alias.as_ref() {
            return foreign(&origin.ascii_serialization());
        }
        let path = match url.query() {
            None => url.path().to_owned(),
            Some(query) => format!("{}?{query}", url.path()),
        };
        match path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(path),
            false => bad(&format!("{text:?}")),
        }
    }
}

#[cfg(test)]
#[path = "scenario_tests.rs"]
mod tests;
