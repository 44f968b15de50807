//! Why rows cannot be written to a report: known before any load is sent.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::rows::existing::Refusal;
use crate::rows::place::PlaceError;
use crate::text::Printable;

/// The path that stands for standard output.
pub(super) const STDOUT: &str = "-";

/// Why a report cannot be written: one line that names the file and the hint.
#[derive(Debug)]
pub enum OpenError {
    /// It cannot be opened.
    Place {
        /// The report's path as it was given.
        path: PathBuf,
        /// The reason.
        why: PlaceError,
    },
    /// It exists, and rows of this run cannot be appended to it.
    Existing {
        /// The report's path as it was given.
        path: PathBuf,
        /// What is wrong with it.
        why: Refusal,
    },
    /// Its metadata cannot be read.
    Os {
        /// The report's path as it was given.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Place { path, why } => write!(f, "{}: {why}", Name(path)),
            OpenError::Existing { path, why } => write!(
                f,
                "{}: {why}: choose another file with -o (it is not changed)",
                Name(path)
            ),
            OpenError::Os { path, error } => write!(f, "{}: {error}", Name(path)),
        }
    }
}

impl std::error::Error for OpenError {}

/// A report's name as messages have it.
pub(super) struct Name<'a>(pub &'a Path);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Path::new(STDOUT) {
            return f.write_str("standard output");
        }
        write!(f, "{}", Printable(&self.0.to_string_lossy()))
    }
}
