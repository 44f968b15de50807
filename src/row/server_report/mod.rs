//! The server's report: the JSON body of a profiled purchase.
//!
//! Nearly all reports are JSON by the letter: those are decoded in one go ([`strict`]). Only where that
//! fails is the body read a second time, by a reader that gives up no more than it must ([`tolerant`]).

mod figures;
mod odd;
mod scan;
mod strict;
mod tolerant;

use std::fmt;

pub use figures::{ServerFigures, ServerReport};

use crate::text::{Printable, shortened};

impl ServerReport {
    /// Reads a report. Keys may be missing, `null`, unknown or repeated (the last one counts, as in
    /// Python); a value that is odd costs at most itself, and [`ServerReport::odd`] says so.
    pub fn parse(body: &[u8]) -> Result<ServerReport, ReportError> {
        let start = body.trim_ascii_start();
        if start.is_empty() {
            return Err(ReportError::Empty);
        }
        if start[0] == b'<' {
            return Err(ReportError::Html {
                title: html_title(body),
            });
        }
        let strict = match strict::parse(body) {
            Ok(report) => return Ok(report),
            Err(error) => error,
        };
        tolerant::parse(body).map_err(|(malformed, odd_before)| match odd_before {
            // The strict reader stopped at what could have been passed over.
            true => ReportError::Malformed(malformed.to_string().into()),
            false => ReportError::Malformed(strict.to_string().into()),
        })
    }
}

/// Why a body is not a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportError {
    /// It has nothing but white space.
    Empty,
    /// It is a page for people.
    Html {
        /// The page's title.
        title: Option<String>,
    },
    /// It is not a JSON object, or a damaged one: what is wrong, and where.
    Malformed(Box<str>),
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReportError::Empty => f.write_str("the body is empty"),
            ReportError::Html { title: None } => f.write_str("the body is HTML"),
            ReportError::Html { title: Some(title) } => {
                write!(f, "the body is HTML, titled {title:?}")
            }
            ReportError::Malformed(what) => Printable(what).fmt(f),
        }
    }
}

impl std::error::Error for ReportError {}

/// The text of an HTML page's `<title>`: what Django's error pages say in short.
pub fn html_title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, after) = text.split_once("<title>")?;
    let (title, _) = after.split_once("</title>")?;
    let words: Vec<&str> = title.split_whitespace().collect();
    Some(shortened(&words.join(" "), 200))
}

#[cfg(test)]
#[path = "server_report_tests.rs"]
mod tests;
