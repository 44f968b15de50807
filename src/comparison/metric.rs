//! What is compared: one figure of a part of a run.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::row::Source;
use crate::row::timing_key::TimingKey;
use crate::stats::Quantile;

/// A figure of a part. Spans are in seconds, rates per second, `errors` is a share of 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// A quantile of the purchases' elapsed times, over all shoppers: failed ones are infinitely slow.
    Buy(Level),
    /// Their mean, of successful ones.
    BuyMean,
    /// A quantile of the home pages' elapsed times, over all shoppers likewise.
    Home(Level),
    /// Their mean, of successful ones.
    HomeMean,
    /// Successful purchases per second.
    PurchasesPerSecond,
    /// The share of the shoppers without a purchase.
    Errors,
    /// The median of the service times that the server reported.
    ServerP50,
    /// Their 99th percentile.
    ServerP99,
    /// The median time before the server's code began.
    Queueing,
    /// The median time from the start of the service to its end, by the server's clock.
    Service,
    /// The median time from the end of the service to the first byte.
    After,
    /// A quantile of a time, or of a count, that the server sent with its answers.
    Timing(TimingKey, Level),
    /// Its mean.
    TimingMean(TimingKey),
}

/// A quantile that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The median.
    P50,
    /// The 90th percentile.
    P90,
    /// The 99th percentile.
    P99,
    /// The 99.9th percentile.
    P99_9,
}

impl Level {
    /// All of them.
    pub const ALL: [Level; 4] = [Level::P50, Level::P90, Level::P99, Level::P99_9];

    /// The end of its metrics' names.
    pub fn name(self) -> &'static str {
        match self {
            Level::P50 => "p50",
            Level::P90 => "p90",
            Level::P99 => "p99",
            Level::P99_9 => "p99.9",
        }
    }

    /// As a quantile of a sample.
    pub fn quantile(self) -> Quantile {
        match self {
            Level::P50 => Quantile::P50,
            Level::P90 => Quantile::P90,
            Level::P99 => Quantile::P99,
            Level::P99_9 => Quantile::P99_9,
        }
    }
}

/// The unit of a metric's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Purchases per second.
    PerSecond,
    /// A share of 1.
    Share,
    /// A count of one response, such as queries.
    Count,
}

impl Metric {
    /// All of them but those that servers name, in the order of the table.
    pub const ALL: [Metric; 17] = [
        Metric::Buy(Level::P50),
        Metric::Buy(Level::P90),
        Metric::Buy(Level::P99),
        Metric::Buy(Level::P99_9),
        Metric::BuyMean,
        Metric::Home(Level::P50),
        Metric::Home(Level::P90),
        Metric::Home(Level::P99),
        Metric::Home(Level::P99_9),
        Metric::HomeMean,
        Metric::PurchasesPerSecond,
        Metric::Errors,
        Metric::ServerP50,
        Metric::ServerP99,
        Metric::Queueing,
        Metric::Service,
        Metric::After,
    ];

    /// Its name on the command line and in outputs.
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Metric::Timing(key, level) => return format!("{key}.{}", level.name()).into(),
            Metric::TimingMean(key) => return format!("{key}.mean").into(),
            Metric::Buy(Level::P50) => "buy.p50",
            Metric::Buy(Level::P90) => "buy.p90",
            Metric::Buy(Level::P99) => "buy.p99",
            Metric::Buy(Level::P99_9) => "buy.p99.9",
            Metric::BuyMean => "buy.mean",
            Metric::Home(Level::P50) => "home.p50",
            Metric::Home(Level::P90) => "home.p90",
            Metric::Home(Level::P99) => "home.p99",
            Metric::Home(Level::P99_9) => "home.p99.9",
            Metric::HomeMean => "home.mean",
            Metric::PurchasesPerSecond => "purchases_per_second",
            Metric::Errors => "errors",
            Metric::ServerP50 => "server.p50",
            Metric::ServerP99 => "server.p99",
            Metric::Queueing => "queueing.p50",
            Metric::Service => "service.p50",
            Metric::After => "after.p50",
        })
    }

    /// The metric of a name; `rate`, and names of stages and times of the server without `.p50`, are the same.
    pub fn named(text: &str) -> Option<Metric> {
        let text = text.trim();
        if let Some(timing) = Metric::timing(text) {
            return Some(timing);
        }
        let name = text.replace('-', "_");
        let alias = match name.as_str() {
            "rate" => Some(Metric::PurchasesPerSecond),
            "queueing" => Some(Metric::Queueing),
            "service" => Some(Metric::Service),
            "after" => Some(Metric::After),
            _ => None,
        };
        alias.or_else(|| Metric::ALL.into_iter().find(|metric| metric.name() == name))
    }

    /// `buy.timing.db.p99`, or `buy.timing.db` for its median.
    fn timing(text: &str) -> Option<Metric> {
        let of_level = |level: &Level| {
            let key = text.strip_suffix(level.name())?.strip_suffix('.')?;
            Some(Metric::Timing(TimingKey::parse(key)?, *level))
        };
        if let Some(found) = Level::ALL.iter().find_map(of_level) {
            return Some(found);
        }
        match text.strip_suffix(".mean") {
            Some(key) => TimingKey::parse(key).map(Metric::TimingMean),
            None => Some(Metric::Timing(TimingKey::parse(text)?, Level::P50)),
        }
    }

    /// The server's time that it is of, where it is of one.
    pub fn timing_key(self) -> Option<TimingKey> {
        match self {
            Metric::Timing(key, _) | Metric::TimingMean(key) => Some(key),
            _ => None,
        }
    }

    /// Its place in [`Metric::ALL`]; absent for those that servers name.
    pub fn place(self) -> Option<usize> {
        Metric::ALL.iter().position(|metric| *metric == self)
    }

    /// The unit of its values.
    pub fn unit(self) -> Unit {
        match self {
            Metric::PurchasesPerSecond => Unit::PerSecond,
            Metric::Errors => Unit::Share,
            Metric::Timing(key, _) | Metric::TimingMean(key) if !key.is_time() => Unit::Count,
            _ => Unit::Seconds,
        }
    }

    /// Whether sides are compared by the difference; by the ratio otherwise.
    pub fn is_difference(self) -> bool {
        self == Metric::Errors
    }

    /// Whether it is computed of successful purchases only, and tells nothing where others failed.
    pub fn is_of_successes(self) -> bool {
        matches!(
            self,
            Metric::BuyMean
                | Metric::HomeMean
                | Metric::ServerP50
                | Metric::ServerP99
                | Metric::Queueing
                | Metric::Service
                | Metric::After
                | Metric::Timing(..)
                | Metric::TimingMean(_)
        )
    }

    /// Whether it is about the home pages.
    pub fn is_of_home(self) -> bool {
        match self {
            Metric::Home(_) | Metric::HomeMean => true,
            other => (other.timing_key()).is_some_and(|key| key.source() == Source::Home),
        }
    }

    /// The quantile of the sample that it is, where it is one.
    pub fn quantile(self) -> Option<Quantile> {
        match self {
            Metric::Buy(level) | Metric::Home(level) | Metric::Timing(_, level) => {
                Some(level.quantile())
            }
            Metric::ServerP99 => Some(Quantile::P99),
            Metric::ServerP50 | Metric::Queueing | Metric::Service | Metric::After => {
                Some(Quantile::P50)
            }
            _ => None,
        }
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

#[cfg(test)]
#[path = "metric_tests.rs"]
mod tests;
