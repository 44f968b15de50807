//! Scheduled launches: the timer that ends a wait for them, and, for `--precise`, the spin before them
//! and the socket that is made ahead.

use std::io;
use std::time::Duration;

use crate::sys::clock;
use crate::time::clock::Stamp;

use super::recorder::Recorder;
use super::slot::Link;
use super::socket::open;
use super::state::Reactor;

/// In the last part of a spin only the clock is read: whatever came in would take about that long to handle,
/// and the launch would be late.
const CLOCK_ONLY: Duration = Duration::from_micros(20);

impl<R: Recorder> Reactor<'_, R> {
    /// How long before a launch is due the wait for it ends.
    pub(super) fn early(&self) -> Duration {
        match self.settings.spin {
            Duration::ZERO => self.wake_delay.least(),
            spin => spin,
        }
    }

    /// The launch that the loop spins for, if it is that near.
    pub(super) fn near_due(&self, now: Stamp) -> Option<Stamp> {
        let spin = self.settings.spin;
        if spin.is_zero() {
            return None;
        }
        let is_near = |due: &Stamp| *due <= now.after(spin);
        self.next_due().filter(is_near)
    }

    /// Sets the timer for the next launch; whether that is so near that there is nothing to wait for.
    pub(super) fn set_timer(&mut self) -> io::Result<bool> {
        let Some(due) = self.next_due().filter(|due| self.timer_due != Some(*due)) else {
            return Ok(false);
        };
        let early = u64::try_from(self.early().as_nanos()).unwrap_or(u64::MAX);
        let mut wake = Stamp::at(due.nanos().saturating_sub(early));
        let now = self.clock.now();
        if wake <= now {
            let is_woken = self.woken_for == Some(due);
            if due <= now || is_woken || !self.settings.spin.is_zero() {
                return Ok(true);
            }
            // A sleep that ends late costs less than none.
            wake = due;
        }
        self.timer.set_at(self.clock.monotonic_nanos(wake))?;
        self.timer_due = Some(due);
        self.timer_wakes = wake;
        Ok(false)
    }

    /// The timer has expired; the wait ended at `ended`.
    pub(super) fn note_timer(&mut self, ended: Stamp) {
        self.woken_for = self.timer_due.take();
        // Of a wait that began after it, or of the timer before, nothing can be told.
        if self.waited_from <= self.timer_wakes && self.timer_wakes <= ended {
            self.wake_delay.note(ended.since(self.timer_wakes));
        }
    }

    /// Spins: the sockets were polled since `from`, and nothing was there if `idle`; in the last part the
    /// clock is read until the launch is due. Returns the present.
    pub(super) fn spin(&mut self, due: Stamp, from: Stamp, idle: bool) -> Stamp {
        if idle {
            self.prepare_next();
        }
        let polled = self.clock.now();
        let mut now = polled;
        if due <= polled.after(CLOCK_ONLY) {
            while now < due && clock::check().is_ok() {
                std::hint::spin_loop();
                now = self.clock.now();
            }
        }
        let since = if idle { from } else { polled };
        self.spun += Duration::from_nanos(now.since(since).max(0) as u64);
        now
    }

    /// Makes the socket of the next arrival of an open workload, so that only its connect is left to the
    /// launch.
    fn prepare_next(&mut self) {
        if self.prepared.is_some() || self.next_arrival.is_none() || !self.plan.is_open() {
            return;
        }
        let Some(index) = self.free_slot() else {
            return;
        };
        self.prepared = Some(index);
        let slot = &mut self.slots[index];
        if slot.link == Link::Down {
            // Where that fails, the launch tries again, and has the error.
            let opened = open(&self.poll, self.settings, index, self.connections);
            if let Ok(socket) = opened {
                self.connections += 1;
                slot.socket = Some(socket);
            }
        }
    }
}
