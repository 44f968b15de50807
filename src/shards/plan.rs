//! What the processes of a run have in common.

use crate::settings::ShardsSettings;

/// What all processes are given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan<'a> {
    pub settings: &'a ShardsSettings,
    pub seed: u64,
    /// Nanoseconds since the Unix epoch.
    pub start_at: i64,
}
