//! A finished summary: one plain value, and the schema of its JSON, version 2.
//!
//! Every figure is there when the value is made; what shows it computes nothing. As JSON it is an
//! object with the keys below, in this order. Absent figures are `null`. Names that end in `_seconds` are
//! seconds, or objects of seconds. A distribution is `{"n", "min", "mean", "p50", "p90", "p95", "p99",
//! "p99_9", "max"}`; percentiles that the number of values cannot support are `null`. Of more than
//! 16,384 values, percentiles come from a histogram, to 0.05 % of themselves; all else is exact.
//!
//! New keys do not change the version; changed or missing ones do.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::stats::Distribution;
use crate::sys::machine::Machine;
use crate::time::span::{maybe_seconds, seconds};

use crate::rows::load::Load;

/// The version of the object.
pub const SCHEMA_VERSION: u32 = 2;

/// A run, or several parts of one, from the first shopper to the last.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The program's version.
    pub version: String,
    /// What every row says in `benchmark_title`.
    pub title: String,
    /// A free note.
    pub note: String,
    /// The report's name as it was given; `-` is standard output.
    pub report_file: String,
    /// Rows that this run wrote to it.
    pub rows_written: u64,
    /// Scheme, host, port and the path before the app.
    pub target: Option<String>,
    /// The app's path segment.
    pub app: Option<String>,
    /// The highest level; of an open workload, the most in flight.
    pub concurrent: u64,
    /// What load was asked for, and sent.
    pub load: LoadSent,
    /// What reproduces the shoppers' choices, as text: it may exceed 2^53.
    pub seed: Option<String>,
    /// Whether connections were made before the starts.
    pub preconnect: Option<bool>,
    /// Whether connections were used for more than one request.
    pub keep_alive: Option<bool>,
    /// When the run began: ISO 8601, as in its rows.
    pub started_time: String,
    /// The signal that ended the run early, by name.
    pub interrupted: Option<String>,
    /// From the first start to the last row, all parts together.
    #[serde(rename = "wall_seconds", serialize_with = "seconds")]
    pub wall_nanos: i64,
    /// What rates are divided by: the planned duration, or the time to the end of the last iteration
    /// (think time included) where that is longer.
    #[serde(rename = "span_seconds", serialize_with = "seconds")]
    pub span_nanos: i64,
    /// From the first start of a burst to its last; the longest.
    #[serde(rename = "starts_spread_seconds", serialize_with = "maybe_seconds")]
    pub starts_spread_nanos: Option<i64>,
    /// Shoppers launched.
    pub launched: u64,
    /// Shoppers not launched, who count as failed: `--max-in-flight` were in flight when they came, or
    /// this program was too far behind the plan when it ended.
    pub dropped: u64,
    /// Those of the second kind.
    pub dropped_late: u64,
    /// The same as `dropped`: its name in version 1, kept for scripts.
    pub not_launched: u64,
    /// Those of the dropped without a row of their own.
    pub dropped_without_row: u64,
    /// Iterations that were put off because the one before got no response.
    pub backoffs: u64,
    /// Purchases that satisfied on both sides.
    pub bought: u64,
    /// Shoppers whose purchase did not, the dropped ones among them.
    pub failed_purchases: u64,
    /// `bought` by `span_seconds`; absent if that was no time.
    pub purchases_per_second: Option<f64>,
    /// Over all home requests with a start and an end.
    pub home_elapsed_seconds: Option<Distribution>,
    /// Over those that satisfied.
    pub home_ok_elapsed_seconds: Option<Distribution>,
    /// Over all purchases with a start and an end.
    pub buy_elapsed_seconds: Option<Distribution>,
    /// Over those that satisfied.
    pub buy_ok_elapsed_seconds: Option<Distribution>,
    /// Of an open workload: from the moment a shopper was due to the end of the home page.
    pub home_from_due_seconds: Option<Distribution>,
    /// Of an open workload: from the moment a shopper was due to the end of the purchase.
    pub visit_from_due_seconds: Option<Distribution>,
    /// The main server's own time, as it reported it.
    pub server_elapsed_seconds: Option<Distribution>,
    /// The CPU time of a purchase, as the main server reported it.
    pub server_cpu_seconds: Option<Distribution>,
    /// The highest CPU usage that the main server reported.
    pub server_max_cpu_percent: Option<f64>,
    /// The highest memory usage that the main server reported.
    pub server_max_memory_megabytes: Option<f64>,
    /// The second server's own time, as it reported it.
    pub rest_elapsed_seconds: Option<Distribution>,
    /// The CPU time of a purchase, as the second server reported it.
    pub rest_cpu_seconds: Option<Distribution>,
    /// The highest CPU usage that the second server reported.
    pub rest_max_cpu_percent: Option<f64>,
    /// The highest memory usage that the second server reported.
    pub rest_max_memory_megabytes: Option<f64>,
    /// Counts of home pages by status; -100 for no response.
    pub home_http_codes: BTreeMap<i32, u64>,
    /// Counts of purchases by status; -100 for no response.
    pub buy_http_codes: BTreeMap<i32, u64>,
    /// What went wrong, grouped, the most frequent first.
    pub errors: Vec<ErrorGroup>,
    /// Errors beyond 200 groups.
    pub errors_ungrouped: u64,
    /// What was odd about the servers' reports, grouped: each could be read all the same.
    pub odd_reports: Vec<ErrorGroup>,
    /// Those of `--fail-if`, in the order given.
    pub thresholds: Vec<ThresholdOutcome>,
    /// The levels of a sweep, in the order given; absent where there was one part.
    pub levels: Option<Vec<LevelSummary>>,
    /// The law fitted to the levels; absent where there are none.
    pub scalability: Option<Scalability>,
    /// The machine, before the load.
    pub machine: Option<Machine>,
    /// The load averages over 1, 5 and 15 minutes, after the load.
    pub load_average_after: Option<[f64; 3]>,
    /// This program.
    pub client: Client,
    /// The parts of the home requests' time.
    pub home_phases: Phases,
    /// The parts of the purchases' time.
    pub buy_phases: Phases,
    /// The purchases' way to the server and back.
    pub journey: Journey,
    /// What the main server's clock shows more than this one.
    pub server_clock: ServerClock,
    /// What the second server's clock shows more than this one.
    pub rest_clock: ServerClock,
    /// This program's own part in the figures, and the verdict.
    pub instrument: Instrument,
}

/// What load was asked for, and what was sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoadSent {
    /// Whether shoppers came by the clock.
    pub is_open: bool,
    /// What was asked for.
    #[serde(flatten)]
    pub load: Load,
    /// The most shoppers in flight at once.
    pub most_in_flight: u64,
    /// Shoppers who warmed up.
    pub warm_up_shoppers: Option<u64>,
    /// Those of them whose purchase failed.
    pub warm_up_failed: Option<u64>,
}

/// Errors that are alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorGroup {
    /// `home`, `buy`, `server` or `rest`.
    pub step: &'static str,
    /// What they are.
    pub message: String,
    /// How many shoppers they befell.
    pub count: u64,
    /// Of all shoppers: 1 is all.
    pub share: f64,
    /// What was particular about the first of them.
    pub example: Option<String>,
    /// What to do about it, where the cause is known.
    pub hint: Option<&'static str>,
}

/// A threshold, and whether it is met.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThresholdOutcome {
    /// As it was given.
    pub threshold: String,
    /// Whether it is met.
    pub state: ThresholdState,
    /// Whether the run fails by it: it is met, or cannot be evaluated.
    pub failed: bool,
    /// The figure, in its unit.
    pub value: Option<f64>,
    /// `seconds`, `share` (1 is all) or `per_second`.
    pub unit: &'static str,
    /// Of a share: how many.
    pub part: Option<u64>,
    /// Of a share: of how many.
    pub whole: Option<u64>,
    /// Why it cannot be evaluated.
    pub reason: Option<String>,
}

/// Whether a threshold is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdState {
    /// The run fails.
    Met,
    /// All is well.
    NotMet,
    /// The run fails.
    CannotBeEvaluated,
}

/// One level of a sweep, over all its rounds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LevelSummary {
    /// Virtual users.
    pub concurrent: u64,
    /// How often it was run.
    pub rounds: u64,
    /// Shoppers launched.
    pub launched: u64,
    /// Purchases that satisfied on both sides.
    pub bought: u64,
    /// Purchases that did not.
    pub failed_purchases: u64,
    /// From the first start to the last row, over all rounds.
    #[serde(rename = "wall_seconds", serialize_with = "seconds")]
    pub wall_nanos: i64,
    /// What the rate is divided by.
    #[serde(rename = "span_seconds", serialize_with = "seconds")]
    pub span_nanos: i64,
    /// Over all rounds; absent if that was no time.
    pub purchases_per_second: Option<f64>,
    /// The rate of each round that took time, in their order.
    pub round_rates: Vec<f64>,
    /// Over all home requests with a start and an end.
    pub home_elapsed_seconds: Option<Distribution>,
    /// Over all purchases with a start and an end.
    pub buy_elapsed_seconds: Option<Distribution>,
    /// Whether the verdict of every round was trusted; absent where that is not known.
    pub trusted: Option<bool>,
}

/// The Universal Scalability Law fitted to the rounds of the levels, and what it says. Purchases per
/// second, virtual users, and two numbers without a unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scalability {
    /// λ: what one virtual user alone gets.
    pub lambda: Option<f64>,
    /// σ: contention.
    pub sigma: Option<f64>,
    /// κ: coherency.
    pub kappa: Option<f64>,
    /// The root mean square of the relative residuals: 0.1 is 10 %.
    pub error: Option<f64>,
    /// What that says.
    pub finding: ScalabilityFinding,
    /// More virtual users than that get less.
    pub knee: Option<f64>,
    /// What they get there, by the fit.
    pub peak: Option<f64>,
    /// What the fit does not exceed.
    pub ceiling: Option<f64>,
    /// The highest level of the fit, where no knee is seen.
    pub up_to: Option<u64>,
    /// Why neither knee nor ceiling may be said.
    pub unsupported: Option<String>,
    /// Levels with rounds without a purchase, which are not in the fit.
    pub levels_without_purchases: Vec<u64>,
}

/// What a fitted law says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScalabilityFinding {
    /// Fewer than three levels with purchases: no fit.
    TooFew,
    /// There is a fit, but too few rounds or too large an error for a knee or a ceiling.
    NotSupported,
    /// Throughput falls beyond `knee`.
    Knee,
    /// Throughput falls from the first level on: the knee is at it or below.
    Falls,
    /// None is seen up to the last level.
    NoKnee,
}

/// What this program took as a process.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Client {
    /// CPU time in user mode.
    pub cpu_user_seconds: Option<f64>,
    /// CPU time in the kernel.
    pub cpu_system_seconds: Option<f64>,
    /// The largest resident set.
    pub peak_memory_bytes: Option<u64>,
    /// How far the wall clock moved against the monotonic one during the run.
    #[serde(rename = "clock_drift_seconds", serialize_with = "maybe_seconds")]
    pub clock_drift_nanos: Option<i64>,
}

/// The parts of the requests' time; together they are all of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Phases {
    /// Until TCP stood.
    pub connect: Part,
    /// Until the request had left.
    pub send: Part,
    /// Until the first byte of the final response.
    pub wait: Part,
    /// Until its last byte.
    pub receive: Part,
}

/// A part of the time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Part {
    /// How it is distributed.
    pub seconds: Option<Distribution>,
    /// Of the whole: 1 is all.
    pub share: Option<f64>,
    /// Values below zero; of the journey, before the correction.
    pub negative: u64,
}

/// A purchase's way, of the purchases with a server's times.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Journey {
    /// Queueing and network, until the server's code began.
    pub before_server: Part,
    /// The service time.
    pub in_server: Part,
    /// From the end of the service to the first byte.
    pub after_server: Part,
    /// What was taken from the first and added to the last, for the offset of the server's clock.
    #[serde(rename = "correction_seconds", serialize_with = "seconds")]
    pub correction_nanos: i64,
    /// How far that may be off: half the interval in which the offset lies. Absent where a time zone or
    /// clocks that agree explain the readings.
    #[serde(
        rename = "correction_uncertainty_seconds",
        serialize_with = "maybe_seconds"
    )]
    pub uncertainty_nanos: Option<i64>,
    /// How far the shares before and after may be off for that: 1 is all. By more than a half, and they
    /// are withheld.
    pub share_uncertainty: Option<f64>,
}

/// What a server's clock shows more than this one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServerClock {
    /// What that means.
    pub finding: ClockFinding,
    /// Rows that gave a bound.
    pub rows: u64,
    /// The offset lies between these. Where the first exceeds the second, the rows contradict one
    /// another, and by more than 1 ms there are no shares.
    pub offset_seconds: Interval,
    /// How much it grew from the first rows to the last.
    pub drift_seconds: Option<Interval>,
    /// The difference, where it is that of two time zones.
    pub time_zone_hours: Option<f64>,
}

/// What is found of a server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockFinding {
    /// No times came.
    Unknown,
    /// It agrees with this one, to 1 ms.
    Agrees,
    /// It differs.
    Differs,
    /// The rows contradict one another.
    Contradictory,
}

/// Bounds, each where it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// Nanoseconds.
    #[serde(serialize_with = "maybe_seconds")]
    pub at_least: Option<i64>,
    /// Nanoseconds.
    #[serde(serialize_with = "maybe_seconds")]
    pub at_most: Option<i64>,
}

/// This program's own part in the figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Instrument {
    /// Whether nothing shows the client in the figures; absent where that was not recorded.
    pub trusted: Option<bool>,
    /// Why not, each with its hint; empty where trusted.
    pub reasons: Vec<String>,
    /// Started less due.
    pub launch_delay_seconds: Option<Distribution>,
    /// Due to the home page, of those that satisfied.
    pub home_since_due_seconds: Option<Distribution>,
    /// Seen less stopped, of those that satisfied and have kernel timestamps.
    pub read_delay_seconds: Option<Distribution>,
    /// The longest iteration of the event loop.
    #[serde(rename = "longest_iteration_seconds", serialize_with = "maybe_seconds")]
    pub longest_iteration_nanos: Option<i64>,
    /// The same as `longest_iteration_seconds`: its name in version 1, kept for scripts.
    #[serde(rename = "longest_turn_seconds", serialize_with = "maybe_seconds")]
    pub longest_turn_nanos: Option<i64>,
    /// How long this program was stopped (SIGSTOP, SIGTSTP).
    #[serde(rename = "paused_seconds", serialize_with = "seconds")]
    pub paused_nanos: i64,
    /// Of one core, between the arming and the last row.
    pub cpu_share: Option<f64>,
    /// CPU time of that.
    pub cpu_seconds: Option<f64>,
    /// Responses that came whole.
    pub responses: u64,
    /// Those of them with kernel timestamps.
    pub kernel_stamped_responses: u64,
    /// Descriptors open at most.
    pub descriptors_used: Option<u64>,
    /// The limit of them.
    pub descriptors_limit: Option<u64>,
    /// Source ports used.
    pub ports_used: Option<u64>,
    /// Those that the system gives out.
    pub ports_available: Option<u64>,
    /// Whether the wall clock moved by more than 1 ms against the monotonic one.
    pub wall_clock_stepped: Option<bool>,
    /// Whether a time service keeps this machine's clock (`ntp_adjtime`).
    pub clock_synchronised: Option<bool>,
    /// How far off that service believes it to be.
    pub clock_estimated_error_seconds: Option<f64>,
    /// Whether the target is another machine.
    pub is_remote: bool,
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
