//! What one shopper leaves behind.

use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::ServerReport;
use crate::time::clock::Stamp;

/// One shopper's figures: a row of the CSV and a sample of the summary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The level of `-c`; of a shopper who came by the clock, those in flight at its launch, itself
    /// included, or, if it was not launched, those who were.
    pub concurrent_requests: u64,
    /// When the plan wanted this shopper launched.
    pub due: Option<Stamp>,
    /// The home page.
    pub home: Exchange,
    /// The purchase.
    pub buy: Exchange,
    /// What the servers said of the purchase, where a readable report came.
    pub report: Option<ServerReport>,
    /// Whether only what the 28 columns of a report say is known: neither when the shopper was due,
    /// nor what lies between start and stop of its requests, nor whose clock stopped them.
    pub is_bare: bool,
}

impl Row {
    /// Whether the purchase satisfied on both sides: HTTP 200 with a readable report in which the
    /// main server did not say `result: false`.
    pub fn bought(&self) -> bool {
        self.buy.satisfied()
            && self
                .report
                .as_ref()
                .is_some_and(|report| report.main.result != Some(false))
    }
}

/// One request as the client measured it, over all its redirects.
///
/// The instants follow one another: `started ≤ connected ≤ sent` belong to the first hop,
/// `first_byte ≤ stopped ≤ seen` to the response that ended it, so that what lies between any two of
/// them adds up to the whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    /// Just before `connect()`, or before the first `write()` on a connection that was open already.
    /// Absent where the request was never begun.
    pub started: Option<Stamp>,
    /// When the program saw that the handshake was over; on an open connection, the start.
    pub connected: Option<Stamp>,
    /// Just before the write that took the last byte of the request: an answer can arrive within it.
    /// Absent too where the answer did not wait for that byte.
    pub sent: Option<Stamp>,
    /// When the first bytes of the final response arrived.
    pub first_byte: Option<Stamp>,
    /// When the last byte of the response arrived, of a body without a length the end of the stream,
    /// or when the failure was seen.
    pub stopped: Option<Stamp>,
    /// When the program got that last byte.
    pub seen: Option<Stamp>,
    /// Whose clock `stopped` has.
    pub clock: ClockSource,
    /// The client's port of the last connection, where it was asked for.
    pub local_port: Option<u16>,
    /// Redirects followed.
    pub redirects: u8,
    /// From the arrival of each redirect to the start of the request that it asked for, all together,
    /// nanoseconds: the client's own share of the elapsed time, within the wait.
    pub hop_delay: i64,
    /// The status of the last response received.
    pub status: Option<u16>,
    /// Why it did not satisfy; absent for HTTP 200 without a client-side error.
    pub failure: Option<Failure>,
}

/// The parts of a request's elapsed time, nanoseconds; together they are all of it.
///
/// A part that the request did not come to is absent. The one in which it failed lasts until the
/// failure, so that a request that timed out waiting shows where its time went. None is negative as long as
/// the two clocks agree: each instant is read before what the next one marks can happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// From the start until the handshake was seen to be over.
    pub connect: Option<i64>,
    /// Until just before the write that took the last byte of the request.
    pub send: Option<i64>,
    /// Until the first byte of the final response came; redirects and new tries are within.
    pub wait: Option<i64>,
    /// Until its last byte came.
    pub receive: Option<i64>,
}

/// A part of a request's elapsed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// From the start until the handshake was seen to be over.
    Connect,
    /// Until just before the write that took the last byte of the request.
    Send,
    /// Until the first byte of the final response came.
    Wait,
    /// Until its last byte came.
    Receive,
}

impl Phase {
    /// All of them, in the order in which they follow one another.
    pub const ALL: [Phase; 4] = [Phase::Connect, Phase::Send, Phase::Wait, Phase::Receive];

    /// The name in the outputs.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Connect => "connect",
            Phase::Send => "send",
            Phase::Wait => "wait",
            Phase::Receive => "receive",
        }
    }
}

impl Phases {
    /// One of them.
    pub fn of(&self, phase: Phase) -> Option<i64> {
        match phase {
            Phase::Connect => self.connect,
            Phase::Send => self.send,
            Phase::Wait => self.wait,
            Phase::Receive => self.receive,
        }
    }

    /// The parts in that order.
    pub fn parts(&self) -> [Option<i64>; 4] {
        [self.connect, self.send, self.wait, self.receive]
    }
}

/// Where a figure or an error comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The home page, as the client saw it.
    Home,
    /// The purchase, as the client saw it.
    Buy,
    /// The main server, by its report.
    Server,
    /// The second server, by its report.
    Rest,
}

impl Source {
    /// The name in the outputs.
    pub fn name(self) -> &'static str {
        match self {
            Source::Home => "home",
            Source::Buy => "buy",
            Source::Server => "server",
            Source::Rest => "rest",
        }
    }
}

/// Whose clock says when bytes arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockSource {
    /// This process's, read as soon as it had the bytes.
    #[default]
    User,
    /// The kernel's, when the segment came in.
    Kernel,
}

/// When bytes arrived, and when the program got them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When the last of them came in.
    pub at: Stamp,
    /// When the program had them; never before `at`.
    pub seen: Stamp,
    /// Whose clock `at` has.
    pub clock: ClockSource,
}

impl ClockSource {
    /// The name in the outputs.
    pub fn name(self) -> &'static str {
        match self {
            ClockSource::User => "user",
            ClockSource::Kernel => "kernel",
        }
    }
}

impl Arrival {
    /// An arrival of which nothing is known but when the program saw it.
    pub fn seen_at(seen: Stamp) -> Arrival {
        Arrival {
            at: seen,
            seen,
            clock: ClockSource::User,
        }
    }
}

impl Exchange {
    /// Nanoseconds from start to stop.
    pub fn elapsed(&self) -> Option<i64> {
        Some(self.stopped?.since(self.started?))
    }

    /// Nanoseconds from the arrival of the last byte to the moment the program had it.
    pub fn seen_delay(&self) -> Option<i64> {
        Some(self.seen?.since(self.stopped?))
    }

    /// Where the elapsed time went; absent where the request was never begun or never ended.
    pub fn phases(&self) -> Option<Phases> {
        let ends = [
            self.connected,
            self.sent,
            self.first_byte,
            Some(self.stopped?),
        ];
        let mut begin = Some(self.started?);
        let mut parts = [None; 4];
        for (place, end) in ends.into_iter().enumerate() {
            let next = ends[place..].iter().find_map(|end| *end);
            parts[place] = begin.zip(next).map(|(begin, end)| end.since(begin));
            begin = end;
        }
        let [connect, send, wait, receive] = parts;
        Some(Phases {
            connect,
            send,
            wait,
            receive,
        })
    }

    /// Whether the end is that of a whole response, whatever it said.
    pub fn has_whole_response(&self) -> bool {
        let is_of_answer = |failure: &Failure| {
            matches!(
                failure.kind,
                FailureKind::Status(_) | FailureKind::CsrfRefused | FailureKind::BadReport
            )
        };
        self.status.is_some() && self.failure.as_ref().is_none_or(is_of_answer)
    }

    /// A response came, and nothing was wrong with it on the client's side.
    pub fn satisfied(&self) -> bool {
        self.status.is_some() && self.failure.is_none()
    }
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
