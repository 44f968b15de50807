//! The results for programs: one JSON object on one line.
//!
//! Absent figures are `null`; names that end in `_seconds` are numbers of seconds, or objects of them.
//! Version 1 of the object has, in this order:
//!
//! | key | what |
//! |---|---|
//! | `schema_version` | 1; new keys do not change it, changed or missing ones do |
//! | `kernel_clock` | whether this system has receive timestamps |
//! | `floor` | `new_connection_seconds`, `kept_connection_seconds`: distributions |
//! | `levels` | see below |
//! | `left_out` | why bursts were left out |
//! | `precise` | of `--precise` and `--cpu`: `cpus_allowed` and `measures`, as in the summary of a run |
//! | `within` | `kernel`, `user`: the numbers of shoppers at which 99 of 100 errors are at most 1 % or 50 µs |
//! | `clock_drift_seconds` | how far the wall clock moved against the monotonic one |
//! | `tls` | whether all of it is over TLS (`--tls`); a new connection then has a full handshake |
//!
//! A level is `shoppers`, `rounds`, `service_seconds`, `workers` (`null`: no limit),
//! `arithmetic_seconds`, `shop_late_seconds` and, under `kernel` and `user`, `elapsed_seconds`,
//! `error_seconds` and `within`. A distribution is `{"n", "min", "mean", "p50", "p99", "max"}`.

use std::io::{self, Write};

use serde::Serialize;

use super::arithmetic::{Reported, within};
use super::{Findings, Level};
use crate::precise::Precise;
use crate::stats::Sample;

const SCHEMA_VERSION: u32 = 1;

/// The object; its keys are in the order of these fields.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    kernel_clock: bool,
    floor: FloorObject,
    levels: Vec<LevelObject>,
    left_out: Option<&'a str>,
    precise: Option<&'a Precise>,
    within: Within,
    clock_drift_seconds: f64,
    tls: bool,
}

#[derive(Serialize)]
struct FloorObject {
    new_connection_seconds: Option<Seconds>,
    kept_connection_seconds: Option<Seconds>,
}

#[derive(Serialize)]
struct LevelObject {
    shoppers: usize,
    rounds: usize,
    service_seconds: f64,
    workers: Option<usize>,
    arithmetic_seconds: Option<Seconds>,
    shop_late_seconds: Option<Seconds>,
    kernel: ReportedObject,
    user: ReportedObject,
}

#[derive(Serialize)]
struct ReportedObject {
    elapsed_seconds: Option<Seconds>,
    error_seconds: Option<Seconds>,
    within: Option<bool>,
}

#[derive(Serialize)]
struct Within {
    kernel: Vec<usize>,
    user: Vec<usize>,
}

/// A distribution, seconds.
#[derive(Serialize)]
struct Seconds {
    n: usize,
    min: f64,
    mean: f64,
    p50: Option<f64>,
    p99: Option<f64>,
    max: f64,
}

/// Writes the object as one line.
pub(super) fn write(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    let sizes = |of: fn(&Level) -> &Reported| {
        let levels = findings.levels.iter();
        within(levels.map(|level| (level.shoppers, of(level).is_within())))
    };
    let document = Document {
        schema_version: SCHEMA_VERSION,
        kernel_clock: findings.kernel_stamps.is_ok(),
        floor: FloorObject {
            new_connection_seconds: distribution(&findings.floor.new_connection),
            kept_connection_seconds: distribution(&findings.floor.kept_connection),
        },
        levels: findings.levels.iter().map(level).collect(),
        left_out: findings.left_out.as_deref(),
        precise: findings.precise.as_ref(),
        within: Within {
            kernel: sizes(|level| &level.comparison.kernel),
            user: sizes(|level| &level.comparison.user),
        },
        clock_drift_seconds: seconds(findings.drift.nanos),
        tls: findings.is_over_tls,
    };
    serde_json::to_writer(&mut *out, &document).map_err(io::Error::from)?;
    writeln!(out)
}

fn level(level: &Level) -> LevelObject {
    let of = &level.comparison;
    LevelObject {
        shoppers: level.shoppers,
        rounds: level.rounds,
        service_seconds: level.standard.service.as_secs_f64(),
        workers: level.standard.workers.map(|workers| workers.get()),
        arithmetic_seconds: distribution(&of.arithmetic),
        shop_late_seconds: distribution(&of.lateness),
        kernel: reported(&of.kernel),
        user: reported(&of.user),
    }
}

fn reported(of: &Reported) -> ReportedObject {
    ReportedObject {
        elapsed_seconds: distribution(&of.elapsed),
        error_seconds: distribution(&of.error),
        within: of.is_within(),
    }
}

fn distribution(of: &Sample) -> Option<Seconds> {
    let of = of.summary()?;
    Some(Seconds {
        n: of.n,
        min: seconds(of.min),
        mean: seconds(of.mean),
        p50: of.p50.map(seconds),
        p99: of.p99.map(seconds),
        max: seconds(of.max),
    })
}

fn seconds(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}
