//! What is known about a run, and about each of its parts, beside the rows.

use std::time::Duration;

use crate::net::tls::TlsFigures;
use crate::plan::Kind;
use crate::precise::Precise;
use crate::rows::judged::Verdict;
use crate::rows::load::Load;
use crate::rows::shards::Shards;
use crate::sys::clock::Discipline;
use crate::sys::machine::Machine;

use super::instrument::Usage;
use super::schema::RunEnding;

/// What is known about a run as a whole once it has ended. Unknown facts (in a report without data
/// on its run) are absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunFacts {
    /// The program's version.
    pub version: String,
    /// The id of the run.
    pub id: Option<String>,
    /// How it ended.
    pub ending: Option<RunEnding>,
    /// The `benchmark_title` of every row.
    pub title: String,
    /// The text of `--note`.
    pub note: String,
    /// The machine, before the load.
    pub machine: Option<Machine>,
    /// The measures of `--precise`, `--cpu` and `demo`; absent without them.
    pub precise: Option<Precise>,
    /// The load averages over 1, 5 and 15 minutes, after the load.
    pub load_average_after: Option<[f64; 3]>,
    /// The report's name as it was given; `-` is standard output.
    pub report_file: String,
    /// Rows that this run wrote to it.
    pub rows_written: u64,
    /// Rows that could not be written.
    pub rows_lost: Option<u64>,
    /// Rows of its files that could not be read back and were skipped.
    pub rows_skipped: u64,
    /// Scheme, host and port, and the path before the app.
    pub target: Option<String>,
    /// The variants, in the order given; empty without.
    pub variants: Vec<VariantFacts>,
    /// The app's path segment.
    pub app: Option<String>,
    /// The load as configured.
    pub load: Load,
    /// The seed, which reproduces the shoppers' choices.
    pub seed: Option<u64>,
    /// Whether connections were made before the starts.
    pub preconnect: Option<bool>,
    /// Whether connections were used for more than one request.
    pub keep_alive: Option<bool>,
    /// Whether any certificate was accepted; absent over plain HTTP.
    pub insecure: Option<bool>,
    /// Which TLS connections were to resume sessions.
    pub resume: Option<String>,
    /// When the run began: ISO 8601, as in its rows; empty if nothing started.
    pub started_time: String,
    /// The signal that ended the run early, by name.
    pub interrupted: Option<String>,
    /// How far the wall clock moved against the monotonic one during the run, nanoseconds.
    pub clock_drift_nanos: Option<i64>,
    /// This program's CPU time in user mode.
    pub cpu_user: Option<Duration>,
    /// This program's CPU time in the kernel.
    pub cpu_system: Option<Duration>,
    /// The largest resident set of this program, bytes.
    pub peak_memory_bytes: Option<u64>,
    /// How this machine's clock is synchronized; absent if the system does not report it.
    pub discipline: Option<Discipline>,
    /// Whether the target is another machine.
    pub is_remote: bool,
    /// The shards that were merged into this run.
    pub shards: Option<Shards>,
}

/// A variant of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VariantFacts {
    /// Its name.
    pub name: String,
    /// Scheme, host, port and the path before the app; absent where not recorded.
    pub target: Option<String>,
}

/// What is known about a part of a run beside its rows: one level in one round.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartFacts {
    /// The variant's name, where there are any.
    pub variant: Option<String>,
    /// Whether a signal ended it early.
    pub is_cut: bool,
    /// The virtual users of a burst or a closed workload.
    pub level: Option<u64>,
    /// The round, counted from 1.
    pub round: u64,
    /// The kind of load.
    pub kind: Kind,
    /// When the first shopper started, nanoseconds since the Unix epoch.
    pub first_start: Option<i64>,
    /// From the first start to the last row, nanoseconds.
    pub wall_nanos: i64,
    /// The span that rates are divided by, nanoseconds: the planned duration, or the time to the end of the
    /// last iteration where that is longer.
    pub span_nanos: i64,
    /// From the first start of a burst to its last, nanoseconds.
    pub starts_spread_nanos: Option<i64>,
    /// How long this program was stopped (SIGSTOP, SIGTSTP) during the part, nanoseconds.
    pub paused_nanos: i64,
    /// Iterations that were delayed because the previous one got no response.
    pub backoffs: u64,
    /// The most shoppers in flight at once.
    pub most_in_flight: u64,
    /// Shoppers of the warm-up before it, and how many of their purchases failed.
    pub warmed_up: Option<(u64, u64)>,
    /// The TLS connections; absent if they were plain, or it is not known.
    pub tls: Option<TlsFigures>,
    /// The resources that this program used; absent if not known.
    pub usage: Option<Usage>,
    /// What can be said of the figures, if that was judged already.
    pub verdict: Option<Verdict>,
}
