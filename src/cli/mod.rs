//! argv → one command value, or an error. Nothing here exits or touches the network.
//!
//! `table` has every option once, `commands` every command. `words` tells the words of a command
//! line apart by them, `given` reads the values, and the files named after what they set make settings
//! of them. `help` renders both tables as help pages, man page, completions and README's table.

mod commands;
mod compare;
mod deploy;
mod error;
pub mod fail_if;
mod foreign;
mod given;
mod help;
pub mod load;
mod merge;
mod quoting;
mod report;
mod requests;
pub mod run;
pub mod selection;
mod shard;
mod shards;
mod shop;
mod site;
mod suggest;
mod summary;
mod table;
mod target;
mod tls;
pub mod values;
mod variants;
mod ways;
mod words;

use std::ffi::OsString;

pub use error::{Invalid, Kind, Wrong};

use commands::Command as Spec;
use table::Commands;
use words::{Wanted, Words};

use crate::settings::{
    CalibrateSettings, CheckSettings, CompareSettings, DeploySettings, MergeSettings,
    ReportSettings, RunSettings, ShardsSettings, SummarySettings,
};
use crate::shop::Settings as ShopSettings;

/// What the user wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The load.
    Run(Box<RunSettings>),
    /// The load at a built-in shop that is started for it; these are its arguments, checked except for
    /// the target, which is not known yet.
    Demo {
        /// The arguments.
        argv: Vec<OsString>,
        /// Whether the shop serves HTTPS.
        tls: bool,
    },
    /// A handful of requests before a load.
    Check(Box<CheckSettings>),
    /// Bursts at a built-in shop, compared with arithmetic.
    Calibrate(CalibrateSettings),
    /// The page of rows read back.
    Report(Box<ReportSettings>),
    /// The files of shards, merged.
    Merge(Box<MergeSettings>),
    /// The job of a sharded run.
    Deploy(Box<DeploySettings>),
    /// A run as several processes on this machine.
    Shards(Box<ShardsSettings>),
    /// The summaries of rows read back.
    Summary(Box<SummarySettings>),
    /// A comparison of rows read back.
    Compare(Box<CompareSettings>),
    /// The built-in shop.
    Shop(Box<ShopSettings>),
    /// A text on standard output: help, version, man page, completions.
    Print(String),
}

/// A command line that can be carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// What to do.
    pub command: Command,
    /// What the user should know about the command line, one line each.
    pub notes: Vec<String>,
}

/// Reads a whole command line, without the program's name.
pub fn parse(mut argv: Vec<OsString>) -> Result<Invocation, Invalid> {
    let spec = match argv.first().map(|word| word.to_str()) {
        Some(None) => {
            return Err(Invalid::NotUtf8 {
                what: "the command line",
            });
        }
        Some(Some(word)) if !word.starts_with('-') => {
            let spec = commands::by_name(word).ok_or_else(|| suggest::command(word))?;
            argv.remove(0);
            spec
        }
        _ => &commands::RUN,
    };
    if spec.name == commands::HELP.name {
        return help_about(&argv);
    }
    let (argv, flags) = match spec.id == Commands::DEPLOY || spec.id == Commands::SHARDS {
        true => deploy::divided(argv),
        false => (argv, None),
    };
    let words = Words::read(spec, argv.clone());
    let text = words.wanted.map(|wanted| match wanted {
        Wanted::ShortHelp => help::short(spec),
        Wanted::FullHelp => help::full(spec),
        Wanted::Version => version(),
    });
    match text {
        Some(text) => Ok(print(text)),
        None if spec.id == Commands::DEPLOY => deploy::command(spec, words, flags),
        None if spec.id == Commands::SHARDS => shards::command(spec, words, flags),
        None => command(spec, words, argv),
    }
}

fn command(spec: &'static Spec, words: Words, argv: Vec<OsString>) -> Result<Invocation, Invalid> {
    if spec.id == Commands::TEXTS {
        return text(spec, words).map(print);
    }
    if spec.id.overlaps(Commands::LOADS) {
        let own_target = (spec.id == Commands::DEMO).then_some(ANY_TARGET);
        // What can be wrong is said before a shop is started.
        let notes = words.notes.clone();
        let given = words.into_given(spec)?;
        let tls = given.is_given(&table::OWN_TLS);
        let settings = run::from_given(spec, given, own_target)?;
        let command = match own_target {
            None => Command::Run(Box::new(settings)),
            Some(_) => Command::Demo { argv, tls },
        };
        return Ok(Invocation { command, notes });
    }
    let notes = words.notes.clone();
    if spec.id == Commands::COMPARE {
        let command = Command::Compare(Box::new(compare::settings(spec, words)?));
        return Ok(Invocation { command, notes });
    }
    if spec.id == Commands::REPORT {
        let command = Command::Report(Box::new(report::settings(spec, words)?));
        return Ok(Invocation { command, notes });
    }
    if spec.id == Commands::MERGE {
        let command = Command::Merge(Box::new(merge::settings(words)?));
        return Ok(Invocation { command, notes });
    }
    if spec.id == Commands::SUMMARY {
        let command = Command::Summary(Box::new(summary::settings(spec, words)?));
        return Ok(Invocation { command, notes });
    }
    let mut given = words.into_given(spec)?;
    let command = if spec.id == Commands::CHECK {
        let buy = given.flag(&table::BUY);
        let run = run::settings(spec, &mut given, None)?;
        Command::Check(Box::new(CheckSettings {
            shop: run.shop,
            net: run.net,
            variants: run.variants,
            load: run.load,
            seed: run.seed,
            precise: run.precise,
            show: run.show,
            buy,
        }))
    } else if spec.id == Commands::CALIBRATE {
        Command::Calibrate(CalibrateSettings {
            json: given.flag(&table::JSON),
            quiet: given.flag(&table::QUIET),
            tls: given.flag(&table::OWN_TLS),
            precise: run::precise(&mut given)?,
        })
    } else {
        Command::Shop(Box::new(shop::settings(&mut given)?))
    };
    given.finish();
    Ok(Invocation { command, notes })
}

/// Stands for the address of a shop that is not started yet.
const ANY_TARGET: &str = "http://127.0.0.1:1";

/// The settings of a demo, once the address of its shop is known.
pub fn demo_settings(argv: Vec<OsString>, target: &str) -> Result<RunSettings, Invalid> {
    let words = Words::read(&commands::DEMO, argv);
    run::from_words(&commands::DEMO, words, Some(target))
}

/// What `man`, `completions` and `version` print.
fn text(spec: &'static Spec, mut words: Words) -> Result<String, Invalid> {
    let operand = match spec.operands {
        "" => None,
        _ if words.operands.is_empty() => {
            return Err(Invalid::Missing {
                option: "the shell",
                hint: format!("write {} {}", spec.call(), spec.operands).into(),
            });
        }
        _ => Some(words.operands.remove(0)),
    };
    words.into_given(spec)?.finish();
    match (spec.name, operand) {
        ("man", _) => Ok(help::man()),
        (_, Some(shell)) => help::completions(&shell).ok_or_else(|| Invalid::Unknown {
            kind: Kind::Argument,
            given: shell,
            hint: format!("give {}", spec.operands.replace('|', ", ")).into(),
            help: format!("{} --help", spec.call()),
        }),
        (_, None) => Ok(version()),
    }
}

/// `help`, `help COMMAND`, `help TOPIC`, `help --option`.
fn help_about(argv: &[OsString]) -> Result<Invocation, Invalid> {
    let words: Vec<_> = argv.iter().map(|word| word.to_string_lossy()).collect();
    match words.as_slice() {
        [] => Ok(print(help::overview())),
        [word] if word == "-h" || word == "--help" => Ok(print(help::full(&commands::HELP))),
        [word] => help::about(word)
            .map(print)
            .ok_or_else(|| suggest::topic(word, &help::topic_names())),
        [_, more, ..] => Err(suggest::argument(&commands::HELP, more.to_string())),
    }
}

fn version() -> String {
    concat!("profilerclient ", env!("CARGO_PKG_VERSION"), "\n").to_owned()
}

fn print(text: String) -> Invocation {
    Invocation {
        command: Command::Print(text),
        notes: Vec::new(),
    }
}

#[cfg(test)]
#[path = "cli_tests.rs"]
mod tests;
