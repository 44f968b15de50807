//! The shop's desk: what all its answers are made from. No sockets; `now` is an argument.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;

use super::faults::{Dealer, FaultKind};
use super::http::{Method, Persistence, Request};
use super::inventory::{APPS, Inventory};
use super::meter::Meter;
use super::pages;
use super::response::{DateHeader, HTML, Response};
use super::settings::Settings;
use super::stats::{Emails, Stats};
use crate::time::clock::{Clock, Stamp};
use crate::time::writing::WallClockFormat;

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

    /// Counts the next connection; the fault that applies to it.
    pub fn next_connection(&mut self) -> Option<FaultKind> {
        self.stats.connections_accepted += 1;
        let fault = self.dealer.next_connection();
        if let Some(kind) = fault {
            self.stats.count_fault(kind);
        }
        fault
    }

    /// Writes what a server of plain HTTP makes of a TLS handshake.
    pub fn answer_plainly(&mut self, out: &mut Vec<u8>) {
        self.body = pages::status("400 Bad Request", "This is not an HTTP request.");
        let mut answer = Answer::new(Persistence::Close);
        answer.status = "400 Bad Request";
        self.write(answer, self.clock.now(), out);
    }

    /// Lets the meter take a reading, if purchases were booked since the last one.
    pub fn meter_if_busy(&mut self, now: Stamp) {
        let booked = self.stats.purchases + self.stats.refused;
        if booked != self.metered {
            self.metered = booked;
            self.meter.refresh(now);
        }
    }

    pub(super) fn write(&mut self, answer: Answer<'_>, now: Stamp, out: &mut Vec<u8>) -> usize {
        let date = self.date.at(self.clock.unix_nanos(now));
        answer.with(self.body.as_bytes()).write(date, out)
    }

    /// Writes the home page of an application, by its index.
    pub(super) fn write_home(
        &mut self,
        app: usize,
        answer: Answer<'_>,
        now: Stamp,
        out: &mut Vec<u8>,
    ) {
        let date = self.date.at(self.clock.unix_nanos(now));
        answer.with(self.homes[app].as_bytes()).write(date, out);
    }

    /// A CSRF token that was not given before.
    pub(super) fn new_token(&mut self) -> String {
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
            ends_with_stream: false,
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
