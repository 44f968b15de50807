//! What happened over time: latencies as a heatmap, outcomes, throughput, servers, this client.

use crate::time::writing::WallClockFormat;

use super::collect::Collector;
use super::column::{Column, PartSums, STAGES, ServerTally};
use super::known::{Fineness, PartKnown};
use super::latency::{self, Counts};

/// The fewest values of a window of the percentile lines: p99 needs 100.
const WINDOW: u64 = 100;

/// The time axis of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// When the first column begins, nanoseconds since the Unix epoch.
    pub begin: i64,
    /// The same as local time.
    pub begin_time: String,
    /// The width of a column, nanoseconds.
    pub width: i64,
    /// Whether latencies stand in the column in which the request ended (a burst, whose requests all start at
    /// once), rather than in that of its start.
    pub is_by_end: bool,
    /// The columns, those in which nothing happened included.
    pub columns: Vec<TimelineColumn>,
    /// The latencies of home pages and purchases.
    pub heats: [Heat; 2],
    /// The parts of the run, where it has several or a warm-up.
    pub marks: Vec<PartMark>,
}

/// What happened within one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimelineColumn {
    /// Shoppers due by the plan; absent where that is not recorded.
    pub due: Option<u64>,
    /// Shoppers that started.
    pub started: u64,
    /// Purchases that were successful.
    pub bought: u64,
    /// Home pages and purchases that failed, dropped arrivals apart.
    pub failed: [u64; 2],
    /// Dropped arrivals.
    pub dropped: u64,
    /// Shoppers in flight at its end.
    pub in_flight: i64,
    /// The mean parts of the purchases that stand here, seconds: before the server, in it, after it (the
    /// response's receipt included).
    pub went: Option<[f64; 3]>,
    /// The main server, and the second one.
    pub servers: [ServerPoint; 2],
    /// The largest launch, send and read delay, seconds.
    pub delays: [Option<f64>; 3],
}

/// What a server reported within one column.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ServerPoint {
    /// The mean CPU usage, percent.
    pub cpu: Option<f64>,
    /// The largest memory usage, megabytes.
    pub memory: Option<f64>,
    /// The mean service time, seconds.
    pub service: Option<f64>,
    /// Its clock's offset lies between these, seconds.
    pub offset: Option<[f64; 2]>,
}

/// A heatmap of latencies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heat {
    /// Where its rows begin, and where the last one ends, nanoseconds.
    pub bounds: Vec<i64>,
    /// Column, row, exact count; those that are not 0, column by column.
    pub cells: Vec<(u16, u16, u32)>,
    /// The number of requests and the exact largest latency of each column, nanoseconds.
    pub totals: Vec<(u64, i64)>,
    /// The lines of p50 and p99.
    pub windows: Vec<Window>,
    /// The largest count of a cell.
    pub most: u32,
}

/// A stretch of the time axis with enough requests for percentiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// The first column, and the first beyond it.
    pub columns: [u16; 2],
    /// Requests.
    pub n: u64,
    /// Nanoseconds, to within 1.6 %; needs 2 requests.
    pub p50: Option<i64>,
    /// Nanoseconds, to within 1.6 %; needs 100 requests.
    pub p99: Option<i64>,
}

/// A part of a run on the time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct PartMark {
    /// From its first start to its last end, nanoseconds since the Unix epoch.
    pub range: [i64; 2],
    /// What it is.
    pub part: PartKnown,
}

/// The time axis; absent where no row has an instant.
pub(super) fn timeline(
    mut collected: Collector,
    parts: &[PartKnown],
    fineness: Fineness,
) -> Option<Timeline> {
    collected.axis.limit(fineness.columns);
    let correction = collected.offsets.correction() as f64;
    let (begin, width) = (collected.axis.begin(), collected.axis.width());
    let columns = collected.axis.columns();
    if columns.is_empty() {
        return None;
    }
    let has_due = columns.iter().any(|column| column.due > 0);
    let mut in_flight = 0;
    let points = columns.iter().map(|column| {
        in_flight += column.in_flight;
        TimelineColumn {
            due: has_due.then_some(column.due),
            in_flight,
            ..point(column, correction)
        }
    });
    let points = points.collect();
    let marks: Vec<PartMark> = (collected.parts.iter())
        .filter_map(|(place, found)| {
            let (from, to) = found.range?;
            Some(PartMark {
                range: [from, to],
                part: parts.get(*place)?.clone(),
            })
        })
        .collect();
    let breaks: Vec<usize> = (marks.iter())
        .map(|mark| ((mark.range[0] - begin) / width).max(0) as usize)
        .collect();
    let heats = [0, 1].map(|step| {
        let counts: Vec<&Counts> = columns.iter().map(|of| &of.latency[step]).collect();
        heat(&counts, fineness.rows, &breaks)
    });
    let is_plain = marks.len() == 1 && marks[0].part.warm_up.is_none();
    let mut begin_time = String::new();
    WallClockFormat::local().push(begin, &mut begin_time);
    Some(Timeline {
        begin,
        begin_time,
        is_by_end: collected.is_by_end,
        width,
        columns: points,
        heats,
        marks: if is_plain { Vec::new() } else { marks },
    })
}

fn point(column: &Column, correction: f64) -> TimelineColumn {
    TimelineColumn {
        due: None,
        started: column.started,
        bought: column.bought,
        failed: column.failed,
        dropped: column.dropped,
        in_flight: 0,
        went: stages(&column.sums[1].journey, correction),
        servers: [0, 1].map(|number| server(&column.servers[number])),
        delays: [0, 1, 2].map(|delay| column.delays[delay].max()),
    }
}

/// The mean stages, corrected for the offset of the server's clock, seconds.
fn stages(sums: &PartSums<STAGES>, correction: f64) -> Option<[f64; 3]> {
    let n = sums.n;
    let [before, inside, after, receive] = sums.sums.map(|sum| sum / n);
    let parts = [before - correction, inside, after + receive + correction];
    (sums.n > 0.0).then(|| parts.map(|nanos| nanos / 1e9))
}

fn server(tally: &ServerTally) -> ServerPoint {
    let offset = tally.offset.and_then(|bounds| {
        let ends = [bounds.at_least?, bounds.at_most?];
        Some(ends.map(|nanos| nanos as f64 / 1e9))
    });
    ServerPoint {
        cpu: tally.cpu.mean(),
        memory: tally.memory.max(),
        service: tally.service.mean(),
        offset,
    }
}

/// The heatmap of some columns, with at most that many rows.
fn heat(columns: &[&Counts], most_rows: usize, breaks: &[usize]) -> Heat {
    let filled = |counts: &&Counts| {
        let first = counts.buckets.iter().position(|count| *count > 0)?;
        Some((first, counts.buckets.iter().rposition(|count| *count > 0)?))
    };
    let ranges: Vec<(usize, usize)> = columns.iter().filter_map(filled).collect();
    let first = ranges.iter().map(|(first, _)| *first).min();
    let last = ranges.iter().map(|(_, last)| *last).max();
    let totals = columns.iter().map(|of| (of.n, of.max)).collect();
    let (Some(first), Some(last)) = (first, last) else {
        return Heat {
            totals,
            ..Heat::default()
        };
    };
    // Rows of 1/32 to 1/4 of an octave, or whole octaves, so that all of them have one height.
    let mut per_row = 4;
    while last / per_row - first / per_row >= most_rows {
        per_row *= 2;
    }
    let first_row = first / per_row;
    let rows = last / per_row - first_row + 1;
    let mut heat = Heat {
        bounds: (0..=rows)
            .map(|row| latency::begin((first_row + row) * per_row))
            .collect(),
        cells: Vec::new(),
        totals,
        windows: windows(columns, breaks),
        most: 0,
    };
    for (column, counts) in columns.iter().enumerate() {
        for row in 0..rows {
            let from = (first_row + row) * per_row;
            let buckets = counts.buckets.get(from..from + per_row);
            let count: u32 = buckets.unwrap_or_default().iter().sum();
            if count > 0 {
                heat.most = heat.most.max(count);
                heat.cells.push((column as u16, row as u16, count));
            }
        }
    }
    heat
}

/// Windows with at least [`WINDOW`] requests each, as far as there are as many; none spans a break.
fn windows(columns: &[&Counts], breaks: &[usize]) -> Vec<Window> {
    let mut found: Vec<(usize, usize, Counts)> = Vec::new();
    let mut may_extend = false;
    for (column, counts) in columns.iter().enumerate() {
        if breaks.contains(&column) {
            may_extend = false;
        }
        if counts.n == 0 {
            continue;
        }
        match found.last_mut() {
            Some((_, end, of)) if may_extend && of.n < WINDOW => {
                *end = column + 1;
                of.merge(counts);
            }
            _ => found.push((column, column + 1, (*counts).clone())),
        }
        may_extend = true;
    }
    join_remainder(&mut found, breaks);
    found.iter().map(window).collect()
}

/// A last window with too few requests joins the one before it.
fn join_remainder(found: &mut Vec<(usize, usize, Counts)>, breaks: &[usize]) {
    let mut place = 1;
    while place < found.len() {
        let (from, end, counts) = &found[place];
        let before = found[place - 1].0;
        let is_within = |of: &usize| *of > before && of <= from;
        let is_short = counts.n < WINDOW && !breaks.iter().any(is_within);
        if is_short {
            let (end, counts) = (*end, counts.clone());
            found[place - 1].1 = end;
            found[place - 1].2.merge(&counts);
            found.remove(place);
        } else {
            place += 1;
        }
    }
}

fn window((from, to, counts): &(usize, usize, Counts)) -> Window {
    let rank = |percent: u64| (counts.n * percent).div_ceil(100);
    let at = |percent| counts.at_rank(rank(percent));
    Window {
        columns: [*from as u16, *to as u16],
        n: counts.n,
        p50: at(50).filter(|_| counts.n >= 2),
        p99: at(99).filter(|_| counts.n >= WINDOW),
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
