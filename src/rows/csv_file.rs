//! The report file: opened and checked before any load is sent, appended to in whole rows, and
//! looked for in its place at the end.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::row::Row;
use crate::rows::appender::{Appender, Output};
use crate::rows::encode::Encoder;
use crate::rows::existing::{self, Continuation};
use crate::rows::place::{self, Opened, Whereabouts};
use crate::rows::rescue;
use crate::text::Printable;
use crate::time::clock::Clock;

/// The path that stands for standard output.
const STDOUT: &str = "-";

/// What is the same in all rows of a run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The run's description, written in every row.
    pub title: String,
    /// Times in UTC with a `Z`, instead of local time.
    pub utc: bool,
    /// With the columns of the phases.
    pub phases: bool,
}

/// Why a report cannot be written: one line that names the file and the mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenError(pub String);

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.0).fmt(f)
    }
}

impl std::error::Error for OpenError {}

/// A report that this run appends to.
///
/// A file that this run made and wrote no row to is removed again when the value is dropped.
#[derive(Debug)]
pub struct ReportFile {
    path: PathBuf,
    is_new: bool,
    /// The length of what waits to go before the first row, bytes.
    prefix: usize,
    appender: Appender<Output>,
    encoder: Encoder,
}

impl ReportFile {
    /// Opens a report (`-` is standard output), locks it against other runs and checks that its
    /// rows can be continued. Nothing is written yet: the header goes out with the first rows.
    ///
    /// A file that is there already is read through once, to see that it ends with a whole row.
    pub fn open(path: &Path, settings: Settings) -> Result<ReportFile, OpenError> {
        let refused = |why: String| OpenError(format!("{}: {why}", path.display()));
        let Opened { output, is_new } = if path == Path::new(STDOUT) {
            place::open_stdout().map_err(|error| OpenError(format!("standard output: {error}")))?
        } else {
            place::open(path).map_err(refused)?
        };
        let continuation = if output.is_regular {
            existing::check(&output.file, settings.phases).map_err(|why| {
                refused(format!(
                    "{why}: choose another file with -o (it is not changed)"
                ))
            })?
        } else {
            Continuation::Header
        };
        let mut encoder = Encoder::new(settings.title, settings.utc).with_phases(settings.phases);
        let mut prefix = Vec::new();
        match continuation {
            Continuation::Header => encoder.header(&mut prefix),
            Continuation::LineBreak(text) => prefix.extend_from_slice(text.as_bytes()),
        }
        Ok(ReportFile {
            path: path.to_owned(),
            is_new,
            prefix: prefix.len(),
            appender: Appender::new(output, prefix).map_err(|error| refused(error.to_string()))?,
            encoder,
        })
    }

    /// Whether the rows go where standard output goes, so that nothing else should.
    pub fn is_standard_output(&self) -> bool {
        self.path == Path::new(STDOUT)
            || place::is_standard_output(&self.appender.store.file).unwrap_or(false)
    }

    /// Takes a row; it is written with the next batch.
    pub fn push(&mut self, row: &Row, clock: &Clock) {
        let encoder = &mut self.encoder;
        self.appender.push(|out| encoder.row(row, clock, out));
    }

    /// Where the next row that is pushed will begin, bytes; absent for a stream.
    pub fn position(&self) -> Option<u64> {
        let waiting = self.appender.pending().len() as u64;
        (self.appender.store.is_regular).then(|| self.appender.end() + waiting)
    }

    /// Rows of this run that are whole in the file.
    pub fn written_rows(&self) -> u64 {
        self.appender.written_rows()
    }

    /// Rows that wait for the next batch.
    pub fn pending_rows(&self) -> u64 {
        self.appender.pending_rows()
    }

    /// The size of what waits, bytes.
    pub fn pending_bytes(&self) -> usize {
        self.appender.pending().len()
    }

    /// Writes the rows that wait. After an error they go on waiting, in memory, and are tried again
    /// with the next batch; a file then still ends with a whole row.
    pub fn flush_batch(&mut self) -> Result<(), WriteError> {
        self.appender
            .flush()
            .map_err(|error| self.error(Cause::Os(error)))
    }

    /// Whether the file is still where it was opened, and whole: a look that costs two system
    /// calls, for every now and then during a run. Streams always are.
    pub fn verify_in_place(&self) -> Result<(), WriteError> {
        let Output { file, is_regular } = &self.appender.store;
        if !is_regular {
            return Ok(());
        }
        let whereabouts = place::whereabouts(file, &self.path)
            .and_then(|found| Ok((found, file.metadata()?.len())));
        match whereabouts {
            Ok((Whereabouts::InPlace, length)) if length < self.appender.end() => {
                Err(self.error(Cause::Cut { length }))
            }
            Ok((Whereabouts::InPlace, _)) => Ok(()),
            Ok((Whereabouts::Moved(to), _)) => Err(self.error(Cause::Moved(to))),
            Ok((Whereabouts::Gone, _)) => Err(self.error(Cause::Gone)),
            Err(error) => Err(self.error(Cause::Os(error))),
        }
    }

    /// Writes what waits, has the system store it, and looks whether the file is still in its
    /// place. Returns the number of rows this run wrote.
    ///
    /// Rows that did not get into a file are put into a new one in the directory for temporary
    /// files, which the error names. (Not those for a stream: its reader went away.)
    pub fn finish(mut self) -> Result<u64, WriteError> {
        // Where the file is matters more than why the last rows did not get into it.
        let result = self.flush_batch().and_then(|()| self.store());
        match self.verify_in_place().and(result) {
            Ok(()) => Ok(self.written_rows()),
            Err(mut error) => {
                error.rescue = self.rescue(&error.cause);
                Err(error)
            }
        }
    }

    /// Asks the system to store the file: some file systems find out only then that they are full.
    fn store(&self) -> Result<(), WriteError> {
        let Output { file, is_regular } = &self.appender.store;
        if !is_regular || self.written_rows() == 0 {
            return Ok(());
        }
        file.sync_data().map_err(|error| WriteError {
            safe_rows: 0,
            unsafe_rows: self.written_rows(),
            ..self.error(Cause::Os(error))
        })
    }

    fn error(&self, cause: Cause) -> WriteError {
        let (written, pending) = (self.written_rows(), self.pending_rows());
        let safe_rows = match cause {
            Cause::Os(_) | Cause::Moved(_) => written,
            Cause::Gone | Cause::Cut { .. } => 0,
        };
        WriteError {
            path: self.path.clone(),
            is_stream: !self.appender.store.is_regular,
            safe_rows,
            unsafe_rows: written + pending - safe_rows,
            cause,
            rescue: None,
        }
    }

    fn rescue(&mut self, cause: &Cause) -> Option<io::Result<PathBuf>> {
        let Output { file, is_regular } = &self.appender.store;
        let (written, waiting) = (self.written_rows(), self.pending_rows());
        let pending = self.appender.pending();
        if !is_regular || written + waiting == 0 {
            return None;
        }
        if matches!(cause, Cause::Gone) {
            return Some(rescue::whole(file, self.appender.end(), pending));
        }
        if waiting == 0 {
            return None;
        }
        let prefix = if written == 0 { self.prefix } else { 0 };
        let mut header = Vec::new();
        self.encoder.header(&mut header);
        Some(rescue::rows(&header, &pending[prefix..]))
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        let Output { file, .. } = &self.appender.store;
        let is_junk = self.is_new
            && file.metadata().is_ok_and(|metadata| metadata.len() == 0)
            && place::whereabouts(file, &self.path).is_ok_and(|at| at == Whereabouts::InPlace);
        if is_junk {
            // Nobody misses an empty file that could not be removed.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Rows that did not get into the report, and why.
#[derive(Debug)]
pub struct WriteError {
    /// The report's path as it was given; `-` is standard output.
    pub path: PathBuf,
    /// Whether that is a stream (a pipe, a device), of whose rows no more than the writing is known.
    pub is_stream: bool,
    /// Rows of this run that are whole in the file.
    pub safe_rows: u64,
    /// Rows of this run that are not.
    pub unsafe_rows: u64,
    /// What happened.
    pub cause: Cause,
    /// The file into which the others were put instead, or why that failed too; absent during the
    /// run and where nothing could be done.
    pub rescue: Option<io::Result<PathBuf>>,
}

/// What keeps rows out of a report.
#[derive(Debug)]
pub enum Cause {
    /// An error of a system call: no space left, a broken pipe.
    Os(io::Error),
    /// The file is now at another path.
    Moved(PathBuf),
    /// The file, or the directory it was in, is removed.
    Gone,
    /// Another program has cut the file to this many bytes.
    Cut {
        /// Bytes.
        length: u64,
    },
}

impl WriteError {
    /// Whether the reader of the rows went away (EPIPE), as `head` does when it has had enough.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(&self.cause, Cause::Os(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.path == Path::new(STDOUT) {
            "standard output".to_owned()
        } else {
            self.path.display().to_string()
        };
        write!(f, "{}: ", Printable(&name))?;
        match &self.cause {
            Cause::Os(error) => write!(f, "{error}")?,
            Cause::Moved(to) => {
                let to = to.display().to_string();
                write!(f, "the file was moved to {} during the run", Printable(&to))?;
            }
            Cause::Gone => f.write_str("the file was removed or replaced during the run")?,
            Cause::Cut { length } => {
                write!(
                    f,
                    "another program cut the file to {length} bytes during the run"
                )?;
            }
        }
        let (safe, lost) = (self.safe_rows, self.unsafe_rows);
        if self.is_stream {
            write!(f, ": {safe} rows of this run were written, {lost} were not")?;
        } else {
            write!(
                f,
                ": {safe} rows of this run are safe in it, {lost} are not"
            )?;
        }
        match &self.rescue {
            None => Ok(()),
            Some(Ok(path)) => {
                let path = path.display().to_string();
                write!(f, "; those are in {}", Printable(&path))
            }
            Some(Err(error)) => write!(f, "; putting those elsewhere failed too: {error}"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Os(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
#[path = "csv_file_tests.rs"]
mod tests;
