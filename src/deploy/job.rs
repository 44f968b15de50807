//! A job, whatever the engine.

use std::path::PathBuf;
use std::time::Duration;

use crate::settings::DeploySettings;

/// What both engines have in common.
#[derive(Clone, Debug)]
pub(super) struct Job<'a> {
    /// What was asked for.
    pub settings: &'a DeploySettings,
    /// The seed of all shards.
    pub seed: u64,
    /// How long the machines have to get ready.
    pub start_in: Duration,
    /// How long shards may take from now or from the beginning of the job on, whole seconds.
    pub limit: u64,
    /// The time of the printing.
    pub now: Duration,
    /// This program.
    pub program: PathBuf,
}
