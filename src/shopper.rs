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

use crate::clock::Stamp;
use crate::failure::{Failure, FailureKind};
use crate::http::response::{BodyUse, Head, ResponseParser};
use crate::plan::Order;
use crate::row::{Arrival, Exchange, Row};
use crate::scenario::{MAX_REDIRECTS, Scenario};
use crate::server_report::{ServerReport, html_title};

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
    Done,
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
        let status = self.parser.status();
        let exchange = self.exchange();
        exchange.status = status.or(exchange.status);
        if self.step == Step::Home {
            interrupt(&mut self.row.home, at);
        }
        if self.step != Step::Done {
            interrupt(&mut self.row.buy, at);
        }
        self.step = Step::Done;
    }

    /// The row, once [`Next::Done`] was said.
    pub fn into_row(self) -> Row {
        debug_assert_eq!(self.step, Step::Done);
        self.row
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
                Next::Done
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
                Some(Failure::with_detail(FailureKind::BadReport, &why)),
            ),
        };
    }
    // A server may report on its own failure; an object without a single figure is no report.
    let report = parsed
        .ok()
        .filter(|report| *report != ServerReport::default());
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
mod tests {
    use super::*;
    use crate::http::request::RequestWriter;
    use url::Url;

    const REPORT: &str = r#"{"result": true, "elapsed_seconds": 0.5}"#;

    fn scenario(keep_alive: bool) -> Scenario {
        Scenario {
            base: Url::parse("http://shop:8000").expect("a URL"),
            alias: None,
            requests: RequestWriter::new("shop:8000", "test", &[], &[], keep_alive),
            home_path: "/rdbms".to_owned(),
            buy_paths: vec!["/rdbms/2/purchase/1/".to_owned()],
            form_suffix: Vec::new(),
            keep_alive,
            max_body: 1000,
        }
    }

    fn shopper() -> Shopper {
        let order = Order {
            address: *b"abcdefghij",
            quantity: 12,
            product: 0,
        };
        let mut shopper = Shopper::new(order, 5);
        shopper.starts(Stamp(100));
        shopper
    }

    fn response(status: u16, fields: &str, body: &str) -> Vec<u8> {
        let length = body.len();
        format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\n{fields}\r\n{body}")
            .into_bytes()
    }

    fn sent(shopper: &Shopper, scenario: &Scenario) -> String {
        let mut out = Vec::new();
        shopper.write_request(scenario, &mut out);
        String::from_utf8(out).expect("ASCII")
    }

    fn arrival(at: u64) -> Arrival {
        Arrival::seen_at(Stamp(at))
    }

    const AGAIN: Next = Next::Request { reuse: false };
    const ON: Next = Next::Request { reuse: true };

    #[test]
    fn home_then_purchase_then_a_row() {
        let scenario = scenario(false);
        let mut shopper = shopper();
        assert!(sent(&shopper, &scenario).starts_with("GET /rdbms HTTP/1.1\r\n"));
        let home = response(200, "", "welcome");
        assert_eq!(
            shopper.receives(&scenario, &home[..9], arrival(140)),
            Next::Wait
        );
        assert_eq!(shopper.receives(&scenario, &home[9..], arrival(150)), AGAIN);

        shopper.starts(Stamp(160));
        let request = sent(&shopper, &scenario);
        assert!(
            request.starts_with("POST /rdbms/2/purchase/1/ HTTP/1.1\r\n"),
            "{request}"
        );
        let (head, form) = request.split_once("\r\n\r\n").expect("a whole head");
        assert!(
            head.contains(&format!("Content-Length: {}", form.len())),
            "{head}"
        );
        let address = "abcdefghij%40example.com";
        assert_eq!(
            form,
            format!("email={address}&repeat_email={address}&quantity=12")
        );
        let answer = response(200, "", REPORT);
        assert_eq!(
            shopper.receives(&scenario, &answer, arrival(260)),
            Next::Done
        );

        let row = shopper.into_row();
        assert_eq!(row.concurrent_requests, 5);
        assert_eq!(row.home.elapsed(), Some(50));
        assert_eq!(row.buy.elapsed(), Some(100));
        assert!(row.home.satisfied() && row.buy.satisfied() && row.bought());
        assert_eq!(row.report.expect("a report").main.result, Some(true));
    }

    #[test]
    fn a_failed_home_does_not_stop_the_purchase() {
        let scenario = scenario(false);
        let mut shopper = shopper();
        let refused = FailureKind::ConnectionRefused;
        assert_eq!(shopper.fails(&scenario, refused.into(), Stamp(150)), AGAIN);
        shopper.starts(Stamp(150));
        let answer = response(200, "", REPORT);
        assert_eq!(
            shopper.receives(&scenario, &answer, arrival(160)),
            Next::Done
        );
        let row = shopper.into_row();
        assert_eq!(row.home.failure, Some(refused.into()));
        assert_eq!((row.home.status, row.home.elapsed()), (None, Some(50)));
        assert!(row.bought());
    }

    #[test]
    fn redirects_keep_the_start_and_the_time_runs_over_all_hops() {
        let scenario = scenario(true);
        let mut shopper = shopper();
        let moved = response(301, "Location: /rdbms/\r\n", "");
        assert_eq!(shopper.receives(&scenario, &moved, arrival(110)), ON);
        shopper.starts(Stamp(120));
        assert!(sent(&shopper, &scenario).starts_with("GET /rdbms/ "));
        let page = response(200, "Connection: close\r\n", "x");
        assert_eq!(shopper.receives(&scenario, &page, arrival(150)), AGAIN);
        assert_eq!(shopper.row.home.elapsed(), Some(50));
    }

    #[test]
    fn a_post_is_redirected_as_browsers_do() {
        for (status, method) in [
            (301, "GET"),
            (302, "GET"),
            (303, "GET"),
            (307, "POST"),
            (308, "POST"),
        ] {
            let scenario = scenario(false);
            let mut shopper = shopper();
            shopper.receives(&scenario, &response(200, "", ""), arrival(110));
            let moved = response(status, "Location: /other/\r\n", "");
            assert_eq!(shopper.receives(&scenario, &moved, arrival(120)), AGAIN);
            let request = sent(&shopper, &scenario);
            assert!(
                request.starts_with(&format!("{method} /other/ ")),
                "{status}: {request}"
            );
            assert_eq!(shopper.posts(), method == "POST");
            assert_eq!(request.contains("quantity=12"), method == "POST");
        }
    }

    #[test]
    fn ten_redirects_are_followed_and_no_more() {
        let scenario = scenario(false);
        let mut shopper = shopper();
        let moved = response(302, "Location: /again\r\n", "");
        for _ in 0..10 {
            assert_eq!(shopper.receives(&scenario, &moved, arrival(110)), AGAIN);
            assert!(!shopper.is_buying());
        }
        assert_eq!(shopper.receives(&scenario, &moved, arrival(120)), AGAIN);
        assert!(shopper.is_buying(), "gave up the home page");
        let failure = shopper.row.home.failure.expect("a failure");
        assert_eq!(failure.kind, FailureKind::TooManyRedirects);
        assert_eq!(shopper.row.home.status, Some(302));
    }

    fn judged(status: u16, body: &str) -> Row {
        let scenario = scenario(false);
        let mut shopper = shopper();
        shopper.receives(&scenario, &response(200, "", ""), arrival(110));
        shopper.starts(Stamp(110));
        shopper.receives(&scenario, &response(status, "", body), arrival(120));
        shopper.into_row()
    }

    #[test]
    fn each_kind_of_purchase_answer() {
        let text = |row: &Row| row.buy.failure.as_ref().map(ToString::to_string);

        let refused = judged(200, r#"{"result": false, "error_msg": "sold out"}"#);
        assert!(refused.buy.satisfied(), "the client's side is fine");
        assert!(!refused.bought(), "the server's is not");

        let html = judged(200, "<html><title>Shop</title>");
        assert!(
            text(&html).expect("a failure").contains("titled \"Shop\""),
            "{html:?}"
        );

        let broken = judged(500, "<title>OperationalError\n at /rdbms/</title>");
        assert_eq!(
            text(&broken).as_deref(),
            Some("HTTP 500 Internal Server Error: OperationalError at /rdbms/")
        );
        assert_eq!(broken.buy.status, Some(500));

        let csrf = judged(
            403,
            "<title>403 Forbidden</title> CSRF verification failed.",
        );
        assert_eq!(csrf.buy.failure, Some(FailureKind::CsrfRefused.into()));
        let forbidden = judged(403, "{}");
        assert_eq!(forbidden.buy.failure, Some(FailureKind::Status(403).into()));
        assert_eq!(forbidden.report, None, "an empty object reports nothing");

        let reported = judged(503, REPORT);
        assert!(reported.report.is_some() && !reported.buy.satisfied());

        let created = judged(201, REPORT);
        assert_eq!(text(&created).as_deref(), Some("HTTP 201 Created"));
    }

    #[test]
    fn a_cut_answer_keeps_its_status() {
        let scenario = scenario(false);
        let mut shopper = shopper();
        let page = response(200, "", "welcome");
        shopper.receives(&scenario, &page[..page.len() - 3], arrival(110));
        assert_eq!(shopper.sees_end(&scenario, Stamp(120)), AGAIN);
        let home = &shopper.row.home;
        assert_eq!(home.status, Some(200));
        assert_eq!(
            home.failure.as_ref().map(|f| f.kind),
            Some(FailureKind::ClosedInBody)
        );
        assert!(!home.satisfied());
    }

    #[test]
    fn bytes_after_the_response_spoil_the_connection() {
        let scenario = scenario(true);
        let mut clean = shopper();
        assert_eq!(
            clean.receives(&scenario, &response(200, "", "x"), arrival(110)),
            ON
        );
        let mut spoilt = shopper();
        let more = [response(200, "", "x"), b"more".to_vec()].concat();
        assert_eq!(spoilt.receives(&scenario, &more, arrival(110)), AGAIN);
    }

    #[test]
    fn an_interruption_says_so_for_what_was_not_done() {
        let mut early = shopper();
        early.is_interrupted(Stamp(130));
        let row = early.into_row();
        assert_eq!(row.home.failure, Some(FailureKind::Interrupted.into()));
        assert_eq!(row.home.elapsed(), Some(30));
        assert_eq!(row.buy.failure, Some(FailureKind::Interrupted.into()));
        assert_eq!((row.buy.started, row.buy.stopped), (None, None));

        let scenario = scenario(false);
        let mut late = shopper();
        late.receives(&scenario, &response(200, "", ""), arrival(110));
        late.starts(Stamp(115));
        late.is_interrupted(Stamp(130));
        let row = late.into_row();
        assert!(row.home.satisfied());
        assert_eq!(row.buy.elapsed(), Some(15));
    }
}
