//! The progress line: one line on standard error, drawn again in its place.

use std::env;
use std::io::Write;

use crate::reactor::Counts;
use crate::time::clock::Stamp;

/// The least time between two drawings, nanoseconds.
const INTERVAL_NANOS: i64 = 200_000_000;

/// The width of a terminal that does not tell it, less the last column, where some wrap at once.
const USUAL_WIDTH: usize = 79;

/// Draws the line, at most five times a second. An output that cannot be written is left alone.
#[derive(Debug)]
pub struct Progress<W> {
    out: W,
    enabled: bool,
    width: usize,
    started: Stamp,
    drawn: Option<Stamp>,
    is_visible: bool,
    line: String,
}

impl<W: Write> Progress<W> {
    /// `enabled`: whether `out` is a terminal; nothing is ever written otherwise. `width`: the
    /// columns that may be used, see [`terminal_width`]. `started`: what elapsed time counts from.
    pub fn new(out: W, enabled: bool, width: usize, started: Stamp) -> Progress<W> {
        Progress {
            out,
            enabled,
            width,
            started,
            drawn: None,
            is_visible: false,
            line: String::new(),
        }
    }

    /// Whether it is time to draw.
    pub fn due(&self, now: Stamp) -> bool {
        let is_old = |drawn: Stamp| now.since(drawn) >= INTERVAL_NANOS;
        self.enabled && self.drawn.is_none_or(is_old)
    }

    /// When it will be time to draw, for the loop's time-out; absent if never.
    pub fn next_due(&self) -> Option<Stamp> {
        let interval = std::time::Duration::from_nanos(INTERVAL_NANOS.unsigned_abs());
        let next = self
            .drawn
            .map_or(self.started, |drawn| drawn.after(interval));
        self.enabled.then_some(next)
    }

    /// Draws the line, if it is due.
    pub fn draw(&mut self, counts: &Counts, now: Stamp) {
        use std::fmt::Write;

        if !self.due(now) {
            return;
        }
        let Counts {
            launched,
            home_done,
            bought,
            failed,
            in_flight,
            ..
        } = counts;
        let seconds = now.since(self.started) as f64 / 1e9;
        self.line.clear();
        write!(
            self.line,
            "{seconds:.1} s: {launched} launched, {home_done} home done, {bought} bought, \
             {failed} failed, {in_flight} in flight"
        )
        .expect("writing to a String does not fail");
        // All of it is ASCII.
        self.line.truncate(self.width);
        self.drawn = Some(now);
        self.is_visible = true;
        let drawn = write!(self.out, "\r{}\x1b[K", self.line).and_then(|()| self.out.flush());
        self.enabled = drawn.is_ok();
    }

    /// Takes the line away, before other output and at the end.
    pub fn clear(&mut self) {
        if self.is_visible && self.enabled {
            let cleared = write!(self.out, "\r\x1b[K").and_then(|()| self.out.flush());
            self.enabled = cleared.is_ok();
        }
        self.is_visible = false;
    }
}

/// The columns that a line may use without wrapping: by the variable `COLUMNS`, or else 79.
pub fn terminal_width() -> usize {
    width_of(env::var("COLUMNS").ok().as_deref())
}

fn width_of(columns: Option<&str>) -> usize {
    let columns = columns.and_then(|columns| columns.trim().parse::<usize>().ok());
    columns
        .filter(|columns| *columns > 1)
        .map_or(USUAL_WIDTH, |columns| columns - 1)
}

#[cfg(test)]
#[path = "progress_tests.rs"]
mod tests;
