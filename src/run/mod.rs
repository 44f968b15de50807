//! The main job, from checked settings to rows and a summary.

pub mod conclude;
mod lines;
mod meter;
mod output;
mod parts;
mod print;
pub mod progress;
mod ready;
pub mod recorder;
mod session;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, IsTerminal};
use std::time::Duration;

use crate::console::Lines;
use crate::exit::{Ending, Error};
use crate::pages;
use crate::precise::{Asked, Circumstances, Guard};
use crate::prepare::address;
use crate::rows::csv_file::WriteError;
use crate::rows::load::Load;
use crate::run::progress::Progress;
use crate::settings::{RunSettings, Verbosity};
use crate::signals::Signals;
use crate::summary::{RunEnding, RunFacts, Summary, Whole};
use crate::sys::machine::{Machine, load_average};
use crate::sys::{clock, process};
use crate::time::clock::{Clock, DriftSeen, Stamp};
use crate::time::writing::WallClockFormat;

use conclude::{judge, say};
use lines::{RunLog, run_line};
use meter::Meter;
use ready::Ready;
use recorder::RunRecorder;
use session::{Schedule, Session, SessionError};

fn failed(why: impl fmt::Display) -> Error {
    Error::Failed(why.to_string())
}

/// Does the main job.
pub fn run(settings: &RunSettings, signals: &mut Signals) -> Result<Ending, Error> {
    let Some(mut ready) = Ready::make(settings, signals)? else {
        let signal = signals.received();
        return Ok(Ending::NotBegun(
            signal.expect("only a signal ends the preparations early"),
        ));
    };
    if let Some(signal) = signals.received() {
        return Ok(Ending::Interrupted(signal));
    }
    let seed = settings.seed.unwrap_or_else(random_seed);
    let clock = Clock::start_by(settings.shard.start.map(|start| start.unix_nanos));
    say_share(settings);
    if settings.show.verbosity == Verbosity::Verbose {
        say(&ready.notes(settings, seed, &clock));
    }
    let json_file = ready.json_file.take();
    let html = ready.html.take();
    let (ran, facts, whole, finished, rows_on_stdout) =
        send_load(settings, ready, seed, &clock, signals)?;
    let summary = Summary::of(facts, whole, &settings.judge.thresholds);
    clock::check().map_err(failed)?;
    ran.map_err(failed)?;
    let shown = print::summary(&settings.show, &summary, json_file, rows_on_stdout);
    // Lost rows are worse than a lost summary.
    finished.map_err(failed)?;
    if let Some(html) = html {
        pages::of_run(&settings.rows.output, summary.clone(), html)?;
    }
    shown.map_err(|error| {
        failed(format_args!(
            "the summary cannot be written ({error}); the {} rows are in {}",
            summary.rows_written,
            settings.rows.output.display()
        ))
    })?;
    Ok(interrupted(signals).unwrap_or_else(|| judge(&settings.judge, &summary)))
}

/// Says which share of the run this process has, where an engine's variables told it.
fn say_share(settings: &RunSettings) {
    let shard = &settings.shard;
    if let (Some(source), Some(name)) = (shard.source, shard.name())
        && settings.show.verbosity != Verbosity::Quiet
    {
        say(&format!("profilerclient: --shard auto: {name} by {source}"));
    }
}

/// How long the reader of standard error is waited for when it takes none of the messages of a load.
const MESSAGE_PATIENCE: Duration = Duration::from_secs(1);

type Sent = (
    Result<(), SessionError>,
    RunFacts,
    Whole,
    Result<u64, WriteError>,
    bool,
);

/// Sends the load and writes its rows and lines; what is recorded is kept if something else fails.
fn send_load(
    settings: &RunSettings,
    mut ready: Ready,
    seed: u64,
    clock: &Clock,
    signals: &mut Signals,
) -> Result<Sent, Error> {
    let is_remote = !address::is_here(ready.address);
    let started = clock.unix_nanos(Stamp::at(0));
    let site = ready.scenario.site.as_mut();
    if let Some(sessions) = site.and_then(|site| site.sessions.as_mut()) {
        sessions.unix_at_zero = started;
    }
    let run_id = format!("{started:x}-{:016x}", random_seed());
    let machine = Machine::read();
    let mut log = RunLog::new(ready.runs.take(), run_id.clone());
    log.begin(run_line(
        settings,
        &ready.scenario,
        seed,
        started,
        is_remote,
        &machine,
    ));
    let products = ready.scenario.buy_paths.len();
    let parts = parts::of(
        &settings.load,
        seed,
        products,
        ready.at_once,
        settings.shard.shard,
    );
    let progress = Progress::on_stderr(
        settings.show.progress,
        settings.show.verbosity,
        !ready.file.is_on_terminal(&io::stderr()),
        settings.rows.utc,
        clock,
    );
    let guard = take_measures(settings, &mut ready, is_remote);
    let mut recorder = RunRecorder::new(&mut ready.file, clock, progress);
    let mut session = Session {
        scenario: &ready.scenario,
        settings: &ready.reactor,
        clock,
        meter: Meter::new(&ready.limit, settings.net.ways.sources()),
        log: &mut log,
        whole: Whole::default(),
        drift: DriftSeen::default(),
        schedule: Schedule {
            at: settings.shard.start,
            begun: 0,
            is_told: settings.show.verbosity != Verbosity::Quiet,
        },
    };
    let ran = session.run(parts, settings.load.pause, signals, &mut recorder);
    let (whole, drift) = (session.whole, session.drift);
    let precise = guard.map(Guard::end);
    let (written, mut lines) = recorder.finish();
    let rows_on_stdout = ready.file.is_standard_output();
    let finished =
        output::close(ready.file, signals, &mut lines).and_then(|rows| written.map(|()| rows));
    finish_lines(lines);
    let safe_rows = finished
        .as_ref()
        .map_or_else(|error| error.safe_rows, |rows| *rows);
    let mut facts = facts(settings, seed, &whole, signals, machine).map_err(|error| {
        failed(format_args!(
            "this process's CPU time cannot be read: {error}"
        ))
    })?;
    facts.id = Some(run_id);
    facts.precise = precise;
    facts.rows_written = safe_rows;
    facts.rows_lost = Some(match finished {
        Ok(_) => 0,
        Err(_) => whole.figures.shoppers.saturating_sub(safe_rows),
    });
    facts.ending = Some(
        match (finished.is_err() || ran.is_err(), &facts.interrupted) {
            (true, _) => RunEnding::Failed,
            (false, Some(_)) => RunEnding::Interrupted,
            (false, None) => RunEnding::Done,
        },
    );
    facts.is_remote = is_remote;
    let at_end = clock.drift().nanos;
    let seen = drift.furthest().nanos;
    facts.clock_drift_nanos = Some(if seen.abs() > at_end.abs() {
        seen
    } else {
        at_end
    });
    log.end(&facts);
    Ok((ran, facts, whole, finished, rows_on_stdout))
}

/// Takes the measures of `--precise` and `--cpu`, until the load has ended.
fn take_measures(settings: &RunSettings, ready: &mut Ready, is_remote: bool) -> Option<Guard> {
    let asked = settings.precise;
    if asked == Asked::default() {
        return None;
    }
    let choice = ready.cpu.as_ref();
    let warning = choice.and_then(|choice| choice.warning(!is_remote));
    let is_told = asked.is_precise && settings.show.verbosity != Verbosity::Quiet;
    if let Some(warning) = warning.filter(|_| is_told) {
        say(&format!("profilerclient: --precise: {warning}"));
    }
    let of = Circumstances {
        is_local: !is_remote,
        has_due_launches: settings.load.has_due_launches(),
    };
    let guard = Guard::begin(asked, choice, of);
    ready.reactor.spin = guard.spin_before_due();
    ready.reactor.busy_poll = guard.busy_poll();
    Some(guard)
}

/// Writes the messages of the load that could not be written during it.
fn finish_lines(mut lines: Lines) {
    // A terminal that is stopped (Ctrl-S) has to be resumed for the summary too, which follows the messages.
    let patience = (!io::stdout().is_terminal()).then_some(MESSAGE_PATIENCE);
    lines.finish(patience);
}

/// What is known about the run as a whole.
fn facts(
    settings: &RunSettings,
    seed: u64,
    whole: &Whole,
    signals: &Signals,
    machine: Machine,
) -> io::Result<RunFacts> {
    let usage = process::usage()?;
    let mut format = match settings.rows.utc {
        true => WallClockFormat::utc(),
        false => WallClockFormat::local(),
    };
    let mut started_time = String::new();
    if let Some(started) = whole.facts.first_start {
        format.push(started, &mut started_time);
    }
    Ok(RunFacts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        title: settings.rows.title.clone(),
        note: settings.rows.note.clone(),
        machine: Some(machine),
        load_average_after: load_average(),
        report_file: settings.rows.output.display().to_string(),
        id: None,
        precise: None,
        ending: None,
        rows_written: 0,
        rows_lost: None,
        rows_skipped: 0,
        target: Some(lines::target(settings)),
        app: Some(settings.shop.app.clone()),
        load: Load::of(&settings.load),
        seed: Some(seed),
        preconnect: Some(settings.net.preconnect),
        keep_alive: Some(settings.net.keep_alive),
        insecure: settings.net.tls.as_ref().map(|tls| tls.insecure),
        resume: settings.net.tls.as_ref().map(|tls| tls.resume.name()),
        started_time,
        interrupted: signals.received().map(signal_name),
        clock_drift_nanos: None,
        cpu_user: Some(usage.user),
        cpu_system: Some(usage.system),
        peak_memory_bytes: Some(process::peak_resident()?),
        // Missing figures of the system do not end the run.
        discipline: clock::discipline().ok(),
        is_remote: false,
        shards: None,
    })
}

fn signal_name(signal: i32) -> String {
    match signal_hook::low_level::signal_name(signal) {
        Some(name) => name.to_owned(),
        None => format!("signal {signal}"),
    }
}

fn interrupted(signals: &Signals) -> Option<Ending> {
    signals.received().map(Ending::Interrupted)
}

/// The seed of a run without `--seed`; it is printed, so that the run can be repeated.
pub(crate) fn random_seed() -> u64 {
    RandomState::new().hash_one(0)
}
