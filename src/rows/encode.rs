//! Rows to CSV text, through buffers that are kept from one row to the next.

use std::cell::RefCell;
use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use jiff::tz::TimeZone;

use crate::row::figure::Figure;
use crate::row::journey::{Journey, ServerTimes};
use crate::row::server_report::ServerFigures;
use crate::row::{Exchange, Row};
use crate::rows::columns::{DELIMITER, NO_RESPONSE, columns};
use crate::text::push_padded;
use crate::time::clock::{Clock, Stamp};
use crate::time::reading::ReportClock;
use crate::time::writing::WallClockFormat;

/// Text of no characters: what absent values are, too.
const ABSENT: &[u8] = b"\"\"";

/// Turns rows into CSV records.
///
/// Foreign text goes through the csv crate, with its style NonNumeric. What is known to be a number,
/// or text without a quote in it, is put as that style would put it, without asking.
#[derive(Debug)]
pub struct Encoder {
    foreign: Writer<Record>,
    /// The title as a field.
    title: Vec<u8>,
    wall_clock: WallClockFormat,
    /// Whether rows have the phases' columns; then how to read times of servers.
    phases: Option<ReportClock>,
}

impl Encoder {
    /// `title` goes into every row; `utc` writes times with a `Z` instead of local ones.
    pub fn new(title: String, utc: bool) -> Encoder {
        let mut encoder = Encoder {
            foreign: WriterBuilder::new()
                .delimiter(DELIMITER)
                .quote_style(QuoteStyle::NonNumeric)
                .terminator(Terminator::Any(b'\n'))
                .from_writer(Record::default()),
            title: Vec::new(),
            wall_clock: if utc {
                WallClockFormat::utc()
            } else {
                WallClockFormat::local()
            },
            phases: None,
        };
        let mut field = Vec::new();
        encoder.foreign(&title, &mut field);
        field.pop();
        encoder.title = field;
        encoder
    }

    /// With the columns of the phases, or without.
    pub fn with_phases(mut self, phases: bool) -> Encoder {
        self.phases = phases.then(|| ReportClock::new(TimeZone::system()));
        self
    }

    /// Appends the header line.
    pub fn header(&mut self, out: &mut Vec<u8>) {
        for name in columns(self.phases.is_some()) {
            quoted(name, out);
        }
        end_record(out);
    }

    /// Appends a row.
    pub fn row(&mut self, row: &Row, clock: &Clock, out: &mut Vec<u8>) {
        whole(row.concurrent_requests, out);
        raw(&self.title, out);
        self.exchange(&row.home, clock, out);
        self.server(row.report.as_ref().map(|report| &report.main), out);
        let rest = row.report.as_ref().and_then(|report| report.rest.as_ref());
        self.server(rest, out);
        self.exchange(&row.buy, clock, out);
        if let Some(report_clock) = &mut self.phases {
            let main = row.report.as_ref().map(|report| &report.main);
            let times = main.map(|main| ServerTimes::of(main, report_clock));
            let journey = Journey::of(&row.buy, &times.unwrap_or_default(), clock);
            self.phases(&row.home, out);
            self.phases(&row.buy, out);
            for span in [journey.before, journey.inside, journey.after] {
                seconds(span, out);
            }
        }
        end_record(out);
    }

    fn phases(&mut self, exchange: &Exchange, out: &mut Vec<u8>) {
        for part in exchange.phases().unwrap_or_default().parts() {
            seconds(part, out);
        }
        seconds(exchange.seen_delay(), out);
        match exchange.stopped {
            Some(_) => quoted(exchange.clock.name(), out),
            None => raw(ABSENT, out),
        }
        optional(exchange.local_port.map(u64::from), out);
        let begun = exchange.started.is_some();
        optional(begun.then_some(exchange.redirects.into()), out);
    }

    fn exchange(&mut self, exchange: &Exchange, clock: &Clock, out: &mut Vec<u8>) {
        seconds(exchange.elapsed(), out);
        match &exchange.failure {
            Some(failure) => {
                let text = failure.to_string();
                self.foreign(&text, out);
            }
            None => raw(ABSENT, out),
        }
        match exchange.status {
            Some(status) => whole(status.into(), out),
            None => raw(NO_RESPONSE.to_string().as_bytes(), out),
        }
        truth(exchange.satisfied(), out);
        self.time(exchange.started, clock, out);
        self.time(exchange.stopped, clock, out);
    }

    fn server(&mut self, figures: Option<&ServerFigures>, out: &mut Vec<u8>) {
        let Some(figures) = figures else {
            for _ in 0..7 {
                raw(ABSENT, out);
            }
            return;
        };
        figure(figures.cpu_usage.as_ref(), out);
        figure(figures.elapsed_seconds.as_ref(), out);
        self.foreign(figures.error_msg.as_deref().unwrap_or(""), out);
        figure(figures.memory_usage.as_ref(), out);
        match figures.result {
            Some(result) => truth(result, out),
            None => raw(ABSENT, out),
        }
        for time in [&figures.started_time, &figures.stopped_time] {
            let time = time.as_deref().unwrap_or("");
            match is_plain_time(time) {
                true => quoted(time, out),
                false => self.foreign(time, out),
            }
        }
    }

    /// A text of which nothing is known.
    fn foreign(&mut self, text: &str, out: &mut Vec<u8>) {
        if text.is_empty() {
            return raw(ABSENT, out);
        }
        self.foreign.write_field(text).expect(IN_MEMORY);
        self.foreign.write_record(None::<&[u8]>).expect(IN_MEMORY);
        self.foreign.flush().expect(IN_MEMORY);
        let mut record = self.foreign.get_ref().0.borrow_mut();
        record.pop();
        raw(&record, out);
        record.clear();
    }

    fn time(&mut self, stamp: Option<Stamp>, clock: &Clock, out: &mut Vec<u8>) {
        out.push(b'"');
        if let Some(stamp) = stamp {
            self.wall_clock.push_bytes(clock.unix_nanos(stamp), out);
        }
        raw(b"\"", out);
    }
}

fn seconds(nanos: Option<i64>, out: &mut Vec<u8>) {
    match nanos {
        Some(nanos) => {
            push_seconds(nanos, out);
            out.push(DELIMITER);
        }
        None => raw(ABSENT, out),
    }
}

/// Appends a field that needs nothing done to it, and a delimiter.
#[inline(always)]
fn raw(field: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(field);
    out.push(DELIMITER);
}

/// Appends a text that is no number and has no quotes in it.
fn quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    raw(b"\"", out);
}

fn truth(truth: bool, out: &mut Vec<u8>) {
    raw(if truth { b"\"True\"" } else { b"\"False\"" }, out);
}

fn whole(number: u64, out: &mut Vec<u8>) {
    raw(itoa::Buffer::new().format(number).as_bytes(), out);
}

fn optional(number: Option<u64>, out: &mut Vec<u8>) {
    match number {
        Some(number) => whole(number, out),
        None => raw(ABSENT, out),
    }
}

fn figure(figure: Option<&Figure>, out: &mut Vec<u8>) {
    raw(
        figure.map_or(ABSENT, |figure| figure.as_str().as_bytes()),
        out,
    );
}

/// Whether a text is made of what times are made of, and is no number.
fn is_plain_time(text: &str) -> bool {
    text.contains(':')
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b':' | b'.' | b'-' | b'+' | b'T' | b'Z'))
}

/// The last delimiter becomes the end of the line.
fn end_record(out: &mut Vec<u8>) {
    out.pop();
    out.extend_from_slice(b"\r\n");
}

/// Why writing a record cannot fail.
const IN_MEMORY: &str = "writing to memory does not fail, and all records are of one width";

/// Appends nanoseconds as seconds with nine decimals: `0.023456789`.
fn push_seconds(nanos: i64, out: &mut Vec<u8>) {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    out.extend_from_slice(sign.as_bytes());
    out.extend_from_slice(itoa::Buffer::new().format(nanos / 1_000_000_000).as_bytes());
    out.push(b'.');
    push_padded::<9>(nanos % 1_000_000_000, out);
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
#[path = "encode_tests.rs"]
mod tests;
