//! The shop's desk: from a request to its answer. No sockets; `now` is an argument.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;

use super::faults::{Dealer, FaultKind};
use super::http::{Method, Persistence, Refusal, Request};
use super::inventory::{APPS, Inventory, Product};
use super::meter::Meter;
use super::pages;
use super::purchase::Order;
use super::response::{DateHeader, HTML, JSON, Response};
use super::route::{Route, path_and_query};
use super::settings::Settings;
use super::stats::{Emails, Stats};
use crate::time::clock::{Clock, Stamp};
use crate::time::writing::WallClockFormat;

/// What is to be done about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer is written.
    Answered,
    /// A purchase to be worked on, then booked and answered.
    Purchase(Order),
    /// A fault instead of an answer: `Reset`, `Stall` or `Close`.
    Struck(FaultKind),
}

/// The desk.
#[derive(Debug)]
pub struct Desk {
    /// The counts.
    pub stats: Stats,
    pub(super) meter: Meter,
    /// Purchases booked when the meter was last read.
    metered: u64,
    pub(super) clock: Clock,
    pub(super) rest: bool,
    pub(super) csrf: bool,
    homes: [String; APPS.len()],
    pub(super) inventory: Inventory,
    pub(super) emails: Emails,
    pub(super) dealer: Dealer,
    date: DateHeader,
    pub(super) local_time: WallClockFormat,
    /// The body being written, kept for its memory.
    pub(super) body: String,
    token_keys: RandomState,
    tokens: u64,
}

impl Desk {
    /// A desk with a full inventory.
    pub fn new(settings: &Settings, clock: Clock) -> io::Result<Desk> {
        Ok(Desk {
            stats: Stats::default(),
            meter: Meter::start(clock.now())?,
            metered: 0,
            clock,
            rest: settings.rest,
            csrf: settings.csrf,
            homes: [0, 1].map(|app| pages::home(app, settings.home_size.bytes())),
            inventory: Inventory::new(settings.inventory),
            emails: Emails::default(),
            dealer: Dealer::new(&settings.faults),
            date: DateHeader::default(),
            local_time: WallClockFormat::local(),
            body: String::new(),
            token_keys: RandomState::new(),
            tokens: 0,
        })
    }

    /// Whether the next connection is to be refused; counts it.
    pub fn refuses_connection(&mut self) -> bool {
        self.stats.connections_accepted += 1;
        let refuses = self.dealer.refuses_connection();
        if refuses {
            self.stats.count_fault(FaultKind::Refuse);
        }
        refuses
    }

    /// Lets the meter take a reading, if purchases were booked since the last one.
    pub fn meter_if_busy(&mut self, now: Stamp) {
        let booked = self.stats.purchases + self.stats.refused;
        if booked != self.metered {
            self.metered = booked;
            self.meter.refresh(now);
        }
    }

    /// Looks at a request and answers it, unless there is more to do first.
    pub fn receive(&mut self, request: &Request<'_>, now: Stamp, out: &mut Vec<u8>) -> Outcome {
        let (path, query) = path_and_query(request.target);
        let route = Route::of(path);
        if route != Route::Stats {
            self.stats.requests += 1;
        }
        let reads = matches!(request.method, Method::Get | Method::Head);
        let allowed = match route {
            Route::Purchase { .. } => request.method == Method::Post,
            Route::Home(_) | Route::Details(_) | Route::Stats => reads,
            Route::MissingSlash | Route::Unknown => true,
        };
        let mut answer = Answer::to(request);
        if !allowed {
            self.stats.method_not_allowed += u64::from(route != Route::Stats);
            answer.status = "405 Method Not Allowed";
            answer.headers = match route {
                Route::Purchase { .. } => "Allow: POST\r\n",
                _ => "Allow: GET, HEAD\r\n",
            };
            self.body = pages::status(answer.status, "This page does not take that method.");
            self.write(answer, now, out);
            return Outcome::Answered;
        }
        match route {
            Route::Home(app) => {
                self.stats.home += 1;
                let date = self.date.at(self.clock.unix_nanos(now));
                answer.with(self.homes[app].as_bytes()).write(date, out);
            }
            Route::Details(product) => self.details(product, request, now, out),
            Route::Purchase { product, profiled } => {
                return self.purchase(product, profiled, request, now, out);
            }
            Route::Stats => {
                self.body = self.stats.json(&self.emails, &self.inventory);
                answer.media_type = JSON;
                self.write(answer, now, out);
            }
            Route::MissingSlash => {
                self.stats.redirects += 1;
                let location = format!("Location: {path}/{query}\r\n");
                answer.status = "301 Moved Permanently";
                answer.headers = &location;
                self.body.clear();
                self.write(answer, now, out);
            }
            Route::Unknown => {
                self.stats.not_found += 1;
                answer.status = "404 Not Found";
                self.body = pages::status(answer.status, "There is no such page or product here.");
                self.write(answer, now, out);
            }
        }
        Outcome::Answered
    }

    /// Answers what is no request.
    pub fn refuse(&mut self, refusal: Refusal, now: Stamp, out: &mut Vec<u8>) {
        self.stats.requests += 1;
        self.stats.malformed += 1;
        let (status, text) = match refusal {
            Refusal::Malformed(what) => ("400 Bad Request", what),
            Refusal::BodyTooLarge => ("413 Content Too Large", "The body is too large."),
            Refusal::HeadTooLarge => (
                "431 Request Header Fields Too Large",
                "The request head is too large.",
            ),
            Refusal::UnknownCoding => ("501 Not Implemented", "Unknown transfer coding."),
            Refusal::UnknownVersion => (
                "505 HTTP Version Not Supported",
                "This is not HTTP/1.0 or 1.1.",
            ),
        };
        self.body = pages::status(status, text);
        let mut answer = Answer::new(Persistence::Close);
        answer.status = status;
        self.write(answer, now, out);
    }

    fn details(&mut self, product: Product, request: &Request<'_>, now: Stamp, out: &mut Vec<u8>) {
        self.stats.details += 1;
        let left = self.inventory.left(product);
        let mut answer = Answer::to(request);
        if !self.csrf {
            self.body = pages::details(product, left, None);
            self.write(answer, now, out);
            return;
        }
        let token = match csrf_cookie(request) {
            Some(token) => token.to_owned(),
            None => self.new_token(),
        };
        let cookie = format!("Set-Cookie: csrftoken={token}; Path=/; SameSite=Lax\r\n");
        answer.headers = &cookie;
        self.body = pages::details(product, left, Some(&token));
        self.write(answer, now, out);
    }

    pub(super) fn write(&mut self, answer: Answer<'_>, now: Stamp, out: &mut Vec<u8>) -> usize {
        let date = self.date.at(self.clock.unix_nanos(now));
        answer.with(self.body.as_bytes()).write(date, out)
    }

    fn new_token(&mut self) -> String {
        self.tokens += 2;
        let [one, two] = [self.tokens, self.tokens + 1].map(|n| self.token_keys.hash_one(n));
        format!("{one:016x}{two:016x}")
    }
}

/// A response as long as its body is not known.
pub(super) type Answer<'a> = Response<'a>;

impl<'a> Answer<'a> {
    pub(super) fn new(persistence: Persistence) -> Answer<'a> {
        Response {
            status: "200 OK",
            persistence,
            headers: "",
            media_type: HTML,
            body: b"",
            head_only: false,
            length_off_by: 0,
        }
    }

    pub(super) fn to(request: &Request<'_>) -> Answer<'a> {
        let mut answer = Answer::new(request.persistence);
        answer.head_only = request.method == Method::Head;
        answer
    }

    fn with(self, body: &'a [u8]) -> Response<'a> {
        Response { body, ..self }
    }
}

/// The `csrftoken` cookie, if it is one this shop could have given.
pub(super) fn csrf_cookie<'a>(request: &Request<'a>) -> Option<&'a str> {
    let cookies = str::from_utf8(request.cookie?).ok()?;
    let token = cookies
        .split(';')
        .find_map(|cookie| cookie.trim().strip_prefix("csrftoken="))?;
    let plain = token.len() == 32 && token.bytes().all(|b| b.is_ascii_alphanumeric());
    plain.then_some(token)
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
