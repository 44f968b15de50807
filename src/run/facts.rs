//! What a run took and was given, measured around it and put together at its end.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use crate::plan::{Kind, Plan};
use crate::prepare::address;
use crate::prepare::limits;
use crate::reactor::Outcome;
use crate::settings::Model;
use crate::settings::RunSettings;
use crate::show::instrument::InstrumentFacts;
use crate::summary::{LoadFacts, RunFacts};
use crate::sys::limits::{OpenFiles, descriptors_in_use};
use crate::sys::{clock, process};
use crate::time::clock::Clock;
use crate::time::writing::WallClockFormat;

use super::parts;
use super::session::Totals;

/// What is measured from the arming of each part to its last row.
pub(super) struct Meter {
    total: InstrumentFacts,
    /// The most places of a part.
    places: u64,
    before: Option<(process::Usage, Instant)>,
}

impl Meter {
    /// `sources` is the number of source addresses.
    pub fn new(limit: &OpenFiles, address: SocketAddr, sources: usize) -> Meter {
        let total = InstrumentFacts {
            descriptors_used: descriptors_in_use(),
            descriptors_limit: limit.soft,
            ports_available: limits::source_ports().map(|each| each * sources as u64),
            is_remote: !address::is_here(address),
            ..InstrumentFacts::default()
        };
        Meter {
            total,
            places: 0,
            before: None,
        }
    }

    pub fn begin(&mut self) -> io::Result<()> {
        self.before = Some((process::usage()?, Instant::now()));
        Ok(())
    }

    /// What a part took; it is added to the others.
    pub fn end(&mut self, outcome: &Outcome, plan: &Plan) -> io::Result<InstrumentFacts> {
        let usage = process::usage()?;
        let (before, began) = self.before.take().expect("begun");
        let earlier = before.user + before.system;
        // Each place had a descriptor of its own.
        let places = (plan.places() as u64).max(outcome.counts.most_in_flight);
        let part = InstrumentFacts {
            wall: began.elapsed(),
            cpu: (usage.user + usage.system).saturating_sub(earlier),
            longest_turn_nanos: outcome.longest_turn,
            ports_used: outcome.connections,
            descriptors_used: places,
            ..self.total.clone()
        };
        let total = &mut self.total;
        total.wall += part.wall;
        total.cpu += part.cpu;
        total.longest_turn_nanos = total.longest_turn_nanos.max(part.longest_turn_nanos);
        total.ports_used += part.ports_used;
        self.places = self.places.max(places);
        Ok(part)
    }

    /// What all parts took.
    pub fn total(mut self) -> InstrumentFacts {
        self.total.descriptors_used += self.places;
        // A system that does not say is no reason to stop.
        self.total.discipline = clock::discipline().ok();
        self.total
    }
}

/// Puts the facts of a run together; what became of its conditions is judged by them.
pub(super) fn gather(
    settings: &RunSettings,
    seed: u64,
    clock: &Clock,
    totals: Totals,
    rows_written: u64,
    interrupted: Option<i32>,
) -> io::Result<RunFacts> {
    let usage = process::usage()?;
    let mut format = match settings.rows.utc {
        true => WallClockFormat::utc(),
        false => WallClockFormat::local(),
    };
    let mut started_time = String::new();
    if let Some(started) = totals.first_start {
        format.push(clock.unix_nanos(started), &mut started_time);
    }
    let target = &settings.shop.target;
    let load = LoadFacts {
        // A signal may have come before any part had run.
        kind: match settings.load.is_closed() {
            true => totals.kind,
            false => Kind::Open,
        },
        levels: match &settings.load.model {
            Model::Closed { levels, .. } => levels.iter().map(|level| level.get() as u64).collect(),
            Model::Open { .. } => Vec::new(),
        },
        description: parts::description(&settings.load),
        most_in_flight: totals.most_in_flight,
        warmed_up: totals.warmed_up,
    };
    Ok(RunFacts {
        report_file: settings.rows.output.display().to_string(),
        rows_written,
        target: target.base.as_str().trim_end_matches('/').to_owned() + &target.prefix,
        app: settings.shop.app.clone(),
        load,
        levels: totals.levels,
        reasons_of_parts: (totals.parts > 1).then_some(totals.reasons),
        seed,
        started_time,
        wall_nanos: totals.wall_nanos,
        starts_spread_nanos: totals.starts_spread_nanos,
        interrupted: interrupted.map(signal_name),
        drift: clock.drift(),
        cpu_user: usage.user,
        cpu_system: usage.system,
        peak_memory_bytes: process::peak_resident()?,
        preconnect: settings.net.preconnect,
        keep_alive: settings.net.keep_alive,
        instrument: totals.instrument,
        conditions: Vec::new(),
    })
}

fn signal_name(signal: i32) -> String {
    match signal {
        libc::SIGINT => "SIGINT".to_owned(),
        libc::SIGTERM => "SIGTERM".to_owned(),
        other => format!("signal {other}"),
    }
}
