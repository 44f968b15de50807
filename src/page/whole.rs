//! The finished value of a page.

use crate::summary::Summary;

use super::collect::Collector;
use super::curve::{self, Curve};
use super::known::{Fineness, PartKnown};
use super::sweep::{self, Sweep};
use super::timeline::{self, Timeline};
use super::went::{self, Went};

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The reports it was made from, as they were named.
    pub sources: Vec<String>,
    /// This program's version.
    pub version: String,
    /// Warnings about the reports, one line each.
    pub warnings: Vec<String>,
    /// The runs, in the order in which they began.
    pub runs: Vec<RunPage>,
}

/// One run on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct RunPage {
    /// Its number among the runs of the files, counted from 1.
    pub number: usize,
    /// Its summary.
    pub summary: Summary,
    /// Whether nothing but its rows is known: then the load is inferred.
    pub is_guessed: bool,
    /// Whether rows that it wrote are known to be missing.
    pub is_incomplete: bool,
    /// What its charts show; absent for a run beyond those that a page has charts for.
    pub charts: Option<Charts>,
}

/// What the charts of a run show.
#[derive(Clone, Debug, PartialEq)]
pub struct Charts {
    /// What happened over time; absent where no row has an instant.
    pub timeline: Option<Timeline>,
    /// Percentile curves: of home pages and purchases, of each level.
    pub curves: Vec<Curve>,
    /// Where the time went.
    pub went: Went,
    /// Throughput and latency over concurrency; absent for a run of one level.
    pub sweep: Option<Sweep>,
    /// Rows without any instant, which have no place on the time axis.
    pub timeless: u64,
    /// Levels without a curve, since there are too many.
    pub levels_left_out: u64,
}

impl RunPage {
    /// The run of a summary without charts.
    pub fn without_charts(summary: Summary) -> RunPage {
        RunPage {
            number: 1,
            summary,
            is_guessed: false,
            is_incomplete: false,
            charts: None,
        }
    }

    /// The run of a summary; `parts` as far as they are known, in the order in which they ran.
    pub fn of(
        summary: Summary,
        collected: Collector,
        parts: &[PartKnown],
        fineness: Fineness,
    ) -> RunPage {
        let charts = Charts {
            timeless: collected.timeless,
            levels_left_out: collected.left_out.len() as u64,
            curves: curve::curves(&collected),
            went: went::went(&collected),
            sweep: sweep::sweep(&summary, &collected, parts),
            timeline: timeline::timeline(collected, parts, fineness),
        };
        RunPage {
            number: 1,
            summary,
            is_guessed: false,
            is_incomplete: false,
            charts: Some(charts),
        }
    }
}
