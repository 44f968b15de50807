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
pub mod scenario;
pub mod site;
mod visit;

pub use judge::{Answer, judge_purchase};
pub use next::Next;

use crate::http::body_use::BodyUse;
use crate::http::memo::HeadMemo;
use crate::http::response::ResponseParser;
use crate::plan::{Identity, Order};
use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::ReportShape;
use crate::row::{Arrival, ClockSource, Exchange, Handshake, Row};
use crate::time::clock::Stamp;

use hop::Hop;
use judge::refused;
use scenario::{FORM_PAGE_LIMIT, MAX_REDIRECTS, Scenario};
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
        self.row = Row {
            concurrent_requests: level,
            ..Row::default()
        };
    }

    /// Sets what templates ask for beside the order.
    pub fn identify(&mut self, identity: Identity) {
        self.identity = identity;
    }

    /// Records when this shopper was due by the plan.
    pub fn set_due(&mut self, due: Stamp) {
        self.row.due = Some(due);
    }

    /// Stamps the start of the present request, once: redirects and retries are included. The time from
    /// the arrival of a redirect to the start of its request is also added to the hop delay.
    pub fn start(&mut self, now: Stamp) {
        if let Some(visit) = &mut self.visit {
            visit.now = now;
        }
        let redirected = self.redirected.take();
        let exchange = self.exchange();
        exchange.started.get_or_insert(now);
        if let Some(redirected) = redirected {
            exchange.hop_delay += now.since(redirected);
        }
    }

    /// Stamps the end of the handshake, once.
    pub fn note_connected(&mut self, now: Stamp) {
        self.exchange().connected.get_or_insert(now);
    }

    /// Records that a TLS handshake has begun, if it is the one of the first hop.
    pub fn note_handshake(&mut self) {
        let exchange = self.exchange();
        if exchange.sent.is_none() && exchange.handshake == Handshake::None {
            exchange.handshake = Handshake::Unfinished;
        }
    }

    /// Stamps the end of the TLS handshake, once.
    pub fn note_secured(&mut self, now: Stamp, handshake: Handshake) {
        let exchange = self.exchange();
        if exchange.handshake == Handshake::Unfinished {
            exchange.handshake = handshake;
            exchange.secured = Some(now);
        }
    }

    /// Stamps the end of sending, once: `before` was read just before the write that took the last byte.
    /// `is_rest`: earlier writes had taken some.
    pub fn note_sent(&mut self, before: Stamp, is_rest: bool) {
        let exchange = self.exchange();
        if exchange.sent.is_none() && exchange.first_byte.is_none() {
            exchange.sent = Some(before);
            self.is_sent_in_parts = is_rest;
        }
    }

    /// Adds to the send delay: how long the present request could have left before it did, nanoseconds.
    pub fn note_send_delay(&mut self, nanos: i64) {
        self.exchange().send_delay += nanos.max(0);
    }

    /// Takes that many nanoseconds out of the send delay.
    pub fn shorten_send_delay(&mut self, nanos: i64) {
        let delay = &mut self.exchange().send_delay;
        *delay = (*delay - nanos.max(0)).max(0);
    }

    /// Records when the bytes that are passed on next can have arrived at the earliest, as they may be stamped
    /// late.
    pub fn note_earliest(&mut self, at: Stamp) {
        self.earliest = Some(at);
    }

    /// Sets when the first hop's last byte left by the kernel, which replaces the program's own time.
    pub fn note_left(&mut self, at: Stamp) {
        if self.redirects == 0 {
            self.exchange().sent = Some(at);
        }
    }

    /// Records the client's port of the present connection.
    pub fn note_port(&mut self, port: Option<u16>) {
        self.exchange().local_port = port;
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

    /// Takes bytes that arrived. `may_precede`: on a connection that was idle before the present
    /// request, some of these first bytes may have arrived before it.
    pub fn receive(
        &mut self,
        scenario: &Scenario,
        memory: &mut Memory,
        bytes: &[u8],
        arrival: Arrival,
        may_precede: bool,
    ) -> Next {
        let interim_heads = self.parser.interim_heads();
        let fed = self.parser.feed_in_place(bytes, &mut memory.heads);
        // The wait ends with the final response; interim ones come before the work is done.
        let is_new_head = self.parser.interim_heads() != interim_heads;
        let is_first = is_new_head || self.exchange().first_byte.is_none();
        if is_first {
            let has_begun = fed.is_err() || self.parser.has_begun_final();
            let is_sent_in_parts = self.is_sent_in_parts;
            let exchange = self.exchange();
            exchange.first_byte = has_begun.then_some(arrival.at);
            // An answer that did not wait for the end of the request: no wait lies between the two.
            if is_sent_in_parts && exchange.sent > Some(arrival.at) {
                exchange.sent = None;
            }
        }
        match fed {
            Err(failure) => self.fail(scenario, failure, arrival.seen),
            Ok(_) if !self.parser.is_complete() => Next::Wait,
            // Two answers to one request, of which one is unsolicited; or the server's notice that it
            // closes an idle connection, which crossed the request. A GET may be sent again (RFC 9112
            // sections 9.2 and 9.3.1, RFC 9110 section 15.5.9).
            Ok(consumed)
                if may_precede
                    && !self.is_post()
                    && (consumed < bytes.len() || self.parser.status() == Some(408)) =>
            {
                self.ask_again(scenario)
            }
            Ok(consumed) => {
                let clean = consumed == bytes.len();
                self.complete(scenario, memory, bytes, arrival, clean)
            }
        }
    }

    /// The server closed the connection: the last byte of a body without a length arrived before,
    /// but only now is it known to be the last.
    pub fn end_stream(&mut self, scenario: &Scenario, at: Stamp) -> Next {
        match self.parser.end() {
            Err(failure) => self.fail(scenario, failure, at),
            Ok(()) => {
                let memory = &mut Memory::default();
                self.complete(scenario, memory, &[], Arrival::seen_at(at), false)
            }
        }
    }

    fn ask_again(&mut self, scenario: &Scenario) -> Next {
        self.parser.reset(self.body_use(scenario));
        self.exchange().first_byte = None;
        Next::Request { reuse: false }
    }

    /// The present request failed; the shopper continues with the next step.
    pub fn fail(&mut self, scenario: &Scenario, failure: Failure, at: Stamp) -> Next {
        let status = self.parser.status();
        if self.visit.is_some() {
            self.note_no_token(scenario, &failure);
        }
        let exchange = self.exchange();
        exchange.status = status.or(exchange.status);
        exchange.failure = Some(failure);
        self.leave_step(scenario, Arrival::seen_at(at), false)
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

    /// Takes the row, once [`Next::Done`] was returned, and frees large buffers.
    pub fn take_row(&mut self) -> Row {
        debug_assert_eq!(self.step, Step::Done);
        let home_body = self.visit.as_ref().map(|visit| visit.home_body);
        self.parser.reset(home_body.unwrap_or(BodyUse::Count));
        std::mem::take(&mut self.row)
    }

    /// Notes how late the last bytes of a response may have been stamped. A connection that is kept has no end
    /// that could be stamped.
    fn note_late_stamp(&mut self, scenario: &Scenario, arrival: Arrival, clean: bool) {
        let is_kept = self.parser.head().is_some_and(|head| head.keep_alive);
        let is_kept = is_kept && clean && scenario.keep_alive;
        let earliest = self.earliest.take();
        let earliest = earliest.filter(|_| !is_kept || arrival.clock == ClockSource::User);
        if let Some(earliest) = earliest {
            // Never 0, which stands for a timestamp that is right.
            self.exchange().stamp_delay += arrival.at.since(earliest).max(1);
        }
    }

    /// `bytes`: those that completed the response.
    fn complete(
        &mut self,
        scenario: &Scenario,
        memory: &mut Memory,
        bytes: &[u8],
        arrival: Arrival,
        clean: bool,
    ) -> Next {
        self.note_late_stamp(scenario, arrival, clean);
        if let Some(site) = &scenario.site {
            self.take_fields(scenario, site);
        }
        let head = self.parser.head().expect("a complete response has a head");
        // Bytes after the response belong to no request: such a connection is not used
        // again.
        let reuse = clean && head.keep_alive && scenario.keep_alive;
        let status = head.status;
        if matches!(status, 301 | 302 | 303 | 307 | 308) && !self.is_expected(scenario, status) {
            let keeps_method = self.is_post() && self.keeps_method(scenario, status);
            let location = head.location.as_deref();
            let next = match self.redirects {
                MAX_REDIRECTS => Err(FailureKind::TooManyRedirects.into()),
                _ => Hop::to(scenario, self.path(scenario), location, keeps_method),
            };
            self.exchange().status = Some(status);
            return match next {
                Ok(hop) => {
                    self.hop = Some(hop);
                    self.redirected = Some(arrival.at);
                    self.redirects += 1;
                    // That was not the response that ends it.
                    self.exchange().first_byte = None;
                    self.parser.reset(self.body_use(scenario));
                    Next::Request { reuse }
                }
                Err(failure) => self.fail(scenario, failure, arrival.seen),
            };
        }
        let (report, failure) = match self.step {
            Step::Home => (
                None,
                (status != 200).then(|| refused(status, self.parser.body_in(bytes))),
            ),
            Step::FormPage => (
                None,
                (status != 200).then(|| refused(status, self.parser.body_in(bytes))),
            ),
            Step::Buy | Step::Done => {
                let answer = Answer {
                    status,
                    body: self.parser.body_in(bytes),
                    coding: head.coding.as_deref(),
                    has_timing: head.has_timing,
                };
                match &scenario.site {
                    None => judge_purchase(&answer, &mut memory.shape),
                    Some(site) => self.judge_site(site, &answer, &mut memory.shape),
                }
            }
        };
        if let Some(site) = &scenario.site
            && self.visit.is_some()
        {
            self.take_token(scenario, site, status, bytes);
        }
        if report.is_some() {
            self.row.report = report;
        }
        let exchange = self.exchange();
        exchange.status = Some(status);
        exchange.failure = failure;
        self.leave_step(scenario, arrival, reuse)
    }

    fn leave_step(&mut self, scenario: &Scenario, arrival: Arrival, reuse: bool) -> Next {
        let redirects = self.redirects;
        let exchange = self.exchange();
        exchange.stopped = Some(arrival.at);
        exchange.seen = Some(arrival.seen);
        exchange.clock = arrival.clock;
        exchange.redirects = redirects;
        self.redirects = 0;
        self.redirected = None;
        self.is_sent_in_parts = false;
        if scenario.page.is_some() {
            self.step = Step::Done;
            return Next::Done { reuse: false };
        }
        self.hop = None;
        match self.step {
            Step::Home => {
                self.step = match scenario.form_page() {
                    Some(_) => Step::FormPage,
                    None => Step::Buy,
                };
                self.parser.reset(self.body_use(scenario));
                Next::Request { reuse }
            }
            Step::FormPage => {
                self.step = Step::Buy;
                self.parser.reset(scenario.buy_body());
                Next::Request { reuse }
            }
            Step::Buy | Step::Done => {
                self.step = Step::Done;
                Next::Done { reuse }
            }
        }
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
