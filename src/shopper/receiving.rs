//! Takes the responses of a shopper's requests: redirects are followed, the last response ends the step.

use crate::row::failure::{Failure, FailureKind};
use crate::row::{Arrival, ClockSource};
use crate::time::clock::Stamp;

use super::hop::Hop;
use super::judge::{Answer, judge_purchase, refused};
use super::next::Next;
use super::scenario::{MAX_REDIRECTS, Scenario};
use super::{Memory, Shopper, Step};

impl Shopper {
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
        if let Some(site) = &scenario.site {
            if self.visit.is_some() {
                self.take_token(scenario, site, status, bytes);
            }
            let is_complete = report.is_some() || failure.is_some();
            if self.step == Step::Buy && !is_complete && site.asks_for_time() {
                self.row.site.get_or_insert_default().is_time_missing = true;
            }
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
}
