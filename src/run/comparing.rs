//! The comparison of a run's variants, by its own rows read back.

use crate::compare::of_catalogue;
use crate::comparison::{By, Comparison, Question};
use crate::report::Catalogue;
use crate::settings::{BadRows, RunSettings, Selection, Verbosity};
use crate::summary::Summary;

use super::say;

/// The comparison; absent without variants, without a part that is complete, and where the rows cannot be read
/// back, which is told.
pub(super) fn variants(settings: &RunSettings, summary: &Summary) -> Option<Comparison> {
    settings.variants.as_ref()?;
    let is_read_back = settings.rows.runs_file && settings.rows.output.as_os_str() != "-";
    let id = summary.run.clone()?;
    if !is_read_back || summary.bought + summary.failed_purchases == 0 {
        return None;
    }
    let files = [settings.rows.output.clone()];
    let compared = Catalogue::of(&files, BadRows::Refuse)
        .map_err(|error| error.to_string())
        .and_then(|mut catalogue| {
            let selection = Selection {
                runs: vec![id],
                ..Selection::default()
            };
            catalogue
                .select(&selection)
                .map_err(|error| error.to_string())?;
            let question = Question::default();
            let compared = of_catalogue(&catalogue, &files, &question, Some(By::Variant), None);
            compared.map_err(|error| error.to_string())
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
