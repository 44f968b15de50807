//! The files that a run has written rows to and that have left the report's path.

use std::fs::File;
use std::io;
use std::mem;

use crate::rows::rescue;
use crate::rows::rotation::Event;

/// Files kept open, to be stored at the end.
const MAX_OPEN: usize = 16;

/// Rows that are not in the current file of the report.
#[derive(Debug, Default)]
pub(super) struct LeftFiles {
    open: Vec<Left>,
    /// Rows in files that were moved, or put elsewhere from removed ones.
    safe_rows: u64,
    /// Rows that were truncated away, or are in a removed file and could not be put elsewhere.
    lost_rows: u64,
}

#[derive(Debug)]
struct Left {
    file: File,
    /// The end of the last whole row, bytes.
    end: u64,
    rows: u64,
    is_removed: bool,
}

impl LeftFiles {
    /// Keeps a file with `rows` rows of this run, the last of which ends at `end`. Returns what happened to
    /// the oldest if there are too many.
    pub fn leave(&mut self, file: File, end: u64, rows: u64, is_removed: bool) -> Option<Event> {
        if rows == 0 {
            return None;
        }
        self.open.push(Left {
            file,
            end,
            rows,
            is_removed,
        });
        (self.open.len() > MAX_OPEN)
            .then(|| self.open.remove(0))
            .and_then(|oldest| self.settle(&oldest))
    }

    /// Notes rows that were truncated away.
    pub fn lose(&mut self, rows: u64) {
        self.lost_rows += rows;
    }

    /// Rows that went to these files.
    pub fn rows(&self) -> u64 {
        let open: u64 = self.open.iter().map(|left| left.rows).sum();
        self.safe_rows + self.lost_rows + open
    }

    /// Of those the ones that were truncated away, or could not be put elsewhere.
    pub fn lost_rows(&self) -> u64 {
        self.lost_rows
    }

    /// Has the system store what was moved, and saves elsewhere what was removed; reports the latter.
    pub fn settle_all(&mut self) -> Vec<Event> {
        let open = mem::take(&mut self.open);
        open.iter().filter_map(|left| self.settle(left)).collect()
    }

    fn settle(&mut self, left: &Left) -> Option<Event> {
        if !left.is_removed {
            // An error here concerns a file that was handed over to another program.
            let _: io::Result<()> = left.file.sync_data();
            self.safe_rows += left.rows;
            return None;
        }
        let into = rescue::whole(&left.file, left.end, std::iter::empty());
        match into {
            Ok(_) => self.safe_rows += left.rows,
            Err(_) => self.lost_rows += left.rows,
        }
        Some(Event::Rescued {
            rows: left.rows,
            into,
        })
    }
}
