//! `profilerclient check`: checks the shop, and whether this machine can measure it. A handful of requests,
//! no load.
//!
//! ```text
//! network ─► tls ─► shop ─► purchase ─┐
//!    └───────────► machine ───────────┴─► one line each
//! ```
//! Requests are separate from conclusions: the `judge_…` functions are pure.

mod backlog;
mod certificate;
mod clocks;
mod cpu;
mod machine;
mod network;
mod output;
mod purchase;
mod shop;
mod site;
mod skipped;
mod tls;
mod trial;

use std::io::{self, LineWriter, Write};

use anstream::AutoStream;
use serde::Serialize;

use crate::console::Console;
use crate::exit::{Ending, Error, Hinted};
use crate::net::tls::TlsClient;
use crate::prepare::address;
use crate::run::random_seed;
use crate::settings::CheckSettings;
use crate::settings::Verbosity;
use crate::show::color;
use crate::signals::Signals;

use output::{Form, Report};

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    /// A run works, but with restrictions.
    Warn,
    /// A run does not work.
    Fail,
    /// It could not be checked.
    Skip,
}

/// One line of the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Check {
    /// The variant that was checked, where they have different targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    name: &'static str,
    status: Status,
    finding: String,
    /// The hint.
    hint: Option<String>,
}

impl Check {
    fn ok(name: &'static str, finding: impl Into<String>) -> Check {
        Check {
            variant: None,
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

    /// An error that would end a run before its load.
    fn error(name: &'static str, error: &impl Hinted) -> Check {
        Check::fail(name, error.finding(), error.hint())
    }
}

/// Does the checks and prints their results.
pub fn run(settings: &CheckSettings, signals: &mut Signals) -> Result<Ending, Error> {
    if let Some(tls) = &settings.net.tls {
        TlsClient::load(tls)?;
    }
    let form = match (settings.show.json, settings.show.verbosity) {
        (true, _) => Form::Json,
        (false, Verbosity::Quiet) => Form::Troubles,
        (false, _) => Form::Lines,
    };
    let choice = color::choice(settings.show.color, &io::stdout());
    let lines: Box<dyn Write> = Box::new(LineWriter::new(Console::stdout()));
    let mut report = Report::new(AutoStream::new(lines, choice), form);
    let written = examine(settings, signals, &mut report);
    if let Some(signal) = signals.received() {
        return Ok(Ending::Interrupted(signal));
    }
    let finished = written.and_then(|()| report.finish(&settings.shop));
    match finished {
        // The reader closed the pipe early; the results still decide.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Failed(format!(
            "the findings cannot be written: {error}"
        ))),
        _ if report.failed() => Ok(Ending::ChecksFailed),
        _ => Ok(Ending::Done),
    }
}

/// Checks the shop, or where variants have different ones, that of each; and this machine once.
fn examine<W: Write>(
    settings: &CheckSettings,
    signals: &mut Signals,
    report: &mut Report<W>,
) -> io::Result<()> {
    let variants = settings.variants.as_ref().map_or(&[][..], |of| &of.list);
    if variants.iter().all(|variant| variant.shop == settings.shop) {
        return examine_shop(settings, true, signals, report);
    }
    for (number, variant) in variants.iter().enumerate() {
        report.of_variant(&variant.name);
        let settings = CheckSettings {
            shop: variant.shop.clone(),
            net: variant.net.clone(),
            ..settings.clone()
        };
        examine_shop(&settings, number == 0, signals, report)?;
        if signals.received().is_some() {
            break;
        }
    }
    Ok(())
}

fn examine_shop<W: Write>(
    settings: &CheckSettings,
    with_machine: bool,
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
    tls::examine(net, network.connected, signals, report)?;
    if signals.received().is_some() {
        return Ok(());
    }
    let visit = shop::examine(shop, net, network.connected, signals, report)?;
    if signals.received().is_some() {
        return Ok(());
    }
    if site::is_arbitrary(shop) {
        site::examine(shop, net, &visit, signals, report)?;
        if signals.received().is_some() {
            return Ok(());
        }
    }
    let buyer = purchase::Buyer {
        shop,
        net,
        seed: settings.buy.then(|| seed.unwrap_or_else(random_seed)),
    };
    purchase::examine(&buyer, &visit, signals, report)?;
    if signals.received().is_some() || !with_machine {
        return Ok(());
    }
    let is_here = network.preferred.map(address::is_here);
    clocks::examine_own(is_here, report)?;
    let home = visit.home.as_ref();
    machine::examine(net, &settings.load, home, network.preferred, report)?;
    cpu::examine(settings.precise, is_here, report)
}
