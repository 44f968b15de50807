//! The rows of a run with variants, read back after it: what a comparison of the variants is made of.

use std::path::Path;

use crate::compare::of_catalogue;
use crate::comparison::{By, Comparison, Question};
use crate::exit::Hinted;
use crate::report::Catalogue;
use crate::rows::place::is_stdout_name;
use crate::settings::{BadRows, RunSettings, Selection, Verbosity};
use crate::summary::Summary;

use super::say;

/// The comparison of a run's variants; absent without variants, without shoppers, and where the rows cannot be
/// read back, which is told unless quiet.
pub(super) fn variants(settings: &RunSettings, summary: &Summary) -> Option<Comparison> {
    settings.variants.as_ref()?;
    let id = summary.run.as_deref()?;
    if summary.launched == 0 || !settings.rows.runs_file {
        return None;
    }
    let report = &settings.rows.output;
    let compared = own_rows(report, id).and_then(|catalogue| {
        let files = [report.clone()];
        let question = Question::default();
        let compared = of_catalogue(&catalogue, &files, &question, Some(By::Variant), None);
        compared.map_err(|error| error.line())
    });
    match compared {
        Ok(comparison) => Some(comparison),
        Err(why) => {
            if settings.show.verbosity != Verbosity::Quiet {
                say(&format!(
                    "profilerclient: the variants are not compared: {why}"
                ));
            }
            None
        }
    }
}

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
