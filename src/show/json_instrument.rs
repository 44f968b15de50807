//! The JSON of where the time went, of the servers' clocks and of the instrument.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::row::Phases;
use crate::show::instrument::{evidence, seen_delay, verdict};
use crate::show::json::{Seconds, distribution, seconds};
use crate::show::where_time::Journeys;
use crate::stats::{Distribution, Sample};
use crate::summary::verdict::cpu_share;
use crate::summary::{RunFacts, Step, Summary};
use crate::sys::clock::Discipline;
use crate::time::offset::{Bounds, Finding, Offsets};

/// Appends the keys `home_phases` to `instrument`.
pub(super) fn write<M: SerializeMap>(
    summary: &Summary,
    facts: &RunFacts,
    map: &mut M,
) -> Result<(), M::Error> {
    map.serialize_entry("home_phases", &Parts(&summary.home))?;
    map.serialize_entry("buy_phases", &Parts(&summary.buy))?;
    map.serialize_entry("journey", &Way(&summary.journeys))?;
    map.serialize_entry("server_clock", &Clock(&summary.journeys.main))?;
    map.serialize_entry("rest_clock", &Clock(&summary.journeys.rest))?;
    map.serialize_entry("instrument", &Own { summary, facts })
}

/// A part of the time, and its share of the whole where that is known.
struct Part {
    seconds: Option<Distribution>,
    share: Option<f64>,
    negative: usize,
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("seconds", &self.seconds.map(Seconds))?;
        map.serialize_entry("share", &self.share)?;
        map.serialize_entry("negative", &self.negative)?;
        map.end()
    }
}

struct Parts<'a>(&'a Step);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = &self.0.phases.parts;
        let total: i128 = parts.iter().map(Sample::sum).sum();
        let part = |sample: &Sample| Part {
            seconds: sample.summary(),
            share: (total > 0).then(|| sample.sum() as f64 / total as f64),
            negative: sample.negatives(),
        };
        serializer.collect_map(Phases::NAMES.iter().zip(parts.iter().map(part)))
    }
}

struct Way<'a>(&'a Journeys);

impl Serialize for Way<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = ["before_server", "in_server", "after_server"];
        let shares = self.0.shares();
        let mut map = serializer.serialize_map(None)?;
        for (place, (sample, added)) in self.0.corrected().into_iter().enumerate() {
            let part = Part {
                seconds: sample.summary().map(|of| moved(of, added)),
                share: shares.map(|shares| shares[place]),
                negative: sample.negatives(),
            };
            map.serialize_entry(names[place], &part)?;
        }
        map.serialize_entry("correction_seconds", &seconds(self.0.main.correction()))?;
        map.end()
    }
}

/// A distribution of which every value is moved alike.
fn moved(of: Distribution, by: i64) -> Distribution {
    let move_one = |nanos: i64| nanos.saturating_add(by);
    Distribution {
        n: of.n,
        min: move_one(of.min),
        mean: move_one(of.mean),
        p50: of.p50.map(move_one),
        p90: of.p90.map(move_one),
        p99: of.p99.map(move_one),
        p99_9: of.p99_9.map(move_one),
        max: move_one(of.max),
    }
}

struct Clock<'a>(&'a Offsets);

impl Serialize for Clock<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Clock(offsets) = self;
        let finding = match offsets.finding() {
            Finding::Unknown => "unknown",
            Finding::Agrees => "agrees",
            Finding::Differs => "differs",
            Finding::Contradictory => "contradictory",
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("finding", finding)?;
        map.serialize_entry("rows", &offsets.rows())?;
        map.serialize_entry("offset_seconds", &Interval(offsets.bounds()))?;
        map.serialize_entry("drift_seconds", &offsets.drift().map(Interval))?;
        let zone = offsets.quarters_of_an_hour() as f64 / 4.0;
        map.serialize_entry("time_zone_hours", &(zone != 0.0).then_some(zone))?;
        map.end()
    }
}

struct Interval(Bounds);

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("at_least", &self.0.at_least.map(seconds))?;
        map.serialize_entry("at_most", &self.0.at_most.map(seconds))?;
        map.end()
    }
}

struct Own<'a> {
    summary: &'a Summary,
    facts: &'a RunFacts,
}

impl Serialize for Own<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Own { summary, facts } = self;
        let evidence = evidence(summary, facts);
        let verdict = verdict(summary, facts);
        let reasons: Vec<String> = verdict.reasons().iter().map(ToString::to_string).collect();
        let given = &facts.instrument;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("trusted", &verdict.is_trusted())?;
        map.serialize_entry("reasons", &reasons)?;
        let launch_lag = distribution(&summary.instrument.launch_lag);
        map.serialize_entry("launch_lag_seconds", &launch_lag)?;
        let served = distribution(&summary.instrument.served);
        map.serialize_entry("home_since_due_seconds", &served)?;
        map.serialize_entry("seen_delay_seconds", &seen_delay(summary).map(Seconds))?;
        map.serialize_entry("longest_turn_seconds", &seconds(given.longest_turn_nanos))?;
        map.serialize_entry("cpu_share", &cpu_share(&evidence))?;
        map.serialize_entry("responses", &evidence.responses)?;
        map.serialize_entry("kernel_stamped_responses", &evidence.kernel_stamped)?;
        map.serialize_entry("descriptors_used", &given.descriptors_used)?;
        map.serialize_entry("descriptors_limit", &given.descriptors_limit)?;
        map.serialize_entry("ports_used", &given.ports_used)?;
        map.serialize_entry("ports_available", &given.ports_available)?;
        map.serialize_entry("wall_clock_stepped", &facts.drift.is_notable())?;
        let synchronised = given.discipline.map(|discipline| discipline.synchronised);
        map.serialize_entry("clock_synchronised", &synchronised)?;
        let error = |discipline: Discipline| discipline.estimated_error.as_secs_f64();
        map.serialize_entry(
            "clock_estimated_error_seconds",
            &given.discipline.map(error),
        )?;
        map.end()
    }
}
