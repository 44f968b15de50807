//! Shards of a run: their merge, and their job.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use super::{JudgeSettings, ProgressMode, ShowSettings};

/// What `merge` is to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MergeSettings {
    /// The files of the shards.
    pub files: Vec<PathBuf>,
    /// The file that their rows are merged into.
    pub output: PathBuf,
    /// The conditions under which the merged run fails.
    pub judge: JudgeSettings,
    /// What is printed about it.
    pub show: ShowSettings,
}

/// A run as several processes of this machine.
#[derive(Clone, Debug, PartialEq)]
pub struct ShardsSettings {
    /// The number of processes.
    pub count: NonZeroU32,
    /// The options of each, one word each, without share, seed, start and file.
    pub shard_flags: Vec<String>,
    /// The seed; to be drawn if absent.
    pub seed: Option<u64>,
    /// When the load starts, nanoseconds since the Unix epoch; to be computed if absent.
    pub start_at: Option<i64>,
    /// Whether the options say which CPU is used.
    pub has_cpu: bool,
    /// How progress is shown on standard error.
    pub progress: ProgressMode,
    /// The merge at the end; its files are not known yet.
    pub merge: MergeSettings,
}

/// The engines that `deploy` prints a job for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A batch script.
    Slurm,
    /// The manifest of an Indexed Job.
    Kubernetes,
}

/// What `deploy` is to print.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploySettings {
    /// For which engine.
    pub engine: Engine,
    /// The number of shards.
    pub shards: NonZeroU32,
    /// The container image, if one is given.
    pub image: Option<String>,
    /// How long the machines have to get ready, if that is given.
    pub start_in: Option<Duration>,
    /// The seed; to be drawn if absent.
    pub seed: Option<u64>,
    /// The options of every shard, one word each, without seed, start and file.
    pub shard_flags: Vec<String>,
    /// The options of the merge, without the file.
    pub merge_flags: Vec<String>,
    /// The merged file, if one is named.
    pub output: Option<String>,
    /// How long the load takes at most from its start on; absent where nothing bounds it.
    pub longest: Option<Duration>,
}
