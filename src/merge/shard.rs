//! One shard, as it is found in a file of rows and the lines beside it.

use std::fs::File;
use std::io::{self, BufReader};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::report::{instant, zone_of};
use crate::rows::columns::header_line;
use crate::rows::read::{ReadRow, ZoneRange, read_rows};
use crate::rows::runs::{self, EndLine, Line, PartLine, RunLine};
use crate::text::counted;

use super::error::MergeError;

/// A start as the rows have it is cut to microseconds, nanoseconds.
const CUT: i64 = 1_000;

/// A row's line break, bytes.
const LINE_BREAK: u64 = 2;

/// Bits of [`Entry::place`] that hold a row's length: a record has at most 4 MiB.
const LENGTH_BITS: u32 = 23;

/// What was found in a file.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing that says which shard it is.
    Nothing {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A shard, perhaps a broken one.
    Shard(Box<Loaded>),
}

/// A shard that was found.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The file of its rows.
    pub path: PathBuf,
    /// Its number, counted from 1.
    pub index: u64,
    /// The number of shards.
    pub count: u64,
    /// The line of its run.
    pub run: RunLine,
    /// The lines of its parts, in their order.
    pub parts: Vec<PartLine>,
    /// Its last line.
    pub end: Option<EndLine>,
    /// Where the rows of each part are, in the order of their starts.
    pub rows: Vec<Vec<Entry>>,
    /// Runs in the same file before it.
    pub earlier_runs: usize,
    /// What it lacks: it cannot be merged.
    pub problem: Option<String>,
    file: Option<File>,
}

/// Where a row is, in 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// Its start, nanoseconds since the Unix epoch; that of the row before it if it has none.
    pub start: i64,
    /// Its first byte, and its length.
    place: u64,
}

impl Entry {
    fn of(start: i64, begin: u64, end: u64) -> Entry {
        Entry {
            start,
            place: begin << LENGTH_BITS | end.saturating_sub(begin),
        }
    }

    /// The first byte, and the first beyond the last; line breaks may be at both ends.
    pub fn range(self) -> [u64; 2] {
        let begin = self.place >> LENGTH_BITS;
        [begin, begin + (self.place & ((1 << LENGTH_BITS) - 1))]
    }
}

/// Looks for a shard in a file.
pub(super) fn load(path: &Path) -> Result<Found, MergeError> {
    let nothing = |why: &str| {
        Ok(Found::Nothing {
            path: path.to_owned(),
            why: why.to_owned(),
        })
    };
    let file = match File::open(path) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(MergeError::io(path)(error)),
    };
    let found = (file.as_ref().map(File::metadata))
        .transpose()
        .map_err(MergeError::io(path))?;
    if found.as_ref().is_some_and(|found| !found.is_file()) {
        return Err(MergeError::Io {
            path: path.to_owned(),
            error: io::Error::other("it is not a regular file"),
        });
    }
    let (lines, unreadable) = runs::read(path).map_err(MergeError::io(&runs::path_of(path)))?;
    let (runs, of_last) = last_run(lines);
    let Some((run, parts, end)) = of_last else {
        return match found.map(|found| found.len()) {
            None => nothing("does not exist"),
            Some(0) => nothing("is empty"),
            Some(_) if unreadable > 0 => nothing("has lines beside it that cannot be read"),
            Some(_) => nothing(&format!(
                "has rows, but {}.runs.jsonl, which names their run, does not exist or is empty (fetch it too, and \
                 run shards without --no-runs-file)",
                path.display()
            )),
        };
    };
    if run.merged.is_some() {
        return Err(MergeError::Merged {
            path: path.to_owned(),
        });
    }
    let Some((index, count)) = shard_of(&run) else {
        return Err(MergeError::Unsharded {
            path: path.to_owned(),
        });
    };
    let mut loaded = Loaded {
        path: path.to_owned(),
        index,
        count,
        rows: parts.iter().map(|_| Vec::new()).collect(),
        problem: None,
        earlier_runs: runs - 1,
        run,
        parts,
        end,
        file,
    };
    let read = loaded.read_rows()?;
    loaded.problem = loaded.lacks(&read);
    Ok(Found::Shard(Box::new(loaded)))
}

/// Which shard a run is, and of how many; absent for a run that is not sharded.
pub(super) fn shard_of(run: &RunLine) -> Option<(u64, u64)> {
    let (index, count) = run.shard.as_deref()?.split_once('/')?;
    let (index, count) = (index.parse().ok()?, count.parse().ok()?);
    (1..=count).contains(&index).then_some((index, count))
}

/// The instant at which a run was to start, nanoseconds since the Unix epoch.
pub(super) fn start_of(run: &RunLine) -> Option<i64> {
    instant(run.start_at.as_deref())
}

type LastRun = (RunLine, Vec<PartLine>, Option<EndLine>);

/// How many runs there are, and the last of them.
fn last_run(lines: Vec<Line>) -> (usize, Option<LastRun>) {
    let mut runs = 0;
    let mut last: Option<LastRun> = None;
    for line in lines {
        match (line, &mut last) {
            (Line::Run(run), _) => {
                runs += 1;
                last = Some((*run, Vec::new(), None));
            }
            (Line::Part(part), Some((run, parts, _))) if part.run == run.run => parts.push(*part),
            (Line::End(line), Some((run, _, end))) if line.run == run.run => *end = Some(*line),
            _ => {}
        }
    }
    (runs, last)
}

/// What the rows of a part are.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    rows: u64,
    extent: Option<[u64; 2]>,
    first: Option<i64>,
    last: Option<i64>,
}

impl Seen {
    fn add(&mut self, row: &ReadRow, start: Option<i64>) {
        self.rows += 1;
        let begin = self.extent.map_or(row.begin, |[begin, _]| begin);
        self.extent = Some([begin, row.end]);
        self.first = self.first.into_iter().chain(start).min();
        self.last = self.last.max(start);
    }

    /// Whether these are the rows of the line.
    fn fits(&self, line: &PartLine) -> bool {
        let is_start = |recorded: &Option<String>, read: Option<i64>| match (
            instant(recorded.as_deref()),
            read,
        ) {
            (Some(recorded), Some(read)) => (0..=CUT).contains(&(recorded - read)),
            (None, None) => true,
            _ => false,
        };
        let is_whole = match (line.range, self.extent) {
            (Some([from, to]), Some([begin, end])) => {
                begin <= from && from - begin <= LINE_BREAK && end <= to && to - end <= LINE_BREAK
            }
            (_, None) => line.rows == 0,
            (None, Some(_)) => false,
        };
        self.rows == line.rows
            && is_whole
            && is_start(&line.first_start, self.first)
            && is_start(&line.last_start, self.last)
    }
}

impl Loaded {
    /// Reads its rows once: where they are, and what they are.
    fn read_rows(&mut self) -> Result<Vec<Seen>, MergeError> {
        let mut seen = vec![Seen::default(); self.parts.len()];
        let Some(file) = &self.file else {
            return Ok(seen);
        };
        let zone = zone_of(&self.run);
        let mut ranges: Vec<([u64; 2], usize)> = (self.parts.iter().enumerate())
            .filter_map(|(part, line)| Some((line.range.filter(|[from, to]| from < to)?, part)))
            .collect();
        ranges.sort_unstable();
        let zones = ranges.iter().map(|(range, part)| ZoneRange {
            range: *range,
            zone: zone.clone(),
            near: instant(self.parts[*part].first_start.as_deref()),
        });
        // A header that cannot be read, or none: then there are no rows.
        let Ok(rows) = read_rows(BufReader::with_capacity(256 << 10, file)) else {
            return Ok(seen);
        };
        let mut before = vec![i64::MIN; self.parts.len()];
        for row in rows.with_zones(zones.collect()) {
            // What cannot be read is missed below: the lines know how many rows there are.
            let Ok(row) = row else { continue };
            let place = ranges.partition_point(|(range, _)| range[1] < row.end);
            let part = (ranges.get(place))
                .filter(|(range, _)| range[0] < row.end)
                .map(|(_, part)| *part);
            let Some(part) = part else { continue };
            let start = (row.row.home.started).and_then(|at| i64::try_from(at.nanos()).ok());
            // A row that cannot be kept is missed below, too.
            if row.end.saturating_sub(row.begin) >> LENGTH_BITS > 0 {
                continue;
            }
            seen[part].add(&row, start);
            before[part] = start.unwrap_or(before[part]);
            self.rows[part].push(Entry::of(before[part], row.begin, row.end));
        }
        self.rows.iter_mut().for_each(|rows| rows.sort_unstable());
        Ok(seen)
    }

    /// What it lacks.
    fn lacks(&self, seen: &[Seen]) -> Option<String> {
        let name = self.path.display();
        let here: u64 = seen.iter().map(|seen| seen.rows).sum();
        let Some(end) = &self.end else {
            let rows = counted(here, "row", "rows");
            return Some(format!(
                "{name} has no end line ({rows} in whole parts): it was killed, or is still running"
            ));
        };
        if self.file.is_none() && end.rows > 0 {
            return Some(format!("{name} does not exist"));
        }
        let told: u64 = self.parts.iter().map(|part| part.rows).sum();
        let misfit = (self.parts.iter().zip(seen)).find(|(line, seen)| !seen.fits(line));
        let lost = (self.parts.iter()).find_map(|part| part.range_missing.as_ref());
        match (end.ending.as_str(), misfit) {
            ("failed", _) => Some(format!("{name} is of a run that failed")),
            (_, Some(_)) if here < end.rows => Some(format!(
                "{name} has {here} of the {} in its lines: it was cut, or not fetched whole",
                counted(end.rows, "row", "rows")
            )),
            (_, Some(_)) => Some(format!(
                "{name} has other rows than its lines say: it was edited"
            )),
            _ if told < end.rows => Some(match lost {
                Some(why) => format!("{name} has not all rows of its run: {why}"),
                None => format!("{name} has {} rows of no part", end.rows - told),
            }),
            _ => None,
        }
    }

    /// The signal that ended it early, by name.
    pub fn interrupted(&self) -> Option<&str> {
        let end = self.end.as_ref()?;
        (end.ending == "interrupted").then(|| end.signal.as_deref().unwrap_or("a signal"))
    }

    /// Its header, where that is not the one of this version.
    pub fn other_header(&self) -> Result<Option<String>, MergeError> {
        let (Some(file), true) = (&self.file, self.rows.iter().any(|rows| !rows.is_empty())) else {
            return Ok(None);
        };
        let expected = header_line(self.run.phases);
        let mut found = vec![0; expected.len()];
        let is_it = match file.read_exact_at(&mut found, 0) {
            Ok(()) => found == expected,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
            Err(error) => return Err(MergeError::io(&self.path)(error)),
        };
        Ok((!is_it).then(|| String::from_utf8_lossy(&found).into_owned()))
    }

    /// A reader of its rows.
    pub fn reader(&self) -> Option<RowReader<'_>> {
        Some(RowReader {
            file: self.file.as_ref()?,
            path: &self.path,
            block: Vec::new(),
            at: 0,
        })
    }
}

/// Reads rows by their places, a block at a time: most of them are near the one before.
#[derive(Debug)]
pub(super) struct RowReader<'a> {
    file: &'a File,
    path: &'a Path,
    block: Vec<u8>,
    /// Where the block begins.
    at: u64,
}

impl RowReader<'_> {
    /// The least that is read at once, bytes.
    const BLOCK: usize = 128 << 10;

    /// The bytes of a row, without line breaks around it.
    pub fn row(&mut self, entry: Entry) -> Result<&[u8], MergeError> {
        let [begin, end] = entry.range();
        if begin < self.at || end > self.at + self.block.len() as u64 {
            let length = usize::try_from(end - begin).unwrap_or(usize::MAX);
            self.block.resize(length.max(Self::BLOCK), 0);
            self.at = begin;
            let mut filled = 0;
            while filled < self.block.len() {
                match self
                    .file
                    .read_at(&mut self.block[filled..], begin + filled as u64)
                {
                    Ok(0) => break,
                    Ok(n) => filled += n,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(MergeError::io(self.path)(error)),
                }
            }
            self.block.truncate(filled);
            if filled < length {
                return Err(MergeError::Io {
                    path: self.path.to_owned(),
                    error: io::Error::other("it was cut while it was read"),
                });
            }
        }
        let from = (begin - self.at) as usize;
        let bytes = &self.block[from..from + (end - begin) as usize];
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let lead = bytes.iter().take_while(|byte| is_break(byte)).count();
        let tail = bytes.iter().rev().take_while(|byte| is_break(byte)).count();
        Ok(&bytes[lead..(bytes.len() - tail).max(lead)])
    }
}
