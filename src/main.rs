//! The command-line program: parses, runs, sets the exit code. Everything else is in the library.

use std::io::{self, Write};
use std::process::ExitCode;

use profilerclient::cli::{self, Command};
use profilerclient::exit::{Ending, Error};
use profilerclient::shop::process::ShopProcess;
use profilerclient::signals::Signals;
use profilerclient::{calibrate, check, run, shop};

fn main() -> ExitCode {
    match run_command() {
        Ok(Ending::Interrupted(signal)) => Signals::die_of(signal),
        Ok(ending) => ending.code(),
        Err(error) => {
            // Standard error may be closed; the exit code reports it too.
            let _ = writeln!(io::stderr(), "profilerclient: {error}");
            error.code()
        }
    }
}

fn run_command() -> Result<Ending, Error> {
    let argv = std::env::args_os().skip(1).collect();
    let cli::Invocation { command, notes } = cli::parse(argv)?;
    for note in notes {
        let _ = writeln!(io::stderr(), "profilerclient: note: {note}");
    }
    match command {
        Command::Print(text) => {
            // A reader that closes the pipe early is not an error.
            let _ = io::stdout().write_all(text.as_bytes());
            Ok(Ending::Done)
        }
        Command::Calibrate(settings) => calibrate::run(&settings, &mut signals()?),
        Command::Check(settings) => check::run(&settings, &mut signals()?),
        Command::Run(settings) => run::run(&settings, &mut signals()?),
        Command::Shop(settings) => {
            let mut signals = signals()?;
            shop::run(&settings, &mut signals, shop::print_address).map_err(|error| {
                Error::failed(format_args!("the shop at {}: {error}", settings.listen))
            })?;
            Ok(signals.received().map_or(Ending::Done, Ending::Interrupted))
        }
        Command::Demo(argv) => {
            let mut signals = signals()?;
            let shop = ShopProcess::start(&[])?;
            let settings = cli::demo_settings(argv, &shop.url)?;
            run::run(&settings, &mut signals)
        }
    }
}

fn signals() -> Result<Signals, Error> {
    Signals::install().map_err(|error| Error::Failed(format!("signals cannot be handled: {error}")))
}
