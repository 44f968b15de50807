//! What is known of a run, and of each of its parts, beside the rows.

use std::time::Duration;

use crate::plan::Kind;
use crate::rows::load::Load;
use crate::sys::clock::Discipline;
use crate::sys::machine::Machine;

use super::instrument::Usage;
use super::schema::RunEnding;
use super::verdict::Verdict;

/// What is known of a run as a whole once it has ended. What is not known (of a report that says
/// nothing of its run) is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunFacts {
    /// The program's version.
    pub version: String,
    /// What tells the run from all others.
    pub id: Option<String>,
    /// How it ended.
    pub ending: Option<RunEnding>,
    /// What every row says in `benchmark_title`.
    pub title: String,
    /// A free note.
    pub note: String,
    /// The machine, before the load.
    pub machine: Option<Machine>,
    /// The load averages over 1, 5 and 15 minutes, after the load.
    pub load_average_after: Option<[f64; 3]>,
    /// The report's name as it was given; `-` is standard output.
    pub report_file: String,
    /// Rows that this run wrote to it.
    pub rows_written: u64,
    /// Rows that could not be written.
    pub rows_lost: Option<u64>,
    /// Scheme, host and port, and what stands before the app.
    pub target: Option<String>,
    /// The app's path segment.
    pub app: Option<String>,
    /// What load was asked for.
    pub load: Load,
    /// What reproduces the shoppers' choices.
    pub seed: Option<u64>,
    /// Whether connections were made before the starts.
    pub preconnect: Option<bool>,
    /// Whether connections were used for more than one request.
    pub keep_alive: Option<bool>,
    /// When the run began: ISO 8601, as in its rows; empty where nothing began.
    pub started_time: String,
    /// The signal that ended the run early, by name.
    pub interrupted: Option<String>,
    /// How far the wall clock moved against the monotonic one meanwhile, nanoseconds.
    pub clock_drift_nanos: Option<i64>,
    /// This program's CPU time in user mode.
    pub cpu_user: Option<Duration>,
    /// This program's CPU time in the kernel.
    pub cpu_system: Option<Duration>,
    /// The largest resident set of this program, bytes.
    pub peak_memory_bytes: Option<u64>,
    /// How this machine's clock is kept; absent where the system does not say.
    pub discipline: Option<Discipline>,
    /// Whether the target is another machine.
    pub is_remote: bool,
}

/// What is known of a part of a run beside its rows: of one level in one round.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartFacts {
    /// The virtual users of a burst or a closed workload.
    pub level: Option<u64>,
    /// The round, counted from 1.
    pub round: u64,
    /// What kind of load it is.
    pub kind: Kind,
    /// When the first shopper started, nanoseconds since the Unix epoch.
    pub first_start: Option<i64>,
    /// From the first start to the last row, nanoseconds.
    pub wall_nanos: i64,
    /// What rates are divided by, nanoseconds: the planned duration, or the time to the end of the
    /// last iteration where that is longer.
    pub span_nanos: i64,
    /// From the first start of a burst to its last, nanoseconds.
    pub starts_spread_nanos: Option<i64>,
    /// How long this program was stopped (SIGSTOP, SIGTSTP) meanwhile, nanoseconds.
    pub paused_nanos: i64,
    /// Iterations that were put off because the one before got no response.
    pub backoffs: u64,
    /// The most shoppers in flight at once.
    pub most_in_flight: u64,
    /// Shoppers who warmed up before it, and how many of their purchases failed.
    pub warmed_up: Option<(u64, u64)>,
    /// What this program took; absent where that is not known.
    pub usage: Option<Usage>,
    /// Whether the figures deserve trust, where that was judged already.
    pub verdict: Option<Verdict>,
}
