//! The main job, from a checked command line to rows and a summary.

mod facts;
mod parts;
pub mod progress;
pub mod recorder;
mod session;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, IsTerminal, Write};
use std::os::fd::OwnedFd;

use crate::exit::{Ending, Error};
use crate::net::bind_list::BindList;
use crate::net::sources::Sources;
use crate::prepare;
use crate::prepare::address;
use crate::prepare::limits;
use crate::reactor::Settings;
use crate::rows::csv_file::{self, ReportFile};
use crate::run::progress::{Progress, terminal_width};
use crate::settings::{ClockChoice, RunSettings, Verbosity};
use crate::show::instrument;
use crate::show::thresholds::Told;
use crate::show::{json, text};
use crate::signals::Signals;
use crate::summary::{RunFacts, Summary};
use crate::sys::limits::OpenFiles;
use crate::sys::stamps;
use crate::text::Printable;
use crate::time::clock::{Clock, Stamp};
use crate::time::writing::WallClockFormat;

use facts::Meter;
use recorder::RunRecorder;
use session::Session;

fn failed(why: impl fmt::Display) -> Error {
    Error::Failed(why.to_string())
}

/// Does the main job.
pub fn run(settings: &RunSettings, signals: &mut Signals) -> Result<Ending, Error> {
    let addresses = match address::addresses(&settings.net, signals) {
        Ok(addresses) => addresses,
        Err(error) => return unless_interrupted(error, signals),
    };
    let bind = settings.net.ways.bind.as_ref();
    let sources = match bind.map(|list| Sources::towards(list, &addresses, signals)) {
        None => None,
        Some(Ok(sources)) => Some(sources),
        Some(Err(error)) => return unless_interrupted(error, signals),
    };
    let (limit, at_once) = room_for(settings)?;
    if let Some(name) = WallClockFormat::unknown_zone().filter(|_| !settings.rows.utc) {
        say(&format!(
            "TZ {name:?} names no zone that this machine knows: local times are in UTC (is tzdata installed?)"
        ));
    }
    let rows = csv_file::Settings {
        title: settings.rows.title.clone(),
        utc: settings.rows.utc,
        phases: settings.rows.phases,
    };
    let stamping = switch_stamps_on(settings.clocks.choice)?;
    let kernel_stamps = stamping.is_some();
    let mut file = ReportFile::open(&settings.rows.output, rows).map_err(failed)?;

    let address = address::reachable(&addresses, &settings.net, signals);
    let scenario = match prepare::scenario(&settings.shop, &settings.net, address, signals) {
        Ok(scenario) => scenario,
        Err(error) => return unless_interrupted(error, signals),
    };
    if let Some(signal) = signals.received() {
        return Ok(Ending::Interrupted(signal));
    }
    let seed = settings.seed.unwrap_or_else(random_seed);
    let parts = parts::of(&settings.load, seed, scenario.buy_paths.len(), at_once);
    let clock = Clock::start();
    if settings.show.verbosity == Verbosity::Verbose {
        let origin = clock.unix_nanos(Stamp(0));
        let notes = format!(
            "resolved: {addresses:?}, using {address}\n\
             connections from: {}\n\
             open files: at most {} (hard limit {})\n\
             source ports: {}\n\
             products: {}, seed {seed}\n\
             clock: CLOCK_MONOTONIC from {origin} ns of CLOCK_REALTIME on\n\
             arrivals: {}\n",
            bind.map_or(
                "wherever the kernel chooses".to_owned(),
                BindList::to_string
            ),
            limit.soft,
            limit.hard,
            ports(settings.net.ways.sources()),
            scenario.buy_paths.len(),
            match kernel_stamps {
                true => "the kernel's receive stamps (SO_TIMESTAMPING)",
                false => "this process's clock",
            }
        );
        say(notes.trim_end());
    }
    let reactor_settings = Settings {
        address: address.into(),
        sources,
        timeout: settings.net.timeout,
        connect_timeout: settings.net.connect_timeout,
        preconnect: settings.net.preconnect,
        kernel_stamps,
        transmit_stamps: kernel_stamps && settings.clocks.tx_stamps,
        with_ports: settings.rows.phases,
    };
    let shows_progress = settings.show.verbosity != Verbosity::Quiet && io::stderr().is_terminal();
    let progress = Progress::new(io::stderr(), shows_progress, terminal_width(), clock.now());
    let of_parts = parts.len() > 1;
    let is_open = !settings.load.is_closed();
    let mut recorder = RunRecorder::new(&mut file, &clock, progress, of_parts, is_open);
    let meter = Meter::new(&limit, address, settings.net.ways.sources());
    let mut session = Session::new(&scenario, &reactor_settings, &clock, meter);
    let ran = session.run(parts, settings.load.pause, signals, &mut recorder);
    let totals = session.end();
    let (summary, written) = recorder.finish();
    let rows_on_stdout = file.is_standard_output();
    // What is recorded is kept whatever else went wrong.
    let finished = file.finish().and_then(|rows| written.map(|()| rows));
    ran.map_err(|error| failed(format_args!("the event loop failed: {error}")))?;
    let safe_rows = finished
        .as_ref()
        .map_or_else(|error| error.safe_rows, |rows| *rows);
    let mut facts = facts::gather(
        settings,
        seed,
        &clock,
        totals,
        safe_rows,
        signals.received(),
    )
    .map_err(|error| failed(format_args!("the own CPU time cannot be read: {error}")))?;
    let judged =
        (settings.judge.thresholds.iter()).map(|condition| condition.evaluate(&summary, &facts));
    facts.conditions = judged.collect();
    let shown = show(settings, &summary, &facts, rows_on_stdout);
    // Lost rows are worse than a lost summary.
    finished.map_err(failed)?;
    shown.map_err(|error| {
        failed(format_args!(
            "the summary cannot be written ({error}); the {safe_rows} rows are in {}",
            settings.rows.output.display()
        ))
    })?;
    Ok(match signals.received() {
        Some(signal) => Ending::Interrupted(signal),
        None => judge(settings, &summary, &facts),
    })
}

/// What an error before the load comes to: nothing but the end asked for where a signal caused it.
fn unless_interrupted(error: impl Into<Error>, signals: &Signals) -> Result<Ending, Error> {
    match signals.received() {
        Some(signal) => Ok(Ending::Interrupted(signal)),
        None => Err(error.into()),
    }
}

/// Sees that a port and a descriptor for each shopper fit; says how many shoppers there may be at once.
fn room_for(settings: &RunSettings) -> Result<(OpenFiles, usize), Error> {
    let sources = settings.net.ways.sources();
    if let Some(most) = settings.load.most_at_once() {
        limits::check_ports(most, sources)?;
        let limit = limits::descriptors_for(most)?;
        return Ok((limit, most.count));
    }
    let (limit, most) = limits::usual_most(sources)?;
    Ok((limit, most.count))
}

/// What a run comes to that was done; says why where that is a failure.
fn judge(settings: &RunSettings, summary: &Summary, facts: &RunFacts) -> Ending {
    let verdict = instrument::verdict(summary, facts);
    let mut ending = Ending::Done;
    if settings.judge.strict && !verdict.is_trusted() {
        say(&format!("profilerclient: --strict: NOT TRUSTED: {verdict}"));
        ending = Ending::ClientLimited;
    }
    for outcome in facts.conditions.iter().filter(|outcome| outcome.failed()) {
        let (condition, told) = (&outcome.condition, Told(&outcome.finding));
        say(&format!("profilerclient: --fail-if {condition}: {told}"));
        ending = Ending::ThresholdsMet;
    }
    ending
}

/// Says something on standard error. That nobody takes it is no reason to stop.
fn say(lines: &str) {
    for line in lines.lines() {
        let _ = writeln!(io::stderr(), "{}", Printable(line));
    }
}

/// Has the kernel stamp what arrives while the returned socket is open, unless it is not to or cannot.
fn switch_stamps_on(choice: ClockChoice) -> Result<Option<OwnedFd>, Error> {
    if choice == ClockChoice::User {
        return Ok(None);
    }
    match (choice, stamps::switch_on()) {
        (_, Ok(socket)) => Ok(Some(socket)),
        (ClockChoice::Auto | ClockChoice::User, Err(_)) => Ok(None),
        (ClockChoice::Kernel, Err(error)) => Err(failed(format_args!(
            "--clock kernel: this system gives no receive stamps ({error}): use --clock auto"
        ))),
    }
}

/// The seed of a run that named none; it is printed, so that the run can be repeated.
pub(crate) fn random_seed() -> u64 {
    RandomState::new().hash_one(0)
}

fn ports(sources: usize) -> String {
    match (limits::source_ports(), sources) {
        (None, _) => "unknown".to_owned(),
        (Some(ports), 1) => format!("{ports} (net.ipv4.ip_local_port_range)"),
        (Some(ports), _) => format!("{ports} for each of {sources} (net.ipv4.ip_local_port_range)"),
    }
}

/// Prints the summary: on standard output, or beside it where the rows go there.
fn show(
    settings: &RunSettings,
    summary: &Summary,
    facts: &RunFacts,
    rows_on_stdout: bool,
) -> io::Result<()> {
    let mut shown = Vec::new();
    match (settings.show.json, settings.show.verbosity) {
        // Asked for by name: quiet does not take it back.
        (true, _) => json::write(summary, facts, &mut shown)?,
        (false, Verbosity::Quiet) => {}
        (false, _) => text::write(summary, facts, &mut shown)?,
    }
    let written = if rows_on_stdout {
        io::stderr().write_all(&shown)
    } else {
        io::stdout()
            .write_all(&shown)
            .and_then(|()| io::stdout().flush())
    };
    match written {
        // Whoever read the summary has had enough of it; the rows are safe.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
