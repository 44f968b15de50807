//! How a command ends, and with which exit code. The only module with the numbers.

use std::fmt;
use std::process::ExitCode;

use crate::text::Printable;

/// How a command came to its end without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything is done, and all rows are written.
    Done,
    /// Of a check, not of a run: a run would not work.
    ChecksFailed,
    /// All rows are written, and a threshold is met or cannot be evaluated.
    ThresholdsMet,
    /// Of a merge: what is there is written, but a shard is missing or broken.
    Partial,
    /// All rows are written, but the run was client-limited as `--strict` or `--strict-pace` does not allow.
    ClientLimited,
    /// A signal ended it early; all rows are written.
    Interrupted(i32),
    /// A signal ended it before any load was sent.
    NotBegun(i32),
}

impl Ending {
    /// The exit code: 0, or 1, 3, 4, or 128 and the signal's number.
    pub fn code(self) -> ExitCode {
        match self {
            Ending::Done => ExitCode::SUCCESS,
            Ending::ChecksFailed => ExitCode::from(1),
            Ending::ThresholdsMet | Ending::Partial => ExitCode::from(3),
            Ending::ClientLimited => ExitCode::from(4),
            Ending::Interrupted(signal) | Ending::NotBegun(signal) => {
                ExitCode::from(128 + signal as u8)
            }
        }
    }
}

/// Why a command failed: one line for standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The command line is invalid, or names what does not exist; nothing was sent.
    Usage(String),
    /// The cause is the machine, the shop or the file.
    Failed(String),
}

impl Error {
    /// The command line is invalid.
    pub fn usage(why: impl fmt::Display) -> Error {
        Error::Usage(why.to_string())
    }

    /// It failed.
    pub fn failed(why: impl fmt::Display) -> Error {
        Error::Failed(why.to_string())
    }

    /// The exit code: 1, or 2 for an invalid command line.
    pub fn code(&self) -> ExitCode {
        match self {
            Error::Failed(_) => ExitCode::from(1),
            Error::Usage(_) => ExitCode::from(2),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Error::Usage(message) | Error::Failed(message)) = self;
        Printable(message).fmt(f)
    }
}

impl std::error::Error for Error {}

/// An error outside the rows: what happened, and the hint.
pub trait Hinted {
    /// What happened, and why it matters.
    fn finding(&self) -> String;

    /// The hint.
    fn hint(&self) -> String;

    /// Both in one line.
    fn line(&self) -> String {
        format!("{}: {}", self.finding(), self.hint())
    }
}

/// An invalid command line: one line that names the input and the hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.0).fmt(f)
    }
}

impl std::error::Error for UsageError {}

impl From<UsageError> for Error {
    fn from(error: UsageError) -> Error {
        Error::Usage(error.0)
    }
}
