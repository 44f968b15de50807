//! The JSON report of a profiled purchase; its keys are explained at [`super`].

use std::fmt::Write;

use super::meter::Figures;
use crate::clock::{Clock, Stamp};
use crate::text::WallClockFormat;

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
        push_number(out, "\"cpu_seconds\": ", figure(|f| f.cpu_seconds), 6);
        push_number(out, ", \"cpu_usage\": ", figure(|f| f.cpu_usage), 1);
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
mod tests {
    use super::*;
    use crate::server_report::ServerReport;

    const REPORT: Report<'static> = Report {
        figures: Some(Figures {
            cpu_usage: 29.34,
            cpu_seconds: 0.0123,
            interval_seconds: 0.1,
        }),
        memory: Some(3093),
        error: "",
        started: Stamp(1_000_000),
        second_stage: None,
        stopped: Stamp(6_000_042),
    };

    fn written(report: Report<'_>) -> ServerReport {
        let mut out = String::new();
        report.write(&Clock::start(), &mut WallClockFormat::local(), &mut out);
        ServerReport::parse(out.as_bytes()).expect("a report")
    }

    #[test]
    fn the_client_reads_it() {
        let read = written(REPORT).main;
        assert_eq!(
            read.cpu_usage.map(|n| n.to_string()).as_deref(),
            Some("29.3")
        );
        assert_eq!(
            read.elapsed_seconds.map(|n| n.to_string()).as_deref(),
            Some("0.005000042")
        );
        assert_eq!(
            read.memory_usage.map(|n| n.to_string()).as_deref(),
            Some("3093")
        );
        assert_eq!(
            (read.result, read.error_msg.as_deref()),
            (Some(true), Some(""))
        );
        let started = read.started_time.expect("a time");
        assert_eq!(started.len(), "2015-01-03T00:33:40.520812".len());
        assert!(Some(started) < read.stopped_time);
    }

    #[test]
    fn refused_unmeasured_and_with_a_second_server() {
        let read = written(Report {
            figures: None,
            memory: None,
            error: "inventory: only 3 left",
            second_stage: Some(Stamp(4_000_042)),
            ..REPORT
        });
        assert_eq!(read.main.result, Some(false));
        assert_eq!(
            read.main.error_msg.as_deref(),
            Some("inventory: only 3 left")
        );
        assert_eq!((read.main.cpu_usage, read.main.memory_usage), (None, None));
        let rest = read.rest.expect("a second server");
        assert_eq!(
            rest.elapsed_seconds.map(|n| n.to_string()).as_deref(),
            Some("0.002000000")
        );
        assert_eq!(rest.stopped_time, read.main.stopped_time);
        assert!(rest.started_time > read.main.started_time);
    }
}
