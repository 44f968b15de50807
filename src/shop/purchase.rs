//! Purchases at the desk: the checks before the work, the booking after it, the answer.

use super::desk::{Answer, Desk, csrf_cookie};
use super::faults::FaultKind;
use super::form::{Form, FormError};
use super::http::{Persistence, Request};
use super::inventory::Product;
use super::pages;
use super::report::Report;
use super::response::{JSON, MISSING_BYTES};
use crate::time::clock::Stamp;

/// What a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer is written.
    Answered,
    /// A purchase to be processed, then booked and answered.
    Purchase(Order),
    /// A fault that replaces the answer: `Reset`, `Stall` or `Close`.
    Struck(FaultKind),
}

/// A purchase that passed the first checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    product: Product,
    quantity: Result<u32, FormError>,
    profiled: bool,
    /// Whether the client wants to keep the connection.
    pub persistence: Persistence,
    /// How the answer is corrupted.
    pub fault: Option<FaultKind>,
}

/// The result of a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sale {
    /// This number of pieces is sold.
    Sold(u32),
    /// Refused, with the reason.
    Refused(String),
}

/// The observed starts and ends of the stages of a purchase.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// When a worker took it up.
    pub taken_up: Stamp,
    /// When its second stage began.
    pub second_stage: Stamp,
    /// When it was booked.
    pub stopped: Stamp,
}

impl Desk {
    /// The checks before a purchase's work, and the fault that may apply to it.
    pub(super) fn purchase(
        &mut self,
        product: Product,
        profiled: bool,
        request: &Request<'_>,
        now: Stamp,
        out: &mut Vec<u8>,
    ) -> Outcome {
        self.stats.purchase_requests += 1;
        let form = Form::read(request.body);
        if self.csrf && (form.csrf.is_none() || form.csrf.as_deref() != csrf_cookie(request)) {
            self.stats.forbidden += 1;
            self.csrf_failure(request, now, out);
            return Outcome::Answered;
        }
        if let Some(email) = &form.email {
            self.emails.count(email);
        }
        let fault = self.dealer.next_purchase();
        if let Some(kind) = fault {
            self.stats.count_fault(kind);
            if !kind.spoils_only_the_answer() {
                return self.strike(kind, request, now, out);
            }
        }
        self.stats.count_in_flight();
        let spoilt_by_close = matches!(
            fault,
            Some(FaultKind::Cut | FaultKind::WrongLength | FaultKind::TlsTruncate)
        );
        Outcome::Purchase(Order {
            product,
            quantity: form.quantity,
            profiled,
            persistence: if spoilt_by_close {
                Persistence::Close
            } else {
                request.persistence
            },
            fault,
        })
    }

    /// Books a purchase whose work is done.
    pub fn book(&mut self, order: &Order) -> Sale {
        let taken = match order.quantity {
            Err(error) => Err(error.message().to_owned()),
            Ok(quantity) => match self.inventory.take(order.product, quantity) {
                Ok(()) => Ok(quantity),
                Err(left) => Err(format!("inventory: only {left} left")),
            },
        };
        self.stats.in_flight -= 1;
        match taken {
            Ok(quantity) => {
                self.stats.purchases += 1;
                self.stats.quantity_sold += u64::from(quantity);
                Sale::Sold(quantity)
            }
            Err(message) => {
                self.stats.refused += 1;
                Sale::Refused(message)
            }
        }
    }

    /// Writes the answer to a purchase that is booked; returns the length of its head.
    pub fn answer(&mut self, order: &Order, sale: &Sale, times: Times, out: &mut Vec<u8>) -> usize {
        let mut answer = Answer::new(order.persistence);
        match sale {
            _ if order.profiled => {
                answer.media_type = JSON;
                self.write_report(sale, times);
            }
            Sale::Sold(quantity) => self.body = pages::thanks(order.product, *quantity),
            Sale::Refused(message) => self.body = pages::refused(order.product, message),
        }
        if order.fault == Some(FaultKind::WrongLength) {
            answer.length_off_by = MISSING_BYTES;
        }
        answer.ends_with_stream = order.fault == Some(FaultKind::TlsTruncate);
        self.write(answer, times.stopped, out)
    }

    fn strike(
        &mut self,
        kind: FaultKind,
        request: &Request<'_>,
        now: Stamp,
        out: &mut Vec<u8>,
    ) -> Outcome {
        let mut answer = Answer::to(request);
        let text = match kind {
            FaultKind::Csrf => {
                self.csrf_failure(request, now, out);
                return Outcome::Answered;
            }
            FaultKind::Error500 => {
                answer.status = "500 Internal Server Error";
                "Something went wrong in the shop."
            }
            FaultKind::Error502 => {
                answer.status = "502 Bad Gateway";
                "The server behind this one did not answer properly."
            }
            FaultKind::Html => "This is a page where a report should be.",
            _ => return Outcome::Struck(kind),
        };
        self.body = pages::status(answer.status, text);
        self.write(answer, now, out);
        Outcome::Answered
    }

    fn csrf_failure(&mut self, request: &Request<'_>, now: Stamp, out: &mut Vec<u8>) {
        let mut answer = Answer::to(request);
        answer.status = "403 Forbidden";
        self.body = pages::csrf_failure();
        self.write(answer, now, out);
    }

    fn write_report(&mut self, sale: &Sale, times: Times) {
        let report = Report {
            figures: self.meter.figures(times.stopped),
            memory: self.meter.memory(),
            error: match sale {
                Sale::Sold(_) => "",
                Sale::Refused(message) => message,
            },
            started: times.taken_up,
            second_stage: self.rest.then_some(times.second_stage),
            stopped: times.stopped,
        };
        self.body.clear();
        report.write(&self.clock, &mut self.local_time, &mut self.body);
    }
}
