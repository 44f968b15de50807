//! Which runs are wanted.

use std::fmt;

use crate::exit::Hinted;
use crate::plan::Kind;
use crate::settings::Selection;
use crate::text::{Printable, shortened};

use super::visit::FoundRun;

/// Runs that are listed in an error at most.
const MOST_LISTED: usize = 8;

/// The longest title in an error, characters.
const MOST_OF_TITLE: usize = 40;

/// The wanted ones of all runs, and of these the wanted parts.
pub(super) fn select(
    wanted: &Selection,
    all: &[FoundRun],
) -> Result<Vec<FoundRun>, NothingSelected> {
    Wanted(wanted).of(all)
}

struct Wanted<'a>(&'a Selection);

impl Wanted<'_> {
    fn of(&self, all: &[FoundRun]) -> Result<Vec<FoundRun>, NothingSelected> {
        for wanted in &self.0.runs {
            let of_run = named(all, wanted);
            let ids = of_run.iter().map(|run| run.facts.id.as_deref());
            let is_prefix = wanted != "all"
                && of_run.len() > 1
                && wanted.parse::<usize>() != Ok(of_run[0].number);
            if of_run.is_empty() {
                return Err(self.nothing(
                    format!("--run {wanted:?}: no run has that number or id"),
                    all,
                ));
            }
            if is_prefix && ids.collect::<std::collections::BTreeSet<_>>().len() > 1 {
                let finding = format!("--run {wanted:?} is the beginning of several run ids");
                return Err(self.nothing(finding, all));
            }
        }
        let wanted = all.iter().filter(|run| self.has(run, all));
        let selected: Vec<FoundRun> = wanted.filter_map(|run| self.part_of(run)).collect();
        if selected.is_empty() && !self.0.is_everything() {
            return Err(self.nothing(format!("no run has {self}"), all));
        }
        Ok(selected)
    }

    fn has(&self, run: &FoundRun, all: &[FoundRun]) -> bool {
        let is_named =
            |wanted: &String| named(all, wanted).iter().any(|of| of.number == run.number);
        (self.0.titles.is_empty() || self.0.titles.contains(&run.facts.title))
            && (self.0.runs.is_empty() || self.0.runs.iter().any(is_named))
            && (self.0.since).is_none_or(|since| run.began.is_some_and(|began| began >= since))
    }

    /// The run with the parts of the wanted levels.
    fn part_of(&self, run: &FoundRun) -> Option<FoundRun> {
        let mut run = run.clone();
        if self.0.levels.is_empty() {
            return Some(run);
        }
        let is_wanted = |level: &u64| self.0.levels.contains(level);
        run.parts
            .retain(|part| part.facts.level.as_ref().is_some_and(is_wanted));
        run.facts.load.levels.retain(is_wanted);
        run.facts.rows_written = run.rows();
        (!run.parts.is_empty()).then_some(run)
    }

    fn nothing(&self, finding: String, all: &[FoundRun]) -> NothingSelected {
        NothingSelected {
            finding,
            runs: all.iter().map(listed).collect(),
        }
    }
}

/// The conditions as they are written on the command line.
impl fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut conditions = Vec::new();
        conditions.extend(
            self.0
                .titles
                .iter()
                .map(|title| format!("--title {title:?}")),
        );
        conditions.extend(self.0.levels.iter().map(|level| format!("--level {level}")));
        conditions.extend(self.0.runs.iter().map(|run| format!("--run {run:?}")));
        if let Some(since) = self.0.since {
            conditions.push(format!("--since {}", started(since)));
        }
        f.write_str(&conditions.join(", "))
    }
}

/// The runs that a number in the list, an id or the beginning of one names. A number comes first: an id
/// may begin with the same digits.
fn named<'a>(all: &'a [FoundRun], wanted: &str) -> Vec<&'a FoundRun> {
    match wanted {
        "all" => return all.iter().collect(),
        "last" => {
            return all
                .iter()
                .max_by_key(|run| (run.began, run.number))
                .into_iter()
                .collect();
        }
        _ => {}
    }
    let number = wanted.parse::<usize>().ok();
    if let Some(run) = all.iter().find(|run| Some(run.number) == number) {
        return vec![run];
    }
    let has_id =
        |run: &&FoundRun, is: &dyn Fn(&str) -> bool| run.facts.id.as_deref().is_some_and(is);
    let whole: Vec<_> = (all.iter())
        .filter(|run| has_id(run, &|id| id == wanted))
        .collect();
    if !whole.is_empty() || wanted.is_empty() {
        return whole;
    }
    (all.iter())
        .filter(|run| has_id(run, &|id| id.starts_with(wanted)))
        .collect()
}

/// An instant as local time, to the second.
fn started(unix_nanos: i64) -> String {
    let mut text = String::new();
    crate::time::writing::WallClockFormat::local().push(unix_nanos, &mut text);
    text.split('.').next().unwrap_or(&text).to_owned()
}

/// One run in an error: `1 "title" -c 10,100 2015-01-03T00:33:34`.
fn listed(run: &FoundRun) -> String {
    let mut text = format!("{} ", run.number);
    if !run.facts.title.is_empty() {
        text += &format!("{:?} ", shortened(&run.facts.title, MOST_OF_TITLE));
    }
    let levels: Vec<String> = run.levels().iter().map(u64::to_string).collect();
    match (levels.is_empty(), run.kind()) {
        (false, _) => text += &format!("-c {} ", levels.join(",")),
        (true, Kind::Open) => text += "open ",
        (true, _) => {}
    }
    text += &run.began.map_or("not started".to_owned(), started);
    text
}

/// No run is as wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NothingSelected {
    finding: String,
    /// What there is.
    runs: Vec<String>,
}

impl Hinted for NothingSelected {
    fn finding(&self) -> String {
        self.finding.clone()
    }

    fn hint(&self) -> String {
        let mut listed: Vec<&str> = (self.runs.iter().map(String::as_str))
            .take(MOST_LISTED)
            .collect();
        let more = format!("{} more", self.runs.len().saturating_sub(MOST_LISTED));
        if self.runs.len() > MOST_LISTED {
            listed.push(&more);
        }
        match listed.is_empty() {
            true => "the files have no rows".to_owned(),
            false => format!("there are: {}", listed.join("; ")),
        }
    }
}

impl fmt::Display for NothingSelected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.line()).fmt(f)
    }
}

impl std::error::Error for NothingSelected {}
