//! Runs without lines: rows of one title and one concurrency, split where nothing was in flight
//! for longer than ten times the larger of the median elapsed time and the median gap between starts,
//! and at least one second.

use std::collections::HashMap;
use std::path::PathBuf;

use super::error::ReportError;
use super::groups::{Count, Group, Run};
use super::instants::{nanos, start};
use super::recorded;
use super::visit::{FoundPart, FoundRun};
use crate::plan::Kind;
use crate::row::Row;
use crate::rows::load::Load;
use crate::rows::read::ReadRow;
use crate::rows::runs::RunLine;
use crate::summary::{PartFacts, RunFacts};
use crate::time::writing::WallClockFormat;

/// The most groups.
const MOST_GROUPS: usize = 10_000;

/// The most bytes of the titles of all groups.
const MOST_TITLES: usize = 8 << 20;

/// The rows without lines, in groups, in the order of their first rows.
#[derive(Debug)]
pub(super) struct Guesses {
    path: PathBuf,
    /// Runs that left no line for any part, and when they began, nanoseconds since the Unix epoch: rows
    /// of the same title that came after such a line are of that run.
    known: Vec<(i64, RunLine)>,
    groups: Vec<Group>,
    places: HashMap<Box<str>, Vec<usize>>,
    /// The group of the last row.
    last: usize,
    /// Bytes of all titles.
    titles: usize,
}

/// The last row's places, in the second pass.
#[derive(Debug)]
pub(super) struct Cursor {
    group: usize,
    /// The present run of each group.
    runs: Vec<usize>,
}

impl Guesses {
    /// Of a file. `known`: lines of runs that left none for their parts, and when those runs began.
    pub fn new(path: PathBuf, known: Vec<(i64, RunLine)>) -> Guesses {
        Guesses {
            path,
            known,
            groups: Vec::new(),
            places: HashMap::new(),
            last: 0,
            titles: 0,
        }
    }

    /// Takes note of a row, the first time the rows are read.
    pub fn see(&mut self, row: &ReadRow) -> Result<(), ReportError> {
        let group = match self.group_of(row, self.last) {
            Some(group) => group,
            None => self.new_group(row)?,
        };
        self.last = group;
        let count = Count {
            rows: 1,
            bought: u64::from(row.row.bought()),
        };
        let is_known = self.groups[group].see(visit(&row.row), count);
        is_known.ok_or_else(|| self.too_many())
    }

    /// Tells the runs apart, when all rows were seen.
    pub fn cut(&mut self) -> Result<(), ReportError> {
        self.groups.iter_mut().for_each(Group::cut);
        let runs: usize = self.groups.iter().map(|group| group.runs.len()).sum();
        match runs > MOST_GROUPS {
            true => Err(self.too_many()),
            false => Ok(()),
        }
    }

    /// For a second pass.
    pub fn cursor(&self) -> Cursor {
        Cursor {
            group: 0,
            runs: vec![0; self.groups.len()],
        }
    }

    /// The id of the part that a row is of, in a second pass.
    pub fn part_of(&self, row: &ReadRow, cursor: &mut Cursor) -> Option<usize> {
        let place = self.group_of(row, cursor.group)?;
        cursor.group = place;
        let group = &self.groups[place];
        let run = &mut cursor.runs[place];
        if let Some((from, _)) = visit(&row.row) {
            let after = group.runs.partition_point(|run| run.from <= from);
            *run = after.saturating_sub(1);
        }
        Some(group.runs.get(*run)?.id)
    }

    /// The ids of all parts.
    pub fn ids(&self) -> impl Iterator<Item = usize> {
        (self.groups.iter()).flat_map(|group| group.runs.iter().map(|run| run.id))
    }

    /// The group of a row; `last`: that of the row before it.
    fn group_of(&self, row: &ReadRow, last: usize) -> Option<usize> {
        let (concurrent, known) = self.key(row, last);
        let is_it = |place: &usize| {
            let group = &self.groups[*place];
            group.concurrent == concurrent && group.known == known && *group.title == *row.title
        };
        if self.groups.get(last).is_some() && is_it(&last) {
            return Some(last);
        }
        self.places.get(&*row.title)?.iter().copied().find(is_it)
    }

    /// The concurrency and the known run of a row.
    fn key(&self, row: &ReadRow, last: usize) -> (Option<u64>, Option<usize>) {
        let known = match start(row) {
            _ if self.known.is_empty() => None,
            Some(start) => self.known_at(start, &row.title),
            // It never began: as its neighbour.
            None => self.groups.get(last).and_then(|group| group.known),
        };
        let is_open = known.is_some_and(|known| self.known[known].1.load.kind == Kind::Open);
        (row.concurrent_requests.filter(|_| !is_open), known)
    }

    fn new_group(&mut self, row: &ReadRow) -> Result<usize, ReportError> {
        let (concurrent, known) = self.key(row, self.last);
        self.titles += row.title.len();
        if self.groups.len() >= MOST_GROUPS || self.titles > MOST_TITLES {
            return Err(self.too_many());
        }
        let place = self.groups.len();
        let title = (&*row.title).into();
        self.groups.push(Group::new(title, concurrent, known));
        self.places
            .entry((&*row.title).into())
            .or_default()
            .push(place);
        Ok(place)
    }

    fn too_many(&self) -> ReportError {
        ReportError::TooManyRuns {
            path: self.path.clone(),
        }
    }

    fn known_at(&self, start: i64, title: &str) -> Option<usize> {
        let known = self.known.iter().enumerate();
        known
            .filter(|(_, (began, line))| *began <= start && *line.title == *title)
            .max_by_key(|(_, (began, _))| *began)
            .map(|(known, _)| known)
    }

    /// The runs. Each part gets the next id.
    pub fn runs(&mut self, next_id: &mut usize) -> Vec<FoundRun> {
        for run in self.groups.iter_mut().flat_map(|group| &mut group.runs) {
            run.id = *next_id;
            *next_id += 1;
        }
        let mut found = Vec::new();
        for (number, (_, line)) in self.known.iter().enumerate() {
            found.extend(self.run_of_line(number, line));
        }
        for group in self.groups.iter().filter(|group| group.known.is_none()) {
            let runs = group.runs.iter().filter(|run| run.count.rows > 0);
            found.extend(runs.map(|run| self.run_of_rows(group, run)));
        }
        found
    }

    /// A run that was killed, or is under way, before a part of it was done: the line tells what load it
    /// was, the rows how far it came.
    fn run_of_line(&self, number: usize, line: &RunLine) -> Option<FoundRun> {
        let groups = self.groups.iter();
        let mut parts: Vec<(Option<u64>, &Run)> = (groups.filter(|of| of.known == Some(number)))
            .flat_map(|group| group.runs.iter().map(|run| (group.concurrent, run)))
            .collect();
        parts.sort_by_key(|(_, run)| run.from);
        let rows = parts.iter().map(|(_, run)| run.count.rows).sum();
        let parts: Vec<FoundPart> = (parts.into_iter())
            .map(|(concurrent, run)| part(line.load.kind, concurrent, run))
            .collect();
        let began = parts.first()?.facts.first_start;
        Some(FoundRun {
            facts: recorded::facts(line.clone(), None, rows, &self.path, began),
            parts,
            began,
            is_guessed: true,
            // Rows that were not written yet are lost.
            is_incomplete: true,
            ..FoundRun::default()
        })
    }

    fn run_of_rows(&self, group: &Group, run: &Run) -> FoundRun {
        let rows = run.count.rows;
        // Everybody at once, once: as many rows as there were shoppers at a time.
        let kind = match (group.concurrent).is_none_or(|concurrent| rows <= concurrent) {
            true => Kind::Burst,
            false => Kind::Closed,
        };
        let part = part(kind, group.concurrent, run);
        let began = part.facts.first_start;
        let mut started_time = String::new();
        if let Some(first) = began {
            WallClockFormat::local().push(first, &mut started_time);
        }
        FoundRun {
            facts: RunFacts {
                title: group.title.to_string(),
                report_file: self.path.display().to_string(),
                rows_written: rows,
                load: Load {
                    kind,
                    levels: group.concurrent.into_iter().collect(),
                    rounds: 1,
                    ..Load::default()
                },
                started_time,
                ..RunFacts::default()
            },
            parts: vec![part],
            began,
            is_guessed: true,
            ..FoundRun::default()
        }
    }
}

/// From the first start to the last end of a shopper.
fn visit(row: &Row) -> Option<(i64, i64)> {
    let exchanges = [&row.home, &row.buy];
    let starts = exchanges.iter().filter_map(|of| nanos(of.started?));
    let ends = exchanges.iter().filter_map(|of| nanos(of.stopped?));
    let from = starts.min()?;
    Some((from, ends.max().unwrap_or(from).max(from)))
}

/// What can be told of a part by its rows alone.
fn part(kind: Kind, concurrent: Option<u64>, run: &Run) -> FoundPart {
    let rows = run.count.rows;
    FoundPart {
        facts: PartFacts {
            level: concurrent,
            round: 1,
            kind,
            first_start: (run.from > 0).then_some(run.from),
            wall_nanos: run.to - run.from,
            span_nanos: run.to - run.from,
            starts_spread_nanos: (kind == Kind::Burst).then_some(run.last_start - run.from),
            most_in_flight: concurrent.unwrap_or(rows).min(rows),
            ..PartFacts::default()
        },
        is_recorded: false,
        own_home_nanos: [None; 2],
        own_buy_nanos: [None; 2],
        rows,
        bought: run.count.bought,
        last_start: (run.from > 0).then_some(run.last_start),
        id: run.id,
    }
}
