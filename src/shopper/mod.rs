//! One shopper: home, then purchase, each with its redirects. No sockets and no clock in here.
//!
//! ```text
//!            redirect              redirect
//!             ┌────┐                ┌────┐
//!             ▼    │                ▼    │
//!  launch ─► Home ─┴─ done/failed ─► Buy ┴─ done/failed ─► a row
//!                          │          ▲
//!                          └ FormPage ┘  (with `--csrf-page`)
//! ```
//!
//! Bytes and `now` are the input; the output is what to do [`Next`].

mod hop;
pub mod jar;
mod judge;
mod next;
mod page;
mod receiving;
pub mod scenario;
pub mod site;
mod stamps;
mod visit;

pub use judge::{Answer, judge_purchase};
pub use next::Next;

use crate::http::body_use::BodyUse;
use crate::http::memo::HeadMemo;
use crate::http::response::ResponseParser;
use crate::plan::{Identity, Order};
use crate::row::failure::FailureKind;
use crate::row::server_report::ReportShape;
use crate::row::{Exchange, Row};
use crate::time::clock::Stamp;

use hop::Hop;
use scenario::{FORM_PAGE_LIMIT, Scenario};
use visit::Visit;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Home,
    /// The page of the form, where it is asked for by itself.
    FormPage,
    Buy,
    Done,
}

/// What earlier answers, to whichever shopper, make quicker to read in later ones.
#[derive(Debug, Default)]
pub struct Memory {
    heads: HeadMemo,
    shape: ReportShape,
}

/// The state of one shopper.
#[derive(Debug)]
pub struct Shopper {
    order: Order,
    /// Known only where templates ask for it.
    identity: Identity,
    step: Step,
    redirects: u8,
    hop: Option<Hop>,
    /// When the redirect arrived whose request has not begun yet.
    redirected: Option<Stamp>,
    /// When the last bytes can have arrived at the earliest: they may have been stamped late.
    earliest: Option<Stamp>,
    /// Whether the first hop's request went out in several writes: an answer may have begun before the last.
    is_sent_in_parts: bool,
    parser: ResponseParser,
    /// The session; absent without `--cookies`.
    visit: Option<Box<Visit>>,
    row: Row,
}

impl Shopper {
    /// A shopper before the home request; `level` goes into the row as `concurrent_requests`.
    pub fn new(order: Order, level: u64) -> Shopper {
        Shopper {
            order,
            identity: Identity::default(),
            step: Step::Home,
            redirects: 0,
            hop: None,
            redirected: None,
            earliest: None,
            is_sent_in_parts: false,
            parser: ResponseParser::new(BodyUse::Count),
            visit: None,
            row: Row {
                concurrent_requests: level,
                ..Row::default()
            },
        }
    }

    /// Turns it into the next shopper, with the buffers of the last one, whose row was taken.
    pub fn renew(&mut self, order: Order, level: u64) {
        self.order = order;
        self.step = Step::Home;
        self.redirects = 0;
        self.hop = None;
        self.redirected = None;
        self.is_sent_in_parts = false;
        if let Some(visit) = &mut self.visit {
            visit.clear();
        }
        debug_assert_eq!(self.row, Row::default(), "the last row was taken");
        self.row.concurrent_requests = level;
    }

    /// Sets what templates ask for beside the order.
    pub fn identify(&mut self, identity: Identity) {
        self.identity = identity;
    }

    /// When the present request started.
    pub fn started(&self) -> Option<Stamp> {
        match self.step {
            Step::Home => self.row.home.started,
            Step::FormPage => self
                .row
                .site
                .as_ref()
                .and_then(|site| site.form_page.started),
            Step::Buy | Step::Done => self.row.buy.started,
        }
    }

    /// Appends the bytes of the present request.
    pub fn write_request(&self, scenario: &Scenario, out: &mut Vec<u8>) {
        if let Some(site) = &scenario.site {
            return self.write_site_request(scenario, site, out);
        }
        let path = self.path(scenario);
        if !self.is_post() {
            return scenario.requests.get(path, out);
        }
        if let Some(form) = scenario.page.as_ref().and_then(|page| page.form.as_ref()) {
            scenario.requests.post(path, form.len(), out);
            out.extend_from_slice(form);
            return;
        }
        let form_bytes = self.order.form_bytes() + scenario.form_suffix.len();
        scenario.requests.post(path, form_bytes, out);
        self.order.write_form(out);
        out.extend_from_slice(&scenario.form_suffix);
    }

    /// Whether the present request changes something on the server, and must not be sent twice.
    pub fn is_post(&self) -> bool {
        match &self.hop {
            Some(hop) => hop.is_post,
            None => self.step == Step::Buy,
        }
    }

    /// Whether the home request has ended, successfully or not.
    pub fn is_buying(&self) -> bool {
        self.step != Step::Home
    }

    /// The number of the request that is under way: it grows with each that ends, redirects included in it.
    pub fn request_number(&self) -> u8 {
        self.step as u8
    }

    /// Whether the request that begins is the first one after the home page.
    pub fn is_first_after_home(&self) -> bool {
        let form_page = self
            .row
            .site
            .as_ref()
            .and_then(|site| site.form_page.started);
        match self.step {
            Step::Home => false,
            Step::FormPage => true,
            Step::Buy | Step::Done => form_page.is_none(),
        }
    }

    /// Whether any byte of the final response has arrived.
    pub fn has_final_answer(&self) -> bool {
        self.parser.has_begun_final()
    }

    /// Whether any byte of the present response has arrived, interim ones included.
    pub fn has_answer(&self) -> bool {
        self.parser.has_begun()
    }

    /// Whether only the end of the connection will end the present response.
    pub fn ends_with_stream(&self) -> bool {
        self.parser.ends_with_stream()
    }

    /// Bytes of the present response that are kept until it is complete.
    pub fn held_bytes(&self) -> usize {
        self.parser.held_bytes()
    }

    /// A signal ended the run: the requests that are not done fail.
    pub fn interrupt(&mut self, at: Stamp) {
        let (status, redirects) = (self.parser.status(), self.redirects);
        let exchange = self.exchange();
        exchange.status = status.or(exchange.status);
        exchange.redirects = redirects;
        if self.step == Step::Home {
            note_interruption(&mut self.row.home, at);
        }
        if self.step == Step::FormPage {
            note_interruption(self.exchange(), at);
        }
        if self.step != Step::Done {
            note_interruption(&mut self.row.buy, at);
        }
        self.step = Step::Done;
    }

    /// The row so far.
    pub fn row(&self) -> &Row {
        &self.row
    }

    /// Takes the row, once [`Next::Done`] was returned, and frees large buffers.
    pub fn take_row(&mut self) -> Row {
        debug_assert_eq!(self.step, Step::Done);
        let home_body = self.visit.as_ref().map(|visit| visit.home_body);
        self.parser.reset(home_body.unwrap_or(BodyUse::Count));
        std::mem::take(&mut self.row)
    }

    fn path<'a>(&'a self, scenario: &'a Scenario) -> &'a str {
        match (&self.hop, &scenario.page, self.step) {
            (Some(hop), ..) => &hop.path,
            (None, Some(page), _) => &page.path,
            (None, None, Step::Home) => &scenario.home_path,
            (None, None, Step::FormPage) => scenario.form_page().unwrap_or("/"),
            (None, None, _) => &scenario.buy_paths[self.order.product],
        }
    }

    fn body_use(&self, scenario: &Scenario) -> BodyUse {
        if let Some(page) = &scenario.page {
            return page.body_use();
        }
        match self.step {
            Step::Home => scenario.home_body(),
            Step::FormPage => BodyUse::Keep {
                limit: FORM_PAGE_LIMIT,
            },
            Step::Buy | Step::Done => scenario.buy_body(),
        }
    }

    fn exchange(&mut self) -> &mut Exchange {
        match self.step {
            Step::Home => &mut self.row.home,
            Step::FormPage => &mut self.row.site.get_or_insert_default().form_page,
            Step::Buy | Step::Done => &mut self.row.buy,
        }
    }
}

fn note_interruption(exchange: &mut Exchange, at: Stamp) {
    exchange.failure = Some(FailureKind::Interrupted.into());
    if exchange.started.is_some() {
        exchange.stopped = Some(at);
        exchange.seen = Some(at);
    }
}

#[cfg(test)]
#[path = "shopper_tests.rs"]
mod tests;
