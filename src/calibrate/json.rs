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
//! | `within` | `kernel`, `user`: the numbers of shoppers at which 99 of 100 errors are at most 1 % or 50 µs |
//! | `clock_drift_seconds` | how far the wall clock moved against the monotonic one |
//!
//! A level is `shoppers`, `rounds`, `service_seconds`, `workers` (`null`: no limit),
//! `arithmetic_seconds`, `shop_late_seconds` and, under `kernel` and `user`, `elapsed_seconds`,
//! `error_seconds` and `within`. A distribution is `{"n", "min", "mean", "p50", "p99", "max"}`.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::arithmetic::{Reported, within};
use super::{Findings, Floor, Level};
use crate::stats::Sample;

const SCHEMA_VERSION: u32 = 1;

/// Writes the object as one line.
pub(super) fn write(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, findings).map_err(io::Error::from)?;
    writeln!(out)
}

impl Serialize for Findings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema_version", &SCHEMA_VERSION)?;
        map.serialize_entry("kernel_clock", &self.kernel_stamps.is_ok())?;
        map.serialize_entry("floor", &self.floor)?;
        map.serialize_entry("levels", &self.levels)?;
        map.serialize_entry("left_out", &self.left_out)?;
        map.serialize_entry("within", &Within(&self.levels))?;
        map.serialize_entry("clock_drift_seconds", &seconds(self.drift.nanos))?;
        map.end()
    }
}

impl Serialize for Floor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("new_connection_seconds", &Seconds(&self.new_connection))?;
        map.serialize_entry("kept_connection_seconds", &Seconds(&self.kept_connection))?;
        map.end()
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of = &self.comparison;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("shoppers", &self.shoppers)?;
        map.serialize_entry("rounds", &self.rounds)?;
        map.serialize_entry("service_seconds", &self.standard.service.as_secs_f64())?;
        map.serialize_entry("workers", &self.standard.workers)?;
        map.serialize_entry("arithmetic_seconds", &Seconds(&of.arithmetic))?;
        map.serialize_entry("shop_late_seconds", &Seconds(&of.lateness))?;
        map.serialize_entry("kernel", &of.kernel)?;
        map.serialize_entry("user", &of.user)?;
        map.end()
    }
}

impl Serialize for Reported {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("elapsed_seconds", &Seconds(&self.elapsed))?;
        map.serialize_entry("error_seconds", &Seconds(&self.error))?;
        map.serialize_entry("within", &self.is_within())?;
        map.end()
    }
}

struct Within<'a>(&'a [Level]);

impl Serialize for Within<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sizes = |of: fn(&Level) -> &Reported| {
            within(
                self.0
                    .iter()
                    .map(|level| (level.shoppers, of(level).is_within())),
            )
        };
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("kernel", &sizes(|level| &level.comparison.kernel))?;
        map.serialize_entry("user", &sizes(|level| &level.comparison.user))?;
        map.end()
    }
}

struct Seconds<'a>(&'a Sample);

impl Serialize for Seconds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(of) = self.0.summary() else {
            return serializer.serialize_none();
        };
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("n", &of.n)?;
        map.serialize_entry("min", &seconds(of.min))?;
        map.serialize_entry("mean", &seconds(of.mean))?;
        map.serialize_entry("p50", &of.p50.map(seconds))?;
        map.serialize_entry("p99", &of.p99.map(seconds))?;
        map.serialize_entry("max", &seconds(of.max))?;
        map.end()
    }
}

fn seconds(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}
