//! Follows the file: where it was moved, removed or emptied since the last batch of rows.

use std::io;
use std::ops::ControlFlow;

use super::{Cause, Event, MAX_EVENTS, OpenError, ReportFile, Rotation, WriteError};
use crate::rows::appender::Output;
use crate::rows::begin::begin;
use crate::rows::columns::header_line;
use crate::rows::rotation::{Look, Mark, Ours};

impl ReportFile {
    /// Whether the file was moved, removed or changed since the mark was set.
    pub(super) fn look(&self) -> io::Result<Look> {
        match self.appender.store.regular() {
            Some(file) => self.mark.look(file, &self.path),
            None => Ok(Look::Whole),
        }
    }

    /// Remembers the end of the file as it is now.
    pub(super) fn renew_mark(&mut self) {
        if let Some(file) = self.appender.store.regular() {
            // What cannot be read cannot be compared: the next check reports it.
            let end = self.appender.end();
            self.ours.remember(file, end);
            self.mark = Mark::at(file, end).unwrap_or_default();
        }
    }

    /// Checks what has happened to the file, and makes sure that the waiting rows can be written.
    pub(super) fn go_where_the_file_is(&mut self) -> Result<(), WriteError> {
        match self.look() {
            Ok(Look::Whole) => Ok(()),
            Ok(Look::Moved(to)) => {
                let begun = self.begin_anew(Rotation::Moved(to.clone()));
                begun.map_err(|why| self.error(Cause::Moved { to, why }))
            }
            Ok(Look::Gone) => {
                let begun = self.begin_anew(Rotation::Removed);
                begun.map_err(|why| self.error(Cause::Gone { why }))
            }
            Ok(Look::Emptied) if !self.appender.is_torn() => {
                let rows = self.rows_here();
                self.left.lose(rows);
                self.rotated(Rotation::Emptied, rows);
                let header = header_line(self.phases);
                self.appender.begin_again(&header);
                self.mark = Mark::default();
                self.ours = Ours::new(0, &header);
                Ok(())
            }
            _ => self.verify_in_place(),
        }
    }

    /// Opens what is at the path now, or creates a new file there. The error says why that failed, if
    /// it was tried.
    fn begin_anew(&mut self, kind: Rotation) -> Result<(), Option<Box<OpenError>>> {
        if self.appender.is_torn() {
            return Err(None);
        }
        let path = self.path.clone();
        let mut unwatched = |_| ControlFlow::Continue(());
        let begun = begin(&path, self.phases, &mut unwatched).map_err(Box::new)?;
        if begun.output.regular().is_none() {
            return Err(None);
        }
        let (end, rows) = (self.appender.end(), self.rows_here());
        let old = self.appender.go_on(begun.output, &begun.prefix);
        let old = old.map_err(|error| Box::new(OpenError::Os { path, error }))?;
        self.mark = begun.mark;
        self.ours = begun.ours;
        self.is_new = begun.is_new;
        if let Output::File(file) = old {
            let is_removed = kind == Rotation::Removed;
            let event = self.left.leave(file, end, rows, is_removed);
            event.into_iter().for_each(|event| self.tell(event));
        }
        self.rotated(kind, rows);
        Ok(())
    }

    /// Notes that the rows go on in another file.
    pub(super) fn rotated(&mut self, kind: Rotation, rows: u64) {
        self.rotations += 1;
        let path = self.path.clone();
        self.tell(Event::Rotated { path, kind, rows });
    }

    /// Keeps an event for those who ask, up to a limit.
    pub(super) fn tell(&mut self, event: Event) {
        if self.events.len() < MAX_EVENTS {
            self.events.push(event);
        }
    }
}
