//! What a burst puts off until all its shoppers are launched: the purchases, so that all shoppers are in
//! flight together, and the closing of connections that have served, which takes as long as to connect.

use std::os::fd::AsRawFd;
use std::time::Duration;

use mio::unix::SourceFd;

use crate::sys::memory;
use crate::time::clock::Stamp;

use super::recorder::Recorder;
use super::slot::Link;
use super::state::Reactor;
use super::transport::Closing;

/// How often a connection that has served is closed during a launch. Servers that wait for the close
/// (gunicorn does, up to 2 s) answer less often than that.
const CLOSE_INTERVAL: Duration = Duration::from_micros(250);

/// A server with more connections that have served than this, and that still answers, does not wait for
/// their close.
const WAITS_FOR_CLOSE: usize = 64;

/// Connections closed in an iteration in which nothing else is to be done.
const CLOSED_AT_REST: usize = 4;

impl<R: Recorder> Reactor<'_, R> {
    /// Whether a burst is being launched, its purchases included.
    fn is_early(&self) -> bool {
        self.is_burst && (self.next_arrival.is_some() || !self.held.is_empty())
    }

    /// Whether the next request of a slot is a purchase that has to wait. No time of a request contains
    /// that wait.
    pub(super) fn is_to_hold(&self, index: usize) -> bool {
        let shopper = &self.slots[index].shopper;
        self.is_early() && shopper.is_buying() && shopper.started().is_none()
    }

    /// The home request of a slot has ended; its purchase comes later.
    pub(super) fn hold(&mut self, index: usize, reuse: bool) {
        self.requests.clear(index);
        self.read_out = None;
        self.held.push_back(index);
        let slot = &mut self.slots[index];
        if reuse {
            slot.link = Link::Settled;
        } else if let Some(socket) = slot.detach() {
            if self.redirects_followed > 0 || self.spent.len() == self.spent.capacity() {
                return self.close(socket);
            }
            // It is closed before the purchase at the latest. Its events find a slot without a connection:
            // to take it out of the poll would make the launch longer.
            self.spent.push_back((Some(index), socket));
        }
    }

    /// Whether purchases were held that may begin.
    pub(super) fn has_released(&self) -> bool {
        !self.held.is_empty() && self.next_arrival.is_none()
    }

    /// Begins the purchase that has been held for the longest time.
    pub(super) fn begin_held(&mut self) {
        if let Some(index) = self.held.pop_front() {
            // Both queues are in the order in which home pages ended.
            if matches!(self.spent.front(), Some((Some(owner), _)) if *owner == index) {
                self.spent.pop_front();
            }
            if let Some(&next) = self.held.front() {
                // While the kernel sends for this one.
                memory::prefetch(&self.slots[next]);
            }
            let reuse = self.slots[index].link == Link::Settled;
            if let Err(next) = self.request(index, reuse) {
                self.follow(index, next);
            }
        }
    }

    /// Closes a connection that has served: at once, or during the launch of a burst when there is time.
    pub(super) fn close(&mut self, closing: Closing) {
        if self.is_early() && self.spent.len() < self.spent.capacity() {
            // What still comes on it must not be taken for events of the slot's next connection.
            let registry = self.poll.registry();
            if registry
                .deregister(&mut SourceFd(&closing.socket.as_raw_fd()))
                .is_ok()
            {
                self.spent.push_back((None, closing));
            }
        }
    }

    /// Closes connections that have served, if it is time for some.
    pub(super) fn close_spent(&mut self, now: Stamp, has_time: bool) {
        if self.spent.is_empty() {
            return;
        }
        if has_time {
            self.spent.drain(..self.spent.len().min(CLOSED_AT_REST));
            return;
        }
        let may_wait = self.next_arrival.is_none() || self.spent.len() <= WAITS_FOR_CLOSE;
        if may_wait && now >= self.closed_spent.after(CLOSE_INTERVAL) {
            self.spent.pop_front();
            self.closed_spent = now;
        }
    }
}
