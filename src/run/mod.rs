//! The main job, from checked settings to rows and a summary.

pub mod compare;
pub mod conclude;
mod hooks;
mod lines;
mod located;
mod meter;
mod output;
mod parts;
mod place;
mod print;
pub mod progress;
mod ready;
pub mod recorder;
mod session;
mod switch;
mod told;

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
use hooks::Hooks;
use lines::{RunLog, run_line};
use meter::Meter;
use parts::Blocks;
use ready::Ready;
use recorder::RunRecorder;
use session::{Schedule, Session, SessionError};
use switch::Switch;

fn failed(why: impl fmt::Display) -> Error {
    Error::Failed(why.to_string())
}

/// Does the main job. `--cleanup` is run at its end, however that comes.
pub fn run(settings: &RunSettings, signals: &mut Signals) -> Result<Ending, Error> {
    let hooks = Hooks::new();
    let ended = run_load(settings, &hooks, signals);
    let Some(variants) = &settings.variants else {
        return ended;
    };
    let Some(command) = &variants.cleanup else {
        return ended;
    };
    let Err(error) = hooks.clean_up(command, variants.prepare_timeout) else {
        return ended;
    };
    say(&error.output().join("\n"));
    match ended {
        Ok(Ending::Done | Ending::ThresholdsMet | Ending::ClientLimited) => Err(failed(error)),
        // What ended the run comes first.
        ended => {
            say(&format!("profilerclient: {error}"));
            ended
        }
    }
}

fn run_load(settings: &RunSettings, hooks: &Hooks, signals: &mut Signals) -> Result<Ending, Error> {
    let asked = compare::asked(settings).map_err(Error::usage)?;
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
    let has_lines = ready.runs.is_some();
    let json_file = ready.json_file.take();
    let html = ready.html.take();
    let (ran, facts, whole, finished, rows_on_stdout) =
        send_load(settings, ready, hooks, seed, &clock, signals)?;
    let mut summary = Summary::of(facts, whole, &settings.judge.thresholds);
    summary.comparison = compare::variants(settings, asked.as_ref(), has_lines, &summary);
    clock::check().map_err(failed)?;
    let ran = match ran {
        Err(error) if !matches!(error, SessionError::Switch(_)) => return Err(failed(error)),
        ran => ran,
    };
    let shown = print::summary(&settings.show, &summary, json_file, rows_on_stdout);
    if let Err(SessionError::Switch(error)) = &ran {
        say(&error.output().join("\n"));
    }
    // Lost rows are worse than a lost summary.
    finished.map_err(failed)?;
    if let Some(html) = html {
        pages::of_run(&settings.rows.output, summary.clone(), html)?;
    }
    ran.map_err(failed)?;
    shown.map_err(|error| {
        failed(format_args!(
            "the summary cannot be written ({error}); the {} rows are in {}",
            summary.rows_written,
            settings.rows.output.display()
        ))
    })?;
    Ok(interrupted(signals).unwrap_or_else(|| {
        let judged = judge(&settings.judge, &summary);
        compare::judge(settings, &summary, judged)
    }))
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
    hooks: &Hooks,
    seed: u64,
    clock: &Clock,
    signals: &mut Signals,
) -> Result<Sent, Error> {
    let is_remote = (ready.places.iter()).any(|place| !address::is_here(place.address));
    let started = clock.unix_nanos(Stamp::at(0));
    for place in &mut ready.places {
        place.scenario.begin_at(started);
    }
    let run_id = format!("{started:x}-{:016x}", random_seed());
    let machine = Machine::read();
    let mut log = RunLog::new(ready.runs.take(), run_id.clone());
    log.begin(run_line(
        settings,
        &ready.places[0].scenario,
        seed,
        started,
        is_remote,
        &machine,
    ));
    let blocks = Blocks {
        load: &settings.load,
        seed,
        products: (ready.places.iter())
            .map(|place| place.scenario.buy_paths.len())
            .collect(),
        max_in_flight: ready.at_once,
        shard: settings.shard.shard,
    };
    let planned = parts::planned(&blocks);
    let parts = parts::of(blocks);
    if settings.variants.is_some() && settings.show.verbosity != Verbosity::Quiet {
        say(&told::time_needed(settings, parts.len(), planned));
    }
    let mut progress = Progress::on_stderr(
        settings.show.progress,
        settings.show.verbosity,
        !ready.file.is_on_terminal(&io::stderr()),
        settings.rows.utc,
        clock,
    );
    if settings.variants.is_some() {
        progress.expect(parts.len() as u64, planned);
    }
    let guard = take_measures(settings, &mut ready, is_remote);
    let mut recorder = RunRecorder::new(&mut ready.file, clock, progress);
    let switch = (settings.variants.as_ref()).map(|variants| Switch { variants, hooks });
    let mut session = Session {
        settings,
        places: &mut ready.places,
        switch,
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
    let ran = session.run(parts, signals, &mut recorder);
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
    for place in &mut ready.places {
        place.reactor.spin = guard.spin_before_due();
        place.reactor.busy_poll = guard.busy_poll();
    }
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
        target: lines::target(settings),
        variants: lines::variants(settings),
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
