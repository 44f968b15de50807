//! Runs with lines: the rows of their parts, found by byte ranges and checked.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::instants::start;
use super::visit::{FoundPart, FoundPlan, FoundRun};
use crate::rows::read::{ReadRow, ZoneRange};
use crate::rows::runs::{EndLine, Line, PartFigures, PartLine, RunLine};
use crate::summary::{RunEnding, RunFacts, VariantFacts, part_facts};
use crate::sys::clock::Discipline;
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
    rows: u64,
    bought: u64,
    /// Where the first of its rows begins and the last one ends, but for line breaks.
    extent: Option<[u64; 2]>,
    first_start: Option<i64>,
    last_start: Option<i64>,
    /// Its id among the parts of all runs, once that is settled.
    id: usize,
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

    /// Takes in the next row of the file; `false` where no line claims it.
    pub fn take(&mut self, row: &ReadRow) -> bool {
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
        for &part in &self.candidates {
            self.parts[part].take(row);
        }
        !self.candidates.is_empty()
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

    /// The id of the part that was kept and that a row is of.
    pub fn part_of(&self, row: &ReadRow) -> Option<usize> {
        let place = self.parts.partition_point(|part| part.range[1] < row.end);
        let part = self.parts.get(place)?;
        (part.range[0] < row.end).then_some(part.id)
    }

    /// The ids of the parts that were kept, in the order of their rows.
    pub fn ids(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().map(|part| part.id)
    }

    /// What the rows of a part cannot carry.
    pub fn record(&self, id: usize) -> Option<&PartFigures> {
        let part = self.parts.iter().find(|part| part.id == id)?;
        Some(&part.line.figures)
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

    /// The runs that have at least one part that fits; what their rows lack is said. Each part gets the next id.
    pub fn runs(
        &mut self,
        path: &Path,
        next_id: &mut usize,
        warnings: &mut Vec<String>,
    ) -> Vec<FoundRun> {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, part) in self.parts.iter_mut().enumerate() {
            part.id = *next_id;
            *next_id += 1;
            places.entry(part.line.run.clone()).or_default().push(place);
        }
        let mut found = Vec::new();
        // Of runs with one id, the last line has the parts.
        for run in self.runs.iter().rev() {
            let Some(places) = places.remove(&run.line.run) else {
                continue;
            };
            let parts: Vec<FoundPart> = (places.iter())
                .map(|place| self.parts[*place].found())
                .collect();
            let rows = parts.iter().map(|part| part.rows).sum();
            let incomplete = run.lacks(parts.len(), rows);
            if let Some(lacks) = &incomplete {
                warnings.push(format!(
                    "{}: the run that began at {} is incomplete: {lacks}",
                    path.display(),
                    run.line.started
                ));
            }
            let began = parts.iter().find_map(|part| part.facts.first_start);
            found.push(FoundRun {
                facts: facts(run.line.clone(), run.end.clone(), rows, path, began),
                parts,
                began,
                is_incomplete: incomplete.is_some(),
                plan: Some(FoundPlan {
                    hash: run.line.plan_hash.clone(),
                    visit_hash: run.line.visit_hash.clone(),
                    choices: run.line.choices.clone(),
                }),
                ..FoundRun::default()
            });
        }
        found.reverse();
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
            rows: 0,
            bought: 0,
            extent: None,
            first_start: None,
            last_start: None,
            id: usize::MAX,
        })
    }

    fn found(&self) -> FoundPart {
        FoundPart {
            facts: part_facts(&self.line, self.first_start),
            is_recorded: true,
            rows: self.rows,
            bought: self.bought,
            last_start: self.last_start,
            own_home_nanos: self.line.own_home_nanos,
            own_buy_nanos: self.line.own_buy_nanos,
            id: self.id,
        }
    }

    fn take(&mut self, row: &ReadRow) {
        self.rows += 1;
        self.bought += u64::from(row.row.bought());
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
            && self.rows == self.line.rows
            && is_start(&self.line.first_start, self.first_start)
            && is_start(&self.line.last_start, self.last_start)
    }
}

/// An instant of a line, nanoseconds since the Unix epoch.
pub(crate) fn instant(text: Option<&str>) -> Option<i64> {
    let at: Timestamp = text?.parse().ok()?;
    i64::try_from(at.as_nanosecond()).ok()
}

/// The zone of a run's local times.
pub(crate) fn zone_of(run: &RunLine) -> TimeZone {
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
        rows_skipped: 0,
        version: run.version,
        title: run.title,
        note: run.note,
        machine: Some(run.machine),
        load_average_after: end.as_ref().and_then(|end| end.load_average),
        report_file: path.display().to_string(),
        rows_written: rows,
        target: Some(run.target).filter(|target| !target.is_empty()),
        variants: (run.variants.into_iter().enumerate())
            .map(|(number, name)| VariantFacts {
                name,
                target: run.variant_targets.get(number).cloned(),
            })
            .collect(),
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
        shards: run.merged.map(|shards| *shards),
        precise: end.and_then(|end| end.precise.clone()),
    }
}
