//! The server's report: the JSON body of a profiled purchase.
//!
//! Nearly all reports are valid JSON and are decoded in one pass (`strict`). Only where that
//! fails is the body read a second time, by a reader that keeps every valid part (`tolerant`).

mod figures;
mod odd;
mod scan;
mod shape;
mod strict;
mod time_text;
mod tolerant;

use std::fmt;

pub use figures::{ServerFigures, ServerReport};
pub use shape::ReportShape;
pub use time_text::TimeText;

use crate::html;
use crate::text::Printable;

impl ServerReport {
    /// The same as [`ServerReport::parse`], quicker for a report of the shape of the last one.
    pub fn parse_like(body: &[u8], shape: &mut ReportShape) -> Result<ServerReport, ReportError> {
        if let Some(report) = shape.read(body) {
            return Ok(report);
        }
        let report = ServerReport::parse(body)?;
        if report.odd.is_none() {
            shape.learn(body);
        }
        Ok(report)
    }

    /// Reads a report. Keys may be missing, `null`, unknown or repeated (the last one counts, as in
    /// Python); an invalid value affects only itself, and [`ServerReport::odd`] names it.
    pub fn parse(body: &[u8]) -> Result<ServerReport, ReportError> {
        let start = body.trim_ascii_start();
        if start.is_empty() {
            return Err(ReportError::Empty);
        }
        if html::is_html(start) {
            return Err(ReportError::Html {
                title: html::title(body),
            });
        }
        let strict = match strict::parse(body) {
            Ok(report) => return Ok(report),
            Err(error) => error,
        };
        tolerant::parse(body).map_err(|(malformed, odd_before)| match odd_before {
            // The strict reader stopped at something that could be skipped.
            true => ReportError::Malformed(malformed.to_string().into()),
            false => ReportError::Malformed(strict.to_string().into()),
        })
    }
}

/// Why a body is not a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportError {
    /// It is empty or only white space.
    Empty,
    /// It is an HTML page.
    Html {
        /// The page's title.
        title: Option<String>,
    },
    /// It is not a valid JSON object: what is wrong, and where.
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

#[cfg(test)]
#[path = "server_report_tests.rs"]
mod tests;
