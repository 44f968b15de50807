//! The cells of one row of a report, by the names of their columns.

use std::str;
use std::sync::Arc;

use super::known::{
    BUY, Column, Columns, ExchangeColumns, HOME, REST, SERVER, ServerColumns, column, name,
};
use super::records::Record;
use super::values::{parse_count, parse_seconds, parse_status, parse_truth};
use crate::row::failure::{Failure, FailureKind};
use crate::row::figure::Figure;
use crate::row::server_report::{ServerFigures, ServerReport};
use crate::row::{ClockSource, Exchange, Handshake, Row, SiteRow, server_timing};
use crate::text::shortened;
use crate::time::clock::Stamp;
use crate::time::reading::ReportClock;

/// One shopper, as read from a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadRow {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// The byte behind the last field of the record before it: but for a line break, the row begins
    /// there.
    pub begin: u64,
    /// The byte behind its last field.
    pub end: u64,
    /// Shoppers launched together with this one; absent in the oldest reports.
    pub concurrent_requests: Option<u64>,
    /// The run's description.
    pub title: Arc<str>,
    /// Its observation. The instants are of [`Clock::of_unix_time`](crate::time::clock::Clock), to the
    /// precision of the columns. It has no phases unless the report has their columns.
    pub row: Row,
}

/// The cells of one record.
pub(super) struct Cells<'a> {
    columns: &'a Columns,
    record: Record<'a>,
    clock: &'a mut ReportClock,
    /// The title of the row before it, which is the same in most rows.
    title: &'a Arc<str>,
    /// Near which instant local times lie that occur twice, nanoseconds since the Unix epoch.
    near: i64,
}

impl<'a> Cells<'a> {
    /// Of a record of a report with those columns; times without an offset are of the clock's zone,
    /// those that occur twice near that instant.
    pub fn new(
        columns: &'a Columns,
        record: Record<'a>,
        clock: &'a mut ReportClock,
        title: &'a Arc<str>,
        near: i64,
    ) -> Cells<'a> {
        Cells {
            columns,
            record,
            clock,
            title,
            near,
        }
    }

    /// All of them, in the place of those of another row: a row is large. The error is one line.
    pub fn row(&mut self, into: &mut ReadRow) -> Result<(), String> {
        into.concurrent_requests =
            self.value(column("concurrent_requests"), parse_count, "a count")?;
        self.put_title(&mut into.title);
        let row = &mut into.row;
        row.concurrent_requests = into.concurrent_requests.unwrap_or(0);
        self.exchange(&HOME, &mut row.home)?;
        self.exchange(&BUY, &mut row.buy)?;
        self.report(&row.buy, &mut row.report)?;
        row.due = self.due(&row.home)?;
        row.site = self.site();
        row.is_bare = !self.columns.has_phases;
        Ok(())
    }

    /// The Server-Timing fields; absent without any.
    fn site(&self) -> Option<Box<SiteRow>> {
        let kept = |column| {
            let text: Box<str> = self.present_text(column)?;
            Some(server_timing::kept(text.as_bytes()))
        };
        let home_timing = kept(column("server_home_timing"));
        let buy_timing = kept(column("server_buy_timing"));
        (home_timing.is_some() || buy_timing.is_some()).then(|| {
            Box::new(SiteRow {
                home_timing,
                buy_timing,
                ..SiteRow::default()
            })
        })
    }

    /// Only what the run of a row is found by, and whether its shopper bought: the concurrency, the title, the
    /// times and the results. The other cells are not looked at.
    pub fn brief(&mut self, into: &mut ReadRow) -> Result<(), String> {
        into.concurrent_requests =
            self.value(column("concurrent_requests"), parse_count, "a count")?;
        self.put_title(&mut into.title);
        let row = &mut into.row;
        row.concurrent_requests = into.concurrent_requests.unwrap_or(0);
        self.times_and_result(&HOME, &mut row.home)?;
        self.times_and_result(&BUY, &mut row.buy)?;
        (row.due, row.site, row.is_bare) = (None, None, true);
        if !row.buy.satisfied() {
            row.report = None;
            return Ok(());
        }
        let result = self.value(SERVER.result, parse_truth, "True or False")?;
        let report = row.report.get_or_insert_default();
        report.main.result = result;
        Ok(())
    }

    fn put_title(&self, title: &mut Arc<str>) {
        let cell = self.cell(column("benchmark_title"));
        if cell == title.as_bytes() {
            return;
        }
        *title = match cell == self.title.as_bytes() {
            true => Arc::clone(self.title),
            false => String::from_utf8_lossy(cell).into(),
        };
    }

    /// When the shopper was due: by the launch delay, which has more digits than the time.
    fn due(&mut self, home: &Exchange) -> Result<Option<Stamp>, String> {
        let delay = column("client_home_launch_delay_seconds");
        let delay = self.value(delay, parse_seconds, "a number of seconds")?;
        let due = self.time(column("client_home_due_time"))?;
        let exact = home.started.zip(delay);
        Ok(exact.map(|(started, delay)| later(started, -delay)).or(due))
    }

    fn exchange(&mut self, of: &ExchangeColumns, into: &mut Exchange) -> Result<(), String> {
        self.times_and_result(of, into)?;
        match self.columns.has_phases {
            true => self.phases(of, into),
            false => Ok(()),
        }
    }

    fn times_and_result(
        &mut self,
        of: &ExchangeColumns,
        into: &mut Exchange,
    ) -> Result<(), String> {
        let elapsed = self.value(of.elapsed, parse_seconds, "a number of seconds")?;
        let status = self
            .value(of.http_code, parse_status, "an HTTP status or -100")?
            .flatten();
        let result = self.value(of.result, parse_truth, "True or False")?;
        let started = self.time(of.started)?;
        let stopped = self.time(of.stopped)?;
        let text = self.text(of.error_msg);
        let failure = match (result, text.is_empty()) {
            (Some(true), _) => None,
            (None, true) if status.is_some() => None,
            (_, false) => Some(Failure::parse(&text)),
            (_, true) => Some(Failure::from(FailureKind::Other)),
        };
        *into = Exchange {
            started,
            // The elapsed time has more digits than the two times.
            stopped: match (started, elapsed) {
                (Some(started), Some(elapsed)) => Some(later(started, elapsed)),
                _ => stopped,
            },
            status,
            failure,
            ..Exchange::default()
        };
        Ok(())
    }

    /// The instants within a request, from the parts of its time.
    fn phases(&mut self, of: &ExchangeColumns, exchange: &mut Exchange) -> Result<(), String> {
        let mut parts = [None; 5];
        for (part, column) in parts.iter_mut().zip(of.phases) {
            *part = self.value(column, parse_seconds, "a number of seconds")?;
        }
        let [_, tls, send, ..] = parts;
        exchange.handshake = match tls {
            Some(_) => Handshake::named(&self.text(of.handshake)).unwrap_or(Handshake::Unfinished),
            None => Handshake::None,
        };
        let mut at = exchange.started;
        let mut marks = [None; 4];
        for (place, mark) in marks.iter_mut().enumerate() {
            // The beginning of a part is the end of the one before it.
            at = at
                .zip(parts[place])
                .map_or(at, |(at, part)| Some(later(at, part)));
            let next = match place {
                // Without TLS, sending follows the connect.
                0 => tls.or(send),
                _ => parts[place + 1],
            };
            *mark = at.filter(|_| next.is_some());
        }
        [
            exchange.connected,
            exchange.secured,
            exchange.sent,
            exchange.first_byte,
        ] = marks;
        exchange.secured = exchange.secured.filter(|_| tls.is_some());
        let delay = self.value(of.read_delay, parse_seconds, "a number of seconds")?;
        exchange.seen = exchange
            .stopped
            .zip(delay)
            .map(|(at, delay)| later(at, delay));
        exchange.clock = match &*self.text(of.clock) {
            "kernel" => ClockSource::Kernel,
            _ => ClockSource::User,
        };
        exchange.local_port = self.value(of.local_port, |text| text.parse().ok(), "a port")?;
        let redirects = self.value(of.redirects, |text| text.parse().ok(), "a count")?;
        exchange.redirects = redirects.unwrap_or(0);
        let hop_delay = self.value(of.hop_delay, parse_seconds, "a number of seconds")?;
        exchange.hop_delay = hop_delay.unwrap_or(0);
        Ok(())
    }

    /// The servers' reports; absent where all their cells are empty.
    fn report(&self, buy: &Exchange, into: &mut Option<ServerReport>) -> Result<(), String> {
        let ServerReport { main, rest, odd } = into.get_or_insert_default();
        *odd = None;
        self.server(&SERVER, main)?;
        // The old client also wrote its own error into the server's column.
        let client_says = buy.failure.as_ref().map(Failure::to_string);
        if main.error_msg.as_deref() == client_says.as_deref() {
            main.error_msg = None;
        }
        let nothing = ServerFigures::default();
        match self.has_any(&REST) {
            true => {
                let of_rest = rest.get_or_insert_default();
                self.server(&REST, of_rest)?;
            }
            false => *rest = None,
        }
        let has_report = rest.is_some() || buy.satisfied() || *main != nothing;
        if !has_report {
            *into = None;
        }
        Ok(())
    }

    /// Whether any cell of a server is not empty.
    fn has_any(&self, of: &ServerColumns) -> bool {
        let columns = [
            of.cpu_usage,
            of.elapsed,
            of.error_msg,
            of.memory_usage,
            of.result,
            of.started,
            of.stopped,
        ];
        columns
            .into_iter()
            .any(|column| !self.cell(column).is_empty())
    }

    fn server(&self, of: &ServerColumns, into: &mut ServerFigures) -> Result<(), String> {
        *into = ServerFigures {
            cpu_usage: self.value(of.cpu_usage, Figure::parse, "a number")?,
            elapsed_seconds: self.value(of.elapsed, Figure::parse, "a number")?,
            error_msg: self.present_text(of.error_msg),
            memory_usage: self.value(of.memory_usage, Figure::parse, "a number")?,
            // It has no column.
            cpu_seconds: None,
            result: self.value(of.result, parse_truth, "True or False")?,
            started_time: self.present_text(of.started),
            stopped_time: self.present_text(of.stopped),
        };
        Ok(())
    }

    fn time(&mut self, column: Column) -> Result<Option<Stamp>, String> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return Ok(None);
        }
        let text = str::from_utf8(cell).ok();
        let read = text.and_then(|text| self.clock.read_near(text, self.near));
        match read.and_then(|time| u64::try_from(time.unix_nanos).ok()) {
            Some(nanos) => Ok(Some(Stamp::at(nanos))),
            None => Err(unlike(name(column), cell, "a time since 1970")),
        }
    }

    /// A cell's value, absent where the cell is empty.
    fn value<T>(
        &self,
        column: Column,
        parse: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) -> Result<Option<T>, String> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return Ok(None);
        }
        match str::from_utf8(cell).ok().and_then(parse) {
            Some(value) => Ok(Some(value)),
            None => Err(unlike(name(column), cell, expected)),
        }
    }

    fn text(&self, column: Column) -> Box<str> {
        match self.cell(column) {
            [] => Box::default(),
            cell => String::from_utf8_lossy(cell).into(),
        }
    }

    fn present_text<T: for<'b> From<&'b str>>(&self, column: Column) -> Option<T> {
        match self.cell(column) {
            [] => None,
            cell => Some(T::from(&String::from_utf8_lossy(cell))),
        }
    }

    fn cell(&self, column: Column) -> &'a [u8] {
        let place = self.columns.places[column];
        place
            .and_then(|place| self.record.get(place))
            .unwrap_or_default()
    }
}

fn unlike(name: &str, cell: &[u8], expected: &str) -> String {
    let found = shortened(&String::from_utf8_lossy(cell), 40);
    format!("{name} is {found:?}, not {expected}")
}

fn later(at: Stamp, nanos: i64) -> Stamp {
    Stamp::at(at.nanos().saturating_add_signed(nanos))
}
