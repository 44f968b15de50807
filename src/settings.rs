//! The settings of the core: plain values, checked where they are made, grouped by the modules that
//! take them.

mod buy_query;
mod comparing;
mod engines;
mod load;
mod reading;
mod shard;
mod site;
mod thresholds;
mod variants;

use std::path::PathBuf;
use std::time::Duration;

use crate::http::request::Field;
use crate::net::target::Target;
use crate::net::tls::TlsSettings;
use crate::net::ways::Ways;
use crate::precise::Asked;

pub use buy_query::{BuyQuery, BuyQueryError};
pub use comparing::{CompareSettings, Comparing, FailSettings};
pub use engines::{DeploySettings, Engine, MergeSettings, ShardsSettings};
pub(crate) use load::usual_in_flight;
pub use load::{
    AtOnce, CONCURRENT, LoadSettings, MAX_IN_FLIGHT, Model, RateUnit, USUAL_IN_FLIGHT, WarmUp,
};
pub use reading::{BadRows, ReadSettings, ReportSettings, Selection, SummarySettings};
pub use shard::{ShardSettings, StartAt};
pub use site::{Posts, SiteSettings};
pub use thresholds::{Comparison, Limit, Statistic, Threshold};
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

    /// Whether Server-Timing is read whatever the purchases' report is: a column has it, or a threshold needs it.
    pub fn reads_timings(&self) -> bool {
        let needs = |threshold: &Threshold| matches!(threshold.limit, Limit::Timing { .. });
        self.rows.phases || self.judge.thresholds.iter().any(needs)
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
