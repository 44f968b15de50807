//! Instants of rows that were read.

use crate::rows::read::ReadRow;
use crate::time::clock::Stamp;

/// When the home request of a row started, nanoseconds since the Unix epoch.
pub(super) fn start(row: &ReadRow) -> Option<i64> {
    nanos(row.row.home.started?)
}

/// Nanoseconds since the Unix epoch.
pub(super) fn nanos(stamp: Stamp) -> Option<i64> {
    i64::try_from(stamp.nanos()).ok()
}
