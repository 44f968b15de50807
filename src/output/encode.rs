//! Rows to CSV text, through buffers that are kept from one row to the next.

use std::cell::RefCell;
use std::fmt::{Display, Write as _};
use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use jiff::tz::TimeZone;

use super::columns::{DELIMITER, NO_RESPONSE, columns};
use crate::clock::{Clock, Stamp};
use crate::journey::{Journey, ServerTimes};
use crate::row::{Exchange, Row};
use crate::server_report::ServerFigures;
use crate::text::WallClockFormat;

/// Where absent values come from.
const ABSENT: &str = "";

/// Turns rows into CSV records.
#[derive(Debug)]
pub struct Encoder {
    writer: Writer<Record>,
    /// The text of one field while it is put together.
    scratch: String,
    title: String,
    wall_clock: WallClockFormat,
    /// Whether rows have the phases' columns; then the zone of times without an offset.
    phases: Option<TimeZone>,
}

impl Encoder {
    /// `title` goes into every row; `utc` writes times with a `Z` instead of local ones.
    pub fn new(title: String, utc: bool) -> Encoder {
        Encoder {
            writer: WriterBuilder::new()
                .delimiter(DELIMITER)
                .quote_style(QuoteStyle::NonNumeric)
                .terminator(Terminator::CRLF)
                .from_writer(Record::default()),
            scratch: String::new(),
            title,
            wall_clock: if utc {
                WallClockFormat::utc()
            } else {
                WallClockFormat::local()
            },
            phases: None,
        }
    }

    /// With the columns of the phases, or without.
    pub fn with_phases(mut self, phases: bool) -> Encoder {
        self.phases = phases.then(TimeZone::system);
        self
    }

    /// Appends the header line.
    pub fn header(&mut self, out: &mut Vec<u8>) {
        for name in columns(self.phases.is_some()) {
            self.text(name);
        }
        self.end_record(out);
    }

    /// Appends a row.
    pub fn row(&mut self, row: &Row, clock: &Clock, out: &mut Vec<u8>) {
        self.display(row.concurrent_requests);
        self.writer.write_field(&self.title).expect(IN_MEMORY);
        self.exchange(&row.home, clock);
        self.server(row.report.as_ref().map(|report| &report.main));
        self.server(row.report.as_ref().and_then(|report| report.rest.as_ref()));
        self.exchange(&row.buy, clock);
        if let Some(zone) = &self.phases {
            let main = row.report.as_ref().map(|report| &report.main);
            let times = main.map(|main| ServerTimes::of(main, zone));
            let journey = Journey::of(&row.buy, &times.unwrap_or_default(), clock);
            self.phases(&row.home);
            self.phases(&row.buy);
            for span in [journey.before, journey.inside, journey.after] {
                self.seconds(span);
            }
        }
        self.end_record(out);
    }

    fn phases(&mut self, exchange: &Exchange) {
        for part in exchange.phases().unwrap_or_default().parts() {
            self.seconds(part);
        }
        self.seconds(exchange.seen_delay());
        let ended = exchange.stopped.is_some();
        self.text(if ended { exchange.clock.name() } else { ABSENT });
        self.optional(exchange.local_port.as_ref());
        let begun = exchange.started.is_some();
        self.optional(begun.then_some(&exchange.redirects));
    }

    fn exchange(&mut self, exchange: &Exchange, clock: &Clock) {
        self.seconds(exchange.elapsed());
        match &exchange.failure {
            Some(failure) => self.display(failure),
            None => self.text(ABSENT),
        }
        self.display(exchange.status.map_or(NO_RESPONSE, i32::from));
        self.truth(exchange.satisfied());
        self.time(exchange.started, clock);
        self.time(exchange.stopped, clock);
    }

    fn server(&mut self, figures: Option<&ServerFigures>) {
        let Some(figures) = figures else {
            for _ in 0..7 {
                self.text(ABSENT);
            }
            return;
        };
        self.optional(figures.cpu_usage.as_ref());
        self.optional(figures.elapsed_seconds.as_ref());
        self.text(figures.error_msg.as_deref().unwrap_or(ABSENT));
        self.optional(figures.memory_usage.as_ref());
        match figures.result {
            Some(result) => self.truth(result),
            None => self.text(ABSENT),
        }
        self.text(figures.started_time.as_deref().unwrap_or(ABSENT));
        self.text(figures.stopped_time.as_deref().unwrap_or(ABSENT));
    }

    fn text(&mut self, text: &str) {
        self.writer.write_field(text).expect(IN_MEMORY);
    }

    fn truth(&mut self, truth: bool) {
        self.text(if truth { "True" } else { "False" });
    }

    fn optional(&mut self, value: Option<&impl Display>) {
        match value {
            Some(value) => self.display(value),
            None => self.text(ABSENT),
        }
    }

    fn display(&mut self, value: impl Display) {
        self.scratch.clear();
        write!(self.scratch, "{value}").expect(IN_MEMORY);
        self.writer.write_field(&self.scratch).expect(IN_MEMORY);
    }

    fn seconds(&mut self, nanos: Option<i64>) {
        self.scratch.clear();
        if let Some(nanos) = nanos {
            push_seconds(nanos, &mut self.scratch);
        }
        self.writer.write_field(&self.scratch).expect(IN_MEMORY);
    }

    fn time(&mut self, stamp: Option<Stamp>, clock: &Clock) {
        self.scratch.clear();
        if let Some(stamp) = stamp {
            self.wall_clock
                .push(clock.unix_nanos(stamp), &mut self.scratch);
        }
        self.writer.write_field(&self.scratch).expect(IN_MEMORY);
    }

    fn end_record(&mut self, out: &mut Vec<u8>) {
        self.writer.write_record(None::<&[u8]>).expect(IN_MEMORY);
        self.writer.flush().expect(IN_MEMORY);
        out.append(&mut self.writer.get_ref().0.borrow_mut());
    }
}

/// Why writing a record cannot fail.
const IN_MEMORY: &str = "writing to memory does not fail, and all records are of one width";

/// Appends nanoseconds as seconds with nine decimals: `0.023456789`.
fn push_seconds(nanos: i64, out: &mut String) {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let (seconds, fraction) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    write!(out, "{sign}{seconds}.{fraction:09}").expect(IN_MEMORY);
}

/// The memory behind the CSV writer, which lends its sink only for reading: the cell lets it be
/// emptied without giving up the writer and its buffer.
#[derive(Debug, Default)]
struct Record(RefCell<Vec<u8>>);

impl Write for Record {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.get_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Failure, FailureKind};
    use crate::row::ClockSource;
    use crate::server_report::ServerReport;

    fn seconds(nanos: i64) -> String {
        let mut out = String::new();
        push_seconds(nanos, &mut out);
        out
    }

    #[test]
    fn seconds_keep_every_nanosecond() {
        assert_eq!(seconds(23_456_789), "0.023456789");
        assert_eq!(seconds(-1), "-0.000000001");
        assert_eq!(seconds(0), "0.000000000");
        assert_eq!(seconds(124_000_000_001), "124.000000001");
        assert_eq!(seconds(i64::MIN), "-9223372036.854775808");
    }

    fn encode(encoder: &mut Encoder, row: &Row, clock: &Clock) -> String {
        let mut out = Vec::new();
        encoder.row(row, clock, &mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_purchase_with_all_its_columns() {
        let clock = Clock::start();
        let time = |stamp| {
            let mut out = String::new();
            WallClockFormat::utc().push(clock.unix_nanos(Stamp(stamp)), &mut out);
            out
        };
        let body = r#"{"cpu_usage": 29.30, "elapsed_seconds": 1, "error_msg": "say \"no\";\r\n",
            "memory_usage": 3093, "result": false, "started_time": "2015-01-03T00:33:40.520812",
            "rest": {"cpu_usage": 3.1, "result": true}}"#;
        let row = Row {
            concurrent_requests: 10,
            home: Exchange {
                started: Some(Stamp(1_000)),
                stopped: Some(Stamp(23_457_789)),
                status: Some(500),
                failure: Some(FailureKind::Status(500).into()),
                ..Exchange::default()
            },
            buy: Exchange {
                started: Some(Stamp(30_000_000)),
                stopped: Some(Stamp(31_000_000)),
                status: Some(200),
                failure: None,
                ..Exchange::default()
            },
            report: ServerReport::parse(body.as_bytes()).ok(),
            ..Row::default()
        };
        let expected = format!(
            "10;\"burst\";\
             0.023456789;\"HTTP 500 Internal Server Error\";500;\"False\";\"{}\";\"{}\";\
             29.30;1;\"say \"\"no\"\";\r\n\";3093;\"False\";\"2015-01-03T00:33:40.520812\";\"\";\
             3.1;\"\";\"\";\"\";\"True\";\"\";\"\";\
             0.001000000;\"\";200;\"True\";\"{}\";\"{}\"\r\n",
            time(1_000),
            time(23_457_789),
            time(30_000_000),
            time(31_000_000)
        );
        let mut encoder = Encoder::new("burst".to_owned(), true);
        assert_eq!(encode(&mut encoder, &row, &clock), expected);
        assert_eq!(
            encode(&mut encoder, &row, &clock),
            expected,
            "nothing is left over"
        );
    }

    #[test]
    fn a_purchase_that_never_began() {
        let clock = Clock::start();
        let row = Row {
            concurrent_requests: 1,
            home: Exchange {
                failure: Some(Failure::with_detail(FailureKind::Interrupted, "SIGINT")),
                ..Exchange::default()
            },
            ..Row::default()
        };
        let line = encode(&mut Encoder::new("42".to_owned(), false), &row, &clock);
        let absent = "\"\";".repeat(14);
        assert_eq!(
            line,
            format!(
                "1;42;\"\";\"interrupted: SIGINT\";-100;\"False\";\"\";\"\";{absent}\
                 \"\";\"\";-100;\"False\";\"\";\"\"\r\n"
            )
        );
    }

    #[test]
    fn phases_are_appended() {
        let clock = Clock::start();
        let mut started_time = String::new();
        WallClockFormat::utc().push(clock.unix_nanos(Stamp(2_000_000)), &mut started_time);
        let body = format!("{{\"started_time\": \"{started_time}\"}}");
        let row = Row {
            home: Exchange {
                started: Some(Stamp(1_000)),
                connected: Some(Stamp(2_000)),
                sent: Some(Stamp(4_000)),
                first_byte: Some(Stamp(3_500)),
                stopped: Some(Stamp(10_000)),
                seen: Some(Stamp(10_001)),
                clock: ClockSource::Kernel,
                local_port: Some(50_000),
                redirects: 1,
                status: Some(200),
                failure: None,
            },
            buy: Exchange {
                started: Some(Stamp(1_000_000)),
                stopped: Some(Stamp(9_000_000)),
                ..Exchange::default()
            },
            report: ServerReport::parse(body.as_bytes()).ok(),
            ..Row::default()
        };
        let mut encoder = Encoder::new(String::new(), true).with_phases(true);
        let line = encode(&mut encoder, &row, &clock);
        let appended: Vec<&str> = line.trim_end().split(';').skip(28).collect();
        assert_eq!(
            appended[..8],
            [
                "0.000001000",
                "0.000002000",
                "-0.000000500",
                "0.000006500",
                "0.000000001",
                "\"kernel\"",
                "50000",
                "1"
            ]
        );
        let absent = "\"\"";
        assert_eq!(
            appended[8..16],
            [
                "0.008000000",
                absent,
                absent,
                absent,
                absent,
                "\"user\"",
                absent,
                "0"
            ]
        );
        // Cut to a microsecond.
        let before: f64 = appended[16].parse().expect("seconds");
        assert!((0.000_999..=0.001).contains(&before), "{before}");
        assert_eq!(appended[17..], [absent, absent]);

        let line = encode(&mut encoder, &Row::default(), &clock);
        let appended: Vec<&str> = line.trim_end().split(';').skip(28).collect();
        assert_eq!(appended, [absent; 19]);
        let mut header = Vec::new();
        encoder.header(&mut header);
        let header = String::from_utf8(header).expect("text");
        assert_eq!(header.matches(';').count(), 46);
        assert!(header.ends_with(";\"buy_after_server_raw_seconds\"\r\n"));
    }

    #[test]
    fn the_header_is_the_28_quoted_names() {
        let mut out = Vec::new();
        Encoder::new(String::new(), false).header(&mut out);
        let header = String::from_utf8(out).expect("text");
        assert!(header.starts_with("\"concurrent_requests\";\"benchmark_title\";"));
        assert!(header.ends_with(";\"client_buy_stopped_time\"\r\n"));
        assert_eq!(header.matches(';').count(), 27);
    }
}
