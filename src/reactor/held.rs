//! What a burst puts off until all its shoppers are launched: the purchases, so that all shoppers are in
//! flight together, and the closing of connections that have served.

use std::time::Duration;

use crate::time::clock::Stamp;

use super::recorder::Recorder;
use super::slot::Link;
use super::state::Reactor;

/// How often a connection that has served is closed during a launch. Servers that wait for the close
/// (gunicorn does, up to 2 s) answer less often than that.
const CLOSE_INTERVAL: Duration = Duration::from_micros(100);

impl<R: Recorder> Reactor<'_, R> {
    /// Whether the next request of a slot is a purchase that has to wait. No time of a request contains
    /// that wait.
    pub(super) fn is_to_hold(&self, index: usize) -> bool {
        let is_early = self.next_arrival.is_some() || !self.held.is_empty();
        let shopper = &self.slots[index].shopper;
        self.is_burst && is_early && shopper.is_buying() && shopper.started().is_none()
    }

    /// The home request of a slot has ended; its purchase comes later.
    pub(super) fn hold(&mut self, index: usize, reuse: bool) {
        self.requests.clear(index);
        let slot = &mut self.slots[index];
        if reuse {
            slot.link = Link::Settled;
        } else if slot.socket.is_some() {
            slot.link = Link::Spent;
            self.spent.push_back(index);
        }
        self.held.push_back(index);
    }

    /// Whether purchases were held that may begin.
    pub(super) fn has_released(&self) -> bool {
        !self.held.is_empty() && self.next_arrival.is_none()
    }

    /// Begins the purchase that has been held for the longest time.
    pub(super) fn begin_held(&mut self) {
        if let Some(index) = self.held.pop_front() {
            let reuse = self.slots[index].link == Link::Settled;
            let next = match self.request(index, reuse) {
                Ok(()) => return,
                Err(next) => next,
            };
            self.follow(index, next);
        }
    }

    /// Closes a connection that has served, if it is time for one.
    pub(super) fn close_spent(&mut self, now: Stamp) {
        if now < self.closed_spent.after(CLOSE_INTERVAL) {
            return;
        }
        // Those whose purchase has begun were closed before it.
        while let Some(index) = self.spent.pop_front() {
            if self.slots[index].link == Link::Spent {
                self.slots[index].hang_up();
                self.closed_spent = now;
                return;
            }
        }
    }
}
