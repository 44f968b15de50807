//! Why reports cannot be read.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::rows::read::ReadError;

/// Why a report cannot be read.
#[derive(Debug)]
pub enum ReportError {
    /// The file, or the one beside it, cannot be read.
    Io {
        /// Its path.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// A row, or the header, is invalid.
    Row {
        /// The report.
        path: PathBuf,
        /// Where, and why.
        error: ReadError,
    },
    /// There are more runs than can be kept.
    TooManyRuns {
        /// The report.
        path: PathBuf,
    },
    /// The file changed while it was read.
    Changed {
        /// The report.
        path: PathBuf,
    },
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReportError::Io { path, error } => write!(f, "{}: {error}", path.display()),
            ReportError::Row { path, error } => write!(f, "{}: {error}", path.display()),
            ReportError::TooManyRuns { path } => write!(
                f,
                "{}: its rows have too many different titles or pauses to tell runs apart: divide the file",
                path.display()
            ),
            ReportError::Changed { path } => write!(
                f,
                "{}: it was changed while it was read: try again",
                path.display()
            ),
        }
    }
}

impl std::error::Error for ReportError {}
