//! What a run took and was given, measured around it and put together at its end.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use crate::cli::run::RunSettings;
use crate::clock::{Clock, Stamp};
use crate::limits;
use crate::output::instrument::InstrumentFacts;
use crate::output::summary::RunFacts;
use crate::plan::Plan;
use crate::reactor::Outcome;
use crate::resolve;
use crate::sys::limits::{OpenFiles, descriptors_in_use};
use crate::sys::{clock, process};
use crate::text::WallClockFormat;

/// What is measured from the arming to the last row.
pub(super) struct Meter {
    facts: InstrumentFacts,
    usage: process::Usage,
    began: Instant,
}

impl Meter {
    pub fn start(limit: &OpenFiles, address: SocketAddr) -> io::Result<Meter> {
        Ok(Meter {
            facts: InstrumentFacts {
                descriptors_used: descriptors_in_use(),
                descriptors_limit: limit.soft,
                ports_available: limits::source_ports(),
                is_remote: !resolve::is_here(address.ip()),
                ..InstrumentFacts::default()
            },
            usage: process::usage()?,
            began: Instant::now(),
        })
    }

    /// `shoppers`: each had a descriptor of its own.
    pub fn stop(mut self, shoppers: usize) -> io::Result<InstrumentFacts> {
        self.facts.wall = self.began.elapsed();
        let usage = process::usage()?;
        let before = self.usage.user + self.usage.system;
        self.facts.cpu = (usage.user + usage.system).saturating_sub(before);
        self.facts.descriptors_used += shoppers as u64;
        // A system that does not say is no reason to stop.
        self.facts.discipline = clock::discipline().ok();
        Ok(self.facts)
    }
}

/// Puts the facts of a run together.
pub(super) fn gather(
    settings: &RunSettings,
    plan: &Plan,
    clock: &Clock,
    outcome: &Outcome,
    instrument: InstrumentFacts,
    rows_written: u64,
) -> io::Result<RunFacts> {
    let usage = process::usage()?;
    let mut format = match settings.utc {
        true => WallClockFormat::utc(),
        false => WallClockFormat::local(),
    };
    let started = outcome.first_start;
    let mut started_time = String::new();
    if let Some(started) = started {
        format.push(clock.unix_nanos(started), &mut started_time);
    }
    let since_start = |end: Stamp| started.map(|start| end.since(start));
    let target = &settings.target;
    Ok(RunFacts {
        report_file: settings.output.display().to_string(),
        rows_written,
        target: target.base.as_str().trim_end_matches('/').to_owned() + &target.prefix,
        app: settings.app.clone(),
        concurrent: plan.shoppers as u64,
        seed: plan.seed,
        started_time,
        wall_nanos: since_start(outcome.ended).unwrap_or(0),
        starts_spread_nanos: outcome.last_start.and_then(since_start),
        interrupted: outcome.interrupted.map(signal_name),
        drift: clock.drift(),
        cpu_user: usage.user,
        cpu_system: usage.system,
        peak_memory_bytes: usage.peak_resident,
        preconnect: settings.preconnect,
        keep_alive: settings.keep_alive,
        instrument: InstrumentFacts {
            longest_turn_nanos: outcome.longest_turn,
            ports_used: outcome.connections,
            ..instrument
        },
    })
}

fn signal_name(signal: i32) -> String {
    match signal {
        libc::SIGINT => "SIGINT".to_owned(),
        libc::SIGTERM => "SIGTERM".to_owned(),
        other => format!("signal {other}"),
    }
}
