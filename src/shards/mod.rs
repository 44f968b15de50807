//! `shards`: one run as several processes of this program on this machine, merged at the end.
//!
//! Each process launches its share of one seeded plan (`--shard K/N`), all start at one instant, and their rows
//! are merged as `merge` does it. Until then rows and logs are in a directory beside the merged file; it is removed
//! only once every shard is merged.

mod directory;
mod group;
mod messages;
mod plan;
mod progress;

use std::path::Path;

use crate::exit::{Ending, Error};
use crate::merge::{self, EndedEarly};
use crate::rows::runs::{self, Line};
use crate::run::conclude::{Conclusion, say};
use crate::run::random_seed;
use crate::settings::{MergeSettings, ShardsSettings, Verbosity};
use crate::signals::Signals;
use crate::sys::clock;

use directory::Directory;
use group::{Ended, Group};
use plan::Plan;
use progress::Progress;

/// What a process needs to get ready, nanoseconds: for all of them, and for each one more as they share CPUs.
const TO_START: i64 = 1_000_000_000;
const TO_START_EACH: i64 = 20_000_000;

/// Does the run.
pub fn run(settings: &ShardsSettings, signals: &mut Signals) -> Result<Ending, Error> {
    // Before any load: what is found at the merge only would be found too late.
    merge::check_output(&settings.merge.output).map_err(Error::failed)?;
    let conclusion = Conclusion::prepare(&settings.merge.show, &[], &settings.merge.output)?;
    let directory = Directory::make(&settings.merge.output, settings.count.get())?;
    let plan = Plan {
        settings,
        seed: settings.seed.unwrap_or_else(random_seed),
        start_at: settings.start_at.unwrap_or_else(|| start(settings)),
    };
    let result = send(&plan, &directory, signals).and_then(|ended| match ended {
        Sent::Nothing(ending) => Ok((ending, true)),
        Sent::Load { is_ended } => {
            tell_seed(settings, plan.seed);
            let merge = MergeSettings {
                files: directory.rows().collect(),
                ..settings.merge.clone()
            };
            merge::run_prepared(&merge, conclusion, is_ended)
        }
        Sent::Refused(error) => {
            directory.remove();
            Err(error)
        }
    });
    match &result {
        Ok((_, true)) => directory.remove(),
        Ok((_, false)) | Err(_) => directory.keep(),
    }
    result.map(|(ending, _)| ending)
}

/// What became of the processes.
enum Sent {
    /// A signal ended all of them before any load.
    Nothing(Ending),
    /// All of them failed before any load.
    Refused(Error),
    /// There may be rows.
    Load { is_ended: EndedEarly },
}

/// Starts the processes, waits for all of them, and passes on what they say.
fn send(plan: &Plan<'_>, directory: &Directory, signals: &mut Signals) -> Result<Sent, Error> {
    let mut progress = Progress::on_stderr(plan, directory);
    let mut group = Group::start(plan, directory)?;
    group.wait(signals, &mut progress)?;
    progress.finish();
    let ended = group.into_ended();
    let told = {
        let is_quiet = plan.settings.merge.show.verbosity == Verbosity::Quiet;
        messages::read(directory, !is_quiet)
    };
    let sent_nothing = || directory.rows().all(|rows| !has_load(&rows));
    if let (Some(signal), true) = (signals.received(), sent_nothing()) {
        return Ok(Sent::Nothing(Ending::NotBegun(signal)));
    }
    if let Some(code) = failed_alike(&ended)
        && sent_nothing()
    {
        let why = match messages::only(&told) {
            Some(line) => line,
            None => {
                messages::pass_on(&told);
                "no process has sent any load, for the reasons above".to_owned()
            }
        };
        return Ok(Sent::Refused(match code {
            2 => Error::Usage(why),
            _ => Error::Failed(why),
        }));
    }
    messages::pass_on(&told);
    Ok(Sent::Load {
        is_ended: match signals.received() {
            Some(_) => EndedEarly::AllAtOnce,
            None => EndedEarly::Unknown,
        },
    })
}

/// The exit code of all processes, where that is one of a failure.
fn failed_alike(ended: &[Ended]) -> Option<i32> {
    let code = ended.first()?.code.filter(|code| matches!(code, 1 | 2))?;
    ended
        .iter()
        .all(|ended| ended.code == Some(code))
        .then_some(code)
}

/// Whether a shard may have sent load: a part was begun, or rows are there.
fn has_load(rows: &Path) -> bool {
    let has_rows = std::fs::metadata(rows).is_ok_and(|found| found.len() > 0);
    let has_part = || match runs::read(rows) {
        Ok((lines, _)) => lines.iter().any(|line| matches!(line, Line::Part(_))),
        Err(_) => true,
    };
    has_rows || has_part()
}

/// When the load starts, nanoseconds since the Unix epoch.
fn start(settings: &ShardsSettings) -> i64 {
    let now = i64::try_from(clock::realtime_nanos()).unwrap_or(i64::MAX);
    now.saturating_add(TO_START + TO_START_EACH * i64::from(settings.count.get()))
}

/// A run that was not given a seed can be repeated with the one that was drawn.
fn tell_seed(settings: &ShardsSettings, seed: u64) {
    if settings.seed.is_none() && settings.merge.show.verbosity != Verbosity::Quiet {
        say(&format!(
            "profilerclient: --seed {seed} was drawn for all shards"
        ));
    }
}
