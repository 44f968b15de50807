//! What rows cannot carry: `FILE.runs.jsonl` beside the rows in FILE, as JSON lines.
//!
//! | line | when | what |
//! |---|---|---|
//! | `run` | before the load | program, plan, target: [`RunLine`] |
//! | `part` | after the rows of a part (one level in one round) are in the file | [`PartLine`] |
//! | `end` | when all is done | [`EndLine`] |
//!
//! Only whole lines are appended, while the rows' file is locked. Readers skip lines that they cannot
//! read: a torn last line, or one of a later version.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::net::tls::TlsFigures;
use crate::outfile::OutFile;
use crate::plan::Kind;
use crate::precise::Precise;
use crate::stats::SampleRecord;
use crate::sys::machine::Machine;
use crate::time::offset::Offsets;

use super::judged::{ReasonGiven, Verdict};
use super::load::Load;
use super::shards::Shards;

/// The version of the lines.
pub const SCHEMA_VERSION: u32 = 1;

/// The longest line that is read, bytes.
const MAX_LINE: u64 = 64 << 20;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "lowercase")]
pub enum Line {
    /// A run begins.
    Run(Box<RunLine>),
    /// A part of it is done.
    Part(Box<PartLine>),
    /// It has ended.
    End(Box<EndLine>),
}

/// What is known about a run before its load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunLine {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The program's version.
    pub version: String,
    /// A unique identifier of the run.
    pub run: String,
    /// When it began: ISO 8601 in UTC.
    pub started: String,
    /// The shard as `K/N`, of a sharded run.
    pub shard: Option<String>,
    /// The instant at which the load was to start, ISO 8601 in UTC; absent where none was given.
    pub start_at: Option<String>,
    /// The variable of the engine that the shard was taken from (`--shard auto`); absent for `K/N`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard_source: Option<String>,
    /// From the start of one part to that of the next, seconds; absent where parts follow as they end.
    pub slot_seconds: Option<f64>,
    /// The state of the wall clock before the load; absent where the system does not tell it.
    pub clock: Option<ClockState>,
    /// The machine, before the load.
    pub machine: Machine,
    /// The text of `--note`.
    pub note: String,
    /// The `benchmark_title` of every row.
    pub title: String,
    /// Scheme, host, port and the path before the app; empty where variants have different ones.
    pub target: String,
    /// The app's path segment.
    pub app: String,
    /// The seed, which reproduces the shoppers' choices, as text: it may exceed 2^53.
    pub seed: String,
    /// A hash over all settings that determine the load, except seed, target, variant and title.
    pub plan_hash: String,
    /// The part of it without the load: over what a shopper does, not how many do it, when and how often. Empty
    /// in lines of earlier versions.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub visit_hash: String,
    /// The load as configured.
    pub load: Load,
    /// The names of the variants, where there are any.
    pub variants: Vec<String>,
    /// Their targets, in the same order.
    pub variant_targets: Vec<String>,
    /// Whether connections were made before the starts.
    pub preconnect: bool,
    /// Whether connections were used for more than one request.
    pub keep_alive: bool,
    /// Whether the rows' times are in UTC; local time otherwise.
    pub utc: bool,
    /// The zone of the rows' local times, as `TZ` names it; empty where it has no name.
    pub time_zone: String,
    /// How far local time was ahead of UTC when the run began, seconds: for a reader that does not know
    /// the zone.
    pub utc_offset_seconds: i32,
    /// What else defines the load.
    pub choices: Choices,
    /// Whether the rows have the columns of `--phases`.
    pub phases: bool,
    /// Whether the target is another machine.
    pub is_remote: bool,
    /// The shards that were merged into this run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<Box<Shards>>,
}

/// What the kernel says about the wall clock, ntp_adjtime(3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClockState {
    /// Whether a time service synchronizes it.
    pub synchronised: bool,
    /// The error that the service estimates, nanoseconds.
    pub estimated_error_nanos: u64,
    /// The largest error that it can have, nanoseconds.
    pub maximum_error_nanos: u64,
}

/// The flags that define the load, beside those of [`Load`]. All of them, and the values of the headers,
/// are in the plan hash.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// The home page's path.
    pub page: String,
    /// The purchase's query, with its placeholder.
    pub buy_query: String,
    /// How many different purchases there are.
    pub purchases: u64,
    /// The names of the header fields given; their values may be secrets.
    pub headers: Vec<String>,
    /// The User-Agent sent.
    pub user_agent: String,
    /// Whether purchases are POSTed with the CSRF token of the home page.
    pub csrf: bool,
    /// The time limit of each request; absent for none.
    pub timeout_seconds: Option<f64>,
    /// That of each handshake.
    pub connect_timeout_seconds: Option<f64>,
    /// The first pause after an iteration without an answer.
    pub retry_delay_seconds: f64,
    /// The longest body that is read, bytes.
    pub max_body: u64,
    /// TLS, over an `https://` target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsChoices>,
    /// Of an ordinary site; absent for a shop that takes three fields and answers with its report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteChoices>,
}

/// The flags of an ordinary site. Values of fields may be secrets: only a hash is kept of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteChoices {
    /// The method of purchases.
    pub method: String,
    /// A hash of what is posted: its template, and all values of the form file; empty for the three fields.
    pub posted: String,
    /// The Content-Type of a body other than a form.
    pub content_type: Option<String>,
    /// The accepted statuses.
    pub expect: String,
    /// Where the server's figures come from: `json`, `server-timing` or `none`.
    pub report: String,
    /// The metric that is the service time.
    pub timing_total: Option<String>,
    /// The response fields with a time.
    pub server_headers: Vec<String>,
    /// Whether each shopper has a session.
    pub cookies: bool,
    /// The page with the CSRF token.
    pub csrf_page: Option<String>,
}

/// The flags of TLS. Names of files are not among them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TlsChoices {
    /// The name that the certificate must have.
    pub name: String,
    /// Whether any certificate is accepted.
    pub insecure: bool,
    /// Whether the client has a certificate.
    pub client_certificate: bool,
    /// The oldest version offered: `1.2` or `1.3`.
    pub min: String,
    /// The newest version offered.
    pub max: String,
    /// The key exchange groups offered, in their order.
    pub groups: Vec<String>,
    /// Which connections resume a session: `never`, `visit`, `place` or a share such as `30%`.
    pub resume: String,
}

/// What is known of a part of a run when its rows are in the file. Spans are in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PartLine {
    /// The run's.
    pub run: String,
    /// Its number in the run, counted from 0.
    pub part: u64,
    /// The variant, where there are any.
    pub variant: Option<String>,
    /// The virtual users of a burst or a closed workload.
    pub level: Option<u64>,
    /// The round, counted from 1.
    pub round: u64,
    /// What kind of load it is.
    pub kind: Kind,
    /// When the first shopper started: ISO 8601 in UTC.
    pub first_start: Option<String>,
    /// When the last shopper started.
    pub last_start: Option<String>,
    /// When the last row was done.
    pub last_row: Option<String>,
    /// Its rows in the file.
    pub rows: u64,
    /// Where they are: the first byte of the first, and the first beyond the last.
    pub range: Option<[u64; 2]>,
    /// Why the range is absent.
    pub range_missing: Option<String>,
    /// Shoppers of the warm-up before it, and how many of their purchases failed.
    pub warm_up: Option<[u64; 2]>,
    /// From the first start to the last row.
    pub wall_nanos: i64,
    /// The span that rates are divided by.
    pub span_nanos: i64,
    /// From the first start of a burst to its last.
    pub starts_spread_nanos: Option<i64>,
    /// Whether a signal ended it early.
    pub cut: bool,
    /// How long the program was stopped during the part.
    pub paused_nanos: i64,
    /// Iterations that were put off because the one before got no response.
    pub backoffs: u64,
    /// The most shoppers in flight at once.
    pub most_in_flight: u64,
    /// The TLS connections; absent if they were plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFigures>,
    /// The verdict; absent in lines of early versions, which have the next two only.
    pub verdict: Option<Verdict>,
    /// Whether the latencies can be trusted; in lines of early versions, whether all figures can.
    pub trusted: bool,
    /// Why not.
    pub reasons: Vec<ReasonGiven>,
    /// How long this program's thread waited for a CPU; absent if not known.
    pub run_queue_nanos: Option<u64>,
    /// CPU time that the hypervisor gave to others, of all CPUs; absent if not known.
    pub steal_nanos: Option<u64>,
    /// How often this program's thread had to leave its CPU to others; absent if not known.
    pub involuntary_switches: Option<u64>,
    /// How often it was given a CPU; absent if not known.
    pub timeslices: Option<u64>,
    /// This program's CPU time between the arming and the last row.
    pub cpu_nanos: u64,
    /// The part of it in which the sockets were polled in place of a sleep.
    pub spun_nanos: u64,
    /// How long that was.
    pub cpu_span_nanos: u64,
    /// The longest iteration of the event loop.
    pub longest_iteration_nanos: i64,
    /// Descriptors open at most, and the limit of them.
    pub descriptors: [u64; 2],
    /// Source ports used.
    pub ports_used: u64,
    /// Those that the system gives out.
    pub ports_available: Option<u64>,
    /// The send delay of the home requests: p50 and p99.
    pub own_home_nanos: [Option<i64>; 2],
    /// The send delay of the purchases: p50 and p99.
    pub own_buy_nanos: [Option<i64>; 2],
    /// What the rows do not carry.
    pub figures: PartFigures,
}

/// Counts and mergeable histograms of what the 28 columns cannot carry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PartFigures {
    /// Shoppers dropped without a row.
    pub dropped_without_row: u64,
    /// Of all dropped, those who were not launched as the program was too far behind the plan.
    pub dropped_late: u64,
    /// Due to started.
    pub launch_delay: SampleRecord,
    /// From due to the end of the home page, of successful requests.
    pub home_since_due: SampleRecord,
    /// From due to the end of the home page, in an open workload.
    pub home_from_due: SampleRecord,
    /// From due to the end of the purchase, in an open workload.
    pub visit_from_due: SampleRecord,
    /// The home requests.
    pub home: StepRecord,
    /// The purchases.
    pub buy: StepRecord,
    /// From the client's start to the server's, by the uncorrected clocks.
    pub before_server: SampleRecord,
    /// From the server's start to its stop, of the same purchases.
    pub in_server: SampleRecord,
    /// From the end of the service to the first byte, by the uncorrected clocks.
    pub after_server: SampleRecord,
    /// From the first byte to the last, of the same purchases.
    pub after_server_receive: SampleRecord,
    /// Bounds of the main server's clock.
    pub server_clock: Offsets,
    /// Bounds of the second server's clock.
    pub rest_clock: Offsets,
    /// CPU time of the purchases, as the main server reported it.
    pub server_cpu: SampleRecord,
    /// The same of the second server.
    pub rest_cpu: SampleRecord,
    /// Anomalies of reports, with counts.
    pub odd_reports: Vec<(String, u64)>,
    /// Complete responses.
    pub responses: u64,
    /// Those of them with kernel timestamps.
    pub kernel_stamped: u64,
    /// Requests that failed because no file descriptor was left.
    pub without_descriptor: u64,
    /// Requests that failed because no source port was left.
    pub without_port: u64,
    /// Failures by kind: step, kind and count.
    pub failures: Vec<(String, String, u64)>,
    /// Service times without the server's clock, the rest of those waits, and what is not wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timed: Option<[SampleRecord; 3]>,
    /// Of an ordinary site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteRecord>,
}

/// Figures of an ordinary site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteRecord {
    /// The metrics of the server.
    pub timings: Vec<TimingRecord>,
    /// Values of further metrics.
    pub metrics_left_out: u64,
    /// Server-Timing fields that were cut.
    pub timings_cut: u64,
    /// Cookies that were not kept.
    pub cookies_dropped: u64,
    /// Secure cookies that were not sent, since connections were plain HTTP.
    pub cookies_withheld: u64,
    /// Successful purchases without the service time that was asked for.
    pub times_missing: u64,
    /// The pages of forms.
    pub form_page: SampleRecord,
    /// Those of them that failed.
    pub form_pages_failed: u64,
}

/// One metric of the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TimingRecord {
    /// `home` or `buy`.
    pub step: String,
    /// As the server named it.
    pub name: String,
    /// `seconds`, or that of a count.
    pub unit: String,
    /// Billionths of the unit.
    pub values: SampleRecord,
}

/// What rows do not carry about one kind of request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StepRecord {
    /// From the start until the TCP connection was established.
    pub connect: SampleRecord,
    /// From then until the TLS handshake was complete.
    pub tls: SampleRecord,
    /// From then until the request was sent.
    pub send: SampleRecord,
    /// From then until the first byte of the response.
    pub wait: SampleRecord,
    /// From then until the last byte.
    pub receive: SampleRecord,
    /// Read delay: from stopped to seen.
    pub read_delay: SampleRecord,
    /// From the arrivals of redirects to the starts of the requests that they asked for.
    pub hop_delay: SampleRecord,
    /// The share of this program before the request left.
    pub send_delay: SampleRecord,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndLine {
    /// The run's.
    pub run: String,
    /// `done`, `interrupted` or `failed`.
    pub ending: String,
    /// The signal that interrupted it, by name.
    pub signal: Option<String>,
    /// Rows written, in all.
    pub rows: u64,
    /// This program's CPU time in user mode.
    pub cpu_user_nanos: u64,
    /// This program's CPU time in the kernel.
    pub cpu_system_nanos: u64,
    /// The largest resident set of this program, bytes.
    pub peak_memory_bytes: u64,
    /// The measures of `--precise`, `--cpu` and `demo`; absent without them.
    pub precise: Option<Precise>,
    /// How far the wall clock moved against the monotonic one.
    pub clock_drift_nanos: i64,
    /// The load averages over 1, 5 and 15 minutes, after the load.
    pub load_average: Option<[f64; 3]>,
    /// Whether a time service synchronizes this machine's clock, and its estimated error,
    /// nanoseconds.
    pub clock_synchronised: Option<bool>,
    /// Nanoseconds.
    pub clock_estimated_error_nanos: Option<u64>,
}

/// The name of the file that belongs to rows: beside the file itself, whatever link leads to it.
pub fn path_of(rows: &Path) -> PathBuf {
    let path = fs::canonicalize(rows).unwrap_or_else(|_| rows.to_owned());
    let mut name: OsString = path.into_os_string();
    name.push(".runs.jsonl");
    PathBuf::from(name)
}

/// Whether a file that is to be written at the end is that of rows, or that of the lines beside them: both are
/// never replaced.
pub fn is_of_rows(file: &OutFile, rows: &Path) -> bool {
    file.is_same(rows) || file.is_same(&path_of(rows))
}

/// Appends lines.
#[derive(Debug)]
pub struct RunsFile {
    file: File,
}

impl RunsFile {
    /// Opens the file that belongs to rows, or makes it.
    pub fn open(rows: &Path) -> io::Result<RunsFile> {
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .append(true)
            .create(true)
            .open(path_of(rows))?;
        // A torn last line is left as it is; new lines begin after a line break.
        let end = file.seek(SeekFrom::End(0))?;
        if end > 0 {
            file.seek(SeekFrom::Start(end - 1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != [b'\n'] {
                file.write_all(b"\n")?;
            }
        }
        Ok(RunsFile { file })
    }

    /// Appends a line, in one write.
    pub fn append(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.write_all(&text)
    }
}

/// The lines of the file that belongs to rows, and how many could not be read; empty if
/// the file does not exist.
pub fn read(rows: &Path) -> io::Result<(Vec<Line>, u64)> {
    match File::open(path_of(rows)) {
        Ok(file) => read_lines(BufReader::new(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Vec::new(), 0)),
        Err(error) => Err(error),
    }
}

/// The lines of a runs file.
pub fn read_lines(mut input: impl BufRead) -> io::Result<(Vec<Line>, u64)> {
    let mut lines = Vec::new();
    let mut unreadable = 0;
    let mut text = Vec::new();
    loop {
        text.clear();
        if input.by_ref().take(MAX_LINE).read_until(b'\n', &mut text)? == 0 {
            return Ok((lines, unreadable));
        }
        if text.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(&text) {
            Ok(line) if is_known(&line) => lines.push(line),
            _ => unreadable += 1,
        }
    }
}

fn is_known(line: &Line) -> bool {
    match line {
        Line::Run(run) => run.schema_version == SCHEMA_VERSION && run.load.is_sound(),
        Line::Part(_) | Line::End(_) => true,
    }
}

#[cfg(test)]
#[path = "runs_tests.rs"]
mod tests;
