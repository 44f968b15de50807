//! What other programs do to the report during a run: move it away, remove it, truncate it, write over it.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::rows::open_error::Name;
use crate::rows::place::{self, Whereabouts};

/// So many bytes before the end of the last row are compared, to notice that they were written over.
const MARK: usize = 64;

/// What has become of the file that rows are appended to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// It is in its place and has what was written to it.
    Whole,
    /// It is at another path.
    Moved(PathBuf),
    /// It is under no path any more.
    Gone,
    /// It is empty, and was not.
    Emptied,
    /// It is shorter than it was.
    Cut(u64),
    /// It has other text where rows were.
    Overwritten,
}

/// The end of what a file should have.
#[derive(Clone, Debug, Default)]
pub(super) struct Mark {
    /// The end of the last whole row, bytes.
    end: u64,
    /// What stands before it.
    text: Vec<u8>,
}

impl Mark {
    /// Reads what stands before the end of the last whole row.
    pub fn at(file: &File, end: u64) -> io::Result<Mark> {
        let mut text = vec![0; end.min(MARK as u64) as usize];
        let start = end - text.len() as u64;
        file.read_exact_at(&mut text, start)?;
        Ok(Mark { end, text })
    }

    /// Looks what has become of the file: three system calls.
    pub fn look(&self, file: &File, path: &Path) -> io::Result<Look> {
        match place::whereabouts(file, path)? {
            Whereabouts::Moved(to) => return Ok(Look::Moved(to)),
            Whereabouts::Gone => return Ok(Look::Gone),
            Whereabouts::InPlace => {}
        }
        match file.metadata()?.len() {
            0 if self.end > 0 => return Ok(Look::Emptied),
            length if length < self.end => return Ok(Look::Cut(length)),
            _ => {}
        }
        Ok(match Mark::at(file, self.end) {
            Ok(found) if found.text == self.text => Look::Whole,
            // Truncated since we asked for its length, or not to be read.
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            _ => Look::Overwritten,
        })
    }
}

/// What happened to a report during a run and did not end it: a line for people.
#[derive(Debug)]
pub enum Event {
    /// The rows went on in another file, or at its beginning.
    Rotated {
        /// The report's path as it was given.
        path: PathBuf,
        /// What happened.
        kind: Rotation,
        /// Rows of this run that had been written to the report, since the last time or since its
        /// beginning.
        rows: u64,
    },
    /// The rows that were in a removed file are put elsewhere.
    Rescued {
        /// How many.
        rows: u64,
        /// The file into which they were put, or why that failed.
        into: io::Result<PathBuf>,
    },
}

/// What can happen to a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It was moved to another path, as by logrotate; more rows go to a new one.
    Moved(PathBuf),
    /// It was removed or replaced; more rows go to a new one.
    Removed,
    /// It was truncated to nothing; more rows stand below a new header.
    Emptied,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, kind, rows) = match self {
            Event::Rotated { path, kind, rows } => (Name(path), kind, rows),
            Event::Rescued {
                rows,
                into: Ok(path),
            } => {
                return write!(
                    f,
                    "the {rows} rows of the removed file are in {}",
                    Name(path)
                );
            }
            Event::Rescued {
                rows,
                into: Err(error),
            } => {
                return write!(f, "the {rows} rows of the removed file are lost: {error}");
            }
        };
        match kind {
            Rotation::Moved(to) => write!(
                f,
                "{path} was moved to {} during the run: {rows} rows of this run are there, \
                 any that follow in a new file",
                Name(to)
            ),
            Rotation::Removed => write!(
                f,
                "{path} was removed or replaced during the run: {rows} rows of this run were in it, \
                 any that follow are in a new file"
            ),
            Rotation::Emptied => write!(
                f,
                "{path} was truncated to 0 bytes during the run: {rows} rows of this run were in it, \
                 any that follow stand below a new header"
            ),
        }
    }
}
