//! The command-line program: parses, runs, sets the exit code. Everything else is in the library.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use profilerclient::cli::{self, Command};
use profilerclient::console::Console;
use profilerclient::exit::{Ending, Error};
use profilerclient::signals::Signals;
use profilerclient::sys::clock;
use profilerclient::{
    calibrate, check, compare, demo, deploy, merge, pages, run, shards, shop, summarize,
};

fn main() -> ExitCode {
    match run_command() {
        Ok(Ending::Interrupted(signal)) => Signals::die_of(signal),
        Ok(ending) => ending.code(),
        Err(error) => {
            // Standard error may be closed; the exit code reports it too.
            Console::stderr().say(&format!("profilerclient: {error}"));
            error.code()
        }
    }
}

fn run_command() -> Result<Ending, Error> {
    let argv = std::env::args_os().skip(1).collect();
    let cli::Invocation { command, notes } = cli::parse(argv)?;
    for note in notes {
        Console::stderr().say(&format!("profilerclient: note: {note}"));
    }
    match command {
        Command::Print(text) => {
            match Console::stdout().write_all(text.as_bytes()) {
                // A reader that goes away early has what it wanted.
                Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::failed(
                    format_args!("standard output cannot be written: {error}"),
                )),
                _ => Ok(Ending::Done),
            }
        }
        Command::Calibrate(settings) => calibrate::run(&settings, &mut signals()?),
        Command::Compare(settings) => compare::run(&settings),
        Command::Check(settings) => check::run(&settings, &mut signals()?),
        Command::Report(settings) => pages::run(&settings),
        Command::Run(settings) => run::run(&settings, &mut signals()?),
        Command::Merge(settings) => merge::run(&settings),
        Command::Deploy(settings) => deploy::run(&settings),
        Command::Shards(settings) => shards::run(&settings, &mut signals()?),
        Command::Summary(settings) => summarize::run(&settings),
        Command::Shop(settings) => {
            let mut signals = signals()?;
            let served = shop::run(&settings, &mut signals, shop::print_address);
            match (signals.received(), served) {
                (Some(signal), _) => Ok(Ending::Interrupted(signal)),
                (None, Ok(())) => Ok(Ending::Done),
                (None, Err(error)) => Err(error),
            }
        }
        Command::Demo { argv, tls } => demo::run(argv, tls, &mut signals()?),
    }
}

fn signals() -> Result<Signals, Error> {
    clock::probe().map_err(Error::failed)?;
    Signals::install().map_err(|error| Error::Failed(format!("signals cannot be handled: {error}")))
}
