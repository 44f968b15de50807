//! A finished summary: one plain value, and the schema of its JSON, version 2.
//!
//! Every figure is computed when the value is made; renderers compute nothing. As JSON it is an
//! object with the keys below, in this order. Absent figures are `null`. Names that end in `_seconds` are
//! seconds, or objects of seconds. A distribution is `{"n", "min", "mean", "p50", "p90", "p95", "p99",
//! "p99_9", "max"}`; percentiles that the number of values cannot support are `null`. Of more than
//! 16,384 values, percentiles come from a histogram, to within 0.05 % of their value; all other figures
//! are exact.
//!
//! New keys do not change the version; changed or missing ones do.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::comparison::Comparison;
use crate::precise::Precise;
use crate::stats::Distribution;
use crate::sys::machine::Machine;
use crate::time::span::{maybe_seconds, seconds};

use super::tls::Tls;
use crate::rows::judged::{ReasonGiven, Verdict};
use crate::rows::load::Load;
use crate::rows::shards::Shards;

/// The version of the object.
pub const SCHEMA_VERSION: u32 = 2;

/// A run, or several parts of one, from the first shopper to the last.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The program's version.
    pub version: String,
    /// The id of the run, as in the lines of `FILE.runs.jsonl`; absent without such lines.
    pub run: Option<String>,
    /// How the run ended; absent if not recorded.
    pub ending: Option<RunEnding>,
    /// The `benchmark_title` of every row.
    pub title: String,
    /// The text of `--note`.
    pub note: String,
    /// The report's name as it was given; `-` is standard output.
    pub report_file: String,
    /// Rows that this run wrote to it.
    pub rows_written: u64,
    /// Rows that could not be written; absent where their number is not recorded.
    pub rows_lost: Option<u64>,
    /// Rows of its files that could not be read back and were skipped; 0 for a live run.
    pub rows_skipped: u64,
    /// Scheme, host, port and the path before the app.
    pub target: Option<String>,
    /// The app's path segment.
    pub app: Option<String>,
    /// The shards, of a merged run.
    pub shards: Option<Shards>,
    /// The highest level that was run; of an open workload, the most in flight.
    pub concurrent: u64,
    /// The load as configured and as sent.
    pub load: LoadSent,
    /// The seed, which reproduces the shoppers' choices, as text: it may exceed 2^53.
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
    /// The span that rates are divided by: the planned duration, or the time to the end of the last
    /// iteration (think time included) where that is longer.
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
    /// Iterations that were delayed because the previous one got no response.
    pub backoffs: u64,
    /// Purchases that were successful on both sides.
    pub bought: u64,
    /// Shoppers whose purchase was not successful, the dropped ones included.
    pub failed_purchases: u64,
    /// `bought` by `span_seconds`; absent if that span is 0. It is also absent for a sweep over several
    /// levels, as are all distributions and parts of the time below: `levels` has them.
    pub purchases_per_second: Option<f64>,
    /// Over all home requests with a start and an end.
    pub home_elapsed_seconds: Option<Distribution>,
    /// Over the successful ones.
    pub home_ok_elapsed_seconds: Option<Distribution>,
    /// Over all purchases with a start and an end.
    pub buy_elapsed_seconds: Option<Distribution>,
    /// Over the successful ones.
    pub buy_ok_elapsed_seconds: Option<Distribution>,
    /// In an open workload: from due to the end of the home page.
    pub home_from_due_seconds: Option<Distribution>,
    /// In an open workload: from due to the end of the purchase.
    pub visit_from_due_seconds: Option<Distribution>,
    /// The service time of the main server, as it reported it.
    pub server_elapsed_seconds: Option<Distribution>,
    /// The CPU time of a purchase, as the main server reported it.
    pub server_cpu_seconds: Option<Distribution>,
    /// The highest CPU usage that the main server reported.
    pub server_max_cpu_percent: Option<f64>,
    /// The highest memory usage that the main server reported.
    pub server_max_memory_megabytes: Option<f64>,
    /// The service time of the second server, as it reported it.
    pub rest_elapsed_seconds: Option<Distribution>,
    /// The CPU time of a purchase, as the second server reported it.
    pub rest_cpu_seconds: Option<Distribution>,
    /// The highest CPU usage that the second server reported.
    pub rest_max_cpu_percent: Option<f64>,
    /// The highest memory usage that the second server reported.
    pub rest_max_memory_megabytes: Option<f64>,
    /// Counts of home pages by status; -100 for no response. Dropped arrivals are not among them.
    pub home_http_codes: BTreeMap<i32, u64>,
    /// Counts of purchases by status; -100 for no response. Dropped arrivals are not among them.
    pub buy_http_codes: BTreeMap<i32, u64>,
    /// Errors, grouped, the most frequent first; dropped arrivals are not among them.
    pub errors: Vec<ErrorGroup>,
    /// Errors beyond 200 groups.
    pub errors_ungrouped: u64,
    /// Anomalies of the servers' reports, grouped: the reports could be read nevertheless.
    pub odd_reports: Vec<ErrorGroup>,
    /// The thresholds of `--fail-if`, in the order given.
    pub thresholds: Vec<ThresholdOutcome>,
    /// The variants, in the order given; absent without. Times, rates, clocks and levels are then those of each
    /// variant only.
    pub variants: Option<Vec<VariantSummary>>,
    /// The comparison of the variants; absent without, and where their rows cannot be read back.
    pub comparison: Option<Comparison>,
    /// Rounds in which every variant was run at every level to its end: what is compared. Absent without variants.
    pub whole_blocks: Option<u64>,
    /// The levels of a sweep, in the order given; absent where there was one part.
    pub levels: Option<Vec<LevelSummary>>,
    /// The law fitted to the levels; absent where there are none.
    pub scalability: Option<Scalability>,
    /// The machine, before the load.
    pub machine: Option<Machine>,
    /// The load averages over 1, 5 and 15 minutes, after the load.
    pub load_average_after: Option<[f64; 3]>,
    /// The TLS connections; absent over plain HTTP, and where they are not recorded.
    pub tls: Option<Tls>,
    /// The measures of `--precise`, `--cpu` and `demo`: asked for, got, and why not; absent without them.
    pub precise: Option<Precise>,
    /// This program's process.
    pub client: Client,
    /// What the server said of its own times in header fields, by metric.
    pub server_timings: Vec<ServerTimings>,
    /// Values of metrics beyond 64.
    pub server_timings_left_out: u64,
    /// Server-Timing fields that were cut at 4 KiB.
    pub server_timings_cut: u64,
    /// Successful purchases without the service time that `--report server-timing` or `--server-header` asked for;
    /// absent without any.
    pub server_times_missing: Option<CountAndHint>,
    /// Cookies that shoppers did not keep: not valid, of another domain, too large, or too many.
    pub cookies_dropped: u64,
    /// Secure cookies that shoppers kept, and did not send back over plain HTTP; absent without any.
    pub cookies_withheld: Option<CountAndHint>,
    /// The pages of `--csrf-page`, which shoppers request between home and purchase; in no other figure.
    pub form_page_elapsed_seconds: Option<Distribution>,
    /// Those of them that failed.
    pub form_pages_failed: u64,
    /// The wait of purchases whose service time is known, but not by the server's clock; absent without any.
    pub wait_split: Option<WaitSplit>,
    /// The parts of the home requests' time.
    pub home_phases: Phases,
    /// The parts of the purchases' time.
    pub buy_phases: Phases,
    /// The purchases' path to the server and back.
    pub journey: Journey,
    /// The offset of the main server's clock against this one.
    pub server_clock: ServerClock,
    /// The offset of the second server's clock against this one.
    pub rest_clock: ServerClock,
    /// Which figures can be trusted.
    pub verdict: Verdict,
    /// This program's influence on the figures.
    pub instrument: Instrument,
}

/// The load as configured and as sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoadSent {
    /// The load as configured.
    #[serde(flatten)]
    pub load: Load,
    /// The most shoppers in flight at once.
    pub most_in_flight: u64,
    /// Shoppers of warm-ups.
    pub warm_up_shoppers: Option<u64>,
    /// Of these, shoppers whose purchase failed.
    pub warm_up_failed: Option<u64>,
}

/// Errors of one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorGroup {
    /// `home`, `buy`, `server` or `rest`.
    pub step: &'static str,
    /// The kind of error, or the server's message.
    pub message: String,
    /// The number of affected shoppers.
    pub count: u64,
    /// The share of all shoppers, 0 to 1.
    pub share: f64,
    /// The detail of the first of them.
    pub example: Option<String>,
    /// The hint, where the cause is known.
    pub hint: Option<&'static str>,
}

/// A threshold, and whether it is met.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThresholdOutcome {
    /// Its text as given.
    pub threshold: String,
    /// Whether it is met.
    pub state: ThresholdState,
    /// Whether it fails the run: it is met, or cannot be evaluated.
    pub failed: bool,
    /// The figure, in its unit.
    pub value: Option<f64>,
    /// `seconds`, `share` (0 to 1), `per_second` or `count`.
    pub unit: &'static str,
    /// Of a share: the count.
    pub part: Option<u64>,
    /// Of a share: the whole.
    pub whole: Option<u64>,
    /// The variant whose figures it is evaluated by: each has its own outcome. Absent without variants.
    pub variant: Option<String>,
    /// Of a sweep: the level whose figure it is, the worst of all. Absent for shares of failures, which
    /// are over all levels.
    pub level: Option<u64>,
    /// Why it cannot be evaluated.
    pub reason: Option<String>,
}

/// Whether a threshold is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdState {
    /// The run fails.
    Met,
    /// The run passes.
    NotMet,
    /// The run fails.
    CannotBeEvaluated,
}

/// One variant, over all its parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariantSummary {
    /// Its name.
    pub name: String,
    /// Scheme, host, port and the path before the app.
    pub target: Option<String>,
    /// Parts that were run: one for each round and level.
    pub parts: u64,
    /// Shoppers launched.
    pub launched: u64,
    /// Shoppers not launched, who count as failed.
    pub dropped: u64,
    /// Purchases that were successful on both sides.
    pub bought: u64,
    /// Shoppers whose purchase was not successful, the dropped ones included.
    pub failed_purchases: u64,
    /// From the first start to the last row, all parts together.
    #[serde(rename = "wall_seconds", serialize_with = "seconds")]
    pub wall_nanos: i64,
    /// The span that the rate is divided by.
    #[serde(rename = "span_seconds", serialize_with = "seconds")]
    pub span_nanos: i64,
    /// Absent if that span is 0. With several levels it is also absent, as are all distributions and parts of
    /// the time below: `levels` has them.
    pub purchases_per_second: Option<f64>,
    /// Over all home requests with a start and an end.
    pub home_elapsed_seconds: Option<Distribution>,
    /// Over the successful ones.
    pub home_ok_elapsed_seconds: Option<Distribution>,
    /// Over all purchases with a start and an end.
    pub buy_elapsed_seconds: Option<Distribution>,
    /// Over the successful ones.
    pub buy_ok_elapsed_seconds: Option<Distribution>,
    /// In an open workload: from due to the end of the home page.
    pub home_from_due_seconds: Option<Distribution>,
    /// In an open workload: from due to the end of the purchase.
    pub visit_from_due_seconds: Option<Distribution>,
    /// The service time of the main server, as it reported it.
    pub server_elapsed_seconds: Option<Distribution>,
    /// The CPU time of a purchase, as the main server reported it.
    pub server_cpu_seconds: Option<Distribution>,
    /// The highest CPU usage that the main server reported.
    pub server_max_cpu_percent: Option<f64>,
    /// The highest memory usage that the main server reported.
    pub server_max_memory_megabytes: Option<f64>,
    /// The service time of the second server, as it reported it.
    pub rest_elapsed_seconds: Option<Distribution>,
    /// Counts of home pages by status; -100 for no response.
    pub home_http_codes: BTreeMap<i32, u64>,
    /// Counts of purchases by status; -100 for no response.
    pub buy_http_codes: BTreeMap<i32, u64>,
    /// Errors, grouped, the most frequent first.
    pub errors: Vec<ErrorGroup>,
    /// Its levels, in the order of their first parts; absent in an open workload.
    pub levels: Option<Vec<LevelSummary>>,
    /// The law fitted to them.
    pub scalability: Option<Scalability>,
    /// The parts of the home requests' time.
    pub home_phases: Phases,
    /// The parts of the purchases' time.
    pub buy_phases: Phases,
    /// The purchases' path to the server and back.
    pub journey: Journey,
    /// The offset of its server's clock against this one.
    pub server_clock: ServerClock,
    /// Whether the latencies can be trusted; absent if not recorded, or if nothing was bought.
    pub trusted: Option<bool>,
    /// Why not; empty where trusted.
    pub reasons: Vec<ReasonGiven>,
    /// Which figures can be trusted.
    pub verdict: Verdict,
    /// Its rows as the summary of a run of their own, for the text; a single level has its figures there.
    #[serde(skip)]
    pub of: Box<Summary>,
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
    /// Purchases that were successful on both sides.
    pub bought: u64,
    /// Purchases that were not.
    pub failed_purchases: u64,
    /// From the first start to the last row, over all rounds.
    #[serde(rename = "wall_seconds", serialize_with = "seconds")]
    pub wall_nanos: i64,
    /// The span that the rate is divided by.
    #[serde(rename = "span_seconds", serialize_with = "seconds")]
    pub span_nanos: i64,
    /// Over all rounds; absent if that span is 0.
    pub purchases_per_second: Option<f64>,
    /// The rate of each round with a span above 0, in their order.
    pub round_rates: Vec<f64>,
    /// Over all home requests with a start and an end.
    pub home_elapsed_seconds: Option<Distribution>,
    /// Over all purchases with a start and an end.
    pub buy_elapsed_seconds: Option<Distribution>,
    /// Over all reports of the main server.
    pub server_elapsed_seconds: Option<Distribution>,
    /// Whether the latencies of every round can be trusted; absent where that is not known, and where
    /// nothing was bought.
    pub trusted: Option<bool>,
    /// Why not; empty where trusted.
    pub reasons: Vec<ReasonGiven>,
    /// Which figures can be trusted.
    pub verdict: Verdict,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunEnding {
    /// All is done, and all rows are written.
    Done,
    /// A signal ended it early; all rows are written.
    Interrupted,
    /// It could not go on, or rows could not be written.
    Failed,
}

impl RunEnding {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            RunEnding::Done => "done",
            RunEnding::Interrupted => "interrupted",
            RunEnding::Failed => "failed",
        }
    }

    /// The ending of that name.
    pub fn named(name: &str) -> Option<RunEnding> {
        let all = [RunEnding::Done, RunEnding::Interrupted, RunEnding::Failed];
        all.into_iter().find(|ending| ending.name() == name)
    }
}

/// The Universal Scalability Law fitted to the rounds of the levels, and the conclusion. Purchases per
/// second, virtual users, and two numbers without a unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scalability {
    /// λ: the throughput of one virtual user alone.
    pub lambda: Option<f64>,
    /// σ: contention.
    pub sigma: Option<f64>,
    /// κ: coherency.
    pub kappa: Option<f64>,
    /// The root mean square of the relative residuals: 0.1 is 10 %.
    pub error: Option<f64>,
    /// The conclusion.
    pub finding: ScalabilityFinding,
    /// The number of virtual users above which throughput falls.
    pub knee: Option<f64>,
    /// The throughput there, by the fit.
    pub peak: Option<f64>,
    /// The throughput that the fit does not exceed.
    pub ceiling: Option<f64>,
    /// The highest level of the fit, where no knee is seen.
    pub up_to: Option<u64>,
    /// Why a statement on knee or ceiling is not possible.
    pub unsupported: Option<String>,
    /// Levels with rounds without a purchase, which are excluded from the fit.
    pub levels_without_purchases: Vec<u64>,
}

/// The conclusion from a fitted law.
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
    /// No knee is seen up to the last level.
    NoKnee,
}

/// The resources used by this program's process.
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

/// The parts of the requests' time, which add up to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Phases {
    /// Until the TCP connection was established.
    pub connect: Part,
    /// From then until the TLS handshake was complete.
    pub tls: Part,
    /// From then until the request was sent.
    pub send: Part,
    /// From then until the first byte of the final response.
    pub wait: Part,
    /// From then until the last byte.
    pub receive: Part,
}

/// A part of the time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Part {
    /// Its distribution.
    pub seconds: Option<Distribution>,
    /// The share of the whole, 0 to 1.
    pub share: Option<f64>,
    /// Values below zero; of the journey, before the correction.
    pub negative: u64,
}

/// The path of a purchase, over the purchases with a server's times.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Journey {
    /// Queueing and network, until the server's code started.
    pub before_server: Part,
    /// The service time.
    pub in_server: Part,
    /// From the end of the service to the first byte.
    pub after_server: Part,
    /// What was subtracted from the first and added to the last, for the offset of the server's clock.
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

/// What is missing in some responses, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CountAndHint {
    /// In how many.
    pub count: u64,
    /// The hint.
    pub hint: &'static str,
}

/// One metric of the server, of Server-Timing or another header field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServerTimings {
    /// `home` or `buy`.
    pub step: &'static str,
    /// As the server named it.
    pub name: String,
    /// `seconds`, or that of a count, such as `queries`.
    pub unit: String,
    /// In that unit; absent where there are too few values, as are the others.
    pub p50: Option<f64>,
    /// Likewise.
    pub p90: Option<f64>,
    /// Likewise.
    pub p99: Option<f64>,
    /// The number of values.
    pub count: u64,
}

/// The wait of purchases, divided by the service time alone. Shares are of their elapsed time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WaitSplit {
    /// The service time, as the server said.
    pub service: Part,
    /// The rest: queueing, network and the server's overhead, which only the server's clock can tell apart.
    pub rest: Part,
}

/// The offset of a server's clock against this one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServerClock {
    /// The conclusion.
    pub finding: ClockFinding,
    /// Rows that gave a bound.
    pub rows: u64,
    /// The offset lies between these. Where the first exceeds the second, the rows contradict one
    /// another, and by more than 1 ms shares are absent.
    pub offset_seconds: Interval,
    /// The growth of the offset from the first rows to the last.
    pub drift_seconds: Option<Interval>,
    /// The difference, where it is that of two time zones.
    pub time_zone_hours: Option<f64>,
}

/// The conclusion about a server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockFinding {
    /// No times were reported.
    Unknown,
    /// It agrees with this one to within 1 ms.
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

/// This program's influence on the figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Instrument {
    /// Whether the latencies of home pages and purchases can be trusted (`verdict` has each, and the pace);
    /// absent if not recorded, or if nothing was bought.
    pub trusted: Option<bool>,
    /// The reasons against it; empty if trusted.
    pub reasons: Vec<ReasonGiven>,
    /// Launch delay: from due to started.
    pub launch_delay_seconds: Option<Distribution>,
    /// Read delay: from stopped to seen, of successful requests with kernel timestamps.
    pub read_delay_seconds: Option<Distribution>,
    /// Hop delay: from the arrivals of redirects to the starts of the requests that they asked for, which
    /// is the client's share of the elapsed time; of successful requests that were redirected.
    pub hop_delay_seconds: Option<Distribution>,
    /// Send delay: from the moment at which a request could have left, as far as this program knew, until it
    /// left, which is the client's share of the elapsed time; of successful requests.
    pub send_delay_seconds: Option<Distribution>,
    /// How long this program's thread waited for a CPU that other processes had.
    pub run_queue_wait_seconds: Option<f64>,
    /// CPU time of this machine that its hypervisor gave to others, of all CPUs.
    pub steal_seconds: Option<f64>,
    /// How often this program's thread had to leave its CPU to others.
    pub involuntary_context_switches: Option<u64>,
    /// The longest iteration of the event loop.
    #[serde(rename = "longest_iteration_seconds", serialize_with = "maybe_seconds")]
    pub longest_iteration_nanos: Option<i64>,
    /// The same as `longest_iteration_seconds`: its name in version 1, kept for scripts.
    #[serde(rename = "longest_turn_seconds", serialize_with = "maybe_seconds")]
    pub longest_turn_nanos: Option<i64>,
    /// How long this program was stopped (SIGSTOP, SIGTSTP).
    #[serde(rename = "paused_seconds", serialize_with = "seconds")]
    pub paused_nanos: i64,
    /// The share of one core used between the arming and the last row, 0 to 1.
    pub cpu_share: Option<f64>,
    /// The CPU time in that span.
    pub cpu_seconds: Option<f64>,
    /// The part of it in which the sockets were polled in place of a sleep: before launches (`--precise`), and
    /// where sleeps were too short to be worth it.
    pub spin_seconds: Option<f64>,
    /// Complete responses.
    pub responses: u64,
    /// Of these, responses with kernel timestamps.
    pub kernel_stamped_responses: u64,
    /// Descriptors open at most.
    pub descriptors_used: Option<u64>,
    /// The limit of descriptors.
    pub descriptors_limit: Option<u64>,
    /// Source ports used.
    pub ports_used: Option<u64>,
    /// Source ports available.
    pub ports_available: Option<u64>,
    /// Whether the wall clock moved by more than 1 ms against the monotonic one.
    pub wall_clock_stepped: Option<bool>,
    /// Whether a time service synchronizes this machine's clock (`ntp_adjtime`).
    pub clock_synchronised: Option<bool>,
    /// The clock error that the service estimates.
    pub clock_estimated_error_seconds: Option<f64>,
    /// Whether the target is another machine.
    pub is_remote: bool,
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
