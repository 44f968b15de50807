//! An instant of the plan.

use std::time::Duration;

/// Someone to be launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which one; `Orders::order` says what it buys.
    pub index: u64,
    /// When, in nanoseconds after the origin of the part.
    pub after: u64,
}

/// A span in nanoseconds; more than 584 years count as for ever.
pub(super) fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
