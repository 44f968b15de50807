//! The settings of `report`.

use std::path::{Path, PathBuf};

use super::commands::Command;
use super::error::{Invalid, Wrong};
use super::given::invalid;
use super::words::Words;
use super::{selection, table};
use crate::settings::ReportSettings;

/// The settings that a command line asks for.
pub fn settings(command: &Command, mut words: Words) -> Result<ReportSettings, Invalid> {
    let operands = std::mem::take(&mut words.operands);
    let mut given = words.into_given(command)?;
    let read = selection::settings(command, operands, &mut given)?;
    let page = given.text_or_default(&table::PAGE)?;
    if page.is_empty() {
        let wrong = Wrong::hint("give a file name, or - for standard output");
        return Err(invalid(&table::PAGE, page, wrong));
    }
    if page != "-" && read.paths.iter().any(|file| file == Path::new(&page)) {
        let wrong = Wrong::new("it is one of the files with rows", "give another file");
        return Err(invalid(&table::PAGE, page, wrong));
    }
    given.finish();
    Ok(ReportSettings {
        read,
        page: PathBuf::from(page),
    })
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
