//! The settings of `profilerclient deploy`. The options of the run are checked as a shard will check them.

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::time::Duration;

use super::commands::{self, Command as Spec};
use super::error::{Invalid, Kind, Wrong};
use super::given::number;
use super::table::{self, Commands, Opt};
use super::words::Words;
use super::{Command, Invocation, run, values};
use crate::plan::Think;
use crate::settings::{DeploySettings, Engine, Model, RunSettings};

/// The most shards.
const MOST_SHARDS: u32 = 100_000;

/// The options of a run that the job gives to each shard.
const OWN: [&str; 3] = ["--shard", "--start-at", "--start-strict"];

/// The words before the first `--`, and those after it.
pub fn divided(mut argv: Vec<OsString>) -> (Vec<OsString>, Option<Vec<OsString>>) {
    match argv.iter().position(|word| word == "--") {
        Some(place) => {
            let flags = argv.split_off(place + 1);
            argv.truncate(place);
            (argv, Some(flags))
        }
        None => (argv, None),
    }
}

/// The command of these words, and of those after the `--`.
pub fn command(
    spec: &'static Spec,
    mut words: Words,
    flags: Option<Vec<OsString>>,
) -> Result<Invocation, Invalid> {
    let engine = engine(spec, &mut words)?;
    let mut given = words.into_given(spec)?;
    let shards = given.value(&table::DEPLOY_SHARDS, |text| {
        number::<NonZeroU32>(text, "a whole number of shards, 1 or more")
            .ok()
            .filter(|shards| shards.get() <= MOST_SHARDS)
            .ok_or_else(|| Wrong::hint("give a whole number of shards from 1 to 100000"))
    })?;
    let shards = shards.ok_or(Invalid::Missing {
        option: table::DEPLOY_SHARDS.long,
        hint: "give the number of shards, such as --shards 4".into(),
    })?;
    let image = given.value(&table::DEPLOY_IMAGE, image)?;
    if image.is_some() && engine == Engine::Slurm {
        return Err(Invalid::Conflict {
            option: table::DEPLOY_IMAGE.long,
            with: "slurm".into(),
            hint: "it is for kubernetes: leave it out".into(),
        });
    }
    let start_in = given.value(&table::DEPLOY_START_IN, values::span)?;
    given.finish();
    let Some(flags) = flags else {
        return Err(Invalid::Missing {
            option: "the run",
            hint:
                "write its options after --, such as -- -t http://shop.example.org -d rdbms -c 1000"
                    .into(),
        });
    };
    let (divided, notes) = of_run(flags, shards)?;
    Ok(Invocation {
        command: Command::Deploy(Box::new(DeploySettings {
            engine,
            shards,
            image,
            start_in,
            ..divided
        })),
        notes,
    })
}

fn engine(spec: &'static Spec, words: &mut Words) -> Result<Engine, Invalid> {
    if words.operands.is_empty() {
        return Err(Invalid::Missing {
            option: "the engine",
            hint: format!("write {} {}", spec.call(), spec.operands).into(),
        });
    }
    let engine = words.operands.remove(0);
    match engine.as_str() {
        "slurm" => Ok(Engine::Slurm),
        "kubernetes" => Ok(Engine::Kubernetes),
        _ => Err(Invalid::Unknown {
            kind: Kind::Argument,
            given: engine,
            hint: "give slurm or kubernetes".into(),
            help: format!("{} --help", spec.call()),
        }),
    }
}

fn image(text: &str) -> Result<String, Wrong> {
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
    match is_plain {
        true => Ok(text.to_owned()),
        false => Err(Wrong::hint(
            "give a name such as registry.example.org/profilerclient:1.0",
        )),
    }
}

/// The options of a run, divided.
#[derive(Debug)]
pub(super) struct Divided {
    /// Those of every shard, one word each.
    pub shard_flags: Vec<String>,
    /// Those of the merge, without the file.
    pub merge_flags: Vec<String>,
    /// The merged file, if one is named.
    pub output: Option<String>,
    /// What the user should know, one line each.
    pub notes: Vec<String>,
}

/// Divides the options of a run into those of the shards and those of the merge. `command`: the one that does it;
/// `own`: the options that it puts in, with `hint` where they are given.
pub(super) fn divide(
    flags: Vec<OsString>,
    command: &'static str,
    own: &[&str],
    hint: &'static str,
) -> Result<Divided, Invalid> {
    let words = Words::read(&commands::RUN, flags);
    if words.wanted.is_some() {
        return Err(Invalid::Said(
            "help and version are not options of a run: leave them out after --".to_owned(),
        ));
    }
    if let Some(error) = words.error {
        return Err(error);
    }
    if let Some(left) = words.operands.into_iter().next() {
        return Err(super::suggest::argument(&commands::RUN, left));
    }
    let notes = words.notes;
    let (mut shard_flags, mut merge_flags) = (Vec::new(), Vec::new());
    let mut output = None;
    for (opt, value) in words.options {
        if own.contains(&opt.long) {
            return Err(Invalid::Conflict {
                option: opt.long,
                with: command.into(),
                hint: hint.into(),
            });
        }
        if std::ptr::eq(opt, &table::OUTPUT) {
            output = Some(merged(value.unwrap_or_default())?);
        } else if std::ptr::eq(opt, &table::NO_RUNS_FILE) {
            return Err(Invalid::Conflict {
                option: opt.long,
                with: command.into(),
                hint: "the merge needs these files: leave it out".into(),
            });
        } else {
            let to = match opt.commands.overlaps(Commands::MERGE) {
                true => &mut merge_flags,
                false => &mut shard_flags,
            };
            to.push(word(opt, value.as_deref()));
        }
    }
    Ok(Divided {
        shard_flags,
        merge_flags,
        output,
        notes,
    })
}

/// The options of the run: what each shard gets, and what the merge gets.
fn of_run(
    flags: Vec<OsString>,
    shards: NonZeroU32,
) -> Result<(DeploySettings, Vec<String>), Invalid> {
    let hint = "it is put in for every shard: leave it out (--start-in sets the start)";
    let Divided {
        mut shard_flags,
        merge_flags,
        output,
        notes,
    } = divide(flags, "deploy", &OWN, hint)?;
    let settings = checked(&shard_flags, &merge_flags, shards)?;
    let seed = format!("{}=", table::SEED.long);
    let is_seeded = shard_flags.iter().any(|flag| flag.starts_with(&seed));
    shard_flags.retain(|flag| !flag.starts_with(&seed));
    let divided = DeploySettings {
        engine: Engine::Slurm,
        shards,
        image: None,
        start_in: None,
        seed: settings.seed.filter(|_| is_seeded),
        longest: longest(&settings, &shard_flags),
        shard_flags,
        merge_flags,
        output,
    };
    Ok((divided, notes))
}

/// The file that all rows are merged into.
fn merged(name: String) -> Result<String, Invalid> {
    let refused = |what: &'static str| {
        Err(super::given::invalid(
            &table::OUTPUT,
            name.clone(),
            Wrong::new(what, "name the merged file, or leave it out"),
        ))
    };
    match name.as_str() {
        "" => refused("it is empty"),
        "-" => refused("the merged rows go to a file"),
        name if name.contains("%s") => {
            refused("the shards' files are named by the job or by this command")
        }
        _ => Ok(name),
    }
}

/// An option as one word.
fn word(opt: &Opt, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("{}={value}", opt.long),
        None => opt.long.to_owned(),
    }
}

/// What a shard makes of its options.
pub(super) fn checked(
    shard_flags: &[String],
    merge_flags: &[String],
    shards: NonZeroU32,
) -> Result<RunSettings, Invalid> {
    let mut all: Vec<String> = [shard_flags, merge_flags].concat();
    // What the job puts in, as far as this version knows it.
    for (name, value) in [
        ("--shard", format!("1/{shards}")),
        ("--start-at", "+3600s".to_owned()),
        ("--seed", "0".to_owned()),
        ("--output", "rows-%s.csv".to_owned()),
    ] {
        let begin = format!("{name}=");
        let is_given = all.iter().any(|word| word.starts_with(&begin));
        if table::by_long(Commands::RUN, name).is_some() && !is_given {
            all.push(format!("{begin}{value}"));
        }
    }
    let argv = all.into_iter().map(OsString::from).collect();
    run::from_words(&commands::RUN, Words::read(&commands::RUN, argv), None)
}

/// An upper bound of how long the load takes from its start; absent where requests have no time limit, or
/// iterations follow one another without a limit in time.
fn longest(settings: &RunSettings, flags: &[String]) -> Option<Duration> {
    // Two requests, each with a connection, and what is said at the end.
    let timeout = settings.net.timeout?;
    let iteration = (timeout + settings.net.connect_timeout?) * 2;
    let load = &settings.load;
    let one = match &load.model {
        Model::Closed {
            duration: Some(duration),
            ..
        }
        | Model::Open {
            duration: Some(duration),
            ..
        } => *duration,
        Model::Closed {
            repeat,
            think,
            ramp_up,
            ..
        } => {
            let repeat = u32::try_from(repeat.map_or(1, |repeat| repeat.get())).ok()?;
            let pause = match (repeat, think) {
                (1, _) => Duration::ZERO,
                (_, Think::Fixed(pause)) => *pause,
                // The sum of exponential pauses is within twice its mean but for a handful of them.
                (_, Think::Exponential(mean)) => mean.checked_mul(8)?,
            };
            ramp_up.checked_add((iteration.checked_add(pause)?).checked_mul(repeat - 1)?)?
        }
        Model::Open { .. } => return None,
    };
    let levels = match &load.model {
        Model::Closed { levels, .. } => levels.len() as u32,
        Model::Open { .. } => 1,
    };
    let parts = levels.checked_mul(load.rounds.get())?;
    let slot = (flags.iter()).find_map(|flag| flag.strip_prefix("--slot="));
    let before_last = match slot.and_then(values::parse_span) {
        Some(slot) => slot.checked_mul(parts - 1)?,
        None => (one.checked_add(iteration)?).checked_mul(parts - 1)?,
    };
    let warm_up = match &load.warm_up {
        None => Duration::ZERO,
        Some(crate::settings::WarmUp::For(span)) => *span,
        Some(crate::settings::WarmUp::Shoppers(_)) => return None,
    };
    before_last
        .checked_add(warm_up)?
        .checked_add(one)?
        .checked_add(iteration)
}

#[cfg(test)]
#[path = "deploy_tests.rs"]
mod tests;
