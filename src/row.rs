//! What one shopper leaves behind.

use crate::clock::Stamp;
use crate::failure::Failure;
use crate::server_report::ServerReport;

/// One shopper's figures: a row of the CSV and a sample of the summary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Shoppers launched together with this one (the level of `-c`).
    pub concurrent_requests: u64,
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    /// Just before `connect()`, or before the first `write()` on a connection that was open already.
    /// Absent where the request was never begun.
    pub started: Option<Stamp>,
    /// When the last byte of the response arrived, or when the failure was seen.
    pub stopped: Option<Stamp>,
    /// The status of the last response received.
    pub status: Option<u16>,
    /// Why it did not satisfy; absent for HTTP 200 without a client-side error.
    pub failure: Option<Failure>,
}

impl Exchange {
    /// Nanoseconds from start to stop.
    pub fn elapsed(&self) -> Option<i64> {
        Some(self.stopped?.since(self.started?))
    }

    /// HTTP 200 with no client-side error.
    pub fn satisfied(&self) -> bool {
        self.status == Some(200) && self.failure.is_none()
    }
}
