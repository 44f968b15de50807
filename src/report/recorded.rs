//! Runs with lines: the rows of their parts, found by byte ranges and checked.

use std::cmp::Reverse;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::{Found, ReadRun, start};
use crate::rows::read::{ReadRow, ZoneRange};
use crate::rows::runs::{EndLine, Line, PartLine, RunLine};
use crate::settings::Threshold;
use crate::summary::{Figures, RunEnding, RunFacts, Summary, Whole, part_facts};
use crate::sys::clock::Discipline;
use crate::time::clock::Clock;
use crate::time::writing::WallClockFormat;
use crate::time::zone;

/// A start as the rows have it is cut to microseconds, nanoseconds.
const CUT: i64 = 1_000;

/// A row's line break: of its range, but not of its fields, bytes.
const LINE_BREAK: u64 = 2;

/// The most parts that one row is compared with. Of the lines of reports that were replaced again and
/// again, older ones are passed over.
const MOST_CANDIDATES: usize = 64;

/// The parts of all runs, by where their rows should be, and what was found there.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    runs: Vec<Run>,
    /// In ascending order of where their ranges begin; ranges may overlap until [`Recorded::settle`].
    parts: Vec<Part>,
    /// Those which the present row may belong to.
    candidates: Vec<usize>,
    /// The first part that begins beyond the present row.
    next: usize,
    /// Parts with a range that do not fit what is there.
    unfit: usize,
}

#[derive(Debug)]
struct Run {
    line: RunLine,
    end: Option<EndLine>,
    /// Its parts, those without a range included.
    parts: usize,
}

#[derive(Debug)]
struct Part {
    line: PartLine,
    /// Its place among the lines: later lines describe later files.
    number: usize,
    range: [u64; 2],
    zone: TimeZone,
    figures: Figures,
    /// Where the first of its rows begins and the last one ends, but for line breaks.
    extent: Option<[u64; 2]>,
    first_start: Option<i64>,
    last_start: Option<i64>,
}

impl Recorded {
    /// Of lines in the order of the file. Parts of no run do not count.
    pub fn of(lines: Vec<Line>) -> Recorded {
        let mut recorded = Recorded::default();
        for (number, line) in lines.into_iter().enumerate() {
            match line {
                Line::Run(line) => recorded.runs.push(Run {
                    line: *line,
                    end: None,
                    parts: 0,
                }),
                Line::Part(line) => {
                    if let Some(run) = find(&mut recorded.runs, &line.run) {
                        run.parts += 1;
                        let zone = zone_of(&run.line);
                        recorded.parts.extend(Part::of(*line, number, zone));
                    }
                }
                Line::End(line) => {
                    if let Some(run) = find(&mut recorded.runs, &line.run) {
                        run.end = Some(*line);
                    }
                }
            }
        }
        recorded.parts.sort_by_key(|part| part.range);
        recorded
    }

    /// The zones in which rows are written: of lines that claim the same bytes, the latest decides.
    pub fn zones(&self) -> Vec<ZoneRange> {
        let chosen = without_overlaps(self.parts.iter().collect(), |part| part);
        chosen
            .into_iter()
            .map(|part| ZoneRange {
                range: part.range,
                zone: part.zone.clone(),
                near: instant(part.line.first_start.as_deref()),
            })
            .collect()
    }

    /// Takes in the next row of the file.
    pub fn take(&mut self, row: &ReadRow) {
        let begun = |part: &&Part| part.range[0] < row.end;
        let beginning = self.parts[self.next..].iter().take_while(begun).count();
        self.candidates.extend(self.next..self.next + beginning);
        self.next += beginning;
        let parts = &self.parts;
        self.candidates
            .retain(|&part| row.end <= parts[part].range[1]);
        if self.candidates.len() > MOST_CANDIDATES {
            self.candidates
                .sort_by_key(|&part| Reverse(parts[part].number));
            self.candidates.truncate(MOST_CANDIDATES);
        }
        if self.candidates.is_empty() {
            return;
        }
        // The line knows what the columns lack.
        let mut bare = row.clone();
        bare.row.is_bare = true;
        for &part in &self.candidates {
            self.parts[part].take(&bare);
        }
    }

    /// When all rows are read: keeps the parts that fit their rows; where two that fit claim the same
    /// bytes, that of the later line.
    pub fn settle(&mut self) {
        let all = self.parts.len();
        let fit = std::mem::take(&mut self.parts)
            .into_iter()
            .filter(Part::fits)
            .collect();
        self.parts = without_overlaps(fit, |part| part);
        self.unfit = all - self.parts.len();
    }

    /// Whether a row is one of a part that was kept.
    pub fn has(&self, row: &ReadRow) -> bool {
        let place = self.parts.partition_point(|part| part.range[1] < row.end);
        (self.parts.get(place)).is_some_and(|part| part.range[0] < row.end)
    }

    /// How many parts with a range do not fit the rows.
    pub fn unfit(&self) -> usize {
        self.unfit
    }

    /// Runs without a line of any part, which were killed or are under way, with their start times,
    /// nanoseconds since the Unix epoch. The latest of them, if there are very many.
    pub fn without_parts(&self) -> Vec<(i64, RunLine)> {
        let runs = self.runs.iter().rev().filter(|run| run.parts == 0);
        runs.filter_map(|run| Some((instant(Some(&run.line.started))?, run.line.clone())))
            .take(MOST_CANDIDATES)
            .collect()
    }

    /// The summaries of the runs that have at least one part that fits; what their rows lack is said.
    pub fn summaries(
        self,
        path: &Path,
        thresholds: &[Threshold],
        warnings: &mut Vec<String>,
    ) -> Vec<Found> {
        let mut parts = self.parts;
        let mut found = Vec::new();
        for run in self.runs {
            let mut whole = Whole::default();
            let mut rows = 0;
            let mut kept = 0;
            let of_run = parts
                .iter_mut()
                .filter(|part| part.line.run == run.line.run);
            for part in of_run {
                kept += 1;
                part.figures.complete(&part.line.figures);
                rows += part.figures.shoppers;
                whole.add(&part_facts(&part.line, part.first_start), &part.figures);
            }
            if whole.parts == 0 {
                continue;
            }
            let incomplete = run.lacks(kept, rows);
            let began = whole.facts.first_start.unwrap_or(i64::MIN);
            if let Some(lacks) = &incomplete {
                warnings.push(format!(
                    "{}: the run that began at {} is incomplete: {lacks}",
                    path.display(),
                    run.line.started
                ));
            }
            let facts = facts(run.line, run.end, rows, path, whole.facts.first_start);
            found.push(Found {
                began,
                run: ReadRun {
                    summary: Summary::of(facts, whole, thresholds),
                    is_guessed: false,
                    is_incomplete: incomplete.is_some(),
                },
            });
        }
        found
    }
}

fn find<'a>(runs: &'a mut [Run], id: &str) -> Option<&'a mut Run> {
    runs.iter_mut().rev().find(|run| run.line.run == id)
}

/// Of parts that claim the same bytes those of the latest lines, in ascending order.
fn without_overlaps<T>(mut parts: Vec<T>, of: impl Fn(&T) -> &Part) -> Vec<T> {
    parts.sort_by_key(|part| Reverse(of(part).number));
    let mut taken: std::collections::BTreeMap<u64, u64> = Default::default();
    parts.retain(|part| {
        let [from, to] = of(part).range;
        let before = taken.range(..to).next_back();
        let is_free = before.is_none_or(|(_, end)| *end <= from);
        if is_free {
            taken.insert(from, to);
        }
        is_free
    });
    parts.sort_by_key(|part| of(part).range);
    parts
}

impl Run {
    /// What is missing of it, where that many parts and rows are here.
    fn lacks(&self, parts: usize, rows: u64) -> Option<String> {
        let rows_lacking = self.end.as_ref().map(|end| end.rows.saturating_sub(rows));
        match (self.parts - parts, rows_lacking) {
            (0, Some(0)) => None,
            (0, None) => Some("it was killed, or is still under way".to_owned()),
            (0, Some(lacking)) => Some(format!("{lacking} of its rows belong to no part")),
            (lacking, _) => Some(format!(
                "the rows of {lacking} of its {} parts are not here as they were written",
                self.parts
            )),
        }
    }
}

impl Part {
    fn of(line: PartLine, number: usize, zone: TimeZone) -> Option<Part> {
        let range = line.range.filter(|range| range[0] < range[1])?;
        Some(Part {
            line,
            number,
            range,
            zone,
            figures: Figures::default(),
            extent: None,
            first_start: None,
            last_start: None,
        })
    }

    fn take(&mut self, row: &ReadRow) {
        self.figures.add(&row.row, &Clock::of_unix_time());
        let begin = self.extent.map_or(row.begin, |[begin, _]| begin);
        self.extent = Some([begin, row.end]);
        let start = start(row);
        self.first_start = self.first_start.into_iter().chain(start).min();
        self.last_start = self.last_start.max(start);
    }

    /// Whether what was read in its range is what its line says: rows begin and end where it does, and
    /// their number, the first start and the last are the same.
    fn fits(&self) -> bool {
        let is_start = |recorded: &Option<String>, read: Option<i64>| match (
            instant(recorded.as_deref()),
            read,
        ) {
            (Some(recorded), Some(read)) => (0..=CUT).contains(&(recorded - read)),
            (None, None) => true,
            _ => false,
        };
        let [from, to] = self.range;
        let is_whole = self.extent.is_some_and(|[begin, end]| {
            begin <= from && from - begin <= LINE_BREAK && end <= to && to - end <= LINE_BREAK
        });
        is_whole
            && self.figures.shoppers == self.line.rows
            && is_start(&self.line.first_start, self.first_start)
            && is_start(&self.line.last_start, self.last_start)
    }
}

/// An instant of a line, nanoseconds since the Unix epoch.
fn instant(text: Option<&str>) -> Option<i64> {
    let at: Timestamp = text?.parse().ok()?;
    i64::try_from(at.as_nanosecond()).ok()
}

/// The zone of a run's local times.
fn zone_of(run: &RunLine) -> TimeZone {
    zone::named(&run.time_zone)
        .or_else(|| {
            Some(
                Offset::from_seconds(run.utc_offset_seconds)
                    .ok()?
                    .to_time_zone(),
            )
        })
        .unwrap_or(TimeZone::UTC)
}

pub(super) fn facts(
    run: RunLine,
    end: Option<EndLine>,
    rows: u64,
    path: &Path,
    first_start: Option<i64>,
) -> RunFacts {
    let mut format = match run.utc {
        true => WallClockFormat::utc(),
        false => WallClockFormat::of_zone(zone_of(&run)),
    };
    let mut started_time = String::new();
    if let Some(first) = first_start {
        format.push(first, &mut started_time);
    }
    let nanos = std::time::Duration::from_nanos;
    let end = end.as_ref();
    let ending = end.and_then(|end| RunEnding::named(&end.ending));
    RunFacts {
        id: Some(run.run),
        ending,
        rows_lost: ending.filter(|of| *of != RunEnding::Failed).map(|_| 0),
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
        insecure: run.choices.tls.as_ref().map(|tls| tls.insecure),
        resume: run.choices.tls.map(|tls| tls.resume),
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
        precise: end.and_then(|end| end.precise.clone()),
    }
}
