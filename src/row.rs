//! What one shopper leaves behind.

use crate::clock::Stamp;
use crate::failure::Failure;
use crate::server_report::ServerReport;

/// One shopper's figures: a row of the CSV and a sample of the summary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Shoppers launched together with this one (the level of `-c`).
    pub concurrent_requests: u64,
    /// When the plan wanted this shopper launched.
    pub due: Option<Stamp>,
    /// The home page.
    pub home: Exchange,
    /// The purchase.
    pub buy: Exchange,
    /// What the servers said of the purchase, where a readable report came.
    pub report: Option<ServerReport>,
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
    /// When the kernel had taken the last byte of the request.
    pub sent: Option<Stamp>,
    /// When the first bytes of the final response arrived.
    pub first_byte: Option<Stamp>,
    /// When the last byte of the response arrived, or when the failure was seen.
    pub stopped: Option<Stamp>,
    /// When the program got that last byte.
    pub seen: Option<Stamp>,
    /// Whose clock `stopped` has.
    pub clock: ClockSource,
    /// The client's port of the last connection, where it was asked for.
    pub local_port: Option<u16>,
    /// Redirects followed.
    pub redirects: u8,
    /// The status of the last response received.
    pub status: Option<u16>,
    /// Why it did not satisfy; absent for HTTP 200 without a client-side error.
    pub failure: Option<Failure>,
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

    /// HTTP 200 with no client-side error.
    pub fn satisfied(&self) -> bool {
        self.status == Some(200) && self.failure.is_none()
    }
}
