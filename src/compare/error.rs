//! Why runs cannot be compared.

use std::fmt;
use std::path::PathBuf;

use crate::exit::{Error, Hinted};
use crate::report::{NothingSelected, ReportError};
use crate::text::Printable;

/// Why runs cannot be compared.
#[derive(Debug)]
pub enum CompareError {
    /// The files cannot be read.
    Report(ReportError),
    /// No run is as wanted.
    Selection(NothingSelected),
    /// There is only one side, or none.
    OneSide {
        /// What was to make the sides: `titles`, `variants`.
        what: &'static str,
        /// The only side, where there is one.
        only: Option<String>,
    },
    /// A file was given more than once.
    Twice {
        /// The file.
        path: PathBuf,
    },
    /// There are more sides than can be compared.
    TooManySides {
        /// Their number.
        sides: usize,
    },
    /// A side has more parts than can be compared.
    TooManyParts {
        /// The side.
        side: String,
        /// Their number.
        parts: usize,
    },
    /// The baseline is none of the sides.
    Baseline {
        /// As it was given.
        given: String,
        /// What there is.
        sides: Vec<String>,
    },
    /// The load of two runs is not the same.
    Unlike {
        /// One of them.
        a: String,
        /// The other one.
        b: String,
        /// What differs.
        what: String,
    },
    /// Two runs took place at the same time.
    Overlap {
        /// One of them.
        a: String,
        /// The other one.
        b: String,
    },
    /// The file of `--floor` cannot be used.
    Floor {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The result cannot be written.
    Output {
        /// Where.
        to: String,
        /// Why.
        why: String,
    },
}

/// Sides that are listed in an error at most.
const MOST_LISTED: usize = 8;

impl Hinted for CompareError {
    fn finding(&self) -> String {
        match self {
            CompareError::Report(error) => error.to_string(),
            CompareError::Selection(error) => error.finding(),
            CompareError::OneSide { what, only: None } => {
                format!("there are not two {what} to compare")
            }
            CompareError::OneSide {
                what,
                only: Some(only),
            } => format!("there is nothing to compare {only} with: all {what} are the same"),
            CompareError::Twice { path } => {
                format!(
                    "{} is given more than once, under several names",
                    path.display()
                )
            }
            CompareError::TooManySides { sides } => format!("there are {sides} sides"),
            CompareError::TooManyParts { side, parts } => {
                format!("{side} has {parts} parts")
            }
            CompareError::Baseline { given, .. } => {
                format!("--baseline {given:?}: no side has that name")
            }
            CompareError::Unlike { a, b, what } => {
                format!("{a} and {b} were not run with the same load: {what}")
            }
            CompareError::Overlap { a, b } => format!(
                "{a} and {b} took place at the same time, so that each was part of the other's load"
            ),
            CompareError::Floor { path, why } => format!("--floor {}: {why}", path.display()),
            CompareError::Output { to, why } => format!("{to} cannot be written: {why}"),
        }
    }

    fn hint(&self) -> String {
        match self {
            CompareError::Report(_) => "give files with rows of profilerclient".to_owned(),
            CompareError::Selection(error) => error.hint(),
            CompareError::OneSide { what, .. } => {
                let others = ["file", "title", "variant", "level", "run"];
                let others = others.into_iter().filter(|by| !what.starts_with(by));
                let others: Vec<&str> = others.collect();
                format!(
                    "give rows of another one, or --by {}",
                    others.join(", --by ")
                )
            }
            CompareError::Twice { .. } => "name each file once".to_owned(),
            CompareError::TooManySides { .. } => {
                format!("select at most {} of them", super::MOST_SIDES)
            }
            CompareError::TooManyParts { .. } => {
                format!("select at most {} of them", super::MOST_PARTS)
            }
            CompareError::Baseline { sides, .. } => {
                let mut listed = sides.clone();
                listed.truncate(MOST_LISTED);
                if sides.len() > MOST_LISTED {
                    listed.push(format!("{} more", sides.len() - MOST_LISTED));
                }
                format!("there are: {}", listed.join("; "))
            }
            CompareError::Unlike { .. } => {
                "compare runs of one load only, or select a level that both have (--level)"
                    .to_owned()
            }
            CompareError::Overlap { .. } => {
                "run them as variants of one run (--variant), which take turns".to_owned()
            }
            CompareError::Floor { .. } => {
                "make it with profilerclient calibrate --json > FILE".to_owned()
            }
            CompareError::Output { .. } => "check the path and the space left".to_owned(),
        }
    }
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.line()).fmt(f)
    }
}

impl std::error::Error for CompareError {}

impl From<ReportError> for CompareError {
    fn from(error: ReportError) -> CompareError {
        CompareError::Report(error)
    }
}

impl From<NothingSelected> for CompareError {
    fn from(error: NothingSelected) -> CompareError {
        CompareError::Selection(error)
    }
}

impl From<CompareError> for Error {
    fn from(error: CompareError) -> Error {
        match error {
            CompareError::Selection(_)
            | CompareError::OneSide { .. }
            | CompareError::Twice { .. }
            | CompareError::Baseline { .. } => Error::usage(error),
            _ => Error::failed(error),
        }
    }
}
