//! `merge`: the files of a run's shards become one file, with the summary of one run.
//!
//! Rows of all shards are written by part, then by start, so that the byte range of every part holds; the lines
//! beside them say what the lines of the shards say together. The summary is made from that file as from any
//! other. A shard that is missing or broken is left out and named: nothing is extrapolated to it.
//!
//! In memory are 16 bytes of each row (where it is, and when it started), and the lines of all shards.

mod agree;
mod error;
mod lines;
mod output;
mod shard;
mod skew;
mod starts;

use std::path::{Path, PathBuf};

use crate::exit::{Ending, Error};
use crate::report::{Catalogue, Summaries};
use crate::rows::runs::Line;
use crate::rows::shards::{Shard, Shards};
use crate::run::conclude::{Conclusion, say};
use crate::settings::{BadRows, JudgeSettings, MergeSettings, Threshold};
use crate::summary::Summary;

pub use error::MergeError;

use output::Output;
use shard::{Found, Loaded};

/// Merges the files of the settings, prints the summary, and judges it as a run is judged.
pub fn run(settings: &MergeSettings) -> Result<Ending, Error> {
    let conclusion = Conclusion::prepare(&settings.show, &settings.files, &settings.output)?;
    Ok(run_prepared(settings, conclusion, EndedEarly::Unknown)?.0)
}

/// Whether shards that a signal ended early can be of a run that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedEarly {
    /// Only if all were ended early: others may have gone on.
    Unknown,
    /// The run as a whole was ended: those that were done by then are whole, too.
    AllAtOnce,
}

/// The same where what it prints to was opened before the load. Also says whether all shards were whole.
pub fn run_prepared(
    settings: &MergeSettings,
    conclusion: Conclusion,
    ended: EndedEarly,
) -> Result<(Ending, bool), Error> {
    let merged = merge_ended(
        &settings.files,
        &settings.output,
        &settings.judge.thresholds,
        ended,
    )
    .map_err(Error::failed)?;
    for note in &merged.notes {
        say(&format!("profilerclient: note: {note}"));
    }
    let partial = partial(&merged.shards);
    if let Some(partial) = &partial {
        say(&format!("profilerclient: {partial}"));
    }
    let Some(summary) = merged.summary else {
        return Ok(match partial {
            Some(_) => (Ending::Partial, false),
            None => (without_rows(&merged, &settings.judge), true),
        });
    };
    let ending =
        conclusion.conclude(&settings.output, &settings.show, &settings.judge, &summary)?;
    Ok(match (partial, interrupted(&summary)) {
        (Some(_), _) => (Ending::Partial, false),
        (None, Some(signal)) => (Ending::Interrupted(signal), true),
        (None, None) => (ending, true),
    })
}

/// Whether rows can be merged into that file: a new or an empty one. Leaves it as it was.
pub fn check_output(path: &Path) -> Result<(), MergeError> {
    Output::open(path, &[]).map(drop)
}

/// The ending of a run whose shards are all whole and launched no shopper.
fn without_rows(merged: &Merged, judge: &JudgeSettings) -> Ending {
    say("profilerclient: all shards are whole, and none has rows: no file was made");
    for threshold in &judge.thresholds {
        say(&format!(
            "profilerclient: --fail-if {}: cannot be evaluated without rows",
            threshold.text
        ));
    }
    match (
        signal_named(merged.interrupted.as_deref()),
        judge.thresholds.is_empty(),
    ) {
        (Some(signal), _) => Ending::Interrupted(signal),
        (None, false) => Ending::ThresholdsMet,
        (None, true) => Ending::Done,
    }
}

/// The signal that ended the whole run early.
fn interrupted(summary: &Summary) -> Option<i32> {
    signal_named(summary.interrupted.as_deref())
}

/// The signal of that name; SIGTERM where this system has none.
fn signal_named(name: Option<&str>) -> Option<i32> {
    let name = name?;
    let of = |signal: &i32| signal_hook::low_level::signal_name(*signal) == Some(name);
    Some((1..32).find(of).unwrap_or(15))
}

/// The result of a merge.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The summary of the merged file; absent if no whole shard has rows: then no file was made.
    pub summary: Option<Summary>,
    /// The shards.
    pub shards: Shards,
    /// The signal that ended all shards early, by name.
    pub interrupted: Option<String>,
    /// What the user should know, one line each.
    pub notes: Vec<String>,
}

/// Merges the files that the shards of one run wrote into a new or empty one.
pub fn merge(
    files: &[PathBuf],
    output: &Path,
    thresholds: &[Threshold],
) -> Result<Merged, MergeError> {
    merge_ended(files, output, thresholds, EndedEarly::Unknown)
}

fn merge_ended(
    files: &[PathBuf],
    output: &Path,
    thresholds: &[Threshold],
    ended: EndedEarly,
) -> Result<Merged, MergeError> {
    let Sorted {
        whole,
        missing,
        count,
        notes,
    } = sorted(files, ended)?;
    let clocks = starts::shop_clocks(&whole);
    let shards = starts::shards(&whole, missing, count, &clocks);
    let interrupted = (whole.iter().find_map(|shard| shard.interrupted())).map(str::to_owned);
    let rows: u64 = shards.each.iter().map(|shard| shard.rows).sum();
    // Opened even if there is nothing to write: a refusal must not depend on that.
    let mut file = Output::open(output, files)?;
    if whole.is_empty() || rows == 0 {
        return Ok(Merged {
            summary: None,
            shards,
            interrupted,
            notes,
        });
    }
    let ranges = file.write(&whole)?;
    let run = lines::run(&whole, shards.clone());
    let id = run.run.clone();
    let parts = (ranges.into_iter().enumerate())
        .filter_map(|(number, range)| lines::part(number, &whole, &clocks, &id, range))
        .map(|part| Line::Part(Box::new(part)));
    let end = lines::end(&whole, &id, rows);
    let all = (std::iter::once(Line::Run(Box::new(run))).chain(parts))
        .chain(std::iter::once(Line::End(Box::new(end))));
    file.finish(all)?;
    Ok(Merged {
        summary: Some(read_back(output, thresholds)?),
        shards,
        interrupted,
        notes,
    })
}

/// The shards that were found.
struct Sorted {
    /// Those that can be merged, in their order.
    whole: Vec<Loaded>,
    /// The others.
    missing: Vec<Shard>,
    /// How many there should be.
    count: u64,
    notes: Vec<String>,
}

/// Reads all files, refuses what is not of one run, and sorts out what is missing or broken.
fn sorted(files: &[PathBuf], ended: EndedEarly) -> Result<Sorted, MergeError> {
    let mut loaded = Vec::new();
    let mut problems = Vec::new();
    for path in files {
        match shard::load(path)? {
            Found::Shard(shard) => loaded.push(*shard),
            Found::Nothing { path, why } => problems.push(format!("{} {why}", path.display())),
        }
    }
    loaded.sort_by_key(|shard| shard.index);
    agree::check(&loaded)?;
    let Some(first) = loaded.first() else {
        return Err(MergeError::NoShard { problems });
    };
    let count = first.count;
    let notes = (loaded.iter().filter(|shard| shard.earlier_runs > 0))
        .map(|shard| {
            format!(
                "{} has several runs: the last one is merged",
                shard.path.display()
            )
        })
        .collect();
    if ended == EndedEarly::Unknown {
        leave_out_the_incomplete(&mut loaded);
    }
    for shard in &loaded {
        if let Some(header) = shard.other_header()? {
            return Err(MergeError::Columns {
                path: shard.path.clone(),
                header,
            });
        }
    }
    let absent: Vec<u64> = (1..=count)
        .filter(|index| loaded.iter().all(|shard| shard.index != *index))
        .take(MOST_NAMED)
        .collect();
    let mut missing: Vec<Shard> = (absent.iter())
        .map(|index| Shard {
            index: *index,
            problem: Some(match (&*problems, absent.len()) {
                ([problem], 1) => problem.clone(),
                _ => "no file has it".to_owned(),
            }),
            ..Shard::default()
        })
        .collect();
    let (whole, broken): (Vec<_>, Vec<_>) = loaded
        .into_iter()
        .partition(|shard| shard.problem.is_none());
    missing.extend(broken.iter().map(starts::known));
    let mut sorted = Sorted {
        whole,
        missing,
        count,
        notes,
    };
    if absent.len() != problems.len() || problems.len() > 1 {
        sorted.notes.extend(problems);
    }
    Ok(sorted)
}

/// The most missing shards that are kept one by one.
const MOST_NAMED: usize = 1_000;

/// A shard that was ended early is whole where all were: that was the end of the run. Otherwise it is broken, as is
/// one with fewer parts than the others.
fn leave_out_the_incomplete(shards: &mut [Loaded]) {
    let ended_early = |shard: &Loaded| shard.problem.is_none() && shard.interrupted().is_some();
    let all_ended_early = (shards.iter())
        .filter(|shard| shard.problem.is_none())
        .all(ended_early);
    if all_ended_early {
        return;
    }
    let parts = (shards.iter().filter(|shard| shard.problem.is_none()))
        .map(|shard| shard.parts.len())
        .max()
        .unwrap_or(0);
    for shard in shards.iter_mut().filter(|shard| shard.problem.is_none()) {
        let (name, own) = (shard.path.display(), shard.parts.len());
        shard.problem = match shard.interrupted() {
            Some(signal) => Some(format!(
                "{name} is of a shard that {signal} ended early, while others went on"
            )),
            None if own < parts => Some(format!("{name} has {own} of {parts} parts")),
            None => None,
        };
    }
}

/// The most missing shards that are named in one message.
const MOST_TOLD: usize = 10;

/// `PARTIAL: 3 of 4 shards: shard 2: …`; absent if all are there.
fn partial(shards: &Shards) -> Option<String> {
    let finding = shards.missing()?;
    let missing = || shards.each.iter().filter(|shard| !shard.merged);
    let mut told: Vec<String> = missing()
        .take(MOST_TOLD)
        .map(|shard| {
            let problem = shard.problem.as_deref().unwrap_or("it is missing");
            format!("shard {}: {problem}", shard.index)
        })
        .collect();
    let more = (shards.count - shards.merged).saturating_sub(told.len() as u64);
    if more > 0 {
        told.push(format!("{more} more"));
    }
    Some(format!(
        "PARTIAL: {finding}: {}: nothing is extrapolated to what is missing",
        told.join("; ")
    ))
}

/// The summary of the merged file, made from it as from any other.
fn read_back(path: &Path, thresholds: &[Threshold]) -> Result<Summary, MergeError> {
    let error = |error: &dyn std::fmt::Display| MergeError::ReadBack(error.to_string());
    let catalogue = Catalogue::of(&[path.to_owned()], BadRows::Refuse).map_err(|e| error(&e))?;
    let mut summaries = Summaries::new(thresholds);
    catalogue.visit(&mut summaries).map_err(|e| error(&e))?;
    let mut runs = summaries.finish();
    match (runs.pop(), runs.pop()) {
        (Some((found, summary)), None) if !found.is_guessed && !found.is_incomplete => Ok(summary),
        _ => Err(error(&"its rows are not those that were written")),
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
