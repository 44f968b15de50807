//! Rows that did not get into the report, and why.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::rows::open_error::{Name, OpenError};

/// Rows that did not get into the report, and why.
#[derive(Debug)]
pub struct WriteError {
    /// The report's path as it was given; `-` is standard output.
    pub path: PathBuf,
    /// Whether that is a stream (a pipe, a device): its rows are known to be written, not to be read.
    pub is_stream: bool,
    /// Rows of this run that are complete in the file, or in a file that it was moved to.
    pub safe_rows: u64,
    /// Rows of this run that are not.
    pub unsafe_rows: u64,
    /// What happened.
    pub cause: Cause,
    /// The file that the other rows were written to, or why that failed too; absent during the
    /// run and where nothing could be done.
    pub rescue: Option<io::Result<PathBuf>>,
}

/// Why rows cannot be written to a report.
#[derive(Debug)]
pub enum Cause {
    /// An error of a system call: no space left, a broken pipe.
    Os(io::Error),
    /// The file is now at another path, and no new one could be created.
    Moved {
        /// The other path.
        to: PathBuf,
        /// Why a new one could not be created; absent if that was not tried.
        why: Option<Box<OpenError>>,
    },
    /// The file, or the directory it was in, is removed, and no new one could be created.
    Gone {
        /// Why a new one could not be created; absent if that was not tried.
        why: Option<Box<OpenError>>,
    },
    /// Another program has truncated the file to this many bytes.
    Cut {
        /// Bytes.
        length: u64,
    },
    /// Another program has written over the rows.
    Overwritten,
    /// The reader of a stream takes no rows, and the queue is full.
    Stalled {
        /// Queued rows, in bytes.
        waiting: usize,
    },
    /// The wait for the reader of a stream was ended.
    Interrupted,
}

impl WriteError {
    /// Whether the reader of the rows closed the pipe (EPIPE), as `head` does.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(&self.cause, Cause::Os(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Name(&self.path), self.cause)?;
        let (safe, lost) = (self.safe_rows, self.unsafe_rows);
        if self.is_stream {
            write!(f, ": {safe} rows of this run were written, {lost} were not")?;
        } else {
            write!(
                f,
                ": {safe} rows of this run are safe in it, {lost} are not"
            )?;
        }
        match &self.rescue {
            None => Ok(()),
            Some(Ok(path)) => write!(f, "; the missing rows are in {}", Name(path)),
            Some(Err(error)) => {
                write!(f, "; saving the missing rows elsewhere failed too: {error}")
            }
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Os(error) => write!(f, "{error}"),
            Cause::Moved { to, why } => {
                write!(f, "the file was moved to {} during the run", Name(to))?;
                not_continued(f, why.as_deref())
            }
            Cause::Gone { why } => {
                f.write_str("the file was removed or replaced during the run")?;
                not_continued(f, why.as_deref())
            }
            Cause::Cut { length } => write!(
                f,
                "another program truncated the file to {length} bytes during the run"
            ),
            Cause::Overwritten => f.write_str("another program wrote over the rows during the run"),
            Cause::Stalled { waiting } => write!(
                f,
                "its reader does not read, {} MiB of rows are waiting",
                waiting >> 20
            ),
            Cause::Interrupted => f.write_str("interrupted while its reader did not read"),
        }
    }
}

fn not_continued(f: &mut fmt::Formatter<'_>, why: Option<&OpenError>) -> fmt::Result {
    match why {
        Some(why) => write!(f, ", and a new file cannot be created ({why})"),
        None => Ok(()),
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Os(error) => Some(error),
            _ => None,
        }
    }
}
