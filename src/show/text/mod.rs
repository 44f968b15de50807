//! The summary as text: the result, what it means, a warning if any, and where the details are.
//!
//! Every section is a function that writes nothing where there is nothing to report. All text from
//! outside is made printable, and the lines have at most 80 columns.

pub mod comparison;
pub(in crate::show) mod comparison_figures;
mod details;
mod head;
mod latency;
mod layout;
mod levels;
mod sections;
mod shards;
mod site;
mod time_went;
mod tls;
mod trust;
mod variants;

use std::io::{self, Write};

use crate::summary::Summary;

pub use head::{first_line, what_and_where};
pub use sections::threshold_told;
pub use trust::limited;

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What can be read within ten seconds.
    Brief,
    /// Everything.
    Full,
}

/// Writes the summary with colours; the caller removes them if the output is not a terminal.
pub fn write(summary: &Summary, detail: Detail, out: &mut impl Write) -> io::Result<()> {
    head::write(summary, out)?;
    match (&summary.variants, &summary.levels) {
        (Some(variants), _) => variants::write(variants, detail, out)?,
        (None, Some(levels)) => levels::write(summary, levels, out)?,
        (None, None) => latency::write(summary, out)?,
    }
    writeln!(out)?;
    time_went::write(summary, out)?;
    site::write(summary, out)?;
    sections::write(summary, out)?;
    shards::write(summary, out)?;
    if detail == Detail::Full {
        details::write(summary, out)?;
        shards::details(summary, out)?;
    }
    sections::thresholds(summary, out)?;
    sections::rows(summary, out)?;
    if let Some(comparison) = &summary.comparison {
        writeln!(out)?;
        comparison::write(comparison, out)?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
