//! The rows of a run with variants, read back after it: what a comparison of the variants is made of.

use std::path::Path;

use crate::exit::Hinted;
use crate::report::Catalogue;
use crate::rows::place::is_stdout_name;
use crate::settings::{BadRows, Selection};

/// The parts of one run in a report, by the run's id. Rows of other runs in it are left out.
///
/// # Errors
///
/// The report cannot be read, or has no run with that id: rows in a stream, or a run without
/// `FILE.runs.jsonl`, cannot be read back.
pub fn own_rows(report: &Path, run: &str) -> Result<Catalogue, String> {
    if is_stdout_name(report) {
        return Err("rows on standard output cannot be read back: give a file (-o)".to_owned());
    }
    let mut catalogue =
        Catalogue::of(&[report.to_owned()], BadRows::Skip).map_err(|error| error.to_string())?;
    let selection = Selection {
        runs: vec![run.to_owned()],
        ..Selection::default()
    };
    catalogue.select(&selection).map_err(|error| error.line())?;
    Ok(catalogue)
}
