//! The shards that were merged into one run: recorded in its run line, and part of its summary.

use serde::{Deserialize, Serialize};

/// The shards of a merged run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shards {
    /// Into how many the run was divided.
    pub count: u64,
    /// Those whose rows are here.
    pub merged: u64,
    /// Whether some are not: no figure is extrapolated to them.
    pub partial: bool,
    /// The instant at which the run was to start, where one was given: ISO 8601 in UTC.
    pub start_at: Option<String>,
    /// The starts.
    pub starts: ShardStarts,
    /// The clocks.
    pub clocks: ShardClocks,
    /// Each of them, in their order, those that are missing included.
    pub each: Vec<Shard>,
}

/// How far apart the shards of a run started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShardStarts {
    /// Whether the spread is that of all shoppers of a burst (the largest, of several bursts); otherwise it is that
    /// of the shards' first shoppers.
    pub of_burst: bool,
    /// From the first start to the last, over all shards, corrected by what is known of the clocks; absent if there
    /// were none.
    #[serde(rename = "spread_seconds", with = "maybe")]
    pub spread: Option<i64>,
    /// What it is at least, given how far the clocks may differ; absent where nothing bounds that.
    #[serde(rename = "spread_at_least_seconds", with = "maybe")]
    pub at_least: Option<i64>,
    /// What it is at most.
    #[serde(rename = "spread_at_most_seconds", with = "maybe")]
    pub at_most: Option<i64>,
    /// From the instant of the start to the first start of the shard that was the last to start, each by its own clock.
    #[serde(rename = "latest_seconds", with = "maybe")]
    pub latest: Option<i64>,
}

/// How far the clocks of the shards' machines may differ.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShardClocks {
    /// Whether a clock that all of them saw, the shop's, bounds the skew.
    pub common: bool,
    /// Why not.
    pub reason: Option<String>,
    /// The skew of any two of them is at least this (the two that differ most).
    #[serde(rename = "skew_at_least_seconds", with = "maybe")]
    pub at_least: Option<i64>,
    /// The skew of any two of them is at most this.
    #[serde(rename = "skew_at_most_seconds", with = "maybe")]
    pub at_most: Option<i64>,
    /// Warnings about clocks and starts, one sentence each.
    pub warnings: Vec<String>,
}

/// One shard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shard {
    /// Its number, counted from 1.
    pub index: u64,
    /// Whether its rows are here.
    pub merged: bool,
    /// Why not.
    pub problem: Option<String>,
    /// The file that its rows were read from.
    pub file: Option<String>,
    /// The id of its run.
    pub run: Option<String>,
    /// The name of its machine.
    pub host_name: Option<String>,
    /// Its rows that are here.
    pub rows: u64,
    /// From the instant of the start to its first start, by its own clock.
    #[serde(rename = "start_delay_seconds", with = "maybe")]
    pub start_delay: Option<i64>,
    /// The shop's clock less its own, at least.
    #[serde(rename = "shop_clock_at_least_seconds", with = "maybe")]
    pub shop_clock_at_least: Option<i64>,
    /// The shop's clock less its own, at most.
    #[serde(rename = "shop_clock_at_most_seconds", with = "maybe")]
    pub shop_clock_at_most: Option<i64>,
    /// Whether a time service synchronized its clock; absent if not known.
    pub clock_synchronised: Option<bool>,
}

impl Shards {
    /// `3 of 4 shards`, with which are missing and why; nothing if none is.
    pub fn missing(&self) -> Option<String> {
        if !self.partial {
            return None;
        }
        let (merged, count) = (self.merged, self.count);
        Some(format!("{merged} of {count} shards"))
    }
}

/// Nanoseconds inside, seconds outside; an `f64` has the nanoseconds of spans up to a hundred days.
mod maybe {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(nanos: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
        crate::time::span::maybe_seconds(nanos, serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
        let seconds = Option::<f64>::deserialize(from)?;
        Ok(seconds.map(|seconds| (seconds * 1e9).round() as i64))
    }
}
