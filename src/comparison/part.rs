//! A part of a run as a comparison sees it: one replicate.

use super::metric::Metric;
use super::place::Stages;
use super::resource::ResourceFacts;

/// The figures of a part: one variant at one level in one round, or a run without rounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartMetrics {
    /// Shoppers that were due: launched, dropped or not launched.
    pub due: u64,
    /// Successful purchases.
    pub bought: u64,
    /// Successful home pages.
    pub opened: u64,
    /// A value for each metric; infinite where the quantile is one of the failed shoppers.
    pub values: Values,
    /// The mean times of successful requests, stage by stage.
    pub stages: Stages,
    /// The share of this client of the home pages' latencies, seconds: p50 and p99.
    pub own_home: [Option<f64>; 2],
    /// The same of the purchases.
    pub own_buy: [Option<f64>; 2],
    /// Why the latencies of home pages are not to be trusted; absent where they are, or where it is not known.
    pub distrust_home: Option<String>,
    /// The same of the purchases.
    pub distrust_buy: Option<String>,
    /// The first start, nanoseconds since the Unix epoch.
    pub began: Option<i64>,
    /// The end of the last row, or the last start where that is not known.
    pub ended: Option<i64>,
    /// What is known about the resources.
    pub resource: ResourceFacts,
    /// Elapsed times in the order of their starts, for intervals within the part; empty where not collected.
    pub series: Series,
}

/// A value for each metric of [`Metric::ALL`], and for those that the server named; absent where there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    usual: [Option<f64>; Metric::ALL.len()],
    of_server: Vec<(Metric, f64)>,
}

impl Values {
    /// The value of a metric.
    pub fn of(&self, metric: Metric) -> Option<f64> {
        match metric.place() {
            Some(place) => self.usual[place],
            None => {
                let found = self.of_server.iter().find(|(of, _)| *of == metric);
                found.map(|(_, value)| *value)
            }
        }
    }

    /// The metrics that the server named.
    pub fn of_server(&self) -> impl Iterator<Item = Metric> {
        self.of_server.iter().map(|(metric, _)| *metric)
    }

    /// Sets it. NaN counts as absent.
    pub fn set(&mut self, metric: Metric, value: Option<f64>) {
        let value = value.filter(|value| !value.is_nan());
        match (metric.place(), value) {
            (Some(place), value) => self.usual[place] = value,
            (None, value) => {
                self.of_server.retain(|(of, _)| *of != metric);
                self.of_server.extend(value.map(|value| (metric, value)));
            }
        }
    }
}

/// Elapsed times in the order of their starts, seconds; infinite for failed shoppers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The home pages.
    pub home: Vec<f64>,
    /// The purchases.
    pub buy: Vec<f64>,
}

/// A part, and where it belongs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replicate {
    /// The side, by its place.
    pub side: usize,
    /// The run that it is of, by a number of its own.
    pub run: usize,
    /// The round in that run, counted from 1.
    pub round: u64,
    /// What it has in common with the parts that it may be compared with.
    pub context: Context,
    /// Its figures.
    pub part: PartMetrics,
}

/// What parts have in common that are compared: each such group has a table of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Context {
    /// The virtual users, where levels are not what is compared.
    pub level: Option<u64>,
    /// The variant, where variants are not what is compared.
    pub variant: Option<String>,
}
