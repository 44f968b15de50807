//! The settings of `profilerclient merge`.

use std::path::PathBuf;

use super::error::Invalid;
use super::run;
use super::words::Words;
use crate::settings::MergeSettings;

/// The settings that the words ask for.
pub fn settings(words: Words) -> Result<MergeSettings, Invalid> {
    if let Some(error) = words.error {
        return Err(error);
    }
    let mut given = words.given;
    if words.operands.is_empty() {
        return Err(Invalid::Missing {
            option: "the list of files",
            hint: "write profilerclient merge rows-*.csv -o report.csv".into(),
        });
    }
    let output = run::output(&mut given, None)?;
    let settings = MergeSettings {
        files: words.operands.into_iter().map(PathBuf::from).collect(),
        judge: run::judge(&mut given)?,
        show: run::show(&mut given, &output)?,
        output,
    };
    given.finish();
    Ok(settings)
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
