//! Runs with lines: the rows of their parts, found by byte ranges and checked.

use std::path::Path;

use jiff::Timestamp;

use super::{ReadRun, start};
use crate::rows::read::ReadRow;
use crate::rows::runs::{EndLine, Line, PartLine, RunLine};
use crate::settings::Threshold;
use crate::summary::{Figures, RunFacts, Summary, Whole, part_facts};
use crate::sys::clock::Discipline;
use crate::time::clock::Clock;
use crate::time::writing::WallClockFormat;

/// The resolution of start times in rows, in nanoseconds.
const CUT: i64 = 1_000;

/// The parts of all runs, by the ranges of their rows, with the figures read there.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    runs: Vec<(RunLine, Option<EndLine>)>,
    /// In ascending order of their ranges.
    parts: Vec<Part>,
    /// The part of the last row.
    present: usize,
}

#[derive(Debug)]
struct Part {
    line: PartLine,
    range: [u64; 2],
    figures: Figures,
    first_start: Option<i64>,
}

impl Recorded {
    /// From lines in the order of the file. Parts without a range, or without a run, are ignored.
    pub fn of(lines: Vec<Line>) -> Recorded {
        let mut recorded = Recorded::default();
        for line in lines {
            match line {
                Line::Run(run) => recorded.runs.push((*run, None)),
                Line::Part(line) => {
                    let is_of_run = recorded.runs.iter().any(|(run, _)| run.run == line.run);
                    if let Some(range) = line.range.filter(|_| is_of_run) {
                        recorded.parts.push(Part {
                            line: *line,
                            range,
                            figures: Figures::default(),
                            first_start: None,
                        });
                    }
                }
                Line::End(end) => {
                    let of_run = recorded.runs.iter_mut().find(|(run, _)| run.run == end.run);
                    if let Some((_, ended)) = of_run {
                        *ended = Some(end);
                    }
                }
            }
        }
        recorded.parts.sort_by_key(|part| part.range);
        // Of two parts with overlapping ranges, neither can be trusted.
        let mut end = 0;
        recorded.parts.retain(|part| {
            let follows = part.range[0] >= end && part.range[0] <= part.range[1];
            end = end.max(part.range[1]);
            follows
        });
        recorded
    }

    /// Adds the next row of the file; returns whether it belongs to a part.
    pub fn take(&mut self, row: &ReadRow) -> bool {
        let Some(present) = self.find(row, self.present) else {
            return false;
        };
        self.present = present;
        let part = &mut self.parts[present];
        // The line has what the columns lack.
        let mut bare = row.row.clone();
        bare.is_bare = true;
        part.figures.add(&bare, &Clock::of_unix_time());
        let first = part.first_start.into_iter().chain(start(row)).min();
        part.first_start = first;
        true
    }

    /// Whether a row belongs to a part that matches.
    pub fn has(&self, row: &ReadRow) -> bool {
        self.find(row, 0)
            .is_some_and(|part| self.parts[part].fits())
    }

    fn find(&self, row: &ReadRow, from: usize) -> Option<usize> {
        let parts = &self.parts[from..];
        let place = parts.partition_point(|part| part.range[1] < row.end);
        let part = parts.get(place)?;
        (part.range[0] < row.end).then_some(from + place)
    }

    /// The number of parts that do not match their rows.
    pub fn unfit(&self) -> usize {
        self.parts.iter().filter(|part| !part.fits()).count()
    }

    /// The summaries of the runs with at least one part that matches.
    pub fn summaries(self, path: &Path, thresholds: &[Threshold]) -> Vec<ReadRun> {
        let mut parts = self.parts;
        parts.retain(Part::fits);
        let mut runs = Vec::new();
        for (run, end) in self.runs {
            let mut whole = Whole::default();
            let mut rows = 0;
            let of_run = parts.iter_mut().filter(|part| part.line.run == run.run);
            for part in of_run {
                part.figures.complete(&part.line.figures);
                rows += part.figures.shoppers;
                whole.add(&part_facts(&part.line, part.first_start), &part.figures);
            }
            if whole.parts > 0 {
                let facts = facts(run, end, rows, path, whole.facts.first_start);
                runs.push(ReadRun {
                    summary: Summary::of(facts, whole, thresholds),
                    is_guessed: false,
                });
            }
        }
        runs
    }
}

impl Part {
    /// Whether the rows in its range match its line.
    fn fits(&self) -> bool {
        let recorded = (self.line.first_start.as_ref()).and_then(|text| text.parse().ok());
        let recorded = recorded.map(|at: Timestamp| at.as_nanosecond());
        let is_start = match (recorded, self.first_start) {
            (Some(recorded), Some(read)) => {
                (0..=i128::from(CUT)).contains(&(recorded - i128::from(read)))
            }
            (None, None) => true,
            _ => false,
        };
        self.figures.shoppers == self.line.rows && is_start
    }
}

fn facts(
    run: RunLine,
    end: Option<EndLine>,
    rows: u64,
    path: &Path,
    first_start: Option<i64>,
) -> RunFacts {
    let mut format = match run.utc {
        true => WallClockFormat::utc(),
        false => WallClockFormat::local(),
    };
    let mut started_time = String::new();
    if let Some(first) = first_start {
        format.push(first, &mut started_time);
    }
    let nanos = std::time::Duration::from_nanos;
    let end = end.as_ref();
    RunFacts {
        version: run.version,
        title: run.title,
        note: run.note,
        machine: Some(run.machine),
        load_average_after: end.as_ref().and_then(|end| end.load_average),
        report_file: path.display().to_string(),
        rows_written: rows,
        target: Some(run.target),
        app: Some(run.app),
        load: run.load,
        seed: run.seed.parse().ok(),
        preconnect: Some(run.preconnect),
        keep_alive: Some(run.keep_alive),
        started_time,
        interrupted: end.and_then(|end| end.signal.clone()),
        clock_drift_nanos: end.map(|end| end.clock_drift_nanos),
        cpu_user: end.map(|end| nanos(end.cpu_user_nanos)),
        cpu_system: end.map(|end| nanos(end.cpu_system_nanos)),
        peak_memory_bytes: end.map(|end| end.peak_memory_bytes),
        discipline: end.and_then(|end| {
            Some(Discipline {
                synchronised: end.clock_synchronised?,
                estimated_error: nanos(end.clock_estimated_error_nanos?),
            })
        }),
        is_remote: run.is_remote,
    }
}
