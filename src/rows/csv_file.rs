//! The report file: opened and checked before any load is sent, appended to in whole rows, and checked
//! to be in its place before every batch.
//!
//! What other programs may do to it during the run:
//!
//! - moved (as by logrotate) or removed: the rows go on in the file that is at the path then, or in a new
//!   one there, opened, checked and locked like the first;
//! - truncated to nothing: the header is written again, and the rows go on;
//! - truncated to something else, or overwritten: the run ends at once, and the error says which rows
//!   are safe.

mod follow;

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::row::Row;
use crate::rows::appender::{Appender, Flushed, Output};
use crate::rows::begin::begin;
use crate::rows::columns::header_line;
use crate::rows::encode::Encoder;
use crate::rows::left::LeftFiles;
use crate::rows::open_error::STDOUT;
use crate::rows::place::{self, Whereabouts};
use crate::rows::rescue;
use crate::rows::rotation::{Look, Mark, Ours};
use crate::sys::clock::Instant;
use crate::sys::terminal;
use crate::time::clock::Clock;

pub use crate::rows::existing::{Progress, Refusal};
pub use crate::rows::open_error::OpenError;
pub use crate::rows::place::PlaceError;
pub use crate::rows::rotation::{Event, Rotation};
pub use crate::rows::write_error::{Cause, WriteError};

/// Rows that a stream's reader has not taken are kept in memory up to this size, bytes.
const MAX_WAITING: usize = 64 << 20;

/// How often the caller is asked whether to go on waiting for a reader.
const ASK_SPAN: Duration = Duration::from_millis(100);

/// Events not taken yet are kept up to this number.
const MAX_EVENTS: usize = 1_000;

/// What all rows of a run have in common.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The run's description, written in every row.
    pub title: String,
    /// Whether times are in UTC with a `Z`; local time otherwise.
    pub utc: bool,
    /// Whether there are the columns of the phases.
    pub phases: bool,
}

/// Rows that wait for the reader of a stream, at the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub rows: u64,
    /// How long the reader has not read anything.
    pub stalled: Duration,
}

/// A report that this run appends to.
///
/// A file that this run made and wrote no row to is removed again when the value is dropped.
#[derive(Debug)]
pub struct ReportFile {
    path: PathBuf,
    phases: bool,
    is_new: bool,
    appender: Appender<Output>,
    encoder: Encoder,
    /// What the file ended with when it was last written; unused for a stream.
    mark: Mark,
    ours: Ours,
    /// How often the file was replaced or truncated.
    rotations: u64,
    events: Vec<Event>,
    left: LeftFiles,
    has_stalled: bool,
}

impl ReportFile {
    /// Opens a report (`-` is standard output), locks it against other runs and checks that its
    /// rows can be continued. Nothing is written yet: the header goes out with the first rows.
    ///
    /// A file that is there already is read through once, to see that it ends with a whole row.
    pub fn open(path: &Path, settings: Settings) -> Result<ReportFile, OpenError> {
        ReportFile::open_watched(path, settings, &mut |_| ControlFlow::Continue(()))
    }

    /// The same; `progress` is called with the progress of the reading and can stop it.
    pub fn open_watched(
        path: &Path,
        settings: Settings,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<ReportFile, OpenError> {
        let begun = begin(path, settings.phases, progress)?;
        let mut encoder = Encoder::new(settings.title, settings.utc).with_phases(settings.phases);
        if begun.is_terminal() {
            encoder = encoder.for_terminal();
        }
        let appender = Appender::new(begun.output, &begun.prefix);
        Ok(ReportFile {
            path: path.to_owned(),
            phases: settings.phases,
            is_new: begun.is_new,
            appender: appender.map_err(|error| OpenError::Os {
                path: path.to_owned(),
                error,
            })?,
            encoder,
            mark: begun.mark,
            ours: begun.ours,
            rotations: 0,
            events: Vec::new(),
            left: LeftFiles::default(),
            has_stalled: false,
        })
    }

    /// Whether the rows go to standard output, so that nothing else may be printed there.
    pub fn is_standard_output(&self) -> bool {
        self.path == Path::new(STDOUT)
            || place::is_standard_output(self.appender.store.file()).unwrap_or(false)
    }

    /// Whether the rows go to that terminal.
    pub fn is_on_terminal(&self, terminal: &impl AsFd) -> bool {
        terminal::is_same(self.appender.store.file(), terminal)
    }

    /// Takes a row; it is written with the next batch.
    pub fn push(&mut self, row: &Row, clock: &Clock) {
        let encoder = &mut self.encoder;
        self.appender.push(|out| encoder.row(row, clock, out));
    }

    /// Changes the title of the rows that follow.
    pub fn set_title(&mut self, title: &str) {
        self.encoder.set_title(title);
    }

    /// Says to which part of the run the rows that follow belong, counted from 0.
    pub fn begin_part(&mut self, part: u64) {
        self.encoder.begin_part(part);
    }

    /// Where the next row that is pushed will begin, bytes; absent for a stream. It means nothing across a
    /// change of [`ReportFile::rotations`].
    pub fn position(&self) -> Option<u64> {
        let waiting = self.appender.pending().bytes() as u64;
        (self.appender.store.regular()).map(|_| self.appender.end() + waiting)
    }

    /// Rows of this run that are complete in the file, or in files that it was moved to.
    pub fn written_rows(&self) -> u64 {
        self.appender.written_rows() - self.left.lost_rows()
    }

    /// Rows that wait for the next batch.
    pub fn pending_rows(&self) -> u64 {
        self.appender.pending().rows()
    }

    /// The size of the rows that wait, in bytes.
    pub fn pending_bytes(&self) -> usize {
        self.appender.pending().bytes()
    }

    /// How often the file was moved, removed or emptied so far and the rows went on: byte positions are
    /// not valid across that.
    pub fn rotations(&self) -> u64 {
        self.rotations
    }

    /// What has happened to the file since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Writes the rows that wait, or as many as a stream takes without waiting. After an error they go on
    /// waiting, in memory, and are tried again with the next batch; a file then still ends with a whole
    /// row.
    pub fn flush_batch(&mut self) -> Result<(), WriteError> {
        if self.pending_rows() > 0 {
            self.go_where_the_file_is()?;
        }
        let flushed = self.appender.flush();
        self.renew_mark();
        match flushed {
            Err(error) => Err(self.error(Cause::Os(error))),
            Ok(Flushed::Part) if self.pending_bytes() > MAX_WAITING => {
                self.has_stalled = true;
                let waiting = self.pending_bytes();
                Err(self.error(Cause::Stalled { waiting }))
            }
            Ok(_) => Ok(()),
        }
    }

    /// Whether the file is still where it was opened, and whole. Streams always are.
    pub fn verify_in_place(&self) -> Result<(), WriteError> {
        let cause = match self.look() {
            Ok(Look::Whole) => return Ok(()),
            Ok(Look::Moved(to)) => Cause::Moved { to, why: None },
            Ok(Look::Gone) => Cause::Gone { why: None },
            Ok(Look::Emptied) => Cause::Cut { length: 0 },
            Ok(Look::Cut(length)) => Cause::Cut { length },
            Ok(Look::Overwritten) => Cause::Overwritten,
            Err(error) => Cause::Os(error),
        };
        Err(self.error(cause))
    }

    /// [`ReportFile::close`] that waits for the reader of a stream however long it takes.
    pub fn finish(mut self) -> Result<u64, WriteError> {
        self.close(&mut |_| ControlFlow::Continue(()))
    }

    /// Writes what waits, has the system store it, and checks whether the file is still in its
    /// place. Returns the number of rows this run wrote.
    ///
    /// The reader of a stream may be slow: `wait` is asked every 100 ms whether to go on waiting.
    ///
    /// Rows that could not be written to a file are saved in a new one in the directory for temporary
    /// files, which the error names (not those of a stream: its reader closed it).
    pub fn close(
        &mut self,
        wait: &mut dyn FnMut(Waiting) -> ControlFlow<()>,
    ) -> Result<u64, WriteError> {
        // Where the file is matters more than why the last rows could not be written.
        let result = self
            .flush_batch()
            .and_then(|()| self.wait_for_reader(wait))
            .and_then(|()| self.store());
        let settled = self.left.settle_all();
        settled.into_iter().for_each(|event| self.tell(event));
        let result = match result {
            // It was looked for with the last batch already.
            Err(error) if !matches!(error.cause, Cause::Os(_)) => Err(error),
            result => self.settle().and(result),
        };
        match result {
            // All rows went out in the end, but the load was stopped because they did not.
            Ok(()) if self.has_stalled => Err(self.error(Cause::Stalled { waiting: 0 })),
            Ok(()) => Ok(self.written_rows()),
            Err(mut error) => {
                error.rescue = self.rescue(&error.cause);
                Err(error)
            }
        }
    }

    /// Rows of this run in the current file.
    fn rows_here(&self) -> u64 {
        self.appender.written_rows() - self.left.rows()
    }

    /// Waits until the reader of a stream has read all rows, or `wait` says to stop.
    fn wait_for_reader(
        &mut self,
        wait: &mut dyn FnMut(Waiting) -> ControlFlow<()>,
    ) -> Result<(), WriteError> {
        let mut taken = self.appender.written_bytes();
        let mut since = Instant::now();
        while self.pending_rows() > 0 {
            if self.appender.written_bytes() != taken {
                taken = self.appender.written_bytes();
                since = Instant::now();
            }
            let waiting = Waiting {
                rows: self.pending_rows(),
                stalled: since.elapsed(),
            };
            if wait(waiting).is_break() {
                return Err(self.error(Cause::Interrupted));
            }
            if let Output::Stream(stream) = &self.appender.store {
                let waited = stream.wait(ASK_SPAN);
                waited.map_err(|error| self.error(Cause::Os(error)))?;
            }
            let flushed = self.appender.flush();
            flushed.map_err(|error| self.error(Cause::Os(error)))?;
        }
        Ok(())
    }

    /// Checks the file at the end: one that was moved has the rows, if all are written.
    fn settle(&mut self) -> Result<(), WriteError> {
        match self.look() {
            Ok(Look::Moved(to)) if self.pending_rows() == 0 => {
                let rows = self.rows_here();
                self.rotated(Rotation::Moved(to), rows);
                Ok(())
            }
            _ => self.verify_in_place(),
        }
    }

    /// Asks the system to store the file: some file systems find out only then that they are full.
    fn store(&self) -> Result<(), WriteError> {
        let Some(file) = self
            .appender
            .store
            .regular()
            .filter(|_| self.rows_here() > 0)
        else {
            return Ok(());
        };
        file.sync_data().map_err(|error| {
            let rows = self.rows_here();
            let error = self.error(Cause::Os(error));
            WriteError {
                safe_rows: error.safe_rows - rows,
                unsafe_rows: error.unsafe_rows + rows,
                ..error
            }
        })
    }

    fn error(&self, cause: Cause) -> WriteError {
        let all = self.appender.written_rows() + self.pending_rows();
        let rows_here = self.rows_here();
        let not_here = match (&cause, self.appender.store.regular()) {
            (Cause::Gone { .. } | Cause::Overwritten, _) => rows_here,
            (Cause::Cut { length }, Some(file)) => {
                let left = self.ours.rows_left(file, *length).unwrap_or(0);
                rows_here.saturating_sub(left)
            }
            _ => 0,
        };
        let safe_rows = self.written_rows() - not_here;
        WriteError {
            path: self.path.clone(),
            is_stream: self.appender.store.regular().is_none(),
            safe_rows,
            unsafe_rows: all - safe_rows,
            cause,
            rescue: None,
        }
    }

    fn rescue(&mut self, cause: &Cause) -> Option<io::Result<PathBuf>> {
        let file = self.appender.store.regular()?;
        let pending = self.appender.pending();
        if matches!(cause, Cause::Gone { .. }) && self.rows_here() + pending.rows() > 0 {
            return Some(rescue::whole(file, self.appender.end(), pending.text()));
        }
        if pending.rows() == 0 {
            return None;
        }
        let header = header_line(self.phases);
        Some(rescue::rows(&header, pending.rows_text()))
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        let Some(file) = self.appender.store.regular().filter(|_| self.is_new) else {
            return;
        };
        let is_junk = file.metadata().is_ok_and(|metadata| metadata.len() == 0)
            && place::whereabouts(file, &self.path).is_ok_and(|at| at == Whereabouts::InPlace);
        if is_junk {
            // An empty file that could not be removed does no harm.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
#[path = "csv_file_tests.rs"]
mod tests;
