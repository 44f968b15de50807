//! The verdict on a part of a run or on all of it, as a plain value: it is recorded with a part, and is
//! part of the summary.

use serde::{Deserialize, Serialize};

/// What can be said of the figures of each kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Verdict {
    /// The latencies of the home pages.
    pub home: FigureVerdict,
    /// The latencies of the purchases.
    pub purchase: FigureVerdict,
    /// Rate and density: whether plan and shop set them, or this client did.
    pub pace: FigureVerdict,
}

/// What can be said of one kind of figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FigureVerdict {
    /// The conclusion.
    pub state: Trust,
    /// The share of this client in the latencies, 0 to 1: of several parts the largest. The pace has
    /// none.
    pub own_share: OwnShare,
    /// Why they cannot be trusted; empty otherwise.
    pub reasons: Vec<ReasonGiven>,
    /// What to do about it, each hint once.
    pub hints: Vec<String>,
}

/// The share of this client in a latency, 0 to 1; absent where the number of values cannot support the
/// percentile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnShare {
    /// In the median.
    pub p50: Option<f64>,
    /// In the 99th percentile.
    pub p99: Option<f64>,
}

/// Whether figures can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Not known, or nothing succeeded that could be judged.
    #[default]
    NotJudged,
    /// They are the server's and the network's.
    Trusted,
    /// They were limited by this client.
    NotTrusted,
}

/// Why figures are not to be trusted, and what to do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ReasonRead")]
pub struct ReasonGiven {
    /// A name for programs, such as `send_delay`; `recorded` where an earlier version wrote none.
    pub kind: String,
    /// Of a sweep: the virtual users of the level.
    pub level: Option<u64>,
    /// What was found.
    pub reason: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

/// The kind of reasons of early versions, which had none.
const RECORDED: &str = "recorded";

/// A reason as lines have it: those of early versions have no kind, or are one text with the hint in it.
#[derive(Deserialize)]
#[serde(untagged)]
enum ReasonRead {
    Given {
        kind: Option<String>,
        level: Option<u64>,
        reason: String,
        hint: String,
    },
    Text(String),
}

impl From<ReasonRead> for ReasonGiven {
    fn from(read: ReasonRead) -> ReasonGiven {
        let recorded = || RECORDED.to_owned();
        match read {
            ReasonRead::Given {
                kind,
                level,
                reason,
                hint,
            } => ReasonGiven {
                kind: kind.unwrap_or_else(recorded),
                level,
                reason,
                hint,
            },
            ReasonRead::Text(reason) => ReasonGiven {
                kind: recorded(),
                reason,
                ..ReasonGiven::default()
            },
        }
    }
}

impl std::fmt::Display for ReasonGiven {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(level) = self.level {
            write!(f, "at -c {level}: ")?;
        }
        f.write_str(&self.reason)?;
        match self.hint.as_str() {
            "" => Ok(()),
            hint => write!(f, ": {hint}"),
        }
    }
}

impl Verdict {
    /// The single verdict of early versions, which held for all figures.
    pub fn of_all(is_trusted: bool, reasons: &[ReasonGiven]) -> Verdict {
        let mut of = FigureVerdict::of(reasons.to_vec());
        if !is_trusted {
            of.state = Trust::NotTrusted;
        }
        Verdict {
            home: of.clone(),
            purchase: of.clone(),
            pace: of,
        }
    }

    /// Whether the latencies can be trusted: absent where neither those of the home pages nor those of
    /// the purchases are judged.
    pub fn latencies(&self) -> Trust {
        self.home.state.with(self.purchase.state)
    }

    /// The reasons against the latencies, each once.
    pub fn reasons_of_latencies(&self) -> Vec<ReasonGiven> {
        let mut reasons: Vec<ReasonGiven> = Vec::new();
        for reason in self.home.reasons.iter().chain(&self.purchase.reasons) {
            if !reasons.contains(reason) {
                reasons.push(reason.clone());
            }
        }
        reasons
    }

    /// Adds the verdict on another part. `level`: its virtual users, where there are several levels.
    pub fn merge(&mut self, other: &Verdict, level: Option<u64>) {
        self.home.merge(&other.home, level);
        self.purchase.merge(&other.purchase, level);
        self.pace.merge(&other.pace, level);
    }

    /// The same where that many parts were not judged: if there are any, nothing counts as trusted.
    pub fn with_unjudged(&self, parts: u64) -> Verdict {
        let mut verdict = self.clone();
        for of in [&mut verdict.home, &mut verdict.purchase, &mut verdict.pace] {
            if parts > 0 && of.state == Trust::Trusted {
                of.state = Trust::NotJudged;
            }
        }
        verdict
    }

    /// Whether the latencies can be trusted, of that many purchases; absent if not known, or if there are
    /// none.
    pub fn is_trusted(&self, bought: u64) -> Option<bool> {
        match self.latencies() {
            Trust::Trusted if bought == 0 => None,
            trust => trust.known(),
        }
    }

    /// Leaves out of which level the reasons are.
    pub fn without_levels(mut self) -> Verdict {
        for of in [&mut self.home, &mut self.purchase, &mut self.pace] {
            of.reasons.iter_mut().for_each(|reason| reason.level = None);
        }
        self
    }
}

/// Between the alternatives of a hint.
const OR: &str = ", or ";

/// The most alternatives that are looked through: hints may have been read from a file.
const MOST_WAYS: usize = 64;

impl FigureVerdict {
    /// Of figures that were judged: trusted if nothing speaks against it.
    pub fn of(reasons: Vec<ReasonGiven>) -> FigureVerdict {
        let mut verdict = FigureVerdict {
            state: match reasons.is_empty() {
                true => Trust::Trusted,
                false => Trust::NotTrusted,
            },
            ..FigureVerdict::default()
        };
        for reason in reasons {
            verdict.add(reason);
        }
        verdict
    }

    /// Whether they were limited by this client.
    pub fn is_limited(&self) -> bool {
        self.state == Trust::NotTrusted
    }

    /// All hints as one text, in which an alternative that several name alike stands once: many end in `fewer
    /// virtual users`. Absent where there are none.
    pub fn advice(&self) -> Option<String> {
        let mut ways: Vec<&str> = Vec::new();
        let all = self.hints.iter().flat_map(|hint| hint.split(OR));
        for way in all.take(MOST_WAYS) {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        (!ways.is_empty()).then(|| ways.join(OR))
    }

    /// Adds a reason and its hint.
    fn add(&mut self, reason: ReasonGiven) {
        if !reason.hint.is_empty() && !self.hints.contains(&reason.hint) {
            self.hints.push(reason.hint.clone());
        }
        self.reasons.push(reason);
    }

    /// Keeps the reasons of the first part of a level that has any: those of the others would be the same
    /// with other figures.
    fn merge(&mut self, other: &FigureVerdict, level: Option<u64>) {
        self.state = self.state.with(other.state);
        let largest = |one: Option<f64>, other: Option<f64>| match (one, other) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        };
        self.own_share = OwnShare {
            p50: largest(self.own_share.p50, other.own_share.p50),
            p99: largest(self.own_share.p99, other.own_share.p99),
        };
        if self.reasons.iter().any(|reason| reason.level == level) {
            return;
        }
        for reason in &other.reasons {
            self.add(ReasonGiven {
                level,
                ..reason.clone()
            });
        }
    }
}

impl Trust {
    /// Of both together: what is not judged does not count.
    pub fn with(self, other: Trust) -> Trust {
        match (self, other) {
            (Trust::NotTrusted, _) | (_, Trust::NotTrusted) => Trust::NotTrusted,
            (Trust::Trusted, _) | (_, Trust::Trusted) => Trust::Trusted,
            _ => Trust::NotJudged,
        }
    }

    /// Absent where it is not known.
    pub fn known(self) -> Option<bool> {
        match self {
            Trust::NotJudged => None,
            Trust::Trusted => Some(true),
            Trust::NotTrusted => Some(false),
        }
    }
}

#[cfg(test)]
#[path = "judged_tests.rs"]
mod tests;
