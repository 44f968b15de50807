//! `profilerclient check`: is the shop there, and can this machine measure it? A handful of requests,
//! no load.
//!
//! ```text
//! network ─► shop ─► purchase ─┐
//!    └────────► machine ───────┴─► one line each
//! ```
//! What is found out by asking is kept apart from what to make of it: the `judge_…` functions are pure.

mod clocks;
mod machine;
mod network;
mod output;
mod purchase;
mod shop;

use std::io::{self, Write};

use crate::exit::{Ending, Error};
use crate::prepare::address;
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
    mend: Option<String>,
}

impl Check {
    fn ok(name: &'static str, finding: impl Into<String>) -> Check {
        Check {
            name,
            status: Status::Ok,
            finding: finding.into(),
            mend: None,
        }
    }

    fn warn(name: &'static str, finding: impl Into<String>, mend: impl Into<String>) -> Check {
        Check {
            status: Status::Warn,
            mend: Some(mend.into()),
            ..Check::ok(name, finding)
        }
    }

    fn fail(name: &'static str, finding: impl Into<String>, mend: impl Into<String>) -> Check {
        Check {
            status: Status::Fail,
            ..Check::warn(name, finding, mend)
        }
    }

    fn skip(name: &'static str, finding: impl Into<String>) -> Check {
        Check {
            status: Status::Skip,
            ..Check::ok(name, finding)
        }
    }

    /// A failure that a run says in one line, its mend last.
    fn fail_line(name: &'static str, line: &str) -> Check {
        match line.rsplit_once(": ") {
            Some((finding, mend)) => Check::fail(name, finding, mend),
            None => Check::fail(name, line, "see profilerclient check --help"),
        }
    }
}

/// Does the checks and says what they found.
pub fn run(settings: &CheckSettings, signals: &Signals) -> Result<Ending, Error> {
    let form = match (settings.run.show.json, settings.run.show.verbosity) {
        (true, _) => Form::Json,
        (false, Verbosity::Quiet) => Form::Troubles,
        (false, _) => Form::Lines,
    };
    let mut report = Report::new(io::stdout(), form);
    let written = examine(settings, signals, &mut report);
    if let Some(signal) = signals.received() {
        return Ok(Ending::Interrupted(signal));
    }
    let finished = written.and_then(|()| report.finish(&settings.run));
    match finished {
        // Whoever read it has had enough of it; what was found still decides.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Failed(format!(
            "the findings cannot be written: {error}"
        ))),
        _ if report.failed() => Ok(Ending::ChecksFailed),
        _ => Ok(Ending::Done),
    }
}

fn examine<W: Write>(
    settings: &CheckSettings,
    signals: &Signals,
    report: &mut Report<W>,
) -> io::Result<()> {
    // Each request is the run's own, but offers to keep the connection: whether the server would is
    // one of the findings.
    let mut run = settings.run.clone();
    run.net.keep_alive = true;
    let network = network::examine(&run, report)?;
    let visit = shop::examine(
        &run,
        settings.run.net.keep_alive,
        network.connected,
        signals,
        report,
    )?;
    purchase::examine(&run, settings.buy, &visit, signals, report)?;
    if signals.received().is_some() {
        return Ok(());
    }
    let is_here = network
        .preferred
        .map(|address| address::is_here(address.ip()));
    clocks::examine_own(is_here, report)?;
    machine::examine(&settings.run, visit.home.as_ref(), is_here, report)
}
