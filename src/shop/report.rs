//! The JSON report of a profiled purchase; its keys are explained at [`super`].

use std::fmt::Write;

use super::meter::Figures;
use crate::time::clock::{Clock, Stamp};
use crate::time::writing::WallClockFormat;

/// What a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// CPU figures, if there are any yet.
    pub figures: Option<Figures>,
    /// Memory in use, MiB.
    pub memory: Option<u64>,
    /// Why the purchase was refused; empty if it was not. Needs no escaping.
    pub error: &'a str,
    /// When a worker took it up.
    pub started: Stamp,
    /// When the second server's part began, if there is one.
    pub second_stage: Option<Stamp>,
    /// When the sale was booked.
    pub stopped: Stamp,
}

impl Report<'_> {
    /// Appends the report.
    pub fn write(&self, clock: &Clock, format: &mut WallClockFormat, out: &mut String) {
        out.push('{');
        self.write_server(self.started, clock, format, out);
        if let Some(began) = self.second_stage {
            out.push_str(", \"rest\": {");
            self.write_server(began, clock, format, out);
            out.push('}');
        }
        out.push('}');
    }

    fn write_server(
        &self,
        started: Stamp,
        clock: &Clock,
        format: &mut WallClockFormat,
        out: &mut String,
    ) {
        let figure = |of: fn(Figures) -> f64| self.figures.map(of);
        push_number(out, "\"cpu_usage\": ", figure(|f| f.cpu_usage), 1);
        push_number(
            out,
            ", \"interval_seconds\": ",
            figure(|f| f.interval_seconds),
            6,
        );
        let nanos = self.stopped.since(started).max(0);
        let (seconds, nanos) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
        let infallible = write!(
            out,
            ", \"elapsed_seconds\": {seconds}.{nanos:09}, \"error_msg\": \"{}\"",
            self.error
        );
        infallible.expect("writing to a String does not fail");
        push_number(out, ", \"memory_usage\": ", self.memory, 0);
        out.push_str(", \"result\": ");
        out.push_str(if self.error.is_empty() {
            "true"
        } else {
            "false"
        });
        out.push_str(", \"started_time\": \"");
        format.push(clock.unix_nanos(started), out);
        out.push_str("\", \"stopped_time\": \"");
        format.push(clock.unix_nanos(self.stopped), out);
        out.push('"');
    }
}

fn push_number<T: std::fmt::Display>(
    out: &mut String,
    key: &str,
    number: Option<T>,
    decimals: usize,
) {
    out.push_str(key);
    match number {
        Some(number) => {
            write!(out, "{number:.decimals$}").expect("writing to a String does not fail")
        }
        None => out.push_str("null"),
    }
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
