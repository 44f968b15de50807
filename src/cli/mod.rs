//! argv → one command value, or an error. Nothing here exits or touches the network.

pub mod calibrate;
pub mod check;
pub mod fail_if;
pub mod help;
pub mod load;
pub mod options;
pub mod run;
pub mod shop;
pub mod ways;

use std::ffi::OsString;

use pico_args::Arguments;

use options::{Name, UsageError, flag, split_equals};

use crate::settings::{CalibrateSettings, CheckSettings, RunSettings};
use crate::shop::Settings as ShopSettings;

/// What the user wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The main job.
    Run(Box<RunSettings>),
    /// The main job against a shop of the program's own, started for it; these are its arguments,
    /// checked but for the target, which is not known yet.
    Demo(Vec<OsString>),
    /// A handful of requests before the main job.
    Check(Box<CheckSettings>),
    /// Bursts at a shop of the program's own, set against arithmetic.
    Calibrate(CalibrateSettings),
    /// The embedded shop.
    Shop(Box<ShopSettings>),
    /// A text on standard output: help or version.
    Print(String),
}

/// Reads a whole command line, without the program's name.
pub fn parse(argv: Vec<OsString>) -> Result<Command, UsageError> {
    let mut args = Arguments::from_vec(split_equals(argv, &run::FREE_TEXT));
    let command = args
        .subcommand()
        .map_err(|_| UsageError("the command is not UTF-8: see --help".to_owned()))?;
    let wants_help = flag(&mut args, Name("-h", "--help", "--help"));
    if flag(&mut args, Name("-V", "--version", "--version")) {
        let version = concat!("profilerclient ", env!("CARGO_PKG_VERSION"), "\n");
        return Ok(Command::Print(version.to_owned()));
    }
    match command.as_deref() {
        None | Some("demo") if wants_help => Ok(Command::Print(help::RUN.to_owned())),
        Some("calibrate") if wants_help => Ok(Command::Print(calibrate::HELP.to_owned())),
        Some("check") if wants_help => Ok(Command::Print(check::HELP.to_owned())),
        Some("shop") if wants_help => Ok(Command::Print(shop::HELP.to_owned())),
        None => Ok(Command::Run(Box::new(run::parse(args, None)?))),
        Some("demo") => {
            let argv = args.finish();
            // Whatever can be wrong is said before a shop is started.
            demo_settings(argv.clone(), "http://127.0.0.1:1")?;
            Ok(Command::Demo(argv))
        }
        Some("calibrate") => Ok(Command::Calibrate(calibrate::parse(args)?)),
        Some("check") => Ok(Command::Check(Box::new(check::parse(args)?))),
        Some("shop") => Ok(Command::Shop(Box::new(shop::parse(args)?))),
        Some(other) => Err(UsageError(format!(
            "unknown command {other:?}: the commands are calibrate, check, demo and shop; options of \
             a run begin with - (see --help)"
        ))),
    }
}

/// The settings of a demo, once its shop says where it is.
pub fn demo_settings(argv: Vec<OsString>, target: &str) -> Result<RunSettings, UsageError> {
    run::parse(Arguments::from_vec(argv), Some(target))
}
