//! The observation of one shopper.

use super::tls::Handshake;
use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::ServerReport;
use crate::time::clock::Stamp;

/// One shopper's figures: a row of the CSV and a sample of the summary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The level of `-c`; in an open workload the number of shoppers in flight at the launch, this one
    /// included, or, if it was dropped, the number of those that were in flight.
    pub concurrent_requests: u64,
    /// When this shopper was due by the plan.
    pub due: Option<Stamp>,
    /// The home page.
    pub home: Exchange,
    /// The purchase.
    pub buy: Exchange,
    /// The servers' report on the purchase, if it was readable.
    pub report: Option<ServerReport>,
    /// What else is known about a shopper of an ordinary site; absent for most loads.
    pub site: Option<Box<SiteRow>>,
    /// Whether only the 28 columns of a report are known: neither when the shopper was due,
    /// nor the phases of its requests, nor which clock `stopped` was read from.
    pub is_bare: bool,
}

impl Row {
    /// Nanoseconds from the moment the shopper was due to its start.
    pub fn launch_delay(&self) -> Option<i64> {
        Some(self.home.started?.since(self.due?))
    }

    /// Whether the purchase was successful on both sides: an answer that satisfies, in whose report, where one
    /// is asked for, the main server did not say `result: false`.
    pub fn bought(&self) -> bool {
        let refuses = |report: &ServerReport| report.main.result == Some(false);
        self.buy.satisfied() && !self.report.as_ref().is_some_and(refuses)
    }
}

/// What is known about a shopper beside the contract with a shop that reports.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteRow {
    /// The request for the page of the form, between home and purchase (`--csrf-page`).
    pub form_page: Exchange,
    /// The Server-Timing field of the home page, on one line.
    pub home_timing: Option<Box<str>>,
    /// That of the purchase.
    pub buy_timing: Option<Box<str>>,
    /// Other fields with a time of the home page: the name, seconds.
    pub home_times: Vec<(Box<str>, f64)>,
    /// Those of the purchase.
    pub buy_times: Vec<(Box<str>, f64)>,
    /// Cookies that were not kept, since there were too many, or they were too large or not valid.
    pub cookies_dropped: u32,
    /// Secure cookies that were kept, but never sent: connections are plain HTTP.
    pub cookies_withheld: u32,
    /// Whether a service time was asked for, and a successful purchase has none.
    pub is_time_missing: bool,
    /// Server-Timing fields that were cut, since they were too long.
    pub timings_cut: u32,
}

/// One request as the client measured it, over all its redirects.
///
/// The instants follow one another: `started ≤ connected ≤ secured ≤ sent` belong to the first hop,
/// `first_byte ≤ stopped ≤ seen` to the response that ended it, so that what lies between any two of
/// them adds up to the whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    /// Just before `connect()`, or before the first `write()` on a connection that was open already.
    /// Absent if the request never started.
    pub started: Option<Stamp>,
    /// When the program saw that the handshake had completed; on an open connection, the start.
    pub connected: Option<Stamp>,
    /// When the TLS handshake was complete; absent without one, and on an open connection.
    pub secured: Option<Stamp>,
    /// How the TLS handshake went.
    pub handshake: Handshake,
    /// Just before the write of the last byte of the request: a response can arrive within it.
    /// Absent too if the response did not wait for that byte.
    pub sent: Option<Stamp>,
    /// When the first bytes of the final response arrived.
    pub first_byte: Option<Stamp>,
    /// When the last byte of the response arrived, of a body without a length the end of the stream,
    /// or when the failure was seen.
    pub stopped: Option<Stamp>,
    /// When the program read that last byte.
    pub seen: Option<Stamp>,
    /// Which clock `stopped` was read from.
    pub clock: ClockSource,
    /// The client's port of the last connection, if it was queried.
    pub local_port: Option<u16>,
    /// Redirects followed.
    pub redirects: u8,
    /// From the arrival of each redirect to the start of the request that it asked for, all together,
    /// nanoseconds: the share of the client in the elapsed time, part of the wait.
    pub hop_delay: i64,
    /// From the moment at which each request could have left, as far as this program knew, until it left,
    /// all redirects together, nanoseconds: the share of the client in connect and send. On a connection
    /// that stands that is all of the time; on a new one, what passed since the sockets were last looked at.
    pub send_delay: i64,
    /// How late the arrivals may have been stamped, all redirects together, nanoseconds: up to the time since
    /// the sockets were last looked at without kernel timestamps, and with them where the end of the stream
    /// had come before the data was read (the kernel merges both, with the later timestamp). 0 if they were
    /// stamped in time.
    pub stamp_delay: i64,
    /// The status of the last response received.
    pub status: Option<u16>,
    /// Why it failed; absent for HTTP 200 without a client-side error.
    pub failure: Option<Failure>,
}

/// The parts of a request's elapsed time, nanoseconds; together they are all of it.
///
/// A part that the request did not reach is absent. The one in which it failed lasts until the
/// failure, so that a request that timed out waiting shows where its time went. None is negative as long as
/// the two clocks agree: each instant is read before the event that the next one marks can happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// From the start until the handshake was seen to be complete.
    pub connect: Option<i64>,
    /// From then until the TLS handshake was complete; absent without one.
    pub tls: Option<i64>,
    /// From then until just before the write of the last byte of the request.
    pub send: Option<i64>,
    /// From then until the first byte of the final response arrived, redirects and retries included.
    pub wait: Option<i64>,
    /// From then until the last byte arrived.
    pub receive: Option<i64>,
}

/// A part of a request's elapsed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// From the start until the handshake was seen to be complete.
    Connect,
    /// From then until the TLS handshake was complete.
    Tls,
    /// From then until just before the write of the last byte of the request.
    Send,
    /// From then until the first byte of the final response arrived.
    Wait,
    /// From then until the last byte arrived.
    Receive,
}

impl Phase {
    /// All of them, in the order in which they follow one another.
    pub const ALL: [Phase; 5] = [
        Phase::Connect,
        Phase::Tls,
        Phase::Send,
        Phase::Wait,
        Phase::Receive,
    ];

    /// The name in the outputs.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Connect => "connect",
            Phase::Tls => "tls",
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
            Phase::Tls => self.tls,
            Phase::Send => self.send,
            Phase::Wait => self.wait,
            Phase::Receive => self.receive,
        }
    }

    /// The parts in that order.
    pub fn parts(&self) -> [Option<i64>; 5] {
        [self.connect, self.tls, self.send, self.wait, self.receive]
    }
}

/// Where a figure or an error comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// The clock that says when bytes arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockSource {
    /// The clock of this process, read as soon as it had the bytes.
    #[default]
    User,
    /// The kernel's receive timestamp of the segment.
    Kernel,
}

/// When bytes arrived, and when the program read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When the last of them arrived.
    pub at: Stamp,
    /// When the program read them; never before `at`.
    pub seen: Stamp,
    /// Which clock `at` was read from.
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
    /// An arrival without a kernel timestamp: the time at which the program read it.
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

    /// The read delay: nanoseconds from the arrival of the last byte until the program read it.
    pub fn read_delay(&self) -> Option<i64> {
        Some(self.seen?.since(self.stopped?))
    }

    /// The most of the elapsed time that was the client's part, nanoseconds: send delay, hop delay and late
    /// stamps without kernel timestamps.
    pub fn own_delay(&self) -> i64 {
        let stamp_delay = match self.clock {
            ClockSource::User => self.stamp_delay,
            // The end mostly comes at once after the data.
            ClockSource::Kernel => 0,
        };
        let all = (self.send_delay.saturating_add(self.hop_delay)).saturating_add(stamp_delay);
        // An answer can come within the write that sends the request.
        self.elapsed()
            .map_or(all, |elapsed| all.min(elapsed.max(0)))
    }

    /// The last of the parts, from the first byte to the last; absent likewise, and without a first byte.
    pub fn receiving(&self) -> Option<i64> {
        self.started?;
        Some(self.stopped?.since(self.first_byte?))
    }

    /// The parts of the elapsed time; absent if the request never started or never ended. Each ends with the
    /// next instant there is.
    pub fn phases(&self) -> Option<Phases> {
        if let Some([connect, send, wait, receive]) = self.plain_parts() {
            return Some(Phases {
                connect,
                tls: None,
                send,
                wait,
                receive,
            });
        }
        let stopped = self.stopped?;
        let first_byte = self.first_byte.unwrap_or(stopped);
        let sent = self.sent.unwrap_or(first_byte);
        let secured = self.secured.unwrap_or(sent);
        let connected = self.connected.unwrap_or(secured);
        Some(Phases {
            connect: Some(connected.since(self.started?)),
            tls: self.connected.map(|begin| secured.since(begin)),
            send: self.secured.map(|begin| sent.since(begin)),
            wait: self.sent.map(|begin| first_byte.since(begin)),
            receive: self.first_byte.map(|begin| stopped.since(begin)),
        })
    }

    /// Connect, send, wait and receive of a request without a TLS handshake; otherwise absent, as it is if
    /// the request never started or never ended. Most requests have none: this is the short way.
    #[inline(always)]
    pub fn plain_parts(&self) -> Option<[Option<i64>; 4]> {
        if self.handshake != Handshake::None {
            return None;
        }
        let stopped = self.stopped?;
        let first_byte = self.first_byte.unwrap_or(stopped);
        let sent = self.sent.unwrap_or(first_byte);
        let connected = self.connected.unwrap_or(sent);
        Some([
            Some(connected.since(self.started?)),
            self.connected.map(|begin| sent.since(begin)),
            self.sent.map(|begin| first_byte.since(begin)),
            self.first_byte.map(|begin| stopped.since(begin)),
        ])
    }

    /// Whether it ended with a complete response of any status.
    pub fn has_whole_response(&self) -> bool {
        let is_of_answer = |failure: &Failure| {
            matches!(
                failure.kind,
                FailureKind::Status(_)
                    | FailureKind::CsrfRefused
                    | FailureKind::BadReport
                    | FailureKind::TimingOnly
            )
        };
        self.status.is_some() && self.failure.as_ref().is_none_or(is_of_answer)
    }

    /// Whether a response arrived without a client-side error.
    pub fn satisfied(&self) -> bool {
        self.status.is_some() && self.failure.is_none()
    }
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
