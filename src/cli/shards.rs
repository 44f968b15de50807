//! The settings of `profilerclient shards`. The options of the run are checked as a shard will check them.

use std::ffi::OsString;
use std::num::NonZeroU32;

use super::commands::{self, Command as Spec};
use super::deploy::{Divided, checked, divide};
use super::error::{Invalid, Kind};
use super::words::Words;
use super::{Command, Invocation, merge, table};
use crate::settings::{ProgressMode, ShardsSettings, Verbosity};

/// The most processes on one machine.
const MOST: u32 = 1_024;

/// What is put in for each shard.
const OWN: [&str; 1] = ["--shard"];

/// The command of these words, and of those after the `--`.
pub fn command(
    spec: &'static Spec,
    mut words: Words,
    flags: Option<Vec<OsString>>,
) -> Result<Invocation, Invalid> {
    let count = count(spec, &mut words)?;
    words.into_given(spec)?.finish();
    let Some(flags) = flags else {
        return Err(Invalid::Missing {
            option: "the run",
            hint: "write its options after --, such as shards 2 -- -t http://shop.example.org -d rdbms -c 1000"
                .into(),
        });
    };
    let hint = "it is put in for every process: leave it out";
    let divided = divide(flags, "shards", &OWN, hint)?;
    let notes = divided.notes.clone();
    let settings = settings(count, divided)?;
    Ok(Invocation {
        command: Command::Shards(Box::new(settings)),
        notes,
    })
}

fn count(spec: &'static Spec, words: &mut Words) -> Result<NonZeroU32, Invalid> {
    if words.operands.is_empty() {
        return match words.error.take() {
            Some(error) => Err(error),
            None => Err(Invalid::Missing {
                option: "the number of processes",
                hint: format!("write {} N -- and the options of the run", spec.call()).into(),
            }),
        };
    }
    let text = words.operands.remove(0);
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let count: Option<NonZeroU32> = text.parse().ok().filter(|_| is_digits);
    count
        .filter(|count| count.get() <= MOST)
        .ok_or_else(|| Invalid::Unknown {
            kind: Kind::Argument,
            given: text,
            hint: format!("give a whole number of processes from 1 to {MOST}").into(),
            help: format!("{} --help", spec.call()),
        })
}

fn settings(count: NonZeroU32, divided: Divided) -> Result<ShardsSettings, Invalid> {
    let Divided {
        mut shard_flags,
        mut merge_flags,
        output,
        ..
    } = divided;
    let run = checked(&shard_flags, &merge_flags, count)?;
    let mut take = |option: &str| {
        let begin = format!("{option}=");
        let before = shard_flags.len();
        shard_flags.retain(|flag| !flag.starts_with(&begin));
        shard_flags.len() < before
    };
    let is_seeded = take(table::SEED.long);
    let has_start = take(table::START_AT.long);
    take(table::PROGRESS.long);
    if let Some(output) = output {
        merge_flags.push(format!("{}={output}", table::OUTPUT.long));
    }
    // Its files are named when they exist.
    merge_flags.push("rows.csv".to_owned());
    let words = merge_flags.into_iter().map(OsString::from).collect();
    let mut merge = merge::settings(Words::read(&commands::MERGE, words))?;
    merge.files.clear();
    let progress = match (run.show.progress, merge.show.verbosity) {
        (ProgressMode::Auto, Verbosity::Quiet) => ProgressMode::Never,
        (progress, _) => progress,
    };
    Ok(ShardsSettings {
        count,
        shard_flags,
        seed: run.seed.filter(|_| is_seeded),
        start_at: (run.shard.start)
            .filter(|_| has_start)
            .map(|start| start.unix_nanos),
        has_cpu: run.precise.cpu.is_some(),
        progress,
        merge,
    })
}

#[cfg(test)]
#[path = "shards_tests.rs"]
mod tests;
