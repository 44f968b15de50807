//! The comparison that ends a run with variants: of its rows, read back.

use std::path::Path;

use crate::compare::{self, CompareError, of_catalogue};
use crate::comparison::{By, Comparison, Question};
use crate::exit::{Ending, Error, Hinted};
use crate::report::Catalogue;
use crate::rows::place::is_stdout_name;
use crate::settings::{BadRows, RunSettings, Selection, Verbosity};
use crate::summary::Summary;

use super::say;

/// The name of standard output, which as the name of a file to read is standard input.
const STANDARD_OUTPUT: &str = "-";

/// What is asked of the comparison, determined before the load.
pub(super) struct Asked<'a> {
    question: Question,
    baseline: Option<&'a str>,
}

/// What is asked of the comparison of the variants; absent without variants.
///
/// # Errors
///
/// The file of `--floor` cannot be used.
pub(super) fn asked(settings: &RunSettings) -> Result<Option<Asked<'_>>, CompareError> {
    let Some(variants) = &settings.variants else {
        return Ok(None);
    };
    let of = &variants.comparing;
    Ok(Some(Asked {
        question: compare::question(of)?,
        baseline: of.baseline.as_deref(),
    }))
}

/// Refuses a run whose exit code depends on a comparison that its rows do not allow: they are in a stream, or
/// `FILE.runs.jsonl` cannot be written. `has_lines`: whether there is such a file.
pub(super) fn check_possible(settings: &RunSettings, has_lines: bool) -> Result<(), Error> {
    let variants = settings.variants.as_ref();
    let is_asked = variants.is_some_and(|of| of.comparing.fail.is_asked());
    match is_asked && !has_lines {
        false => Ok(()),
        true => Err(Error::usage(
            "--fail-if-slower and --fail-if-different require rows that can be read back, with FILE.runs.jsonl \
             beside them: give -o the name of a file in a directory that can be written",
        )),
    }
}

/// The comparison of a run's variants; absent without variants, without shoppers, and where the rows cannot be
/// read back, which is told unless quiet.
pub(super) fn variants(
    settings: &RunSettings,
    asked: Option<&Asked>,
    has_lines: bool,
    summary: &Summary,
) -> Option<Comparison> {
    let asked = asked?;
    let id = summary.run.as_deref()?;
    if summary.launched == 0 {
        return None;
    }
    let report = &settings.rows.output;
    let own = match has_lines {
        true => own_rows(report, id),
        false => Err(
            "their rows cannot be read back: give a file (-o), without --no-runs-file".to_owned(),
        ),
    };
    let compared = own.and_then(|catalogue| {
        let files = [report.clone()];
        let by = Some(By::Variant);
        of_catalogue(&catalogue, &files, &asked.question, by, asked.baseline)
            .map_err(|error| error.line())
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

/// The ending of a complete run, where the verdict on its variants decides it, too; prints the reason.
pub(super) fn judge(settings: &RunSettings, summary: &Summary, otherwise: Ending) -> Ending {
    let Some(variants) = &settings.variants else {
        return otherwise;
    };
    let fail = variants.comparing.fail;
    let failures = match &summary.comparison {
        Some(comparison) => compare::failures(fail, comparison),
        None if fail.is_asked() && !fail.allow_unknown => {
            vec![format!(
                "{}: CANNOT TELL: the variants were not compared",
                fail.names()
            )]
        }
        None => Vec::new(),
    };
    for line in &failures {
        say(&format!("profilerclient: {line}"));
    }
    match failures.is_empty() {
        true => otherwise,
        false => Ending::ThresholdsMet,
    }
}

/// The parts of one run in a report, by the run's id. Rows of other runs in it are left out.
///
/// # Errors
///
/// The report cannot be read, or has no run with that id: rows in a stream, or a run without
/// `FILE.runs.jsonl`, cannot be read back.
pub fn own_rows(report: &Path, run: &str) -> Result<Catalogue, String> {
    if report == Path::new(STANDARD_OUTPUT) || is_stdout_name(report) {
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
