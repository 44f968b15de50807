//! An instant of the plan.

use std::time::Duration;

/// A shopper to be launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The shopper's index; `Orders::order` returns what it buys.
    pub index: u64,
    /// When, in nanoseconds after the origin of the part.
    pub after: u64,
}

/// A span in nanoseconds; more than 584 years saturate.
pub(super) fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
