//! A shopper's session at an ordinary site, and its requests there.

use crate::html;
use crate::http::body_use::BodyUse;
use crate::http::kept::KeptFields;
use crate::plan::Encoding;
use crate::row::answers::ReportKind;
use crate::row::failure::{Failure, FailureKind};
use crate::row::figure::Figure;
use crate::row::server_report::{ReportShape, ServerFigures, ServerReport};
use crate::row::{SiteRow, server_timing};
use crate::time::clock::Stamp;

use super::jar::{Jar, Outcome};
use super::judge::{Answer, judge_report, unexpected};
use super::scenario::Scenario;
use super::site::{Sessions, Site, TokenSource};
use super::{Shopper, Step};

/// The cookie of Django's CSRF protection.
const TOKEN_COOKIE: &str = "csrftoken";

/// The session of a shopper.
#[derive(Debug)]
pub(super) struct Visit {
    jar: Jar,
    /// The CSRF token; empty without one.
    token: String,
    /// Why there is none.
    no_token: Option<String>,
    /// When the present request started.
    pub now: Stamp,
    /// How the home page's body is used.
    pub home_body: BodyUse,
}

impl Visit {
    /// Turns it into that of the next shopper.
    pub fn clear(&mut self) {
        self.jar.clear();
        self.token.clear();
        self.no_token = None;
    }

    fn unix_seconds(&self, sessions: &Sessions) -> i64 {
        let since_zero = i64::try_from(self.now.nanos()).unwrap_or(i64::MAX);
        sessions.unix_at_zero.saturating_add(since_zero) / 1_000_000_000
    }
}

impl Shopper {
    /// Prepares for a scenario.
    pub(super) fn begin_site(&mut self, scenario: &Scenario) {
        let Some(site) = &scenario.site else { return };
        self.parser.keep_fields(site.wanted.clone());
        if site.sessions.is_some() && scenario.page.is_none() {
            self.visit = Some(Box::new(Visit {
                jar: Jar::default(),
                token: String::new(),
                no_token: None,
                now: Stamp::default(),
                home_body: scenario.home_body(),
            }));
        }
        if scenario.page.is_none() {
            self.parser.reset(scenario.home_body());
        }
    }

    /// Whether a redirect is the answer.
    pub(super) fn is_expected(&self, scenario: &Scenario, status: u16) -> bool {
        self.step == Step::Buy
            && (scenario.site.as_ref()).is_some_and(|site| site.expect.has(status))
    }

    /// Whether a purchase that is redirected keeps its method: always with 307 and 308, and for other methods
    /// than POST with 301 and 302, too (WHATWG Fetch, "HTTP-redirect fetch").
    pub(super) fn keeps_method(&self, scenario: &Scenario, status: u16) -> bool {
        let method = scenario.site.as_ref().map(|site| site.method.as_str());
        matches!(status, 307 | 308) || status != 303 && method.is_some_and(|of| of != "POST")
    }

    /// Appends the bytes of the present request.
    pub(super) fn write_site_request(&self, scenario: &Scenario, site: &Site, out: &mut Vec<u8>) {
        let path = self.path(scenario);
        let is_purchase = self.is_post();
        let method = if is_purchase { &site.method } else { "GET" };
        let has_body = is_purchase && site.has_body;
        scenario.requests.begin(method, has_body, path, out);
        let mut token = "";
        if let Some(sessions) = &site.sessions {
            let (own, host) = (&sessions.own, &sessions.host);
            match &self.visit {
                Some(visit) => {
                    token = &visit.token;
                    visit
                        .jar
                        .write(own, host, path, visit.unix_seconds(sessions), out);
                }
                None => Jar::default().write(own, host, path, 0, out),
            }
        }
        if !has_body {
            return out.extend_from_slice(b"\r\n");
        }
        if !token.is_empty() && !site.is_form() {
            for part in ["X-CSRFToken: ", token, "\r\n"] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        out.extend_from_slice(b"Content-Length: ");
        let length_at = out.len();
        out.extend_from_slice(b"\r\n\r\n");
        let body_at = out.len();
        self.write_body(scenario, site, token, out);
        // Only now its length is known: the digits are put in front.
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(out.len() - body_at).as_bytes();
        out.extend_from_slice(digits);
        out[length_at..].rotate_right(digits.len());
    }

    fn write_body(&self, scenario: &Scenario, site: &Site, token: &str, out: &mut Vec<u8>) {
        if let Some(form) = scenario.page.as_ref().and_then(|page| page.form.as_ref()) {
            return out.extend_from_slice(form);
        }
        match &site.posted {
            Some(posted) => {
                let (values, encoding) = (&posted.values, posted.encoding);
                let (order, of) = (&self.order, self.identity);
                posted.template.fill(order, of, values, encoding, out);
            }
            None => self.order.write_form(out),
        }
        if !site.is_form() {
            return;
        }
        out.extend_from_slice(&scenario.form_suffix);
        if !token.is_empty() {
            for part in ["&", html::CSRF_FIELD, "="] {
                out.extend_from_slice(part.as_bytes());
            }
            Encoding::Form.write(token, out);
        }
    }

    /// Takes the kept fields of a complete response, also of one that redirects.
    pub(super) fn take_fields(&mut self, scenario: &Scenario, site: &Site) {
        let Some(kept) = self.parser.take_kept() else {
            return;
        };
        if let (Some(sessions), Some(visit)) = (&site.sessions, &mut self.visit) {
            let path = match (&self.hop, self.step) {
                (Some(hop), _) => hop.path.as_str(),
                (None, Step::Home) => &scenario.home_path,
                (None, Step::FormPage) => scenario.form_page().unwrap_or("/"),
                (None, _) => &scenario.buy_paths[self.order.product],
            };
            let now = visit.unix_seconds(sessions);
            let mut take = |field: &[u8]| visit.jar.take(field, &sessions.host, path, now);
            let (mut dropped, mut withheld) = (kept.cookies_left, 0);
            for field in &kept.cookies {
                match take(field) {
                    Outcome::Dropped => dropped += 1,
                    Outcome::Withheld => withheld += 1,
                    Outcome::Kept | Outcome::Removed => {}
                }
            }
            if dropped + withheld > 0 {
                let row = self.row.site.get_or_insert_default();
                row.cookies_dropped += dropped;
                row.cookies_withheld += withheld;
            }
        }
        self.take_timings(site, &kept);
    }

    /// The figures of the server: those of the last response of a request remain.
    fn take_timings(&mut self, site: &Site, kept: &KeptFields) {
        let Some(wanted) = &site.wanted else { return };
        if kept.timing.is_empty() && kept.named.is_empty() || self.step == Step::FormPage {
            return;
        }
        let timing = match kept.timing.is_empty() {
            true => None,
            false => Some(server_timing::kept(&kept.timing)),
        };
        let times = kept.named.iter().filter_map(|(place, value)| {
            let seconds = server_timing::header_seconds(str::from_utf8(value).ok()?)?;
            Some((wanted.named[*place].as_str().into(), seconds))
        });
        let times = times.collect();
        let row: &mut SiteRow = self.row.site.get_or_insert_default();
        row.timings_cut += u32::from(kept.is_cut);
        match self.step {
            Step::Home | Step::FormPage => (row.home_timing, row.home_times) = (timing, times),
            Step::Buy | Step::Done => (row.buy_timing, row.buy_times) = (timing, times),
        }
    }

    /// Takes the CSRF token of the page that has it; `bytes` are those that completed the response.
    pub(super) fn take_token(
        &mut self,
        scenario: &Scenario,
        site: &Site,
        status: u16,
        bytes: &[u8],
    ) {
        let Some(sessions) = &site.sessions else {
            return;
        };
        match (&sessions.token, self.step) {
            (Some(TokenSource::Home), Step::Home)
            | (Some(TokenSource::Page(_)), Step::FormPage) => {}
            _ => return,
        }
        let Some(visit) = &mut self.visit else { return };
        if status != 200 {
            visit.no_token = Some(format!("the page of the form answered HTTP {status}"));
            return;
        }
        let body = self.parser.body_in(bytes);
        let now = visit.unix_seconds(sessions);
        let of_form = html::csrf_token(body);
        let of_cookie = || {
            let path = &scenario.buy_paths[self.order.product];
            visit.jar.value(TOKEN_COOKIE, &sessions.host, path, now)
        };
        match of_form.or_else(of_cookie) {
            Some(token) => visit.token = token,
            None => visit.no_token = Some("the page of the form has no token".to_owned()),
        }
    }

    /// A request failed: if its page has the form, the token is missing.
    pub(super) fn note_no_token(&mut self, scenario: &Scenario, failure: &Failure) {
        let is_page = match self.step {
            Step::Home => scenario.form_page().is_none(),
            Step::FormPage => true,
            Step::Buy | Step::Done => false,
        };
        if let Some(visit) = self.visit.as_mut().filter(|_| is_page) {
            visit.no_token = Some(format!("the page of the form: {failure}"));
        }
    }

    /// Evaluates the complete response of a purchase.
    pub(super) fn judge_site(
        &self,
        site: &Site,
        answer: &Answer<'_>,
        shape: &mut ReportShape,
    ) -> (Option<ServerReport>, Option<Failure>) {
        let is_expected = site.expect.has(answer.status);
        // Answers that cannot have a report, since they have no content.
        let is_bare = matches!(answer.status, 204 | 205 | 300..=399);
        let (report, failure) = match site.report {
            ReportKind::Json if !(is_expected && is_bare) => {
                judge_report(answer, is_expected, shape)
            }
            _ if is_expected => (self.timed_report(site), None),
            _ => {
                let failure = unexpected(answer.status, answer.body);
                (self.timed_report(site), Some(failure))
            }
        };
        (report, failure.map(|failure| self.with_cause(failure)))
    }

    /// A report with the service time alone, from the fields of the response.
    fn timed_report(&self, site: &Site) -> Option<ServerReport> {
        let row = self.row.site.as_ref()?;
        let timing = row
            .buy_timing
            .as_deref()
            .filter(|_| site.report == ReportKind::ServerTiming);
        let name = site.timing_total.as_deref();
        let seconds = timing
            .and_then(|value| server_timing::service_seconds(value, name))
            .or_else(|| Some(row.buy_times.first()?.1))?;
        Some(ServerReport {
            main: ServerFigures {
                elapsed_seconds: Figure::from_f64(seconds),
                ..ServerFigures::default()
            },
            ..ServerReport::default()
        })
    }

    /// A refusal of CSRF protection, with the reason why there was no token.
    fn with_cause(&self, failure: Failure) -> Failure {
        let cause = self
            .visit
            .as_ref()
            .and_then(|visit| visit.no_token.as_deref());
        match (failure.kind, cause) {
            (FailureKind::CsrfRefused, Some(cause)) => {
                Failure::with_detail(FailureKind::CsrfRefused, cause)
            }
            _ => failure,
        }
    }
}
