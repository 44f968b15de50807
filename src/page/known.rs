//! What is known beside the rows, and how fine the charts are.

/// The names of the two requests of an iteration.
pub const STEPS: [&str; 2] = ["home", "purchase"];

/// A part of a run: one level in one round.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartKnown {
    /// The virtual users; absent in an open workload.
    pub level: Option<u64>,
    /// The round, counted from 1.
    pub round: u64,
    /// Shoppers of the warm-up before it, which have no rows.
    pub warm_up: Option<u64>,
    /// Purchases per second; absent where the span is 0.
    pub rate: Option<f64>,
    /// Whether its latencies can be trusted; absent where that is not recorded.
    pub trusted: Option<bool>,
}

/// How fine the charts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fineness {
    /// The most columns of the time axis.
    pub columns: usize,
    /// The most rows of a heatmap.
    pub rows: usize,
}

impl Fineness {
    /// Of a page with that many runs: it is to stay small.
    pub fn of(runs: usize) -> Fineness {
        match runs {
            0..=2 => Fineness {
                columns: 96,
                rows: 40,
            },
            _ => Fineness {
                columns: 40,
                rows: 24,
            },
        }
    }
}
