//! Runs without lines: rows of one title and one concurrency, split where nothing was in flight
//! for longer than ten times the larger of the median elapsed time and the median gap between starts,
//! and at least one second.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::path::PathBuf;

use super::error::ReportError;
use super::recorded;
use super::visit::{FoundPart, FoundRun};
use crate::plan::Kind;
use crate::row::Row;
use crate::rows::load::Load;
use crate::rows::read::ReadRow;
use crate::rows::runs::RunLine;
use crate::stats::{Quantile, Sample};
use crate::summary::{PartFacts, RunFacts};
use crate::time::clock::Stamp;
use crate::time::writing::WallClockFormat;

/// The least pause between two runs, nanoseconds.
const LEAST_PAUSE: i64 = 1_000_000_000;

/// How much longer than usual a pause between two runs is.
const FACTOR: i64 = 10;

/// Starts that are put in order before the gaps between them are taken: rows are written in the order of
/// their ends.
const STARTS: usize = 4096;

/// The most spans in which a group is kept.
const MOST_SPANS: usize = 16_384;

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

/// Rows of one title and one concurrency.
#[derive(Debug)]
struct Group {
    title: Box<str>,
    /// Absent too where it says nothing: in a known run with an open workload.
    concurrent: Option<u64>,
    /// The known run that they are of.
    known: Option<usize>,
    elapsed: Sample,
    gaps: Gaps,
    /// By their beginnings, with at least [`LEAST_PAUSE`] between them.
    spans: BTreeMap<i64, Span>,
    /// The beginning of the span of the last row that started.
    present: Option<i64>,
    /// Rows without a start that came before all others.
    before: Count,
    /// In ascending order, once the spans are split.
    runs: Vec<Run>,
}

/// The time between starts.
#[derive(Debug, Default)]
struct Gaps {
    sample: Sample,
    /// The latest starts.
    waiting: BinaryHeap<Reverse<i64>>,
    /// The last one of those before.
    before: Option<i64>,
}

/// Rows and successful purchases.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    rows: u64,
    bought: u64,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.rows += other.rows;
        self.bought += other.bought;
    }
}

/// Time in which shoppers were in flight.
#[derive(Clone, Copy, Debug)]
struct Span {
    to: i64,
    last_start: i64,
    count: Count,
}

/// One run of a group, from its first start to its last end.
#[derive(Debug)]
struct Run {
    from: i64,
    last_start: i64,
    to: i64,
    count: Count,
    /// Its id among the parts of all runs, once that is settled.
    id: usize,
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
            group.concurrent == concurrent && group.known == known && group.title == row.title
        };
        if self.groups.get(last).is_some() && is_it(&last) {
            return Some(last);
        }
        self.places.get(&row.title)?.iter().copied().find(is_it)
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
        self.groups.push(Group {
            title: row.title.clone(),
            concurrent,
            known,
            elapsed: Sample::default(),
            gaps: Gaps::default(),
            spans: BTreeMap::new(),
            present: None,
            before: Count::default(),
            runs: Vec::new(),
        });
        self.places
            .entry(row.title.clone())
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

impl Group {
    /// Takes in a row; `None` where its group has more pauses than are kept.
    fn see(&mut self, visit: Option<(i64, i64)>, count: Count) -> Option<()> {
        let Some((from, to)) = visit else {
            match self
                .present
                .and_then(|present| self.spans.get_mut(&present))
            {
                Some(span) => span.count.add(count),
                None => self.before.add(count),
            }
            return Some(());
        };
        self.elapsed.push(to - from);
        self.gaps.push(from);
        self.put(
            Span {
                to,
                last_start: from,
                count,
            },
            from,
        );
        if self.spans.len() > MOST_SPANS {
            let pause = self.pause();
            self.join(pause);
            return (self.spans.len() <= MOST_SPANS / 2).then_some(());
        }
        Some(())
    }

    /// Adds a span to those that it touches.
    fn put(&mut self, mut new: Span, mut from: i64) {
        let before = self.spans.range_mut(..=from).next_back();
        if let Some((begin, span)) = before
            && from.saturating_sub(span.to) <= LEAST_PAUSE
        {
            let begin = *begin;
            self.present = Some(begin);
            let grows = new.to > span.to;
            span.last_start = span.last_start.max(new.last_start);
            span.to = span.to.max(new.to);
            span.count.add(new.count);
            if !grows {
                return;
            }
            // It may touch the next one now.
            new = *span;
            from = begin;
        }
        let end = new.to.saturating_add(LEAST_PAUSE);
        let is_touching = self.spans.range((
            std::ops::Bound::Excluded(from),
            std::ops::Bound::Included(end),
        ));
        if let Some(next) = is_touching.map(|(begin, _)| *begin).next() {
            self.spans.remove(&from);
            let span = self.spans.remove(&next).expect("found above");
            new.to = new.to.max(span.to);
            new.last_start = new.last_start.max(span.last_start);
            new.count.add(span.count);
            return self.put(new, from);
        }
        self.spans.insert(from, new);
        self.present = Some(from);
    }

    /// Joins spans with no longer pause between them.
    fn join(&mut self, pause: i64) {
        let mut joined: Vec<(i64, Span)> = Vec::new();
        for (from, span) in std::mem::take(&mut self.spans) {
            match joined.last_mut() {
                Some((_, last)) if from.saturating_sub(last.to) <= pause => {
                    last.to = last.to.max(span.to);
                    last.last_start = last.last_start.max(span.last_start);
                    last.count.add(span.count);
                }
                _ => joined.push((from, span)),
            }
        }
        let present = self.present;
        self.present = present.and_then(|at| {
            let after = joined.partition_point(|(from, _)| *from <= at);
            joined.get(after.checked_sub(1)?).map(|(from, _)| *from)
        });
        self.spans = joined.into_iter().collect();
    }

    fn cut(&mut self) {
        let pause = match self.known {
            Some(_) => i64::MAX,
            None => self.pause(),
        };
        self.join(pause);
        let spans = std::mem::take(&mut self.spans);
        self.runs = (spans.into_iter())
            .map(|(from, span)| Run {
                from,
                last_start: span.last_start,
                to: span.to,
                count: span.count,
                id: usize::MAX,
            })
            .collect();
        if self.runs.is_empty() {
            // No shopper started.
            self.runs.push(Run {
                from: 0,
                last_start: 0,
                to: 0,
                count: Count::default(),
                id: usize::MAX,
            });
        }
        self.runs[0].count.add(self.before);
        self.elapsed = Sample::default();
        self.gaps = Gaps::default();
    }

    /// The shortest pause that separates two runs, nanoseconds.
    fn pause(&self) -> i64 {
        let median = |sample: &Sample| sample.percentile(Quantile::P50).unwrap_or(0);
        let usual = median(&self.elapsed).max(median(&self.gaps.all()));
        usual.saturating_mul(FACTOR).max(LEAST_PAUSE)
    }
}

impl Gaps {
    fn push(&mut self, start: i64) {
        self.waiting.push(Reverse(start));
        if self.waiting.len() > STARTS {
            let Some(Reverse(first)) = self.waiting.pop() else {
                return;
            };
            if let Some(before) = self.before.replace(first) {
                self.sample.push(first.saturating_sub(before).max(0));
            }
        }
    }

    /// With those of the starts that wait.
    fn all(&self) -> Sample {
        let mut sample = self.sample.clone();
        let starts = self.waiting.clone().into_sorted_vec().into_iter().rev();
        let mut before = self.before;
        for Reverse(start) in starts {
            if let Some(before) = before.replace(start) {
                sample.push(start.saturating_sub(before).max(0));
            }
        }
        sample
    }
}

/// When the home request of a row started, nanoseconds since the Unix epoch.
pub(super) fn start(row: &ReadRow) -> Option<i64> {
    nanos(row.row.home.started?)
}

fn nanos(stamp: Stamp) -> Option<i64> {
    i64::try_from(stamp.nanos()).ok()
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
