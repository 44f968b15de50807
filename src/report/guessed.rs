//! Runs without lines: rows of one title and one concurrency, split where nothing was in flight
//! for longer than ten times the larger of the median elapsed time and the median gap between starts,
//! and at least one second.

use std::collections::HashMap;
use std::path::Path;

use super::{Found, ReadRun, recorded, start};
use crate::plan::Kind;
use crate::row::Row;
use crate::rows::load::Load;
use crate::rows::read::ReadRow;
use crate::rows::runs::RunLine;
use crate::settings::Threshold;
use crate::stats::{Quantile, Sample};
use crate::summary::{Figures, PartFacts, RunFacts, Summary, Whole};
use crate::time::clock::Clock;
use crate::time::writing::WallClockFormat;

/// The least pause between two runs, nanoseconds.
const LEAST_PAUSE: i64 = 1_000_000_000;

/// How much longer than usual a pause between two runs is.
const FACTOR: i64 = 10;

/// The rows without lines, in groups, in the order of their first rows.
#[derive(Debug)]
pub(super) struct Guesses {
    /// Runs that left no line for any part, and when they began, nanoseconds since the Unix epoch: rows
    /// of the same title that came after such a line are of that run.
    known: Vec<(i64, RunLine)>,
    groups: Vec<Group>,
    places: HashMap<Key, usize>,
    /// The group of the last row.
    last: usize,
}

/// What rows of one group have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    title: Box<str>,
    /// Absent too where it says nothing: in a known run with an open workload.
    concurrent: Option<u64>,
    /// The known run that they are of.
    known: Option<usize>,
}

/// Rows of one title and one concurrency.
#[derive(Debug)]
struct Group {
    key: Key,
    /// When each shopper came and left, nanoseconds since the Unix epoch.
    visits: Vec<(i64, i64)>,
    runs: Vec<Run>,
    /// The run of the last row, which rows without a start belong to.
    present: usize,
}

/// One run of a group, from its first start to its last end.
#[derive(Debug)]
struct Run {
    from: i64,
    last_start: i64,
    to: i64,
    figures: Figures,
}

impl Guesses {
    /// `known`: lines of runs that left none for their parts, and when those runs began.
    pub fn new(known: Vec<(i64, RunLine)>) -> Guesses {
        Guesses {
            known,
            groups: Vec::new(),
            places: HashMap::new(),
            last: 0,
        }
    }

    /// Whether all rows have lines.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Takes note of a row, the first time the rows are read.
    pub fn see(&mut self, row: &ReadRow) {
        let visit = visit(&row.row);
        let group = self.group(row);
        group.visits.extend(visit);
    }

    /// Splits the groups into runs.
    pub fn cut(&mut self) {
        self.groups.iter_mut().for_each(Group::cut);
        self.last = 0;
    }

    /// Adds a row in the second pass.
    pub fn take(&mut self, row: &ReadRow) {
        let group = self.group(row);
        if let Some(at) = start(row).or(visit(&row.row).map(|(from, _)| from)) {
            let after = group.runs.partition_point(|run| run.from <= at);
            group.present = after.saturating_sub(1);
        }
        let run = &mut group.runs[group.present];
        run.figures.add(&row.row, &Clock::of_unix_time());
    }

    fn group(&mut self, row: &ReadRow) -> &mut Group {
        let known = match start(row) {
            Some(start) => self.known_at(start, &row.title),
            // It never began: as its neighbour.
            None => (self.groups.get(self.last)).and_then(|group| group.key.known),
        };
        let is_open = known.is_some_and(|known| self.known[known].1.load.kind == Kind::Open);
        let key = Key {
            title: row.title.clone(),
            concurrent: row.concurrent_requests.filter(|_| !is_open),
            known,
        };
        let groups = &mut self.groups;
        self.last = *self.places.entry(key).or_insert_with_key(|key| {
            groups.push(Group {
                key: key.clone(),
                visits: Vec::new(),
                runs: Vec::new(),
                present: 0,
            });
            groups.len() - 1
        });
        &mut self.groups[self.last]
    }

    fn known_at(&self, start: i64, title: &str) -> Option<usize> {
        let known = self.known.iter().enumerate();
        known
            .filter(|(_, (began, line))| *began <= start && *line.title == *title)
            .max_by_key(|(_, (began, _))| *began)
            .map(|(known, _)| known)
    }

    /// The summaries.
    pub fn summaries(self, path: &Path, thresholds: &[Threshold]) -> Vec<Found> {
        let mut found = Vec::new();
        for (number, (_, line)) in self.known.iter().enumerate() {
            let of_run = |group: &&Group| group.key.known == Some(number);
            let mut parts: Vec<(Option<u64>, &Run)> = (self.groups.iter().filter(of_run))
                .flat_map(|group| group.runs.iter().map(|run| (group.key.concurrent, run)))
                .collect();
            parts.sort_by_key(|(_, run)| run.from);
            found.extend(found_of_line(line, &parts, path, thresholds));
        }
        for group in self.groups.iter().filter(|group| group.key.known.is_none()) {
            let runs = group.runs.iter().filter(|run| run.figures.shoppers > 0);
            found.extend(runs.map(|run| Found {
                began: run.from,
                run: ReadRun {
                    summary: summary(group, run, path, thresholds),
                    is_guessed: true,
                    is_incomplete: false,
                },
            }));
        }
        found
    }
}

impl Group {
    fn cut(&mut self) {
        self.visits.sort_unstable();
        let pause = match self.key.known {
            Some(_) => i64::MAX,
            None => self.pause(),
        };
        for &(from, to) in &self.visits {
            match self.runs.last_mut() {
                Some(run) if from.saturating_sub(run.to) <= pause => {
                    run.last_start = from;
                    run.to = run.to.max(to);
                }
                _ => self.runs.push(Run {
                    from,
                    last_start: from,
                    to,
                    figures: Figures::default(),
                }),
            }
        }
        if self.runs.is_empty() {
            // No shopper started.
            self.runs.push(Run {
                from: 0,
                last_start: 0,
                to: 0,
                figures: Figures::default(),
            });
        }
        self.visits = Vec::new();
    }

    /// The shortest pause that separates two runs, nanoseconds.
    fn pause(&self) -> i64 {
        let median = |values: Sample| values.percentile(Quantile::P50).unwrap_or(0);
        let elapsed = self.visits.iter().map(|(from, to)| to - from).collect();
        let gaps = self
            .visits
            .windows(2)
            .map(|two| two[1].0 - two[0].0)
            .collect();
        let usual = median(elapsed).max(median(gaps));
        usual.saturating_mul(FACTOR).max(LEAST_PAUSE)
    }
}

/// From the first start to the last end of a shopper.
fn visit(row: &Row) -> Option<(i64, i64)> {
    let exchanges = [&row.home, &row.buy];
    let nanos = |stamp: crate::time::clock::Stamp| i64::try_from(stamp.nanos()).ok();
    let starts = exchanges.iter().filter_map(|of| nanos(of.started?));
    let ends = exchanges.iter().filter_map(|of| nanos(of.stopped?));
    let from = starts.min()?;
    Some((from, ends.max().unwrap_or(from).max(from)))
}

/// What can be told of a part by its rows alone.
fn part_facts(kind: Kind, concurrent: Option<u64>, run: &Run) -> PartFacts {
    let rows = run.figures.shoppers;
    PartFacts {
        level: concurrent,
        round: 1,
        kind,
        first_start: (run.from > 0).then_some(run.from),
        wall_nanos: run.to - run.from,
        span_nanos: run.to - run.from,
        starts_spread_nanos: (kind == Kind::Burst).then_some(run.last_start - run.from),
        most_in_flight: concurrent.unwrap_or(rows).min(rows),
        ..PartFacts::default()
    }
}

/// A run that was killed, or is under way, before a part of it was done: the line tells what load it
/// was, the rows how far it came.
fn found_of_line(
    line: &RunLine,
    parts: &[(Option<u64>, &Run)],
    path: &Path,
    thresholds: &[Threshold],
) -> Option<Found> {
    let mut whole = Whole::default();
    let mut rows = 0;
    for (concurrent, run) in parts {
        rows += run.figures.shoppers;
        whole.add(&part_facts(line.load.kind, *concurrent, run), &run.figures);
    }
    let (_, first) = parts.first()?;
    let facts = recorded::facts(line.clone(), None, rows, path, whole.facts.first_start);
    Some(Found {
        began: first.from,
        run: ReadRun {
            summary: Summary::of(facts, whole, thresholds),
            is_guessed: true,
            // Rows that were not written yet are lost.
            is_incomplete: true,
        },
    })
}

fn summary(group: &Group, run: &Run, path: &Path, thresholds: &[Threshold]) -> Summary {
    let rows = run.figures.shoppers;
    // Everybody at once, once: as many rows as there were shoppers at a time.
    let kind = match (group.key.concurrent).is_none_or(|concurrent| rows <= concurrent) {
        true => Kind::Burst,
        false => Kind::Closed,
    };
    let mut whole = Whole::default();
    let of_part = part_facts(kind, group.key.concurrent, run);
    whole.add(&of_part, &run.figures);
    let mut started_time = String::new();
    if let Some(first) = of_part.first_start {
        WallClockFormat::local().push(first, &mut started_time);
    }
    let facts = RunFacts {
        title: group.key.title.to_string(),
        report_file: path.display().to_string(),
        rows_written: rows,
        load: Load {
            kind,
            levels: group.key.concurrent.into_iter().collect(),
            rounds: 1,
            ..Load::default()
        },
        started_time,
        ..RunFacts::default()
    };
    Summary::of(facts, whole, thresholds)
}
