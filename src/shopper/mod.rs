//! One shopper: home, then purchase, each with its redirects. No sockets and no clock in here.
//!
//! ```text
//!            redirect              redirect
//!             ┌────┐                ┌────┐
//!             ▼    │                ▼    │
//!  launch ─► Home ─┴─ done/failed ─► Buy ┴─ done/failed ─► a row
//! ```
//!
//! Bytes and `now` go in; out comes what to do [`Next`].

pub mod scenario;

use crate::http::response::{BodyUse, Head, ResponseParser};
use crate::plan::Order;
use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::{ServerReport, html_title};
use crate::row::{Arrival, Exchange, Row};
use crate::shopper::scenario::{MAX_REDIRECTS, Scenario};
use crate::time::clock::Stamp;

/// What the event loop is to do for a shopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Wait for more bytes.
    Wait,
    /// Send the next request.
    Request {
        /// Whether the present connection may carry it.
        reuse: bool,
    },
    /// The row is whole.
    Done {
        /// Whether the present connection may carry the request of whoever comes next.
        reuse: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Home,
    Buy,
    Done,
}

/// Where a redirect has led.
#[derive(Debug)]
struct Hop {
    path: String,
    /// 307 and 308 keep the method and the body, the others make it a GET.
    posts: bool,
}

/// The state of one shopper.
#[derive(Debug)]
pub struct Shopper {
    order: Order,
    step: Step,
    redirects: u8,
    hop: Option<Hop>,
    parser: ResponseParser,
    /// The last bytes of the present response.
    last_arrival: Option<Arrival>,
    row: Row,
}

impl Shopper {
    /// A shopper before the home request; `level` goes into the row as `concurrent_requests`.
    pub fn new(order: Order, level: u64) -> Shopper {
        Shopper {
            order,
            step: Step::Home,
            redirects: 0,
            hop: None,
            parser: ResponseParser::new(BodyUse::Count),
            last_arrival: None,
            row: Row {
                concurrent_requests: level,
                ..Row::default()
            },
        }
    }

    /// Makes it the next shopper, who has the buffers of the last one.
    pub fn renew(&mut self, order: Order, level: u64) {
        self.order = order;
        self.step = Step::Home;
        self.redirects = 0;
        self.hop = None;
        self.parser.reset(BodyUse::Count);
        self.last_arrival = None;
        self.row = Row {
            concurrent_requests: level,
            ..Row::default()
        };
    }

    /// Remembers when the plan wanted this shopper launched.
    pub fn is_due(&mut self, due: Stamp) {
        self.row.due = Some(due);
    }

    /// Stamps the start of the present request, once: redirects and new tries are within its time.
    pub fn starts(&mut self, now: Stamp) {
        self.exchange().started.get_or_insert(now);
    }

    /// Stamps the end of the handshake, once.
    pub fn is_connected(&mut self, now: Stamp) {
        self.exchange().connected.get_or_insert(now);
    }

    /// Stamps the end of sending, once.
    pub fn has_sent(&mut self, now: Stamp) {
        self.exchange().sent.get_or_insert(now);
    }

    /// The kernel's word on when the first hop's last byte left stands above the program's own.
    pub fn has_left(&mut self, at: Stamp) {
        if self.redirects == 0 {
            self.exchange().sent = Some(at);
        }
    }

    /// Remembers the client's port of the present connection.
    pub fn has_port(&mut self, port: Option<u16>) {
        self.exchange().local_port = port;
    }

    /// When the present request started.
    pub fn started(&self) -> Option<Stamp> {
        match self.step {
            Step::Home => self.row.home.started,
            Step::Buy | Step::Done => self.row.buy.started,
        }
    }

    /// Appends the bytes of the present request.
    pub fn write_request(&self, scenario: &Scenario, out: &mut Vec<u8>) {
        let path = self.path(scenario);
        if !self.posts() {
            return scenario.requests.get(path, out);
        }
        let form_bytes = self.order.form_bytes() + scenario.form_suffix.len();
        scenario.requests.post(path, form_bytes, out);
        self.order.write_form(out);
        out.extend_from_slice(&scenario.form_suffix);
    }

    /// Whether the present request changes something on the server, and so must not be sent twice.
    pub fn posts(&self) -> bool {
        match &self.hop {
            Some(hop) => hop.posts,
            None => self.step == Step::Buy,
        }
    }

    /// Whether the home page is through (or has failed).
    pub fn is_buying(&self) -> bool {
        self.step != Step::Home
    }

    /// Whether any byte of the present response has come.
    pub fn has_answer(&self) -> bool {
        self.parser.has_begun()
    }

    /// Takes bytes that arrived.
    pub fn receives(&mut self, scenario: &Scenario, bytes: &[u8], arrival: Arrival) -> Next {
        if self.last_arrival.is_none() {
            self.exchange().first_byte = Some(arrival.at);
        }
        self.last_arrival = Some(arrival);
        match self.parser.feed(bytes) {
            Err(failure) => self.fails(scenario, failure, arrival.seen),
            Ok(_) if !self.parser.is_complete() => Next::Wait,
            Ok(consumed) => self.completes(scenario, consumed == bytes.len()),
        }
    }

    /// The server closed the connection.
    pub fn sees_end(&mut self, scenario: &Scenario, at: Stamp) -> Next {
        match self.parser.end() {
            Err(failure) => self.fails(scenario, failure, at),
            // The last byte came before the end of the stream did.
            Ok(()) => self.completes(scenario, false),
        }
    }

    /// The present request failed; the shopper goes on to the next step.
    pub fn fails(&mut self, scenario: &Scenario, failure: Failure, at: Stamp) -> Next {
        let status = self.parser.status();
        let exchange = self.exchange();
        exchange.status = status.or(exchange.status);
        exchange.failure = Some(failure);
        self.leaves_step(scenario, Arrival::seen_at(at), false)
    }

    /// A signal ended the run: what was not done stays undone.
    pub fn is_interrupted(&mut self, at: Stamp) {
        let (status, redirects) = (self.parser.status(), self.redirects);
        let exchange = self.exchange();
        exchange.status = status.or(exchange.status);
        exchange.redirects = redirects;
        if self.step == Step::Home {
            interrupt(&mut self.row.home, at);
        }
        if self.step != Step::Done {
            interrupt(&mut self.row.buy, at);
        }
        self.step = Step::Done;
    }

    /// Takes the row, once [`Next::Done`] was said.
    pub fn take_row(&mut self) -> Row {
        debug_assert_eq!(self.step, Step::Done);
        std::mem::take(&mut self.row)
    }

    fn completes(&mut self, scenario: &Scenario, clean: bool) -> Next {
        let arrival = self.last_arrival.expect("a complete response has arrived");
        let head = self.parser.head().expect("a complete response has a head");
        // Bytes after the response belong to nothing that was asked: such a connection is not used
        // again.
        let reuse = clean && head.keep_alive && scenario.keep_alive;
        let status = head.status;
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            let next = self.redirected(scenario, status);
            self.exchange().status = Some(status);
            return match next {
                Ok(hop) => {
                    self.hop = Some(hop);
                    self.redirects += 1;
                    self.last_arrival = None;
                    // That was not the response that ends it.
                    self.exchange().first_byte = None;
                    self.parser.reset(self.body_use(scenario));
                    Next::Request { reuse }
                }
                Err(failure) => self.fails(scenario, failure, arrival.seen),
            };
        }
        let (report, failure) = match self.step {
            Step::Home => (
                None,
                (status != 200).then(|| FailureKind::Status(status).into()),
            ),
            _ => judge_purchase(status, self.parser.body()),
        };
        if report.is_some() {
            self.row.report = report;
        }
        let exchange = self.exchange();
        exchange.status = Some(status);
        exchange.failure = failure;
        self.leaves_step(scenario, arrival, reuse)
    }

    fn redirected(&self, scenario: &Scenario, status: u16) -> Result<Hop, Failure> {
        if self.redirects == MAX_REDIRECTS {
            return Err(FailureKind::TooManyRedirects.into());
        }
        let location = self
            .parser
            .head()
            .and_then(|head: &Head| head.location.as_deref());
        Ok(Hop {
            path: scenario.redirect(self.path(scenario), location)?,
            posts: self.posts() && matches!(status, 307 | 308),
        })
    }

    fn leaves_step(&mut self, scenario: &Scenario, arrival: Arrival, reuse: bool) -> Next {
        let redirects = self.redirects;
        let exchange = self.exchange();
        exchange.stopped = Some(arrival.at);
        exchange.seen = Some(arrival.seen);
        exchange.clock = arrival.clock;
        exchange.redirects = redirects;
        self.hop = None;
        self.last_arrival = None;
        self.redirects = 0;
        match self.step {
            Step::Home => {
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
        match (&self.hop, self.step) {
            (Some(hop), _) => &hop.path,
            (None, Step::Home) => &scenario.home_path,
            (None, _) => &scenario.buy_paths[self.order.product],
        }
    }

    fn body_use(&self, scenario: &Scenario) -> BodyUse {
        match self.step {
            Step::Home => BodyUse::Count,
            Step::Buy | Step::Done => scenario.buy_body(),
        }
    }

    fn exchange(&mut self) -> &mut Exchange {
        match self.step {
            Step::Home => &mut self.row.home,
            Step::Buy | Step::Done => &mut self.row.buy,
        }
    }
}

fn interrupt(exchange: &mut Exchange, at: Stamp) {
    exchange.failure = Some(FailureKind::Interrupted.into());
    if exchange.started.is_some() {
        exchange.stopped = Some(at);
        exchange.seen = Some(at);
    }
}

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
    // A server may report on its own failure; an object without a single figure is no report.
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

#[cfg(test)]
#[path = "shopper_tests.rs"]
mod tests;
