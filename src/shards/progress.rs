//! The progress of all processes in one line.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use crate::console::Lines;
use crate::settings::ProgressMode;
use crate::sys::clock;
use crate::sys::clock::Instant;
use crate::sys::terminal;
use crate::time::writing::WallClockFormat;

use super::directory::Directory;
use super::plan::Plan;

/// The time between two drawings: rows are counted in the files.
const DRAWN_EVERY: Duration = Duration::from_millis(500);

/// The time between two lines of a log.
const LOGGED_EVERY: Duration = Duration::from_secs(5);

/// The most that is read of a file of rows at once, bytes.
const BLOCK: usize = 64 << 10;

/// Writes the progress to standard error.
#[derive(Debug)]
pub(super) struct Progress {
    out: Lines,
    mode: Mode,
    rows: Vec<Rows>,
    start_at: i64,
    written: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Hidden,
    Line,
    Log,
}

/// The rows of a shard, as far as they were counted.
#[derive(Debug)]
struct Rows {
    path: PathBuf,
    file: Option<File>,
    lines: u64,
}

impl Progress {
    /// Progress as it is asked for.
    pub fn on_stderr(plan: &Plan<'_>, directory: &Directory) -> Progress {
        let mode = match plan.settings.progress {
            ProgressMode::Auto if io::stderr().is_terminal() => Mode::Line,
            ProgressMode::Auto | ProgressMode::Never => Mode::Hidden,
            ProgressMode::Log => Mode::Log,
        };
        let rows = directory.rows().map(|path| Rows {
            path,
            file: None,
            lines: 0,
        });
        Progress {
            out: Lines::on_stderr(),
            mode,
            rows: rows.collect(),
            start_at: plan.start_at,
            written: Instant::now(),
        }
    }

    /// Writes it, if it is due. `running`: the processes that have not ended.
    pub fn draw(&mut self, running: usize) {
        let every = match self.mode {
            Mode::Hidden => return,
            Mode::Line => DRAWN_EVERY,
            Mode::Log => LOGGED_EVERY,
        };
        if self.written.elapsed() < every {
            return;
        }
        self.written = Instant::now();
        let rows = self.rows.iter_mut().map(Rows::count).sum();
        let now = i64::try_from(clock::realtime_nanos()).unwrap_or(i64::MAX);
        let since = now.saturating_sub(self.start_at);
        let text = line(rows, since, running, self.rows.len());
        let written = match self.mode {
            Mode::Log => {
                let mut stamped = String::new();
                WallClockFormat::local().push(now, &mut stamped);
                writeln!(self.out, "{stamped} {text}")
            }
            Mode::Line | Mode::Hidden => {
                let width = terminal::columns(&io::stderr()).map_or(79, |columns| columns - 1);
                write!(self.out, "\r{text:.width$}\x1b[K")
            }
        };
        // One that is not taken is dropped; the next is newer.
        let _ = written.and_then(|()| self.out.flush());
    }

    /// Takes the line away.
    pub fn finish(mut self) {
        if self.mode == Mode::Line {
            self.out.keep_text("\r\x1b[K");
        }
        self.out.finish(Some(Duration::from_secs(1)));
    }
}

/// The text. `since`: from the start on, nanoseconds.
fn line(rows: u64, since: i64, running: usize, count: usize) -> String {
    let seconds = since as f64 / 1e9;
    match since < 0 {
        true => format!(
            "starts in {:.1} s, {running} of {count} shards ready or getting ready",
            -seconds
        ),
        false => format!("{rows} rows, {seconds:.1} s, {running} of {count} shards running"),
    }
}

impl Rows {
    /// How many there are: lines without the header. A line break in an error message counts as one, too.
    fn count(&mut self) -> u64 {
        if self.file.is_none() {
            self.file = File::open(&self.path).ok();
        }
        let mut block = [0; BLOCK];
        if let Some(file) = &mut self.file {
            while let Ok(length @ 1..) = file.read(&mut block) {
                self.lines += memchr::memchr_iter(b'\n', &block[..length]).count() as u64;
            }
        }
        self.lines.saturating_sub(1)
    }
}

#[cfg(test)]
#[path = "progress_tests.rs"]
mod tests;
