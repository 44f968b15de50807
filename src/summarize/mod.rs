//! The command `summary`: rows read back, as the summary of their run, or as the list of their runs.
//!
//! Several runs are never pooled. Those that are selected are summarized one by one, a few in each pass over
//! the rows, so that memory does not grow with their number.

mod list;
mod output;

use std::io::Write;

use crate::console::Console;
use crate::exit::{Ending, Error};
use crate::report::{Catalogue, FoundRun, Summaries, name_of};
use crate::settings::{SummarySettings, Verbosity};
use crate::show::json;
use crate::show::text::{self, Detail, threshold_told};
use crate::summary::Summary;
use crate::text::Printable;

use list::ListedRun;
use output::Output;

/// Does what `summary` is asked for.
pub fn run(settings: &SummarySettings) -> Result<Ending, Error> {
    let read = &settings.read;
    let mut output = Output::open(settings)?;
    let mut catalogue = Catalogue::of(&read.paths, read.bad_rows).map_err(Error::failed)?;
    for warning in catalogue.warnings() {
        say(&format!("profilerclient: warning: {warning}"));
    }
    if catalogue.runs().is_empty() {
        let names: Vec<String> = read.paths.iter().map(|path| name_of(path)).collect();
        let names = names.join(", ");
        return Err(Error::failed(format_args!(
            "{names}: without rows: nothing to summarize"
        )));
    }
    catalogue.select(&read.selection).map_err(Error::usage)?;
    let is_list = read.selection.is_everything() && catalogue.runs().len() > 1;
    if is_list && !settings.thresholds.is_empty() {
        return Err(Error::usage(format_args!(
            "--fail-if requires one run or a selection, there are {} runs: add --run last, or --run all to \
             evaluate it for each",
            catalogue.runs().len()
        )));
    }
    let ending = match (is_list, catalogue.runs().len()) {
        (true, _) => list(&catalogue, &mut output)?,
        (false, 1) => one(&catalogue, settings, &mut output)?,
        (false, _) => several(&catalogue, settings, &mut output)?,
    };
    output.finish()?;
    Ok(ending)
}

/// Lists all runs, without a summary.
fn list(catalogue: &Catalogue, output: &mut Output) -> Result<Ending, Error> {
    if output.wants_json() {
        let runs = catalogue.runs().iter();
        output.json(&list::object(runs.map(|run| (run, None)), catalogue))?;
    }
    output.text(|out| list::write(catalogue.runs(), out))?;
    Ok(Ending::Done)
}

/// Summarizes the only run, as it was summarized when it ended.
fn one(
    catalogue: &Catalogue,
    settings: &SummarySettings,
    output: &mut Output,
) -> Result<Ending, Error> {
    let mut summaries = Summaries::new(&settings.thresholds);
    catalogue.visit(&mut summaries).map_err(Error::failed)?;
    let mut ending = Ending::Done;
    for (run, summary) in summaries.finish() {
        output.json(&summary)?;
        output.text(|out| text::write(&summary, detail(settings), out))?;
        ending = judged(ending, &run, &summary, false);
    }
    Ok(ending)
}

/// Summarizes several runs one after the other.
fn several(
    catalogue: &Catalogue,
    settings: &SummarySettings,
    output: &mut Output,
) -> Result<Ending, Error> {
    let mut ending = Ending::Done;
    let mut is_first = true;
    output.raw_json(list::opening(catalogue).as_bytes())?;
    let all = catalogue.runs().len();
    for range in catalogue.batches(0..all) {
        let mut summaries = Summaries::new(&settings.thresholds);
        (catalogue.visit_some(range, &mut summaries)).map_err(Error::failed)?;
        for (run, summary) in summaries.finish() {
            if output.wants_json() {
                let mut element = Vec::new();
                if !is_first {
                    element.push(b',');
                }
                (json::write(&ListedRun::of(&run, Some(&summary)), &mut element))
                    .map_err(Error::failed)?;
                output.raw_json(element.trim_ascii_end())?;
            }
            output.text(|out| {
                if !is_first {
                    writeln!(out)?;
                }
                writeln!(out, "{}", list::heading(&run))?;
                text::write(&summary, detail(settings), out)
            })?;
            ending = judged(ending, &run, &summary, true);
            is_first = false;
        }
    }
    output.raw_json(b"]}\n")?;
    Ok(ending)
}

fn detail(settings: &SummarySettings) -> Detail {
    match settings.verbosity {
        Verbosity::Verbose => Detail::Full,
        _ => Detail::Brief,
    }
}

/// The ending, once a run's thresholds are evaluated too; those that are met are told.
fn judged(ending: Ending, run: &FoundRun, summary: &Summary, is_numbered: bool) -> Ending {
    let mut ending = ending;
    for outcome in summary.thresholds.iter().filter(|outcome| outcome.failed) {
        let (threshold, told) = (&outcome.threshold, threshold_told(outcome));
        let of_run = match is_numbered {
            true => format!("run {}: ", run.number),
            false => String::new(),
        };
        say(&format!(
            "profilerclient: {of_run}--fail-if {threshold}: {told}"
        ));
        ending = Ending::ThresholdsMet;
    }
    ending
}

fn say(line: &str) {
    Console::stderr().say(&Printable(line).to_string());
}
