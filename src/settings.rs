//! The settings of the core: plain values, checked where they are made, grouped by the modules that
//! take them.

mod buy_query;
mod comparing;
mod reading;
mod shard;
mod site;
mod variants;

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use crate::http::request::Field;
use crate::net::target::Target;
use crate::net::tls::TlsSettings;
use crate::net::ways::Ways;
use crate::plan::{Curve, Pattern, Think};
use crate::precise::Asked;
use crate::row::Source;
use crate::stats::Quantile;
use crate::stats::share::Share;

pub use buy_query::{BuyQuery, BuyQueryError};
pub use comparing::{CompareSettings, FailSettings};
pub use reading::{BadRows, ReadSettings, ReportSettings, Selection, SummarySettings};
pub use shard::{ShardSettings, StartAt};
pub use site::{Posts, SiteSettings};
pub use variants::{Hook, Variant, Variants};

/// The settings of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSettings {
    /// The shop and the requests.
    pub shop: ShopSettings,
    /// How connections are made and how long they may take.
    pub net: NetSettings,
    /// The variants that are compared, if there are any; `shop` and `net` are then those of the first.
    pub variants: Option<Variants>,
    /// The load; of a sharded run, the whole of it.
    pub load: LoadSettings,
    /// What of it this process launches, and when it starts.
    pub shard: ShardSettings,
    /// The seed; random if absent.
    pub seed: Option<u64>,
    /// Which clocks are read.
    pub clocks: ClockSettings,
    /// What is asked of the machine for the time of the load.
    pub precise: Asked,
    /// The destination and form of the rows.
    pub rows: RowSettings,
    /// The conditions under which a run fails.
    pub judge: JudgeSettings,
    /// What is printed about it.
    pub show: ShowSettings,
}

impl RunSettings {
    /// The name of a variant by its number; absent without variants.
    pub fn variant_name(&self, number: usize) -> Option<&str> {
        let variants = self.variants.as_ref()?;
        Some(variants.list[number].name.as_str())
    }

    /// The title of the rows of a variant: that of `-a`, a space, and the variant's name; one of them alone
    /// where the other is absent.
    pub fn title_of(&self, number: usize) -> String {
        let title = self.rows.title.as_str();
        match self.variant_name(number) {
            None => title.to_owned(),
            Some(name) if title.is_empty() => name.to_owned(),
            Some(name) => format!("{title} {name}"),
        }
    }
}

/// The shop, and the requests sent to it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShopSettings {
    /// Scheme, host and port.
    pub target: Target,
    /// The app's path segment.
    pub app: String,
    /// What follows the app in the home request.
    pub page_query: String,
    /// What follows the app in the purchase, with a place for the product id.
    pub buy_query: BuyQuery,
    /// What is on sale.
    pub products: Products,
    /// Header fields added or overridden.
    pub headers: Vec<Field>,
    /// The User-Agent.
    pub user_agent: String,
    /// Whether purchases carry Django's CSRF token, fetched once before the run.
    pub csrf: bool,
    /// The longest body of a purchase, bytes.
    pub max_body: usize,
    /// The limit of all response bodies in flight together, in bytes; `None` for a share of the
    /// machine's memory.
    pub max_memory: Option<usize>,
    /// What makes an ordinary site measurable.
    pub site: Box<SiteSettings>,
}

impl ShopSettings {
    /// Whether any product id is known, or is to be looked for.
    pub fn has_products(&self) -> bool {
        match &self.products {
            Products::Listed(ids) => ids.iter().any(|id| !id.is_empty()),
            Products::Auto => true,
        }
    }

    /// The path of the purchase of a product.
    pub fn buy_path(&self, product: &str) -> String {
        let rest = self.buy_query.for_product(product);
        self.target.path(&self.app, &rest)
    }
}

/// How connections are made, and how long they and the requests on them may take.
#[derive(Clone, Debug, PartialEq)]
pub struct NetSettings {
    /// Where connections go and come from.
    pub ways: Ways,
    /// TLS, for an `https://` target.
    pub tls: Option<TlsSettings>,
    /// Whether a shopper buys on the connection that fetched the home page.
    pub keep_alive: bool,
    /// Whether all connections are made before the launch.
    pub preconnect: bool,
    /// For each request; `None` for no limit.
    pub timeout: Option<Duration>,
    /// For each handshake; `None` for no limit.
    pub connect_timeout: Option<Duration>,
    /// The pause of a virtual user after an iteration without any answer; it doubles with each such
    /// iteration in a row, up to 1 s.
    pub retry_delay: Duration,
}

/// Which clocks are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockSettings {
    /// The clock for the arrival of responses.
    pub choice: ClockChoice,
    /// Whether the kernel's transmit timestamps are used.
    pub tx_stamps: bool,
}

/// The report file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSettings {
    /// The CSV file; `-` for standard output.
    pub output: PathBuf,
    /// The `benchmark_title` of every row.
    pub title: String,
    /// The text of `--note`, kept in `FILE.runs.jsonl` and in the summary.
    pub note: String,
    /// Whether the rows have the phases' columns.
    pub phases: bool,
    /// Whether times are written in UTC.
    pub utc: bool,
    /// Whether `FILE.runs.jsonl` is written beside the rows.
    pub runs_file: bool,
}

/// The conditions under which a complete run fails.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JudgeSettings {
    /// The thresholds of `--fail-if`.
    pub thresholds: Vec<Threshold>,
    /// Whether untrusted latencies are a failure.
    pub strict: bool,
    /// Whether untrusted latencies and a pace that this client set are a failure.
    pub strict_pace: bool,
}

/// What is printed about a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShowSettings {
    /// Whether the summary on standard output is one JSON object.
    pub json: bool,
    /// A file that gets the JSON summary.
    pub json_file: Option<PathBuf>,
    /// A file that gets the HTML page.
    pub html: Option<PathBuf>,
    /// The amount of output.
    pub verbosity: Verbosity,
    /// When the summary is coloured.
    pub color: ColorChoice,
    /// How progress is shown on standard error.
    pub progress: ProgressMode,
}

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

/// How progress is shown on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProgressMode {
    /// A line drawn in place on a terminal, unless quiet; elsewhere nothing.
    #[default]
    Auto,
    /// A line with a time stamp every few seconds, for logs.
    Log,
    /// Nothing.
    Never,
}

/// When text is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where the product ids come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Products {
    /// These, at least one, fit for a path.
    Listed(Vec<String>),
    /// The links of the home page, read once before the run.
    Auto,
}

/// The clock for the arrival of responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockChoice {
    /// The kernel's receive timestamps if available, else this process's clock.
    #[default]
    Auto,
    /// The kernel's; a run without them is refused.
    Kernel,
    /// This process's.
    User,
}

/// The amount of output beside the summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// Errors only; no summary either.
    Quiet,
    /// Progress and summary.
    #[default]
    Normal,
    /// The whole summary, and the resolved addresses, limits and clocks.
    Verbose,
}

/// The load.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadSettings {
    /// The workload.
    pub model: Model,
    /// The warm-up before it, which is not recorded.
    pub warm_up: Option<WarmUp>,
    /// How often all levels are run.
    pub rounds: NonZeroU32,
    /// The pause between two levels or rounds.
    pub pause: Duration,
}

/// A workload.
#[derive(Clone, Debug, PartialEq)]
pub enum Model {
    /// A number of virtual users: a burst, or a closed workload.
    Closed {
        /// How many; at least one number, run in turn.
        levels: Vec<NonZeroUsize>,
        /// Iterations per virtual user; `None` for no limit but the duration, or for one without a
        /// duration.
        repeat: Option<NonZeroU64>,
        /// Start no iterations after this time.
        duration: Option<Duration>,
        /// The pause between two iterations.
        think: Think,
        /// The time over which the start of the virtual users is spread.
        ramp_up: Duration,
    },
    /// Arrivals at a rate: an open workload.
    Open {
        /// The arrival rate.
        curve: Curve,
        /// The unit in which a constant rate was given.
        rate_unit: RateUnit,
        /// Evenly spaced, or Poisson.
        pattern: Pattern,
        /// The number of arrivals.
        count: Option<NonZeroU64>,
        /// Launch no arrivals after this time.
        duration: Option<Duration>,
        /// The most in flight; `None` for what the machine allows, 10,000 at most.
        max_in_flight: Option<NonZeroUsize>,
    },
}

/// The unit of a rate as it was given: arrivals in each of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RateUnit {
    /// `500` or `500/s`
    #[default]
    Second,
    /// `30/m`
    Minute,
    /// `5/h`
    Hour,
}

impl RateUnit {
    /// `s`, `m` or `h`.
    pub fn name(self) -> &'static str {
        match self {
            RateUnit::Second => "s",
            RateUnit::Minute => "m",
            RateUnit::Hour => "h",
        }
    }

    /// How long it is, seconds.
    pub fn seconds(self) -> f64 {
        match self {
            RateUnit::Second => 1.0,
            RateUnit::Minute => 60.0,
            RateUnit::Hour => 3600.0,
        }
    }
}

/// How long a warm-up is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUp {
    /// A number of iterations.
    Shoppers(NonZeroU64),
    /// A span of time.
    For(Duration),
}

/// The option of the number of virtual users.
pub const CONCURRENT: &str = "--concurrent";

/// The option of the most arrivals in flight.
pub const MAX_IN_FLIGHT: &str = "--max-in-flight";

/// The most in flight of an open workload without `--max-in-flight`, as a literal: the
/// help contains it.
macro_rules! usual_in_flight {
    () => {
        10000
    };
}
pub(crate) use usual_in_flight;

/// The most in flight of an open workload without `--max-in-flight`.
pub const USUAL_IN_FLIGHT: u64 = usual_in_flight!();

/// The most shoppers in flight, and the option that sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtOnce {
    /// The number.
    pub count: usize,
    /// Whether they are arrivals of an open workload: virtual users otherwise.
    pub is_open: bool,
    /// The option's name.
    pub option: &'static str,
    /// Its short name, or the same.
    pub short: &'static str,
}

impl AtOnce {
    /// The number of `--concurrent`.
    pub fn concurrent(count: usize) -> AtOnce {
        AtOnce {
            count,
            is_open: false,
            option: CONCURRENT,
            short: "-c",
        }
    }

    /// The number of `--max-in-flight`.
    pub fn in_flight(count: usize) -> AtOnce {
        AtOnce {
            count,
            is_open: true,
            option: MAX_IN_FLIGHT,
            short: MAX_IN_FLIGHT,
        }
    }
}

impl LoadSettings {
    /// The configured limit of shoppers in flight; `None` if not set.
    pub fn most_at_once(&self) -> Option<AtOnce> {
        match &self.model {
            Model::Closed { levels, .. } => {
                let most = levels.iter().map(|level| level.get()).max();
                most.map(AtOnce::concurrent)
            }
            Model::Open { max_in_flight, .. } => {
                max_in_flight.map(|most| AtOnce::in_flight(most.get()))
            }
        }
    }

    /// The number of arrivals of an open workload that can be expected; `None` without an end, and in a
    /// closed workload.
    pub fn expected_arrivals(&self) -> Option<f64> {
        match &self.model {
            Model::Closed { .. } => None,
            Model::Open {
                curve,
                count,
                duration,
                ..
            } => {
                let count = count.map(|count| count.get() as f64);
                let spans = [*duration, curve.length()].into_iter().flatten();
                let by_span = spans
                    .min()
                    .map(|span| curve.expected_by(span.as_secs_f64()));
                [count, by_span].into_iter().flatten().reduce(f64::min)
            }
        }
    }

    /// The time over which the first shoppers are spread; 0 for a burst and an open workload.
    pub fn ramp_up(&self) -> Duration {
        match self.model {
            Model::Closed { ramp_up, .. } => ramp_up,
            Model::Open { .. } => Duration::ZERO,
        }
    }

    /// Whether there are scheduled launches: arrivals, and what follows a pause.
    pub fn has_due_launches(&self) -> bool {
        match self.model {
            Model::Closed { think, ramp_up, .. } => !ramp_up.is_zero() || think != Think::default(),
            Model::Open { .. } => true,
        }
    }

    /// Whether it is a burst or a closed workload.
    pub fn is_closed(&self) -> bool {
        matches!(self.model, Model::Closed { .. })
    }
}

/// A threshold (`--fail-if`): a run fails where it is met or cannot be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// As it was given, on one line.
    pub text: String,
    /// How the figure has to compare with the limit.
    pub comparison: Comparison,
    /// The figure, and the limit in its unit.
    pub limit: Limit,
}

/// How a figure has to compare with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

/// A figure of a run, and its limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// Elapsed times, of all requests (or reports) that have one.
    Elapsed {
        /// Whose.
        of: Source,
        /// Which of them.
        statistic: Statistic,
        /// The limit, nanoseconds.
        nanos: i64,
    },
    /// TLS handshakes within requests of the client, of all that have one.
    Tls {
        /// Whose: home or buy.
        of: Source,
        /// Which of them.
        statistic: Statistic,
        /// The limit, nanoseconds.
        nanos: i64,
    },
    /// A share of failures.
    Errors {
        /// Failed requests of all shoppers, or the reports of a server with the result false of those
        /// that have a result; `None`: shoppers without a purchase of all shoppers.
        of: Option<Source>,
        /// The limit.
        share: Share,
    },
    /// Successful purchases per second of the run.
    Rate {
        /// The limit, 0 or more.
        per_second: f64,
    },
}

/// Which figure of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The smallest value.
    Min,
    /// The arithmetic mean.
    Mean,
    /// The value at a quantile.
    Percentile(Quantile),
    /// The largest value.
    Max,
}

impl Threshold {
    /// Why it can never be met, if that is so: it would check nothing.
    pub fn never_met(&self) -> Option<&'static str> {
        match (self.limit, self.comparison) {
            (Limit::Errors { share, .. }, Comparison::Above) if share == Share::WHOLE => {
                Some("a share is at most 1, which is 100 %")
            }
            (Limit::Errors { share, .. }, Comparison::Below) if share == Share::default() => {
                Some("a share is never below 0")
            }
            (Limit::Rate { per_second: 0.0 }, Comparison::Below) => Some("a rate is never below 0"),
            _ => None,
        }
    }
}

/// A check before a run.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckSettings {
    /// The shop and the requests.
    pub shop: ShopSettings,
    /// How connections are made and how long they may take.
    pub net: NetSettings,
    /// The variants; `shop` and `net` are then those of the first. Their commands are not run.
    pub variants: Option<Variants>,
    /// The load that is planned.
    pub load: LoadSettings,
    /// The seed; random if absent.
    pub seed: Option<u64>,
    /// What is asked of the machine for the time of the load.
    pub precise: Asked,
    /// What is printed about it.
    pub show: ShowSettings,
    /// Whether to make one purchase.
    pub buy: bool,
}

/// The form of the results of a calibration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CalibrateSettings {
    /// As one JSON object.
    pub json: bool,
    /// The conclusion only.
    pub quiet: bool,
    /// Whether the shop is measured over TLS.
    pub tls: bool,
    /// What is asked of the machine for the time of the bursts.
    pub precise: Asked,
}
