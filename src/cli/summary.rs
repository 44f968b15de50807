//! The settings of `profilerclient summary`.

use std::path::{Path, PathBuf};

use super::commands::Command;
use super::error::{Invalid, Wrong};
use super::given::invalid;
use super::words::Words;
use super::{fail_if, selection, table};
use crate::settings::{ColorChoice, SummarySettings, Verbosity};

/// The settings that a command line asks for.
pub fn settings(command: &Command, mut words: Words) -> Result<SummarySettings, Invalid> {
    let operands = std::mem::take(&mut words.operands);
    let mut given = words.into_given(command)?;
    let read = selection::settings(command, operands, &mut given)?;
    let thresholds = given.values(&table::FAIL_IF, fail_if::threshold)?;
    let json = given.flag(&table::JSON);
    let json_file = given.value(&table::JSON_FILE, |text| match text {
        "" => Err(Wrong::hint("give a file name")),
        "-" => Err(Wrong::hint("for standard output write --json")),
        name => Ok(PathBuf::from(name)),
    })?;
    if let Some(path) = &json_file
        && is_same_file(path, &read.paths)
    {
        let wrong = Wrong::new("it is one of the files with rows", "give another file");
        let name = path.display().to_string();
        return Err(invalid(&table::JSON_FILE, name, wrong));
    }
    let verbosity = match (given.flag(&table::QUIET), given.flag(&table::VERBOSE)) {
        (true, true) => {
            return Err(Invalid::Conflict {
                option: table::QUIET.long,
                with: table::VERBOSE.long.into(),
                hint: "give one of them".into(),
            });
        }
        (true, false) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    };
    let color = [ColorChoice::Auto, ColorChoice::Always, ColorChoice::Never];
    let color = given.one_of(&table::COLOR, color)?;
    given.finish();
    Ok(SummarySettings {
        read,
        thresholds,
        json,
        json_file,
        verbosity,
        color,
    })
}

fn is_same_file(path: &Path, rows: &[PathBuf]) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let own = real(path);
    rows.iter()
        .any(|rows| rows == path || (own.is_some() && real(rows) == own))
}
