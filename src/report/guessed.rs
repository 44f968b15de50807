//! Runs without lines: rows of one title and one concurrency, split where nothing was in flight
//! for longer than ten times the larger of the median elapsed time and the median gap between starts,
//! and at least one second.

use std::path::Path;

use super::{ReadRun, start};
use crate::plan::Kind;
use crate::row::Row;
use crate::rows::load::Load;
use crate::rows::read::ReadRow;
use crate::settings::Threshold;
use crate::stats::{Quantile, Sample};
use crate::summary::{Figures, PartFacts, RunFacts, Summary, Whole};
use crate::time::clock::Clock;
use crate::time::writing::WallClockFormat;

/// The least pause between two runs, nanoseconds.
const LEAST_PAUSE: i64 = 1_000_000_000;

/// How much longer than usual a pause between two runs is.
const FACTOR: i64 = 10;

/// The rows without lines, by title and concurrency, in the order of their first rows.
#[derive(Debug, Default)]
pub(super) struct Guesses {
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    title: Box<str>,
    concurrent: Option<u64>,
    /// When each shopper started and ended, nanoseconds since the Unix epoch.
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
    /// Adds a row in the first pass.
    pub fn see(&mut self, row: &ReadRow) {
        let visit = visit(&row.row);
        let group = self.group(row);
        group.visits.extend(visit);
    }

    /// Splits the groups into runs.
    pub fn cut(&mut self) {
        self.groups.iter_mut().for_each(Group::cut);
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
        let (title, concurrent) = (&row.title, row.concurrent_requests);
        let is_it = |group: &Group| group.title == *title && group.concurrent == concurrent;
        let place = self.groups.iter().position(is_it).unwrap_or_else(|| {
            self.groups.push(Group {
                title: title.clone(),
                concurrent,
                visits: Vec::new(),
                runs: Vec::new(),
                present: 0,
            });
            self.groups.len() - 1
        });
        &mut self.groups[place]
    }

    /// The summaries, in the order of the runs.
    pub fn summaries(self, path: &Path, thresholds: &[Threshold]) -> Vec<ReadRun> {
        let mut found: Vec<(i64, ReadRun)> = Vec::new();
        for group in self.groups {
            for run in group
                .runs
                .into_iter()
                .filter(|run| run.figures.shoppers > 0)
            {
                let summary = summary(&group.title, group.concurrent, &run, path, thresholds);
                found.push((
                    run.from,
                    ReadRun {
                        summary,
                        is_guessed: true,
                    },
                ));
            }
        }
        found.sort_by_key(|(from, _)| *from);
        found.into_iter().map(|(_, run)| run).collect()
    }
}

impl Group {
    fn cut(&mut self) {
        self.visits.sort_unstable();
        let pause = self.pause();
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
    let nanos = |stamp: crate::time::clock::Stamp| i64::try_from(stamp.0).ok();
    let starts = exchanges.iter().filter_map(|of| nanos(of.started?));
    let ends = exchanges.iter().filter_map(|of| nanos(of.stopped?));
    let from = starts.min()?;
    Some((from, ends.max().unwrap_or(from).max(from)))
}

fn summary(
    title: &str,
    concurrent: Option<u64>,
    run: &Run,
    path: &Path,
    thresholds: &[Threshold],
) -> Summary {
    let rows = run.figures.shoppers;
    // A burst: as many rows as concurrent shoppers.
    let is_burst = concurrent.is_none_or(|concurrent| rows <= concurrent);
    let kind = match is_burst {
        true => Kind::Burst,
        false => Kind::Closed,
    };
    let mut whole = Whole::default();
    let facts = PartFacts {
        level: concurrent,
        round: 1,
        kind,
        first_start: (run.from > 0).then_some(run.from),
        wall_nanos: run.to - run.from,
        span_nanos: run.to - run.from,
        starts_spread_nanos: is_burst.then_some(run.last_start - run.from),
        most_in_flight: concurrent.unwrap_or(rows).min(rows),
        ..PartFacts::default()
    };
    whole.add(&facts, &run.figures);
    let mut started_time = String::new();
    if let Some(first) = facts.first_start {
        WallClockFormat::local().push(first, &mut started_time);
    }
    let run = RunFacts {
        title: title.to_owned(),
        report_file: path.display().to_string(),
        rows_written: rows,
        load: Load {
            kind,
            levels: concurrent.into_iter().collect(),
            rounds: 1,
            ..Load::default()
        },
        started_time,
        ..RunFacts::default()
    };
    Summary::of(run, whole, thresholds)
}
