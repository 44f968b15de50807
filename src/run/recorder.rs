//! Where the rows of a run go: into the summary and the report, while no socket is ready.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::Duration;

use crate::console::Lines;
use crate::plan::{Kind, Plan};
use crate::reactor::{Counts, Dropped, Recorder};
use crate::row::Row;
use crate::rows::csv_file::{ReportFile, WriteError};
use crate::run::progress::Progress;
use crate::summary::Figures;
use crate::time::clock::{Clock, Stamp};

/// Rows processed while no socket is ready: about 10 microseconds, then the sockets are polled again. As many
/// wait for that: one by one, each would have to fetch the code for it into the caches again.
const SLICE: usize = 8;

/// Rows that wait until no socket is ready; under a load without such a moment, further rows are
/// processed at once.
const MOST_WAITING: usize = 256;

/// The most dropped arrivals that wait for their rows.
const MOST_DROPPED: usize = 64 * 1024;

/// Rows of dropped arrivals processed in one iteration of a busy loop: the sockets come first.
const DROPPED_SLICE: usize = 64;

/// Text is written when it reaches this size or this age, or when the run ends.
const BATCH_BYTES: usize = 16 * 1024;
const BATCH_SPAN: Duration = Duration::from_millis(500);

/// Where the next row will begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// How often the file was replaced before.
    pub rotations: u64,
    /// The byte; absent for a stream.
    pub byte: Option<u64>,
}

/// Takes rows from the reactor.
pub struct RunRecorder<'a> {
    file: &'a mut ReportFile,
    clock: &'a Clock,
    progress: Progress<Lines>,
    waiting: VecDeque<Row>,
    /// The figures of the present part.
    part: Figures,
    /// Dropped arrivals whose rows are not made yet.
    dropped: VecDeque<Dropped>,
    /// Whether the rows are those of a warm-up, which are not written.
    warms_up: bool,
    /// The latest time at which the waiting rows are written.
    write_due: Option<Stamp>,
    written: Result<(), WriteError>,
}

impl<'a> RunRecorder<'a> {
    /// A recorder for that file.
    pub fn new(file: &'a mut ReportFile, clock: &'a Clock, progress: Progress<Lines>) -> Self {
        RunRecorder {
            file,
            clock,
            progress,
            waiting: VecDeque::new(),
            part: Figures::default(),
            dropped: VecDeque::new(),
            warms_up: false,
            write_due: None,
            written: Ok(()),
        }
    }

    /// Says which part of the run is next, counted from 0: progress shows it.
    pub fn announce(&mut self, number: u64, of: &str) {
        self.progress.announce(number, of);
    }

    /// Sets whether what follows is a warm-up.
    pub fn warms_up(&mut self, warms_up: bool) {
        self.warms_up = warms_up;
    }

    /// Says which part of the run begins, counted from 0, and the title of its rows.
    pub fn begin_part(&mut self, part: u64, title: &str) {
        self.file.set_title(title);
        self.file.begin_part(part);
    }

    /// Where the next row will begin, no row waiting.
    pub fn position(&self) -> Position {
        Position {
            rotations: self.file.rotations(),
            byte: self.file.position(),
        }
    }

    /// Writes all rows of the part that has ended, and returns its figures.
    pub fn take_part(&mut self) -> Figures {
        self.flush_all();
        std::mem::take(&mut self.part)
    }

    /// Whether rows could not be written.
    pub fn has_failed(&self) -> bool {
        self.written.is_err()
    }

    /// Writes everything that waits.
    pub fn flush_all(&mut self) {
        self.work_off(usize::MAX);
        self.write();
    }

    /// Processes what waits, clears the progress line, and returns whether everything was written. The last
    /// batch is left to [`ReportFile::finish`]. Further messages go to the lines.
    pub fn finish(mut self) -> (Result<(), WriteError>, Lines) {
        self.work_off(usize::MAX);
        (self.written, self.progress.finish())
    }

    /// Processes at most that many rows, those of launched shoppers first.
    fn work_off(&mut self, most: usize) {
        let launched = self.waiting.len().min(most);
        for place in 0..launched {
            let row = &self.waiting[place];
            self.part.add(row, self.clock);
            self.file.push(row, self.clock);
            self.write_if_many();
        }
        self.waiting.drain(..launched);
        self.work_off_dropped(most - launched);
    }

    fn work_off_dropped(&mut self, most: usize) {
        for _ in 0..self.dropped.len().min(most) {
            let dropped = self.dropped.pop_front().expect("no more than there are");
            let row = Row::from(dropped);
            self.part.add(&row, self.clock);
            self.file.push(&row, self.clock);
            self.write_if_many();
        }
    }

    fn write_if_many(&mut self) {
        if self.file.pending_bytes() >= BATCH_BYTES {
            self.write();
        }
    }

    fn write(&mut self) {
        self.write_due = None;
        if self.written.is_ok() {
            self.written = self.file.flush_batch();
        }
        for event in self.file.take_events() {
            self.progress.say(&event.to_string());
        }
    }
}

impl Recorder for RunRecorder<'_> {
    fn record(&mut self, row: Row) {
        if !self.warms_up {
            self.waiting.push_back(row);
        }
    }

    fn record_dropped(&mut self, dropped: Dropped) -> bool {
        if self.warms_up {
            return true;
        }
        let has_room = self.dropped.len() < MOST_DROPPED;
        if has_room {
            self.dropped.push_back(dropped);
        }
        has_room
    }

    fn begin(&mut self, plan: &Plan, origin: Stamp) {
        self.part.from_due = (plan.kind() == Kind::Open).then(Default::default);
        self.progress.begin(plan, origin);
    }

    fn has_backlog(&self) -> bool {
        self.waiting.len() >= SLICE || !self.dropped.is_empty()
    }

    fn end_iteration(&mut self, counts: &Counts, now: Stamp, idle: bool) -> ControlFlow<()> {
        if idle {
            self.work_off(SLICE);
        } else {
            if self.waiting.len() > MOST_WAITING {
                self.work_off(self.waiting.len() - MOST_WAITING);
            }
            if self.dropped.len() > MOST_WAITING {
                self.work_off_dropped(DROPPED_SLICE);
            }
        }
        if self.file.pending_rows() > 0 || !self.waiting.is_empty() {
            let due = *self.write_due.get_or_insert(now.after(BATCH_SPAN));
            if due <= now {
                self.work_off(SLICE);
                self.write();
            }
        }
        if self.progress.due(now) {
            self.progress.draw(counts, now);
        }
        match self.written {
            Ok(()) => ControlFlow::Continue(()),
            // A load whose rows cannot be written is useless.
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn patience(&self, now: Stamp) -> Option<Duration> {
        let due = [self.progress.next_due(), self.write_due];
        let due = due.into_iter().flatten().min()?;
        let nanos = due.since(now).max(0);
        Some(Duration::from_nanos(nanos as u64))
    }
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
