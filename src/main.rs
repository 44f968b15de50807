//! The command-line program: parses, runs, sets the exit code. Everything else is in the library.

use std::io::{self, Write};
use std::process::ExitCode;

use profilerclient::calibrate;
use profilerclient::check;
use profilerclient::cli::{self, Command};
use profilerclient::demo::ShopProcess;
use profilerclient::run::{self, Ending, RunError};
use profilerclient::shop;
use profilerclient::signals::Signals;

fn main() -> ExitCode {
    match run_command() {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::ChecksFailed) => ExitCode::from(1),
        Ok(Ending::ConditionsFailed) => ExitCode::from(3),
        Ok(Ending::ClientLimited) => ExitCode::from(4),
        Ok(Ending::Interrupted(signal)) => ExitCode::from(128 + signal as u8),
        Err(error) => {
            // Whoever listened may be gone; the exit code says it too.
            let _ = writeln!(io::stderr(), "profilerclient: {error}");
            match error {
                RunError::Failed(_) => ExitCode::from(1),
                RunError::Usage(_) => ExitCode::from(2),
            }
        }
    }
}

fn run_command() -> Result<Ending, RunError> {
    let argv = std::env::args_os().skip(1).collect();
    match cli::parse(argv)? {
        Command::Print(text) => {
            // A reader that goes away early has what it wanted.
            let _ = io::stdout().write_all(text.as_bytes());
            Ok(Ending::Done)
        }
        Command::Calibrate(settings) => calibrate::run(&settings, &mut signals()?),
        Command::Check(settings) => check::run(&settings, &signals()?),
        Command::Run(settings) => run::run(&settings, &mut signals()?),
        Command::Shop(settings) => {
            let mut signals = signals()?;
            shop::run(&settings, &mut signals, shop::print_address).map_err(|error| {
                RunError::Failed(format!("the shop at {}: {error}", settings.listen))
            })?;
            Ok(signals.received().map_or(Ending::Done, Ending::Interrupted))
        }
        Command::Demo(argv) => {
            let mut signals = signals()?;
            let shop = ShopProcess::start(&[]).map_err(RunError::Failed)?;
            let settings = cli::demo_settings(argv, &shop.url)?;
            run::run(&settings, &mut signals)
        }
    }
}

fn signals() -> Result<Signals, RunError> {
    Signals::install()
        .map_err(|error| RunError::Failed(format!("signals cannot be handled: {error}")))
}
