//! Progress on standard error: one line redrawn in place, or a log line every few seconds.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::SIGWINCH;

use crate::console::Lines;
use crate::plan::Plan;
use crate::reactor::Counts;
use crate::settings::{ProgressMode, Verbosity};
use crate::sys::terminal;
use crate::text::bounded;
use crate::time::clock::{Clock, Stamp};
use crate::time::writing::WallClockFormat;

/// The least time between two drawings.
const DRAWING_INTERVAL: Duration = Duration::from_millis(200);

/// The time between two lines of a log.
const LOG_INTERVAL: Duration = Duration::from_secs(5);

/// The default width of a terminal, in columns.
const USUAL_COLUMNS: usize = 80;

/// How progress is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Style {
    /// Not at all.
    Hidden,
    /// A line drawn in place.
    Line {
        /// The columns that may be used.
        width: usize,
    },
    /// A line with a time stamp every five seconds.
    Log,
}

/// Takes the line on a terminal away.
const WIPE: &str = "\r\x1b[K";

/// Writes the progress of a run. What the output does not take at present (`WouldBlock`) is dropped; one
/// that cannot be written is left alone.
#[derive(Debug)]
pub struct Progress<W> {
    out: W,
    style: Style,
    clock: Clock,
    format: WallClockFormat,
    /// Set when the size of the terminal changed.
    resized: Arc<AtomicBool>,
    /// What elapsed time counts from.
    started: Stamp,
    part: Part,
    /// The run as a whole, where it has variants.
    run: Option<WholeRun>,
    /// When the last line was written; before the first one when the run began.
    written: Option<Stamp>,
    is_visible: bool,
    line: String,
}

/// The load in progress, as far as its plan goes.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    origin: Stamp,
    end: Option<Stamp>,
    total: Option<u64>,
}

/// The parts of a run with variants.
#[derive(Clone, Debug, Default)]
struct WholeRun {
    parts: u64,
    /// How long all of them take by their plans, nanoseconds.
    planned: Option<i64>,
    /// The present part, counted from 0, and when it began, commands included.
    number: u64,
    began: Stamp,
    /// Its variant.
    name: String,
}

/// Characters shown of a variant's name.
const MOST_OF_NAME: usize = 20;

impl Progress<Lines> {
    /// Progress on standard error, as configured. `utc`: whether times in a log are in UTC.
    /// `with_line`: whether a terminal may have a line, because nothing else is written to it meanwhile.
    pub fn on_stderr(
        mode: ProgressMode,
        verbosity: Verbosity,
        with_line: bool,
        utc: bool,
        clock: &Clock,
    ) -> Self {
        let shows_line = with_line && verbosity != Verbosity::Quiet && io::stderr().is_terminal();
        let style = match mode {
            ProgressMode::Auto if shows_line => Style::Line { width: width() },
            ProgressMode::Auto | ProgressMode::Never => Style::Hidden,
            // Requested explicitly: quiet does not disable it.
            ProgressMode::Log => Style::Log,
        };
        let progress = Progress::new(Lines::on_stderr(), style, utc, clock);
        if matches!(progress.style, Style::Line { .. }) {
            // Without the signal the next drawing has the new width anyway.
            let _ = signal_hook::flag::register(SIGWINCH, Arc::clone(&progress.resized));
        }
        progress
    }

    /// Writes a message between two drawings, or as soon as standard error takes it.
    pub fn say(&mut self, message: &str) {
        self.clear();
        if std::mem::take(&mut self.is_visible) {
            self.out.keep(&format!("{WIPE}{message}"));
        } else {
            self.out.keep(message);
        }
    }

    /// Takes the line away for good; for what is still to be said.
    pub fn finish(mut self) -> Lines {
        self.clear();
        if self.is_visible {
            self.out.keep_text(WIPE);
        }
        self.out
    }
}

impl<W: Write> Progress<W> {
    /// Progress in that style, from now on.
    pub fn new(out: W, style: Style, utc: bool, clock: &Clock) -> Progress<W> {
        let started = clock.now();
        Progress {
            out,
            style,
            clock: *clock,
            format: match utc {
                true => WallClockFormat::utc(),
                false => WallClockFormat::local(),
            },
            resized: Arc::default(),
            started,
            part: Part::default(),
            run: None,
            written: None,
            is_visible: false,
            line: String::new(),
        }
    }

    /// A load begins.
    pub fn begin(&mut self, plan: &Plan, origin: Stamp) {
        self.part = Part {
            origin,
            end: plan.planned_span().map(|span| origin.after(span)),
            total: plan.known_total(),
        };
    }

    /// A run with variants begins, with that many parts. `planned`: how long they take by their plans.
    pub fn expect(&mut self, parts: u64, planned: Option<Duration>) {
        let nanos = |span: Duration| i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
        self.run = Some(WholeRun {
            parts,
            planned: planned.map(nanos),
            ..WholeRun::default()
        });
    }

    /// A part of such a run is next, counted from 0, of the variant of that name.
    pub fn announce(&mut self, number: u64, name: &str) {
        let began = self.clock.now();
        if let Some(run) = &mut self.run {
            run.number = number;
            run.began = began;
            let name: String = (name.chars())
                .map(|c| if c.is_ascii_graphic() { c } else { '?' })
                .collect();
            run.name = bounded(&name, MOST_OF_NAME).replace('…', "~");
        }
    }

    /// Whether it is time to write.
    pub fn due(&self, now: Stamp) -> bool {
        self.next_due().is_some_and(|due| now >= due)
            || self.is_visible && self.resized.load(Ordering::Relaxed)
    }

    /// When it will be time to write, for the loop's time-out; absent if never.
    pub fn next_due(&self) -> Option<Stamp> {
        match (&self.style, self.written) {
            (Style::Hidden, _) => None,
            (Style::Line { .. }, None) => Some(self.started),
            (Style::Line { .. }, Some(written)) => Some(written.after(DRAWING_INTERVAL)),
            (Style::Log, written) => Some(written.unwrap_or(self.started).after(LOG_INTERVAL)),
        }
    }

    /// Writes the progress, if it is due.
    pub fn draw(&mut self, counts: &Counts, now: Stamp) {
        if !self.due(now) {
            return;
        }
        self.written = Some(now);
        if let Style::Line { width: at_most } = &mut self.style
            && self.resized.swap(false, Ordering::Relaxed)
        {
            *at_most = width();
        }
        self.line.clear();
        let result = match self.style {
            Style::Hidden => Ok(()),
            Style::Line { width } => {
                self.line.push('\r');
                self.put_line(counts, now, width);
                self.line.push_str("\x1b[K");
                self.put()
            }
            Style::Log => {
                let unix_nanos = self.clock.unix_nanos(now);
                self.format.push(unix_nanos, &mut self.line);
                self.line.push(' ');
                self.put_line(counts, now, usize::MAX);
                self.line.push('\n');
                self.put()
            }
        };
        match result {
            Ok(()) => self.is_visible = matches!(self.style, Style::Line { .. }),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => self.style = Style::Hidden,
        }
    }

    /// Clears the line, before other output and at the end. It stays visible where the output accepts
    /// nothing at present.
    pub fn clear(&mut self) {
        if !self.is_visible {
            return;
        }
        self.line.clear();
        self.line.push_str(WIPE);
        match self.put() {
            Ok(()) => self.is_visible = false,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => {
                self.is_visible = false;
                self.style = Style::Hidden;
            }
        }
    }

    /// Writes the line in one piece.
    fn put(&mut self) -> io::Result<()> {
        self.out.write_all(self.line.as_bytes())?;
        self.out.flush()
    }

    /// Appends the text for that many columns: the least important parts are omitted first.
    fn put_line(&mut self, counts: &Counts, now: Stamp, width: usize) {
        let parts = self.parts(counts, now);
        let begin = self.line.len();
        for least in 0..=LEAST_IMPORTANT {
            self.line.truncate(begin);
            for (_, text) in parts
                .iter()
                .filter(|(rank, _)| *rank <= LEAST_IMPORTANT - least)
            {
                let comma = if self.line.len() > begin { ", " } else { "" };
                self.line.push_str(comma);
                self.line.push_str(text);
            }
            if self.line.len() - begin <= width {
                return;
            }
        }
        // All of it is ASCII.
        self.line.truncate(begin.saturating_add(width));
    }

    /// The parts of the line in their order, each with its rank: 0 is the most important.
    fn parts(&self, counts: &Counts, now: Stamp) -> Vec<(u8, String)> {
        let done = counts.bought + counts.failed;
        let seconds = now.since(self.started) as f64 / 1e9;
        let mut parts = vec![(3, format!("{seconds:.1} s"))];
        if let Some(run) = &self.run {
            parts.push((
                2,
                format!("part {}/{} {}", run.number + 1, run.parts, run.name),
            ));
        }
        parts.push(match self.part.total {
            Some(total) => (0, format!("{done}/{total}")),
            None => (0, format!("{done} done")),
        });
        let since_origin = now.since(self.part.origin) as f64 / 1e9;
        if since_origin > 0.0 && done > 0 {
            let rate = done as f64 / since_origin;
            let decimals = if rate < 99.95 { 1 } else { 0 };
            parts.push((1, format!("{rate:.decimals$}/s")));
        }
        if let Some(left) = self.left(done, since_origin, now) {
            parts.push((2, format!("{left:.0} s left")));
        }
        parts.push((4, format!("{} failed", counts.failed)));
        parts.push((5, format!("{} in flight", counts.in_flight)));
        if counts.dropped > 0 {
            parts.push((6, format!("{} dropped", counts.dropped)));
        }
        parts.push((7, format!("{} bought", counts.bought)));
        parts.push((8, format!("{} launched", counts.launched)));
        parts
    }

    /// The time left of a run with variants, in seconds: by the parts so far, or in the first by the plan.
    fn left_of_run(&self, run: &WholeRun, now: Stamp) -> Option<f64> {
        let all = match run.number {
            0 => run.planned? as f64,
            number => {
                let before = run.began.since(self.started) as f64;
                before / number as f64 * run.parts as f64
            }
        };
        Some(((all - now.since(self.started) as f64) / 1e9).max(0.0))
    }

    /// The time left in seconds: by the plan, or else by the rate so far.
    fn left(&self, done: u64, since_origin: f64, now: Stamp) -> Option<f64> {
        if let Some(run) = &self.run {
            return self.left_of_run(run, now);
        }
        if let Some(end) = self.part.end {
            return Some((end.since(now) as f64 / 1e9).max(0.0));
        }
        let left = self.part.total?.saturating_sub(done);
        (done > 0).then(|| left as f64 * since_origin / done as f64)
    }
}

/// The rank of the part that is omitted first.
const LEAST_IMPORTANT: u8 = 8;

/// The columns that a line on standard error may use without wrapping: the terminal's width
/// (TIOCGWINSZ), else the variable `COLUMNS`, else 80; less the last, where some terminals wrap at
/// once.
fn width() -> usize {
    let columns = env::var("COLUMNS").ok();
    terminal::columns(&io::stderr()).map_or_else(|| width_of(columns.as_deref()), |all| all - 1)
}

fn width_of(columns: Option<&str>) -> usize {
    let columns = columns.and_then(|columns| columns.trim().parse::<usize>().ok());
    let columns = columns.filter(|columns| *columns > 1);
    columns.unwrap_or(USUAL_COLUMNS) - 1
}

#[cfg(test)]
#[path = "progress_tests.rs"]
mod tests;
