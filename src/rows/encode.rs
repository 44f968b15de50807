//! Rows to CSV text, through buffers that are kept from one row to the next.

use std::fmt::Write;

use crate::row::figure::Figure;
use crate::row::journey::{Journey, ServerTimes};
use crate::row::server_report::ServerFigures;
use crate::row::{Exchange, Row};
use crate::rows::columns::{DELIMITER, NO_RESPONSE, header_line};
use crate::text::{
    Printable, bounded, cleaned, has_byte, is_unprintable, may_need_cleaning, push_padded,
};
use crate::time::clock::{Clock, Stamp};
use crate::time::reading::ReportClock;
use crate::time::writing::WallClockFormat;
use crate::time::zone::local_zone;

/// An empty text field; absent values are written the same way.
const ABSENT: &[u8] = b"\"\"";

/// The longest title, in characters: the limit of a spreadsheet cell; Python's csv refuses fields
/// of more than 131,072.
const MAX_TITLE: usize = 32_767;

/// Turns rows into CSV records.
///
/// Fields are quoted by column type, not by content: a text of `007` or `nan` is text and quoted, a
/// number is bare. Quotes within a text are doubled (RFC 4180 section 2), and its control characters are
/// [cleaned].
#[derive(Debug)]
pub struct Encoder {
    title: String,
    /// The title as a field.
    title_field: Vec<u8>,
    wall_clock: WallClockFormat,
    /// Reads server times; present if rows have the columns of the phases.
    phases: Option<ReportClock>,
    /// The part of the run to which rows belong, counted from 0.
    part: u64,
    target: Target,
    /// Scratch buffer for texts assembled before they are quoted.
    scratch: String,
}

/// Where the rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Program,
    /// A terminal, which must not interpret server text as control sequences.
    Terminal,
}

impl Encoder {
    /// `title` goes into every row; `utc` writes times with a `Z` instead of local ones.
    pub fn new(title: String, utc: bool) -> Encoder {
        let mut encoder = Encoder {
            title,
            title_field: Vec::new(),
            wall_clock: if utc {
                WallClockFormat::utc()
            } else {
                WallClockFormat::local()
            },
            phases: None,
            part: 0,
            target: Target::Program,
            scratch: String::new(),
        };
        encoder.encode_title();
        encoder
    }

    /// With the columns of the phases, or without.
    pub fn with_phases(mut self, phases: bool) -> Encoder {
        self.phases = phases.then(|| ReportClock::new(local_zone()));
        self
    }

    /// For a terminal: line breaks and [unprintable](is_unprintable) characters in texts are escaped.
    pub fn for_terminal(mut self) -> Encoder {
        self.target = Target::Terminal;
        self.encode_title();
        self
    }

    /// Changes the title of the rows that follow.
    pub fn set_title(&mut self, title: &str) {
        title.clone_into(&mut self.title);
        self.encode_title();
    }

    fn encode_title(&mut self) {
        self.title_field.clear();
        let title = bounded(&self.title, MAX_TITLE);
        push_text(&title, self.target, &mut self.title_field);
    }

    /// Says to which part of the run the rows that follow belong, counted from 0.
    pub fn begin_part(&mut self, part: u64) {
        self.part = part;
    }

    /// Appends the header line.
    pub fn header(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&header_line(self.phases.is_some()));
    }

    /// Appends a row.
    pub fn row(&mut self, row: &Row, clock: &Clock, out: &mut Vec<u8>) {
        whole(row.concurrent_requests, out);
        raw(&self.title_field, out);
        self.exchange(&row.home, clock, out);
        self.server(row.report.as_ref().map(|report| &report.main), out);
        let rest = row
            .report
            .as_ref()
            .and_then(|report| report.rest.as_deref());
        self.server(rest, out);
        self.exchange(&row.buy, clock, out);
        if let Some(report_clock) = &mut self.phases {
            let main = row.report.as_ref().map(|report| &report.main);
            let near = row.buy.started.map_or(i64::MIN, |at| clock.unix_nanos(at));
            let times = main.map(|main| ServerTimes::near(near, main, report_clock));
            let journey = Journey::of(&row.buy, &times.unwrap_or_default(), clock);
            self.phases(&row.home, out);
            self.phases(&row.buy, out);
            for span in [journey.before, journey.inside, journey.after] {
                seconds(span, out);
            }
            whole(self.part, out);
            self.time(row.due, clock, out);
            seconds(row.launch_delay(), out);
            let exchanges = [&row.home, &row.buy];
            for exchange in exchanges {
                let is_redirected = exchange.redirects > 0;
                seconds(is_redirected.then_some(exchange.hop_delay), out);
            }
            for exchange in exchanges {
                seconds(exchange.phases().and_then(|parts| parts.tls), out);
            }
            for exchange in exchanges {
                quoted(exchange.handshake.name(), out);
            }
            let site = row.site.as_deref();
            for timing in [
                site.and_then(|site| site.home_timing.as_deref()),
                site.and_then(|site| site.buy_timing.as_deref()),
            ] {
                text(timing.unwrap_or(""), self.target, out);
            }
        }
        end_record(out);
    }

    fn phases(&mut self, exchange: &Exchange, out: &mut Vec<u8>) {
        let parts = exchange.phases().unwrap_or_default();
        for part in [parts.connect, parts.send, parts.wait, parts.receive] {
            seconds(part, out);
        }
        seconds(exchange.read_delay(), out);
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
                self.scratch.clear();
                write!(self.scratch, "{failure}").expect("writing to memory does not fail");
                text(&self.scratch, self.target, out);
            }
            None => raw(ABSENT, out),
        }
        match exchange.status {
            Some(status) => whole(status.into(), out),
            None => raw(itoa::Buffer::new().format(NO_RESPONSE).as_bytes(), out),
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
        let error = figures.error_msg.as_deref().unwrap_or("");
        text(error, self.target, out);
        figure(figures.memory_usage.as_ref(), out);
        match figures.result {
            Some(result) => truth(result, out),
            None => raw(ABSENT, out),
        }
        for time in [&figures.started_time, &figures.stopped_time] {
            text(time.as_deref().unwrap_or(""), self.target, out);
        }
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

/// Appends a field as it is, and a delimiter.
#[inline(always)]
fn raw(field: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(field);
    out.push(DELIMITER);
}

/// Appends an arbitrary text, quoted and cleaned.
fn text(text: &str, target: Target, out: &mut Vec<u8>) {
    push_text(text, target, out);
    out.push(DELIMITER);
}

/// Appends a text as a field, without a delimiter.
fn push_text(text: &str, target: Target, out: &mut Vec<u8>) {
    out.push(b'"');
    match target {
        Target::Program if is_plain(text) => out.extend_from_slice(text.as_bytes()),
        Target::Program => push_doubled(&cleaned(text), out),
        Target::Terminal if text.contains(is_unprintable) => {
            push_doubled(&Printable(text).to_string(), out);
        }
        Target::Terminal => push_doubled(text, out),
    }
    out.push(b'"');
}

/// Whether a text needs neither cleaning nor doubled quotes.
fn is_plain(text: &str) -> bool {
    !has_byte(text.as_bytes(), |byte| {
        may_need_cleaning(byte) | (byte == b'"')
    })
}

/// Appends a text with its quotes doubled.
fn push_doubled(text: &str, out: &mut Vec<u8>) {
    if memchr::memchr(b'"', text.as_bytes()).is_none() {
        return out.extend_from_slice(text.as_bytes());
    }
    let mut parts = text.split('"');
    out.extend_from_slice(parts.next().unwrap_or("").as_bytes());
    for part in parts {
        out.extend_from_slice(b"\"\"");
        out.extend_from_slice(part.as_bytes());
    }
}

/// Appends a text that contains neither quotes nor control characters.
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

/// The last delimiter becomes the end of the line.
fn end_record(out: &mut Vec<u8>) {
    out.pop();
    out.extend_from_slice(b"\r\n");
}

/// Appends nanoseconds as seconds with nine decimals: `0.023456789`.
fn push_seconds(nanos: i64, out: &mut Vec<u8>) {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    out.extend_from_slice(sign.as_bytes());
    out.extend_from_slice(itoa::Buffer::new().format(nanos / 1_000_000_000).as_bytes());
    out.push(b'.');
    push_padded::<9>(nanos % 1_000_000_000, out);
}

#[cfg(test)]
#[path = "encode_tests.rs"]
mod tests;
