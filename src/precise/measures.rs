//! What was asked for and what was got, for the summary.

use serde::{Deserialize, Serialize};

/// The measures of `--precise` and `--cpu` during a load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Precise {
    /// The CPUs on which the event loop could run during the load (sched_getaffinity(2), read at its end),
    /// as a list: `1`, `0-3`.
    pub cpus_allowed: Option<String>,
    /// The measures, in the order in which they were taken.
    pub measures: Vec<Measure>,
}

/// One measure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Measure {
    /// `cpu`, `scheduler`, `memory`, `timer_slack`, `spin` or `busy_poll`.
    pub name: String,
    /// What was asked for.
    pub asked: String,
    /// What was got; absent if nothing.
    pub got: Option<String>,
    /// Why not all of it; absent if it was.
    pub why_not: Option<String>,
}

impl Precise {
    /// What was got, in one line; absent where nothing was.
    pub fn got(&self) -> Option<String> {
        let got = self.measures.iter().filter_map(|measure| {
            let got = measure.got.as_ref()?;
            Some(format!("{} {got}", measure.words()))
        });
        let got: Vec<String> = got.collect();
        (!got.is_empty()).then(|| got.join(", "))
    }

    /// What was not got, or not all of it, and why: a line for each measure.
    pub fn missing(&self) -> impl Iterator<Item = String> {
        self.measures.iter().filter_map(|measure| {
            let why_not = measure.why_not.as_ref()?;
            let part = match measure.got {
                Some(_) => ", in part",
                None => "",
            };
            let (words, asked) = (measure.words(), &measure.asked);
            Some(format!("{words} ({asked}){part}: {why_not}"))
        })
    }
}

impl Measure {
    /// Its name as a text has it.
    fn words(&self) -> String {
        self.name.replace('_', " ")
    }

    /// All that was asked for.
    pub(super) fn got(name: &str, asked: impl Into<String>, got: impl Into<String>) -> Measure {
        Measure {
            name: name.to_owned(),
            asked: asked.into(),
            got: Some(got.into()),
            why_not: None,
        }
    }

    /// Nothing of it.
    pub(super) fn left_out(
        name: &str,
        asked: impl Into<String>,
        why_not: impl Into<String>,
    ) -> Measure {
        Measure {
            name: name.to_owned(),
            asked: asked.into(),
            got: None,
            why_not: Some(why_not.into()),
        }
    }

    /// Less than was asked for.
    pub(super) fn but(self, why_not: impl Into<String>) -> Measure {
        Measure {
            why_not: Some(why_not.into()),
            ..self
        }
    }
}

#[cfg(test)]
#[path = "measures_tests.rs"]
mod tests;
