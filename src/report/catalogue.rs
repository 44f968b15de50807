//! The runs of one or more files: found first, with what is known about them, then visited row by row.

use std::ops::Range;
use std::path::PathBuf;

use crate::rows::read::ReadRow;
use crate::rows::runs;
use crate::settings::{BadRows, Selection};
use crate::text::counted;
use crate::time::clock::Clock;

use super::batches::batches;
use super::error::ReportError;
use super::guessed::Guesses;
use super::recorded::Recorded;
use super::select::{NothingSelected, select};
use super::source::{Extent, Source};
use super::visit::{FoundRun, Place, Visitor};

/// The runs of files.
#[derive(Debug)]
pub struct Catalogue {
    files: Vec<IndexedFile>,
    runs: Vec<FoundRun>,
    warnings: Vec<String>,
    bad_rows: BadRows,
}

/// A file, and which part each of its rows is of.
#[derive(Debug)]
struct IndexedFile {
    source: Source,
    recorded: Recorded,
    guesses: Guesses,
    /// Rows that were skipped.
    skipped: u64,
}

impl Catalogue {
    /// Reads files of rows, and the lines beside them, and finds the runs there are. `-` stands for standard
    /// input, which has no lines.
    pub fn of(paths: &[PathBuf], bad_rows: BadRows) -> Result<Catalogue, ReportError> {
        let mut catalogue = Catalogue {
            files: Vec::new(),
            runs: Vec::new(),
            warnings: Vec::new(),
            bad_rows,
        };
        let mut next_part = 0;
        for path in paths {
            let source = Source::open(path)?;
            let mut file = IndexedFile::of(source, bad_rows, &mut catalogue.warnings)?;
            let mut runs = file.runs(&mut next_part, &mut catalogue.warnings);
            // Runs that began at the same instant stay in the order of the file.
            runs.sort_by_key(|run| run.began.unwrap_or(i64::MIN));
            catalogue.runs.append(&mut runs);
            catalogue.files.push(file);
        }
        for (place, run) in catalogue.runs.iter_mut().enumerate() {
            run.number = place + 1;
        }
        Ok(catalogue)
    }

    /// The runs: file by file in the order given, and in each in the order of their first starts.
    pub fn runs(&self) -> &[FoundRun] {
        &self.runs
    }

    /// Warnings about rows and lines, one line each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Keeps the wanted runs and parts.
    pub fn select(&mut self, wanted: &Selection) -> Result<(), NothingSelected> {
        self.runs = select(wanted, &self.runs)?;
        Ok(())
    }

    /// Reads the rows of the runs that are kept.
    pub fn visit(&self, visitor: &mut impl Visitor) -> Result<(), ReportError> {
        self.visit_some(0..self.runs.len(), visitor)
    }

    /// Divides some of the runs that are kept for [`Catalogue::visit_some`], so that the summaries of each batch
    /// take bounded memory.
    ///
    /// # Panics
    ///
    /// If the range is not one of [`Catalogue::runs`].
    pub fn batches(&self, runs: Range<usize>) -> Vec<Range<usize>> {
        batches(&self.runs, runs)
    }

    /// Reads the rows of some of the runs that are kept: of many runs, a few at a time take less memory.
    ///
    /// # Panics
    ///
    /// If the range is not one of [`Catalogue::runs`].
    pub fn visit_some(
        &self,
        runs: Range<usize>,
        visitor: &mut impl Visitor,
    ) -> Result<(), ReportError> {
        let runs = &self.runs[runs];
        visitor.begin(runs);
        let clock = Clock::of_unix_time();
        let places = places(runs);
        for file in &self.files {
            file.visit(&places, self.bad_rows, visitor, &clock)?;
        }
        Ok(())
    }
}

/// Where each part is among these runs, by its id.
fn places(runs: &[FoundRun]) -> Vec<Option<Place>> {
    let mut places = Vec::new();
    for (run, of) in runs.iter().enumerate() {
        for (part, found) in of.parts.iter().enumerate() {
            if places.len() <= found.id {
                places.resize(found.id + 1, None);
            }
            places[found.id] = Some(Place { run, part });
        }
    }
    places
}

impl IndexedFile {
    fn of(
        source: Source,
        bad_rows: BadRows,
        warnings: &mut Vec<String>,
    ) -> Result<IndexedFile, ReportError> {
        let path = source.path.clone();
        let runs_path = runs::path_of(&path);
        let (lines, unreadable) = match source.has_lines {
            true => runs::read(&path).map_err(|error| ReportError::Io {
                path: runs_path.clone(),
                error,
            })?,
            false => (Vec::new(), 0),
        };
        let recorded = Recorded::of(lines);
        let guesses = Guesses::new(path.clone(), recorded.without_parts());
        let mut file = IndexedFile {
            source,
            recorded,
            guesses,
            skipped: 0,
        };
        file.index(bad_rows, warnings)?;
        let unfit = file.recorded.unfit();
        let mut ignored = Vec::new();
        if unreadable > 0 {
            let lines = counted(unreadable, "line", "lines");
            ignored.push(format!("{lines} cannot be read"));
        }
        if unfit > 0 {
            ignored.push(format!(
                "the lines of {unfit} of the runs' parts do not match the rows, which were edited, cut or \
                 replaced"
            ));
        }
        if !ignored.is_empty() {
            let path = runs_path.display();
            warnings.push(format!("{path}: {}: they are ignored", ignored.join("; ")));
        }
        Ok(file)
    }

    /// Reads all rows, to see which lines they match, and what runs the others are of.
    fn index(&mut self, bad_rows: BadRows, warnings: &mut Vec<String>) -> Result<(), ReportError> {
        let lenient = bad_rows == BadRows::Skip;
        let (mut skipped, mut first_skipped) = (0, None);
        let zones = self.recorded.zones();
        let (recorded, guesses) = (&mut self.recorded, &mut self.guesses);
        let torn = self.source.each(
            &zones,
            Extent::Brief,
            lenient,
            |error| {
                skipped += 1;
                first_skipped.get_or_insert(error);
            },
            |row| match recorded.take(row) {
                true => Ok(()),
                false => guesses.see(row),
            },
        )?;
        recorded.settle();
        if recorded.unfit() > 0 {
            // What was claimed by lines that do not fit has to be guessed too.
            *guesses = Guesses::new(self.source.path.clone(), recorded.without_parts());
            let of_no_part = |row: &ReadRow| match recorded.part_of(row) {
                Some(_) => Ok(()),
                None => guesses.see(row),
            };
            (self.source).each(&zones, Extent::Brief, lenient, |_| {}, of_no_part)?;
        }
        guesses.cut()?;
        let path = self.source.path.display();
        if let Some(first) = first_skipped {
            warnings.push(match skipped {
                1 => format!("{path}: 1 row was skipped: {first}"),
                _ => format!("{path}: {skipped} rows were skipped, the first of them: {first}"),
            });
        }
        if let Some(torn) = torn {
            warnings.push(format!(
                "{path}: the last row is torn and left out ({torn})"
            ));
            skipped += u64::from(lenient);
        }
        self.skipped = skipped;
        Ok(())
    }

    /// The runs that were found. Each part gets an id.
    fn runs(&mut self, next_part: &mut usize, warnings: &mut Vec<String>) -> Vec<FoundRun> {
        let mut runs = self.guesses.runs(next_part);
        runs.append(&mut self.recorded.runs(&self.source.path, next_part, warnings));
        for run in &mut runs {
            run.files = vec![self.source.path.clone()];
            run.facts.rows_skipped = self.skipped;
        }
        runs
    }

    fn visit(
        &self,
        places: &[Option<Place>],
        bad_rows: BadRows,
        visitor: &mut impl Visitor,
        clock: &Clock,
    ) -> Result<(), ReportError> {
        let place_of = |id: usize| places.get(id).copied().flatten();
        let mut ids = self.recorded.ids().chain(self.guesses.ids());
        if !ids.any(|id| place_of(id).is_some()) {
            return Ok(());
        }
        let lenient = bad_rows == BadRows::Skip;
        let mut cursor = self.guesses.cursor();
        // The recorded part of the last row.
        let mut present: Option<usize> = None;
        let mut left = self.recorded.ids().collect::<Vec<_>>();
        self.source.each(
            &self.recorded.zones(),
            Extent::Whole,
            lenient,
            |_| {},
            |row| {
                let id = match self.recorded.part_of(row) {
                    Some(id) => {
                        if present != Some(id)
                            && let Some(before) = present.replace(id)
                        {
                            self.part_read(before, place_of(before), visitor);
                            left.retain(|of| *of != before);
                        }
                        Some(id)
                    }
                    None => self.guesses.part_of(row, &mut cursor),
                };
                if let Some(place) = id.and_then(place_of) {
                    visitor.row(place, &row.row, clock);
                }
                Ok(())
            },
        )?;
        for id in left {
            self.part_read(id, place_of(id), visitor);
        }
        for id in self.guesses.ids() {
            if let Some(place) = place_of(id) {
                visitor.part_read(place, None);
            }
        }
        Ok(())
    }

    fn part_read(&self, id: usize, place: Option<Place>, visitor: &mut impl Visitor) {
        if let Some(place) = place {
            visitor.part_read(place, self.recorded.record(id));
        }
    }
}
