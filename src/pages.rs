//! Makes HTML pages: reads runs back, collects what their charts show, and writes the file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::console::{Console, is_unread};
use crate::exit::{Ending, Error};
use crate::outfile::OutFile;
use crate::page::{Collector, Fineness, Page, PartKnown, RunPage};
use crate::report::{Catalogue, FoundPart, FoundRun, Place, Summaries, Visitor, name_of};
use crate::row::Row;
use crate::rows::runs::{self, PartFigures};
use crate::settings::{BadRows, ReportSettings, Selection};
use crate::show::html;
use crate::summary::Summary;
use crate::time::clock::Clock;

/// The most runs with charts on a page: the latest ones.
const MOST_CHARTS: usize = 6;

/// The most bytes of a page with charts of several runs.
const MOST_BYTES: usize = 1_000_000;

/// The most runs on a page: the latest ones.
const MOST_RUNS: usize = 500;

/// The command `report`.
pub fn run(settings: &ReportSettings) -> Result<Ending, Error> {
    let file = match settings.page.to_str() {
        Some("-") => None,
        _ => Some(OutFile::open(&settings.page, "--output").map_err(Error::usage)?),
    };
    let read = &settings.read;
    for rows in &read.paths {
        if (file.as_ref()).is_some_and(|file| runs::is_of_rows(file, rows)) {
            return Err(Error::usage(format_args!(
                "--output {} is a file with rows, or the file beside one: give another file",
                settings.page.display()
            )));
        }
    }
    let mut catalogue = Catalogue::of(&read.paths, read.bad_rows).map_err(Error::failed)?;
    if !catalogue.runs().is_empty() {
        catalogue.select(&read.selection).map_err(Error::usage)?;
    }
    let page = page_of(&read.paths, &catalogue)?;
    let told = file.as_ref().map(|file| file.path().display().to_string());
    write(page, file)?;
    if let Some(told) = told {
        let told = Console::stdout().write_all(format!("{told}\n").as_bytes());
        told.or_else(unless_unread)?;
    }
    Ok(Ending::Done)
}

/// Makes the page of a run that has just ended from the rows in its file, with the summary of the live run.
pub fn of_run(rows: &Path, summary: Summary, file: OutFile) -> Result<(), Error> {
    let files = [rows.to_owned()];
    // Of rows that others spoilt before, this run's can be shown all the same.
    let mut catalogue = Catalogue::of(&files, BadRows::Skip).map_err(Error::failed)?;
    let number = (catalogue.runs().iter())
        .rev()
        .find(|found| match (&found.facts.id, &summary.run) {
            (Some(one), Some(other)) => one == other,
            _ => found.facts.started_time == summary.started_time,
        })
        .map(|found| found.number.to_string());
    let is_incomplete = summary.rows_lost.is_none_or(|rows| rows > 0);
    let charts = match number {
        None => None,
        Some(number) => {
            let own = Selection {
                runs: vec![number],
                ..Selection::default()
            };
            catalogue.select(&own).map_err(Error::failed)?;
            let page = page_of(&files, &catalogue)?;
            page.runs.into_iter().find_map(|run| run.charts)
        }
    };
    let page = Page {
        sources: files.iter().map(|file| name_of(file)).collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        warnings: Vec::new(),
        runs: vec![RunPage {
            number: 1,
            charts,
            is_guessed: false,
            is_incomplete,
            summary,
        }],
    };
    write(page, Some(file))
}

fn write(page: Page, file: Option<OutFile>) -> Result<(), Error> {
    let text = rendered(page, MOST_BYTES)?;
    let written = match file {
        None => Console::stdout().write_all(&text),
        Some(file) => file.write(&text),
    };
    written.or_else(unless_unread)
}

/// The text of a page, at most that long as long as it has the charts of several runs: those of the earliest ones
/// are left out, which the page says.
fn rendered(mut page: Page, most: usize) -> Result<Vec<u8>, Error> {
    loop {
        let mut text = Vec::new();
        html::write(&page, &mut text).map_err(Error::failed)?;
        let mut charted = page.runs.iter_mut().filter(|run| run.charts.is_some());
        match (charted.next(), charted.next()) {
            (Some(first), Some(_)) if text.len() > most => first.charts = None,
            _ => return Ok(text),
        }
    }
}

/// A page that is not read is not an error.
fn unless_unread(error: io::Error) -> Result<(), Error> {
    match is_unread(&error) {
        true => Ok(()),
        false => Err(Error::failed(format_args!(
            "the page cannot be written: {error}"
        ))),
    }
}

/// The page of the selected runs of some files.
pub fn page_of(files: &[PathBuf], catalogue: &Catalogue) -> Result<Page, Error> {
    let all = catalogue.runs().len();
    let first = all.saturating_sub(MOST_RUNS);
    let charted = all.saturating_sub(MOST_CHARTS);
    let mut page = Page {
        sources: files.iter().map(|file| name_of(file)).collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        warnings: catalogue.warnings().to_vec(),
        runs: Vec::new(),
    };
    if first > 0 {
        let told = format!("The first {first} of {all} runs are not on this page: select them.");
        page.warnings.push(told);
    }
    for range in catalogue.batches(first..charted) {
        let mut summaries = Summaries::new(&[]);
        (catalogue.visit_some(range, &mut summaries)).map_err(Error::failed)?;
        let finished = summaries.finish().into_iter();
        page.runs.extend(
            finished.map(|(found, summary)| described(&found, RunPage::without_charts(summary))),
        );
    }
    let mut visitor = (Summaries::new(&[]), Collected::default());
    (catalogue.visit_some(charted..all, &mut visitor)).map_err(Error::failed)?;
    let (summaries, collected) = visitor;
    let fineness = Fineness::of(collected.collectors.len());
    let finished = summaries.finish().into_iter().zip(collected.collectors);
    page.runs
        .extend(finished.map(|((found, summary), collector)| {
            let parts: Vec<PartKnown> = found.parts.iter().map(known).collect();
            described(&found, RunPage::of(summary, collector, &parts, fineness))
        }));
    Ok(page)
}

/// A run with what was found about it.
fn described(found: &FoundRun, run: RunPage) -> RunPage {
    RunPage {
        number: found.number,
        is_guessed: found.is_guessed,
        is_incomplete: found.is_incomplete,
        ..run
    }
}

fn known(part: &FoundPart) -> PartKnown {
    let facts = &part.facts;
    PartKnown {
        level: facts.level,
        round: facts.round,
        warm_up: facts.warmed_up.map(|(shoppers, _)| shoppers),
        rate: (facts.span_nanos > 0).then(|| part.bought as f64 / (facts.span_nanos as f64 / 1e9)),
        trusted: (facts.verdict.as_ref()).and_then(|of| of.is_trusted(part.bought)),
    }
}

/// Collects what the charts show of each run.
#[derive(Debug, Default)]
struct Collected {
    runs: Vec<FoundRun>,
    collectors: Vec<Collector>,
}

impl Visitor for Collected {
    fn begin(&mut self, runs: &[FoundRun]) {
        self.runs = runs.to_vec();
        self.collectors = (runs.iter()).map(|run| Collector::of(run.kind())).collect();
    }

    fn row(&mut self, at: Place, row: &Row, _: &Clock) {
        let level = self.runs[at.run].parts[at.part].facts.level;
        self.collectors[at.run].add(row, level, at.part);
    }

    fn part_read(&mut self, _: Place, _: Option<&PartFigures>) {}
}
