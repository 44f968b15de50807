//! argv → one command value, or an error. Nothing here exits or touches the network.

pub mod help;
pub mod options;
pub mod run;
pub mod target;

use std::ffi::OsString;

use pico_args::Arguments;

use options::{Name, UsageError, flag};
use run::RunSettings;

/// What the user wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The main job.
    Run(Box<RunSettings>),
    /// A text on standard output: help or version.
    Print(String),
}

/// Reads a whole command line, without the program's name.
pub fn parse(argv: Vec<OsString>) -> Result<Command, UsageError> {
    let mut args = Arguments::from_vec(argv);
    let command = args
        .subcommand()
        .map_err(|_| UsageError("the command is not UTF-8: see --help".to_owned()))?;
    match command.as_deref() {
        None => {
            if wants_help(&mut args) {
                return Ok(Command::Print(help::RUN.to_owned()));
            }
            if flag(&mut args, Name("-V", "--version", "--version")) {
                return Ok(Command::Print(format!(
                    "profilerclient {}\n",
                    env!("CARGO_PKG_VERSION")
                )));
            }
            Ok(Command::Run(Box::new(run::parse(args, None)?)))
        }
        Some(other) => Err(UsageError(format!(
            "unknown command {other:?}: the commands are demo and shop; options of a run begin with - \
             (see --help)"
        ))),
    }
}

fn wants_help(args: &mut Arguments) -> bool {
    flag(args, Name("-h", "--help", "--help"))
}
