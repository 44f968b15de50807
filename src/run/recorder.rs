//! Where the rows of a run go: into the summary and the report, in the moments the loop has to spare.

use std::collections::VecDeque;
use std::io::{Stderr, Write};
use std::ops::ControlFlow;
use std::time::Duration;

use crate::reactor::{Counts, Recorder};
use crate::row::Row;
use crate::rows::csv_file::{ReportFile, WriteError};
use crate::run::progress::Progress;
use crate::summary::Figures;
use crate::time::clock::{Clock, Stamp};

/// Rows worked off in one quiet moment: some 20 microseconds, then the sockets are asked again.
const SLICE: usize = 8;

/// Rows that wait for a quiet moment; of a load that has none, the others are worked off at once.
const MOST_WAITING: usize = 256;

/// Text is written when so many bytes of it wait, when it has waited so long, or when the run is over.
const BATCH_BYTES: usize = 16 * 1024;
const BATCH_SPAN: Duration = Duration::from_millis(500);

/// Where the next row will begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// How often the file was another before.
    pub rotations: u64,
    /// The byte; absent for a stream.
    pub byte: Option<u64>,
}

/// Takes rows from the reactor.
pub struct RunRecorder<'a> {
    file: &'a mut ReportFile,
    clock: &'a Clock,
    progress: Progress<Stderr>,
    waiting: VecDeque<Row>,
    /// The figures of the present part.
    part: Figures,
    /// Whether the rows are those of a warm-up, which leaves none.
    warms_up: bool,
    /// When the rows that wait to be written are to be, at the latest.
    write_due: Option<Stamp>,
    written: Result<(), WriteError>,
}

impl<'a> RunRecorder<'a> {
    /// Takes rows for that file.
    pub fn new(file: &'a mut ReportFile, clock: &'a Clock, progress: Progress<Stderr>) -> Self {
        RunRecorder {
            file,
            clock,
            progress,
            waiting: VecDeque::new(),
            part: Figures::default(),
            warms_up: false,
            write_due: None,
            written: Ok(()),
        }
    }

    /// Says whether what follows is a warm-up.
    pub fn warms_up(&mut self, warms_up: bool) {
        self.warms_up = warms_up;
    }

    /// Where the next row will begin, no row waiting.
    pub fn position(&self) -> Position {
        Position {
            rotations: self.file.rotations(),
            byte: self.file.position(),
        }
    }

    /// Writes all rows of the part that has ended, and gives its figures.
    pub fn take_part(&mut self) -> Figures {
        self.flush_all();
        std::mem::take(&mut self.part)
    }

    /// Whether rows could not be written.
    pub fn has_failed(&self) -> bool {
        self.written.is_err()
    }

    /// Writes all there is: nothing else is to be done at present.
    pub fn flush_all(&mut self) {
        self.work_off(usize::MAX);
        self.write();
    }

    /// Works off what waits, wipes the progress line, and says whether all could be written. The last
    /// batch is left to [`ReportFile::finish`].
    pub fn finish(mut self) -> Result<(), WriteError> {
        self.progress.clear();
        self.work_off(usize::MAX);
        self.written
    }

    fn work_off(&mut self, most: usize) {
        let count = self.waiting.len().min(most);
        for row in self.waiting.drain(..count) {
            self.part.add(&row, self.clock);
            self.file.push(&row, self.clock);
        }
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
            self.progress.clear();
            // That nobody takes it is no reason to stop.
            let _ = writeln!(std::io::stderr(), "{event}");
        }
    }
}

impl Recorder for RunRecorder<'_> {
    fn record(&mut self, row: Row) {
        if !self.warms_up {
            self.waiting.push_back(row);
        }
    }

    fn has_backlog(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn turn(&mut self, counts: &Counts, now: Stamp, idle: bool) -> ControlFlow<()> {
        if idle {
            self.work_off(SLICE);
        } else if self.waiting.len() > MOST_WAITING {
            self.work_off(self.waiting.len() - MOST_WAITING);
        }
        if self.file.pending_rows() > 0 {
            let due = *self.write_due.get_or_insert(now.after(BATCH_SPAN));
            if due <= now {
                self.write();
            }
        }
        if self.progress.due(now) {
            self.progress.draw(counts, now);
        }
        match self.written {
            Ok(()) => ControlFlow::Continue(()),
            // Load whose rows cannot be kept is sent for nothing.
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn patience(&self) -> Option<Duration> {
        let due = [self.progress.next_due(), self.write_due];
        let due = due.into_iter().flatten().min()?;
        let nanos = due.since(self.clock.now()).max(0);
        Some(Duration::from_nanos(nanos as u64))
    }
}
