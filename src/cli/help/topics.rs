//! The topics of the help: longer texts, one file each.

use super::wrap::beside;

/// A text of the help.
#[derive(Debug)]
pub struct Topic {
    /// What it is asked for by.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// The text of its file.
    pub text: &'static str,
}

macro_rules! topics {
    ($($name:literal: $summary:literal,)+) => {
        /// All topics, in the order in which they are worth reading.
        pub static ALL: &[Topic] = &[$(Topic {
            name: $name,
            summary: $summary,
            text: include_str!(concat!("../topics/", $name, ".txt")),
        }),+];
    };
}

topics! {
    "django": "a run against your own Django shop, step by step",
    "load": "bursts, closed and open workloads, warm-up",
    "sweep": "several levels, and the law of scalability",
    "variants": "which configuration is better: variants that take turns",
    "columns": "the columns of the CSV, and how rows are written",
    "thresholds": "--fail-if: figures, limits, exit codes",
    "json": "keys of the JSON summary, with units",
    "https": "TLS: trust, sessions, what is measured",
    "trust": "whether to trust a run: verdict, clocks, calibration",
    "accuracy": "the figures against a packet capture",
    "speed": "throughput beside other tools",
    "shards": "one run as several processes, on one machine or many",
    "ports": "more than 28,000 connections; descriptors",
    "tools": "reading the CSV: Python, pandas, DuckDB, sqlite, gnuplot",
    "differences": "how it differs from the old client, for old scripts",
    "limits": "what it does not do",
}

/// The names and summaries, one line each.
pub fn list() -> String {
    let line = |topic: &Topic| {
        beside(
            &format!("  {}", topic.name),
            &[topic.summary.to_owned()],
            18,
        )
    };
    ALL.iter().map(line).collect()
}
