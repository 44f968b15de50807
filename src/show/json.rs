//! The summary for programs: one JSON object on one line.
//!
//! Absent figures are `null`. Names that end in `_seconds` are numbers of seconds, or objects of
//! them. Version 1 of the object has, in this order:
//!
//! | key | what |
//! |---|---|
//! | `schema_version` | 1; new keys do not change it, changed or missing ones do |
//! | `report_file`, `rows_written` | the report and the rows this run added |
//! | `target`, `app`, `concurrent`, `seed`, `preconnect`, `keep_alive` | what was asked for |
//! | `load` | `is_open` (shoppers by the clock), `levels` (shoppers at once, of a closed load), `description` (in words; `null` for a plain burst), `most_in_flight`, `warm_up_shoppers` and `warm_up_failed` (their purchases) |
//! | `started_time` | ISO 8601, as in the rows |
//! | `interrupted` | the signal's name |
//! | `wall_seconds`, `starts_spread_seconds` | the run's length; first to last start |
//! | `launched`, `not_launched`, `bought`, `failed_purchases`, `purchases_per_second` | counts of shoppers; those who came while `--max-in-flight` were in flight are not launched, and failed |
//! | `home_elapsed_seconds`, `buy_elapsed_seconds` | distributions over all requests with a start and an end |
//! | `home_ok_elapsed_seconds`, `buy_ok_elapsed_seconds` | those of the requests that satisfied |
//! | `home_from_due_seconds`, `visit_from_due_seconds` | of an open load: from the moment a shopper was due to the end of the home page, and to the end of the purchase; `null` otherwise |
//! | `server_elapsed_seconds`, `rest_elapsed_seconds` | distributions of what the servers reported |
//! | `server_max_cpu_percent`, `server_max_memory_megabytes`, `rest_max_…` | the highest usage reported |
//! | `home_http_codes`, `buy_http_codes` | counts by status; `-100` for no response |
//! | `errors` | groups, the most frequent first: `step` (home, buy, server, rest), `message`, `count`, `share` (of the launched), `example`, `hint` |
//! | `errors_ungrouped` | errors beyond 200 groups |
//! | `levels`, `scalability` | of several levels or rounds, see [`crate::show::json_levels`]; `null` otherwise |
//! | `conditions` | those of `--fail-if`: `condition` (as given), `failed`, `value` (seconds, a share of 1, or purchases per second), `reason` (why it cannot be told, which counts as failed) |
//! | `client` | this program: `cpu_user_seconds`, `cpu_system_seconds`, `peak_memory_bytes`, `clock_drift_seconds` |
//! | `home_phases`, `buy_phases` | `connect`, `send`, `wait`, `receive`: parts, which add up to the elapsed time |
//! | `journey` | `before_server`, `in_server`, `after_server`: parts, of the purchases with a server's times, corrected by `correction_seconds`: it is taken from the first and added to the last; share of the purchases' time |
//! | `server_clock`, `rest_clock` | what the servers' clocks show more than this one: `finding` (`agrees`, `differs`, `contradictory`, `unknown`), `rows`, `offset_seconds` {`at_least`, `at_most`}, `drift_seconds` {the same, from the first rows to the last}, `time_zone_hours` (where that is what differs) |
//! | `instrument` | this program's own part, and the verdict: see below |
//!
//! A part is `{"seconds", "share", "negative"}`: a distribution, the share of the whole (1 is all),
//! and how many values are below zero (of the journey: before the correction). Where `at_least`
//! exceeds `at_most`, the rows contradict one another, and by more than 1 ms there are no shares.
//!
//! The instrument has `trusted`, `reasons` (texts; empty where trusted), `launch_lag_seconds`,
//! `home_since_due_seconds` and `seen_delay_seconds` (distributions: started less due; stopped less
//! due, of the satisfied; seen less stopped, of the satisfied with kernel stamps), `longest_turn_seconds`, `cpu_share` (of one core during the run), `responses`
//! (whole ones) and `kernel_stamped_responses`, `descriptors_used`, `descriptors_limit`,
//! `ports_used`, `ports_available`, `wall_clock_stepped` (by more than 1 ms), `clock_synchronised`
//! and `clock_estimated_error_seconds` (of this machine, by `ntp_adjtime`).
//!
//! A distribution is `{"n", "min", "mean", "p50", "p90", "p99", "p99_9", "max"}`; percentiles that
//! the number of values cannot support are `null`. Of more than 16,384 values, percentiles come from
//! a histogram, to 0.05 % of themselves; all else is exact.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::ser::{CompactFormatter, Formatter};

use crate::rows::columns::NO_RESPONSE;
use crate::show::json_instrument;
use crate::show::json_levels;
use crate::show::thresholds::Conditions;
use crate::stats::{Distribution, Sample};
use crate::summary::errors::ErrorGroup;
use crate::summary::{LoadFacts, RunFacts, Server, Step, Summary};
use crate::text::is_unprintable;

/// The version of the object that [`write()`] writes.
pub const SCHEMA_VERSION: u32 = 1;

/// Writes the summary as one line.
pub fn write(summary: &Summary, facts: &RunFacts, out: &mut impl Write) -> io::Result<()> {
    let document = Document { summary, facts };
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Escaping);
    document
        .serialize(&mut serializer)
        .map_err(io::Error::from)?;
    writeln!(out)
}

struct Document<'a> {
    summary: &'a Summary,
    facts: &'a RunFacts,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Document { summary, facts } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema_version", &SCHEMA_VERSION)?;
        run(facts, &mut map)?;
        counts(summary, facts, &mut map)?;
        step(
            "home_elapsed_seconds",
            "home_ok_elapsed_seconds",
            &summary.home,
            &mut map,
        )?;
        step(
            "buy_elapsed_seconds",
            "buy_ok_elapsed_seconds",
            &summary.buy,
            &mut map,
        )?;
        let from_due = summary.from_due.as_ref();
        let home = from_due.and_then(|from_due| distribution(&from_due.home));
        map.serialize_entry("home_from_due_seconds", &home)?;
        let visit = from_due.and_then(|from_due| distribution(&from_due.visit));
        map.serialize_entry("visit_from_due_seconds", &visit)?;
        server(SERVER_KEYS, &summary.server, &mut map)?;
        server(REST_KEYS, &summary.rest, &mut map)?;
        map.serialize_entry("home_http_codes", &Codes(&summary.home.statuses))?;
        map.serialize_entry("buy_http_codes", &Codes(&summary.buy.statuses))?;
        errors(summary, &mut map)?;
        map.serialize_entry("conditions", &Conditions(&facts.conditions))?;
        json_levels::write(&facts.levels, &mut map)?;
        map.serialize_entry("client", &Client(facts))?;
        json_instrument::write(summary, facts, &mut map)?;
        map.end()
    }
}

const SERVER_KEYS: [&str; 3] = [
    "server_elapsed_seconds",
    "server_max_cpu_percent",
    "server_max_memory_megabytes",
];

const REST_KEYS: [&str; 3] = [
    "rest_elapsed_seconds",
    "rest_max_cpu_percent",
    "rest_max_memory_megabytes",
];

fn run<M: SerializeMap>(facts: &RunFacts, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("report_file", &facts.report_file)?;
    map.serialize_entry("rows_written", &facts.rows_written)?;
    map.serialize_entry("target", &facts.target)?;
    map.serialize_entry("app", &facts.app)?;
    map.serialize_entry("concurrent", &facts.load.concurrent())?;
    map.serialize_entry("load", &Load(&facts.load))?;
    map.serialize_entry("seed", &facts.seed)?;
    map.serialize_entry("preconnect", &facts.preconnect)?;
    map.serialize_entry("keep_alive", &facts.keep_alive)?;
    map.serialize_entry("started_time", &facts.started_time)?;
    map.serialize_entry("interrupted", &facts.interrupted)?;
    map.serialize_entry("wall_seconds", &seconds(facts.wall_nanos))?;
    let spread = facts.starts_spread_nanos.map(seconds);
    map.serialize_entry("starts_spread_seconds", &spread)
}

fn counts<M: SerializeMap>(
    summary: &Summary,
    facts: &RunFacts,
    map: &mut M,
) -> Result<(), M::Error> {
    let launched = summary.launched - summary.turned_away;
    map.serialize_entry("launched", &launched)?;
    map.serialize_entry("not_launched", &summary.turned_away)?;
    map.serialize_entry("bought", &summary.bought)?;
    map.serialize_entry("failed_purchases", &summary.failed_purchases())?;
    let rate = facts
        .wall_seconds()
        .map(|wall| summary.bought as f64 / wall);
    map.serialize_entry("purchases_per_second", &rate)
}

fn step<M: SerializeMap>(all: &str, ok: &str, step: &Step, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry(all, &distribution(&step.elapsed))?;
    map.serialize_entry(ok, &distribution(&step.elapsed_ok))
}

fn server<M: SerializeMap>(
    [elapsed, cpu, memory]: [&str; 3],
    server: &Server,
    map: &mut M,
) -> Result<(), M::Error> {
    map.serialize_entry(elapsed, &distribution(&server.elapsed))?;
    map.serialize_entry(cpu, &server.max_cpu)?;
    map.serialize_entry(memory, &server.max_memory)
}

fn errors<M: SerializeMap>(summary: &Summary, map: &mut M) -> Result<(), M::Error> {
    let groups: Vec<_> = (summary.errors.most_frequent().into_iter())
        .map(|group| Group {
            group,
            launched: summary.launched,
        })
        .collect();
    map.serialize_entry("errors", &groups)?;
    map.serialize_entry("errors_ungrouped", &summary.errors.ungrouped())
}

pub(super) struct Seconds(pub Distribution);

pub(super) fn distribution(sample: &Sample) -> Option<Seconds> {
    sample.summary().map(Seconds)
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Seconds(of) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("n", &of.n)?;
        map.serialize_entry("min", &seconds(of.min))?;
        map.serialize_entry("mean", &seconds(of.mean))?;
        map.serialize_entry("p50", &of.p50.map(seconds))?;
        map.serialize_entry("p90", &of.p90.map(seconds))?;
        map.serialize_entry("p99", &of.p99.map(seconds))?;
        map.serialize_entry("p99_9", &of.p99_9.map(seconds))?;
        map.serialize_entry("max", &seconds(of.max))?;
        map.end()
    }
}

struct Codes<'a>(&'a BTreeMap<Option<u16>, u64>);

impl Serialize for Codes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let code = |status: &Option<u16>| status.map_or(NO_RESPONSE, i32::from);
        serializer.collect_map(self.0.iter().map(|(status, count)| (code(status), count)))
    }
}

struct Group<'a> {
    group: &'a ErrorGroup,
    launched: u64,
}

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Group { group, launched } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("step", group.place.name())?;
        map.serialize_entry("message", &group.what.to_string())?;
        map.serialize_entry("count", &group.count)?;
        map.serialize_entry("share", &(group.count as f64 / *launched as f64))?;
        map.serialize_entry("example", &group.example)?;
        map.serialize_entry("hint", &group.what.hint())?;
        map.end()
    }
}

struct Load<'a>(&'a LoadFacts);

impl Serialize for Load<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Load(load) = self;
        let (warmed_up, failed) = load.warmed_up.unzip();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("is_open", &load.is_open())?;
        map.serialize_entry("levels", &load.levels)?;
        map.serialize_entry("description", &load.description)?;
        map.serialize_entry("most_in_flight", &load.most_in_flight)?;
        map.serialize_entry("warm_up_shoppers", &warmed_up)?;
        map.serialize_entry("warm_up_failed", &failed)?;
        map.end()
    }
}

struct Client<'a>(&'a RunFacts);

impl Serialize for Client<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Client(facts) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("cpu_user_seconds", &facts.cpu_user.as_secs_f64())?;
        map.serialize_entry("cpu_system_seconds", &facts.cpu_system.as_secs_f64())?;
        map.serialize_entry("peak_memory_bytes", &facts.peak_memory_bytes)?;
        map.serialize_entry("clock_drift_seconds", &seconds(facts.drift.nanos))?;
        map.end()
    }
}

pub(super) fn seconds(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}

/// JSON lets most control characters of Unicode stand in texts; a terminal would obey them.
pub(crate) struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((place, c)) = rest.char_indices().find(|(_, c)| is_unprintable(*c)) {
            out.write_all(&rest.as_bytes()[..place])?;
            // All of them lie in the plane that one escape can name.
            write!(out, "\\u{:04x}", u32::from(c))?;
            rest = &rest[place + c.len_utf8()..];
        }
        CompactFormatter.write_string_fragment(out, rest)
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
