//! The files that rows are read from: each is read several times, so that what can be read once only
//! (standard input, a pipe) is copied to a temporary file.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::rows::read::{ReadError, ReadRow, Rows, ZoneRange, read_rows};

use super::error::ReportError;

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// What standard input is called where people read it.
const INPUT_NAME: &str = "standard input";

/// A file as people read of it: the name that was given, or standard input in words.
pub fn name_of(path: &Path) -> String {
    match path.to_str() {
        Some(STANDARD_INPUT) => INPUT_NAME.to_owned(),
        _ => path.display().to_string(),
    }
}

/// How much of each row is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// What its run is found by, and whether its shopper bought.
    Brief,
    /// All of it.
    Whole,
}

/// A file of rows.
#[derive(Debug)]
pub(super) struct Source {
    /// Its name as it was given; that of standard input in words.
    pub path: PathBuf,
    file: File,
    /// Whether there may be lines beside it.
    pub has_lines: bool,
}

impl Source {
    pub fn open(path: &Path) -> Result<Source, ReportError> {
        let error = |error| ReportError::Io {
            path: path.to_owned(),
            error,
        };
        let is_input = path == Path::new(STANDARD_INPUT);
        let (file, is_file) = match is_input {
            true => (copied(io::stdin().lock()).map_err(error)?, false),
            false => {
                let file = File::open(path).map_err(error)?;
                match file.metadata().map_err(error)? {
                    found if found.is_file() => (file, true),
                    found if found.is_dir() => {
                        return Err(error(io::ErrorKind::IsADirectory.into()));
                    }
                    _ => (copied(file).map_err(error)?, false),
                }
            }
        };
        Ok(Source {
            path: match is_input {
                true => PathBuf::from(INPUT_NAME),
                false => path.to_owned(),
            },
            file,
            has_lines: is_file,
        })
    }

    /// Reads all rows from the beginning. Rows that cannot be understood go to `skipped` if they are to be
    /// skipped; otherwise the first of them is the error. Gives what is wrong with the last row, where that
    /// was cut or is being written: it does not count.
    pub fn each(
        &self,
        zones: &[ZoneRange],
        extent: Extent,
        lenient: bool,
        mut skipped: impl FnMut(ReadError),
        mut take: impl FnMut(&ReadRow) -> Result<(), ReportError>,
    ) -> Result<Option<ReadError>, ReportError> {
        let mut rows = self.rows(zones)?;
        // What is to be skipped is the same in every pass.
        if extent == Extent::Brief && !lenient {
            rows = rows.in_brief();
        }
        let mut wrong = None;
        let mut row = ReadRow::default();
        while let Some(read) = rows.read(&mut row) {
            match wrong.take() {
                Some(error) if lenient => skipped(error),
                Some(error) => return Err(self.error(error)),
                None => {}
            }
            match read {
                Ok(()) => take(&row)?,
                Err(error) => wrong = Some(error),
            }
        }
        match wrong {
            Some(error) if !rows.is_terminated() => Ok(Some(error)),
            Some(error) if !lenient => Err(self.error(error)),
            Some(error) => {
                skipped(error);
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// The rows from the beginning.
    fn rows(&self, zones: &[ZoneRange]) -> Result<Rows<Positioned<'_>>, ReportError> {
        let input = Positioned {
            file: &self.file,
            at: 0,
        };
        read_rows(input)
            .map(|rows| rows.with_zones(zones.to_vec()))
            .map_err(|error| self.error(error))
    }

    fn error(&self, error: ReadError) -> ReportError {
        ReportError::Row {
            path: self.path.clone(),
            error,
        }
    }
}

/// Reads a file from its beginning, wherever others read it.
#[derive(Debug)]
struct Positioned<'a> {
    file: &'a File,
    at: u64,
}

impl Read for Positioned<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read_at(buffer, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

/// Copies what can be read once only into a file that has no name any more.
fn copied(mut input: impl Read) -> io::Result<File> {
    let number = RandomState::new().hash_one(0);
    let path = std::env::temp_dir().join(format!("profilerclient-rows-{number:016x}"));
    let mut file = (OpenOptions::new().read(true).write(true))
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    io::copy(&mut input, &mut file)?;
    Ok(file)
}
