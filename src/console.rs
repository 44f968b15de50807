//! Standard output and standard error: what people read, written so that a reader that takes nothing (a
//! terminal after Ctrl-S, a full pipe) holds up neither the load nor the way out.
//!
//! - [`Console`] waits for the reader, as every program does, but no longer than a moment once a signal has
//!   asked for an end.
//! - [`Lines`] never waits, for use during the load: progress that is not taken at once is dropped, and
//!   messages are kept for later, up to a bound.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

use crate::sys::clock::Instant;
use crate::sys::signal::{self, GRACE};
use crate::sys::stream::{self, Stream};

/// How often a wait looks for signals.
const ASK_SPAN: Duration = Duration::from_millis(100);

/// After a signal, and its [`GRACE`], a reader that has taken nothing for so long is given up.
const LAST_SPAN: Duration = Duration::from_millis(200);

/// The most that [`Lines`] keeps, bytes.
const MOST_KEPT: usize = 16 << 10;

/// What a [`Console`] writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Stdout,
    Stderr,
    Other,
}

/// A standard descriptor, or another output for people. Writing waits for the reader; the error is
/// [`ErrorKind::TimedOut`] where a signal ended the wait.
#[derive(Debug)]
pub struct Console {
    place: Place,
    /// Absent where no further descriptor could be had: then it is written to as it is.
    stream: Option<Stream>,
    /// For how long a reader is waited for that takes nothing; absent for any time.
    patience: Option<Duration>,
}

impl Console {
    /// Standard output.
    pub fn stdout() -> Console {
        Console {
            place: Place::Stdout,
            stream: reopened(&io::stdout()),
            patience: None,
        }
    }

    /// Standard error.
    pub fn stderr() -> Console {
        Console {
            place: Place::Stderr,
            stream: reopened(&io::stderr()),
            patience: None,
        }
    }

    /// A FIFO or a device by its path. Of a FIFO the reader is waited for.
    pub fn open(path: &Path) -> io::Result<Console> {
        let began = Instant::now();
        let stream = loop {
            match Stream::open(path) {
                Err(error) if error.raw_os_error() == Some(libc::ENXIO) => {
                    if is_given_up(began.elapsed()) {
                        return Err(given_up());
                    }
                    std::thread::sleep(ASK_SPAN);
                }
                other => break other?,
            }
        };
        Ok(Console {
            place: Place::Other,
            stream: Some(stream),
            patience: None,
        })
    }

    /// The same with a limit to the wait.
    pub fn with_patience(self, patience: Duration) -> Console {
        Console {
            patience: Some(patience),
            ..self
        }
    }

    /// Writes a line and ignores errors.
    pub fn say(&mut self, line: &str) {
        let _ = self.write_all(format!("{line}\n").as_bytes());
    }

    /// Writes without waiting.
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.place == Place::Stdout && stream::stdout_was_closed() {
            return Err(io::Error::from_raw_os_error(libc::EBADF));
        }
        match (&self.stream, self.place) {
            (Some(stream), _) => stream.write(bytes),
            (None, Place::Stdout) => {
                let mut out = io::stdout();
                out.write(bytes).and_then(|n| out.flush().map(|()| n))
            }
            (None, _) => io::stderr().write(bytes),
        }
    }
}

impl Write for Console {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let began = Instant::now();
        loop {
            match self.try_write(bytes) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                other => return other,
            }
            let stalled = began.elapsed();
            if is_given_up(stalled) || self.patience.is_some_and(|most| stalled >= most) {
                return Err(given_up());
            }
            if let Some(stream) = &self.stream {
                stream.wait(ASK_SPAN)?;
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether an output need not be written to any more: its reader closed it, or a signal ended the wait for
/// it. Neither is an error of this program.
pub fn is_unread(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::TimedOut)
}

/// Whether a signal has asked for an end and a reader that has taken nothing for so long is not waited for
/// any more.
fn is_given_up(stalled: Duration) -> bool {
    signal::received().is_some_and(|(_, at)| at.elapsed() >= GRACE && stalled >= LAST_SPAN)
}

fn given_up() -> io::Error {
    io::Error::new(ErrorKind::TimedOut, "the reader does not read")
}

fn reopened(descriptor: &impl AsFd) -> Option<Stream> {
    let file = File::from(descriptor.as_fd().try_clone_to_owned().ok()?);
    Stream::inherited(file).ok()
}

/// Lines on standard error that are never waited for.
#[derive(Debug)]
pub struct Lines {
    console: Console,
    /// What is to be written before anything else: the rest of a line, and kept lines.
    kept: Vec<u8>,
    /// Lines for which there was no room.
    omitted: u64,
}

impl Lines {
    /// Lines on standard error.
    pub fn on_stderr() -> Lines {
        Lines::on(Console::stderr())
    }

    fn on(console: Console) -> Lines {
        Lines {
            console,
            kept: Vec::new(),
            omitted: 0,
        }
    }

    /// Writes a line: now, or as soon as the reader takes it. Above a bound lines are
    /// only counted.
    pub fn keep(&mut self, line: &str) {
        self.keep_text(&format!("{line}\n"));
    }

    /// The same for a text that is not a whole line.
    pub fn keep_text(&mut self, text: &str) {
        if self.kept.len() + text.len() > MOST_KEPT {
            self.omitted += 1;
            return;
        }
        self.kept.extend_from_slice(text.as_bytes());
        // What is not taken now is tried again with the next; an error concerns messages, not rows.
        let _ = self.write_kept();
    }

    /// Writes what was kept; waits for the reader, but no longer than that if it takes nothing.
    pub fn finish(&mut self, patience: Option<Duration>) {
        if self.omitted > 0 {
            let omitted = self.omitted;
            let line = format!("{omitted} further messages could not be written in time\n");
            self.kept.extend_from_slice(line.as_bytes());
        }
        self.console.patience = patience;
        // An error here concerns messages, not rows.
        let _ = self.console.write_all(&std::mem::take(&mut self.kept));
        self.omitted = 0;
    }

    /// Writes from what is kept what is taken at once; `WouldBlock` if some is left.
    fn write_kept(&mut self) -> io::Result<()> {
        while !self.kept.is_empty() {
            let written = self.write_now_from_kept()?;
            self.kept.drain(..written);
        }
        Ok(())
    }

    fn write_now_from_kept(&mut self) -> io::Result<usize> {
        match self.console.stream.is_some() {
            true => self.console.try_write(&self.kept),
            // It might wait.
            false => Err(ErrorKind::WouldBlock.into()),
        }
    }
}

impl Write for Lines {
    /// Takes all of it, or nothing (`WouldBlock`): the rest of what is written in part is kept.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_kept()?;
        if self.console.stream.is_none() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let written = self.console.try_write(bytes)?;
        self.kept.extend_from_slice(&bytes[written..]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[path = "console_tests.rs"]
mod tests;
