//! The progress line: one line on standard error, drawn again in its place.

use std::env;
use std::io::Write;

use crate::clock::Stamp;
use crate::reactor::Counts;

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
mod tests {
    use super::*;

    const COUNTS: Counts = Counts {
        launched: 1000,
        home_done: 800,
        bought: 500,
        failed: 2,
        in_flight: 498,
        most_in_flight: 1000,
        turned_away: 0,
    };

    fn progress(enabled: bool, width: usize) -> Progress<Vec<u8>> {
        Progress::new(Vec::new(), enabled, width, Stamp(1_000_000_000))
    }

    fn shown(progress: &Progress<Vec<u8>>) -> &str {
        std::str::from_utf8(&progress.out).expect("text")
    }

    #[test]
    fn the_line_is_drawn_in_place_and_taken_away() {
        let mut progress = progress(true, 200);
        progress.clear();
        assert_eq!(shown(&progress), "");
        progress.draw(&COUNTS, Stamp(3_540_000_000));
        let line =
            "\r2.5 s: 1000 launched, 800 home done, 500 bought, 2 failed, 498 in flight\x1b[K";
        assert_eq!(shown(&progress), line);
        progress.clear();
        progress.clear();
        assert_eq!(shown(&progress), format!("{line}\r\x1b[K"));
    }

    #[test]
    fn at_most_five_a_second() {
        let mut progress = progress(true, 79);
        let mut drawings = 0;
        for ms in 1000..2000 {
            let now = Stamp(ms * 1_000_000);
            drawings += u32::from(progress.due(now));
            assert_eq!(progress.due(now), progress.next_due() <= Some(now));
            progress.draw(&COUNTS, now);
        }
        assert_eq!(drawings, 5);
        assert_eq!(shown(&progress).matches('\r').count(), 5);
    }

    #[test]
    fn no_terminal_no_line() {
        let mut progress = progress(false, 79);
        assert!(!progress.due(Stamp(u64::MAX / 4)));
        assert_eq!(progress.next_due(), None);
        progress.draw(&COUNTS, Stamp(2_000_000_000));
        progress.clear();
        assert_eq!(shown(&progress), "");
    }

    #[test]
    fn the_line_never_wraps() {
        let mut progress = progress(true, 10);
        progress.draw(&COUNTS, Stamp(1_000_000_000));
        assert_eq!(shown(&progress), "\r0.0 s: 100\x1b[K");
        assert_eq!(width_of(Some("120")), 119);
        for unknown in [None, Some(""), Some("0"), Some("wide")] {
            assert_eq!(width_of(unknown), 79);
        }
    }

    #[test]
    fn a_broken_output_is_left_alone() {
        let mut full = [0; 3];
        let mut progress = Progress::new(&mut full[..], true, 79, Stamp(0));
        progress.draw(&COUNTS, Stamp(0));
        assert!(!progress.due(Stamp(u64::MAX / 4)));
    }
}
