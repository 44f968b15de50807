//! The merged file: rows of all shards by part, then by start, and the lines beside them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::rows::columns::header_line;
use crate::rows::place::is_stdout_name;
use crate::rows::runs::{self, Line, RunsFile};

use super::error::MergeError;
use super::shard::{Entry, Loaded, RowReader};

/// A file that is made by a merge. Unless the merge succeeds it is left as it was: absent or empty.
#[derive(Debug)]
pub(super) struct Output {
    path: PathBuf,
    file: File,
    is_new: bool,
    /// What a failed merge has to take back.
    is_unfinished: bool,
}

impl Output {
    /// Makes the file, or opens an empty one.
    pub fn open(path: &Path, inputs: &[PathBuf]) -> Result<Output, MergeError> {
        let refused = |why: &str| {
            Err(MergeError::Output {
                path: path.to_owned(),
                why: why.to_owned(),
            })
        };
        if path == Path::new("-") || is_stdout_name(path) {
            return refused("rows are merged into a file, not to standard output");
        }
        if inputs.iter().any(|input| is_same(input, path)) {
            return refused("it is one of the files to merge");
        }
        match fs::metadata(path) {
            Ok(found) if !found.is_file() => return refused("it is not a regular file"),
            Ok(found) if found.len() > 0 => return refused("it is not empty"),
            _ => {}
        }
        let lines = runs::path_of(path);
        if fs::metadata(&lines).is_ok_and(|found| found.len() > 0) {
            let lines = lines.display();
            return refused(&format!("{lines}, beside it, is not empty"));
        }
        let mut options = OpenOptions::new();
        options.write(true);
        let (file, is_new) = match options.clone().create_new(true).open(path) {
            Ok(file) => (file, true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let opened = options.create(true).truncate(false).open(path);
                (opened.map_err(MergeError::io(path))?, false)
            }
            Err(error) => return Err(MergeError::io(path)(error)),
        };
        // Some file systems have no locks.
        if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
            return refused("another program is writing to it");
        }
        Ok(Output {
            path: path.to_owned(),
            file,
            is_new,
            is_unfinished: true,
        })
    }

    /// Writes the rows, and returns where those of each part are.
    pub fn write(&mut self, shards: &[Loaded]) -> Result<Vec<[u64; 2]>, MergeError> {
        let error = MergeError::io(&self.path);
        let mut out = BufWriter::with_capacity(256 << 10, &self.file);
        let header = header_line(shards.first().is_some_and(|shard| shard.run.phases));
        out.write_all(&header).map_err(&error)?;
        let mut at = header.len() as u64;
        let mut ranges = Vec::new();
        let parts = shards.iter().map(|shard| shard.rows.len()).max();
        for number in 0..parts.unwrap_or(0) {
            let from = at;
            at += write_part(number, shards, &mut out, &error)?;
            ranges.push([from, at]);
        }
        out.flush().map_err(&error)?;
        drop(out);
        self.file.sync_data().map_err(&error)?;
        Ok(ranges)
    }

    /// Writes the lines, last of all: with them the file counts.
    pub fn finish(mut self, lines: impl Iterator<Item = Line>) -> Result<(), MergeError> {
        let path = runs::path_of(&self.path);
        let mut file = RunsFile::open(&self.path).map_err(MergeError::io(&path))?;
        for line in lines {
            file.append(&line).map_err(MergeError::io(&path))?;
        }
        self.is_unfinished = false;
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if self.is_unfinished {
            // The error that ended the merge is told; this is the best that can be done after it.
            let _ = self.file.set_len(0);
            let _ = fs::remove_file(runs::path_of(&self.path));
            if self.is_new {
                let _ = fs::remove_file(&self.path);
            }
        }
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let of = |path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    match (of(one), of(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// Merges the rows of one part, of which each shard's are in the order of their starts. Returns their bytes.
fn write_part(
    number: usize,
    shards: &[Loaded],
    out: &mut impl Write,
    error: &impl Fn(io::Error) -> MergeError,
) -> Result<u64, MergeError> {
    let mut sources: Vec<(std::slice::Iter<'_, Entry>, RowReader<'_>)> = (shards.iter())
        .filter_map(|shard| Some((shard.rows.get(number)?.iter(), shard.reader()?)))
        .collect();
    let mut next: BinaryHeap<Reverse<(i64, usize, Entry)>> = BinaryHeap::new();
    for (place, (rows, _)) in sources.iter_mut().enumerate() {
        next.extend(rows.next().map(|row| Reverse((row.start, place, *row))));
    }
    let mut bytes = 0;
    while let Some(Reverse((_, place, entry))) = next.pop() {
        let (rows, reader) = &mut sources[place];
        let row = reader.row(entry)?;
        out.write_all(row).map_err(error)?;
        out.write_all(b"\r\n").map_err(error)?;
        bytes += row.len() as u64 + 2;
        next.extend(rows.next().map(|row| Reverse((row.start, place, *row))));
    }
    Ok(bytes)
}
