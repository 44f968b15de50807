//! What other programs do to the report during a run: move it, remove it, truncate it, overwrite it.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::rows::open_error::Name;
use crate::rows::place::{self, Whereabouts};
use crate::rows::scan::Scan;

/// Bytes before the end of the last row that are compared, to detect that they were overwritten.
const MARK: usize = 64;

/// The state of the file that rows are appended to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// It is in its place and has what was written to it.
    Whole,
    /// It is at another path.
    Moved(PathBuf),
    /// It has no path any more.
    Gone,
    /// It was emptied.
    Emptied,
    /// It is shorter than it was.
    Cut(u64),
    /// It has other text where rows were.
    Overwritten,
}

/// The end that a file is expected to have.
#[derive(Clone, Debug, Default)]
pub(super) struct Mark {
    /// The end of the last whole row, bytes.
    end: u64,
    /// The bytes before it.
    text: Vec<u8>,
}

impl Mark {
    /// Reads the bytes before the end of the last whole row.
    pub fn at(file: &File, end: u64) -> io::Result<Mark> {
        let mut text = vec![0; end.min(MARK as u64) as usize];
        let start = end - text.len() as u64;
        file.read_exact_at(&mut text, start)?;
        Ok(Mark { end, text })
    }

    /// The end of the last whole row, bytes.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Checks the state of the file: three system calls.
    pub fn look(&self, file: &File, path: &Path) -> io::Result<Look> {
        let open = file.metadata()?;
        match place::whereabouts_of(file, &open, path) {
            Whereabouts::Moved(to) => return Ok(Look::Moved(to)),
            Whereabouts::Gone => return Ok(Look::Gone),
            Whereabouts::InPlace => {}
        }
        match open.len() {
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

/// Where the rows of this run begin in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Ours {
    begin: u64,
    /// Line breaks before the first row: of the header, or of the last row of another run.
    breaks: u64,
    /// The first bytes, once they are written.
    first: Vec<u8>,
}

impl Ours {
    /// In a file of that many bytes, with this prefix before the first row.
    pub fn new(begin: u64, prefix: &[u8]) -> Ours {
        Ours {
            begin,
            breaks: u64::from(prefix.ends_with(b"\n")),
            first: Vec::new(),
        }
    }

    /// Remembers what the rows begin with, after the first of them are written.
    pub fn remember(&mut self, file: &File, end: u64) {
        if self.first.is_empty() && end > self.begin {
            self.first = vec![0; (end - self.begin).min(MARK as u64) as usize];
            if file.read_exact_at(&mut self.first, self.begin).is_err() {
                self.first.clear();
            }
        }
    }

    /// The number of complete rows that remain in a file of `length` bytes.
    pub fn rows_left(&self, mut file: &File, length: u64) -> io::Result<u64> {
        let Some(left) = length.checked_sub(self.begin) else {
            return Ok(0);
        };
        let known = &self.first[..self.first.len().min(left as usize)];
        let mut found = vec![0; known.len()];
        file.read_exact_at(&mut found, self.begin)?;
        if found != known {
            return Ok(0);
        }
        file.seek(SeekFrom::Start(self.begin))?;
        let mut text = file.take(left);
        let mut scan = Scan::default();
        let mut chunk = vec![0; 64 << 10];
        loop {
            match text.read(&mut chunk)? {
                0 => return Ok(scan.line_feeds().saturating_sub(self.breaks)),
                n => scan.feed_counting(&chunk[..n]),
            }
        }
    }
}

/// What happened to a report during a run without ending it: a line for the user.
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
    /// The rows that were in a removed file were saved elsewhere.
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
                 later rows are in a new file",
                Name(to)
            ),
            Rotation::Removed => write!(
                f,
                "{path} was removed or replaced during the run: {rows} rows of this run were in it, \
                 later rows are in a new file"
            ),
            Rotation::Emptied => write!(
                f,
                "{path} was truncated to 0 bytes during the run: {rows} rows of this run were in it, \
                 later rows follow a new header"
            ),
        }
    }
}
