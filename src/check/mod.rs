//! `profilerclient check`: is the shop there, and can this machine measure it? A handful of requests,
//! no load.
//!
//! ```text
//! network ─► shop ─► purchase ─┐
//!    └────────► machine ───────┴─► one line each
//! ```
//! What is found out by asking is kept apart from what to make of it: the `judge_…` functions are pure.

mod backlog;
mod clocks;
mod machine;
mod network;
mod output;
mod purchase;
mod shop;

use std::io::{self, LineWriter, Write};

use crate::console::Console;
use crate::exit::{Ending, Error, Hinted};
use crate::prepare::address;
use crate::run::random_seed;
use crate::settings::CheckSettings;
use crate::settings::Verbosity;
use crate::signals::Signals;

use output::{Form, Report};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Ok,
    /// A run works, but not all of it will be as it should.
    Warn,
    /// A run would not work.
    Fail,
    /// It could not be checked.
    Skip,
}

/// One line of what the command says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    name: &'static str,
    status: Status,
    finding: String,
    /// What to do about it.
    hint: Option<String>,
}

impl Check {
    fn ok(name: &'static str, finding: impl Into<String>) -> Check {
        Check {
            name,
            status: Status::Ok,
            finding: finding.into(),
            hint: None,
        }
    }

    fn warn(name: &'static str, finding: impl Into<String>, hint: impl Into<String>) -> Check {
        Check {
            status: Status::Warn,
            hint: Some(hint.into()),
            ..Check::ok(name, finding)
        }
    }

    fn fail(name: &'static str, finding: impl Into<String>, hint: impl Into<String>) -> Check {
        Check {
            status: Status::Fail,
            ..Check::warn(name, finding, hint)
        }
    }

    fn skip(name: &'static str, finding: impl Into<String>) -> Check {
        Check {
            status: Status::Skip,
            ..Check::ok(name, finding)
        }
    }

    /// What would end a run before its load.
    fn error(name: &'static str, error: &impl Hinted) -> Check {
        Check::fail(name, error.finding(), error.hint())
    }
}

/// Does the checks and says what they found.
pub fn run(settings: &CheckSettings, signals: &mut Signals) -> Result<Ending, Error> {
    let form = match (settings.show.json, settings.show.verbosity) {
        (true, _) => Form::Json,
        (false, Verbosity::Quiet) => Form::Troubles,
        (false, _) => Form::Lines,
    };
    let mut report = Report::new(LineWriter::new(Console::stdout()), form);
    let written = examine(settings, signals, &mut report);
    if let Some(signal) = signals.received() {
        return Ok(Ending::Interrupted(signal));
    }
    let finished = written.and_then(|()| report.finish(&settings.shop));
    match finished {
        // The reader went away early; what was found still decides.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Failed(format!(
            "the findings cannot be written: {error}"
        ))),
        _ if report.failed() => Ok(Ending::ChecksFailed),
        _ => Ok(Ending::Done),
    }
}

fn examine<W: Write>(
    settings: &CheckSettings,
    signals: &mut Signals,
    report: &mut Report<W>,
) -> io::Result<()> {
    let CheckSettings {
        shop, net, seed, ..
    } = settings;
    let network = network::examine(net, signals, report)?;
    if signals.received().is_some() {
        return Ok(());
    }
    let visit = shop::examine(shop, net, network.connected, signals, report)?;
    if signals.received().is_some() {
        return Ok(());
    }
    let buyer = purchase::Buyer {
        shop,
        net,
        seed: settings.buy.then(|| seed.unwrap_or_else(random_seed)),
    };
    purchase::examine(&buyer, &visit, signals, report)?;
    if signals.received().is_some() {
        return Ok(());
    }
    let is_here = network.preferred.map(address::is_here);
    clocks::examine_own(is_here, report)?;
    let home = visit.home.as_ref();
    machine::examine(net, &settings.load, home, network.preferred, report)
}
