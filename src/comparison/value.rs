//! The finished value, and the schema of its JSON.

use serde::{Serialize, Serializer};

use super::metric::{Metric, Unit};
use super::place::StageChange;
use super::resource::Resource;
use super::verdict::Verdict;

/// The version of the object.
pub const SCHEMA_VERSION: u32 = 1;

/// By what the parts are divided into sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The files, as they were named.
    File,
    /// The titles of runs.
    Title,
    /// The variants.
    #[default]
    Variant,
    /// The levels.
    Level,
    /// The runs.
    Run,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    /// What makes the sides.
    pub by: By,
    /// The primary metric, which has the full level and decides the exit code.
    pub metric: Metric,
    /// Differences up to this share of 1 do not matter; of `errors`, a difference of shares.
    pub margin: f64,
    /// The level of the primary metric's intervals, a share of 1.
    pub confidence: f64,
    /// Whether runs made one after the other get verdicts.
    pub accept_separate: bool,
    /// Differences below this are below what this machine can tell, seconds.
    pub floor_seconds: Option<f64>,
}

impl Default for Question {
    fn default() -> Question {
        Question {
            by: By::default(),
            metric: Metric::Buy(super::metric::Level::P50),
            margin: 0.05,
            confidence: 0.95,
            accept_separate: false,
            floor_seconds: None,
        }
    }
}

/// A comparison of sides with a baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What makes the sides.
    pub by: By,
    /// The primary metric.
    pub primary: Metric,
    /// Differences up to this share do not matter.
    pub margin: f64,
    /// The level that the primary metric's intervals have together, a share of 1.
    pub confidence: f64,
    /// Over how many looks the error is divided: the runs whose rounds are pooled.
    pub looks: usize,
    /// A comparison for each level, or for each variant where levels are compared.
    pub groups: Vec<Group>,
    /// What to know before believing it, one sentence each.
    pub warnings: Vec<String>,
}

/// Parts that may be compared with one another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// The level that all have, where it is known and not what is compared.
    pub level: Option<u64>,
    /// The variant that all have, where it is not what is compared.
    pub variant: Option<String>,
    /// The sides, the baseline first.
    pub sides: Vec<Side>,
    /// The baseline with each of the others.
    pub pairs: Vec<Pair>,
}

/// One side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// Its name.
    pub name: String,
    /// Its parts, those in incomplete blocks included.
    pub parts: usize,
    /// Shoppers that were due.
    pub shoppers: u64,
    /// Successful purchases.
    pub bought: u64,
    /// Which resource is short.
    pub resource: Resource,
}

/// How the parts of two sides were run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Both in every round, in random order.
    Interleaved,
    /// One after the other, with rounds.
    Separate,
    /// One part of one of them.
    SingleRuns,
}

/// The baseline and one other side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// The name of the baseline.
    pub baseline: String,
    /// The name of the other side.
    pub other: String,
    /// How they were run.
    pub design: Design,
    /// Parts of the baseline that are compared; of an interleaved pair the blocks.
    pub baseline_rounds: usize,
    /// Parts of the other side.
    pub other_rounds: usize,
    /// The metrics, the primary one first.
    pub metrics: Vec<Row>,
    /// Where the difference arose; absent where no difference is claimed, or where that is not known.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// By how much each stage changed, of the mean request that the primary metric is about.
    pub stage_changes: Vec<StageChange>,
    /// What would settle what is still open, one sentence each.
    pub settle: Vec<String>,
    /// The primary metric over time.
    pub blocks: Vec<Block>,
}

/// A metric of two sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Which one.
    pub metric: Metric,
    /// Whether it is the primary one.
    pub is_primary: bool,
    /// The unit of its values.
    pub unit: Unit,
    /// The median over the baseline's parts.
    pub baseline: Option<Number>,
    /// The median over the other side's parts.
    pub other: Option<Number>,
    /// Within the one part of the baseline.
    pub baseline_interval: Option<[Number; 2]>,
    /// Within the one part of the other side.
    pub other_interval: Option<[Number; 2]>,
    /// The estimated ratio of the other side to the baseline; of `errors`, absent.
    pub ratio: Option<Number>,
    /// Its interval.
    pub ratio_interval: Option<[Number; 2]>,
    /// The estimated change in the metric's unit.
    pub change: Option<Number>,
    /// Its interval.
    pub change_interval: Option<[Number; 2]>,
    /// The level of the intervals, a share of 1; absent where the metric is not tested.
    pub confidence: Option<f64>,
    /// The verdict; absent for a metric that tells nothing here.
    pub verdict: Option<Verdict>,
    /// What the verdict is subject to: `single runs` or `not interleaved`.
    pub qualifier: Option<&'static str>,
    /// Why interval or verdict are missing.
    pub reason: Option<String>,
    /// Rounds from which on the half-width is expected to be at most half the margin, or the level reached.
    pub rounds_needed: Option<u64>,
}

impl Row {
    /// The verdict with what it is subject to; empty where there is none.
    pub fn verdict_in_words(&self) -> String {
        match (self.verdict, self.qualifier) {
            (None, _) => String::new(),
            (Some(verdict), None) => verdict.name().to_owned(),
            (Some(verdict), Some(qualifier)) => format!("{} ({qualifier})", verdict.name()),
        }
    }
}

/// A round of both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Block {
    /// The number of the run among those compared, from 1.
    pub run: usize,
    /// The round in it.
    pub round: u64,
    /// When the first of the two began, nanoseconds since the Unix epoch.
    #[serde(skip)]
    pub began: Option<i64>,
    /// The primary metric of the baseline.
    pub baseline: Option<Number>,
    /// That of the other side.
    pub other: Option<Number>,
}

/// A number that may be infinite. As JSON, that is the text `infinite` or `-infinite`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

impl Number {
    /// A number; absent for NaN.
    pub fn of(value: f64) -> Option<Number> {
        (!value.is_nan()).then_some(Number(value))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            f64::INFINITY => serializer.serialize_str("infinite"),
            f64::NEG_INFINITY => serializer.serialize_str("-infinite"),
            finite => serializer.serialize_f64(finite),
        }
    }
}

impl Comparison {
    /// The primary metric's rows: one for each pair.
    pub fn primary_rows(&self) -> impl Iterator<Item = &Row> {
        let pairs = self.groups.iter().flat_map(|group| &group.pairs);
        pairs.flat_map(|pair| pair.metrics.iter().filter(|row| row.is_primary))
    }

    /// Whether the other side of any pair is worse by more than the margin.
    pub fn is_any_worse(&self) -> bool {
        self.has(|row, verdict| verdict.is_worse(row.metric))
    }

    /// Whether any pair is claimed to differ, if only a little.
    pub fn is_any_different(&self) -> bool {
        self.has(|_, verdict| verdict.is_claim())
    }

    /// Whether any pair has the verdict CANNOT TELL.
    pub fn is_any_open(&self) -> bool {
        self.has(|_, verdict| verdict == Verdict::CannotTell)
    }

    fn has(&self, is: impl Fn(&Row, Verdict) -> bool) -> bool {
        self.primary_rows()
            .any(|row| row.verdict.is_some_and(|verdict| is(row, verdict)))
    }
}
