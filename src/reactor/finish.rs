//! The end of an iteration: its row, and what follows in its slot.

use std::cmp::Reverse;
use std::time::Duration;

use crate::shopper::Next;
use crate::time::clock::Stamp;

use super::recorder::Recorder;
use super::slot::Link;
use super::state::Reactor;

/// The longest pause after iterations without a response, unless a longer one is configured.
const LONGEST_RETRY_DELAY: Duration = Duration::from_secs(1);

/// An iteration that is done.
struct Finished {
    /// When this program had read its last byte.
    ended: Stamp,
    /// Whether any of its requests got a response.
    has_response: bool,
    /// Whether the purchase got a response.
    has_purchase_response: bool,
}

impl<R: Recorder> Reactor<'_, R> {
    /// The shopper of a slot is done: returns the next shopper of the slot, if that is due at once.
    pub(super) fn pass_on(&mut self, index: usize, reuse: bool) -> Option<Next> {
        let finished = self.retire(index);
        let ended = finished.ended;
        let slot = &mut self.slots[index];
        let number = slot.number;
        if reuse && slot.is_whole() {
            slot.link = Link::Settled;
        } else if let Some(socket) = slot.detach() {
            self.close(socket);
        }
        self.last_end = self.last_end.max(ended);
        if self.plan.is_open() {
            self.free.push(index);
            return None;
        }
        let since_origin = ended.since(self.origin).max(0) as u64;
        let pause = self.retry_pause(index, finished.has_response);
        let Some(due) = self.plan.successor(number, since_origin, pause) else {
            self.end_user(index, ended);
            return None;
        };
        if pause > self.plan.think_after(number) {
            self.counts.backoffs += 1;
        }
        let at = self.at(due);
        // A server that refuses at once must not keep one slot busy forever.
        if at <= ended && finished.has_purchase_response {
            return Some(self.admit(index, due.index, at));
        }
        self.returns.push(Reverse((at, due.index, index)));
        None
    }

    /// The least pause of a virtual user before its next iteration, in nanoseconds.
    fn retry_pause(&mut self, index: usize, has_response: bool) -> u64 {
        let slot = &mut self.slots[index];
        if has_response {
            slot.unanswered = 0;
            return 0;
        }
        let pause = retry_delay(self.settings.retry_delay, slot.unanswered);
        slot.unanswered = slot.unanswered.saturating_add(1);
        u64::try_from(pause.as_nanos()).unwrap_or(u64::MAX)
    }

    /// A virtual user has finished. Its last think time belongs to the load, as far as the
    /// duration allows.
    fn end_user(&mut self, index: usize, ended: Stamp) {
        let slot = &mut self.slots[index];
        slot.hang_up();
        let think = Duration::from_nanos(self.plan.think_after(slot.number));
        let mut end = ended.after(think);
        if let Some(duration) = self.plan.span_once_launched(0) {
            end = end.min(self.origin.after(duration).max(ended));
        }
        self.last_end = self.last_end.max(end);
    }

    /// The shopper is done: delivers its row to the recorder.
    fn retire(&mut self, index: usize) -> Finished {
        let slot = &mut self.slots[index];
        slot.is_busy = false;
        self.connects.clear(index);
        self.requests.clear(index);
        self.recorder.keep(&slot.shopper, self.scenario);
        let row = slot.shopper.row();
        self.counts.in_flight -= 1;
        match row.bought() {
            true => self.counts.bought += 1,
            false => self.counts.failed += 1,
        }
        let has_purchase_response = row.buy.status.is_some();
        let finished = Finished {
            ended: row.buy.seen.unwrap_or_else(|| self.clock.now()),
            has_response: has_purchase_response || row.home.status.is_some(),
            has_purchase_response,
        };
        self.recorder.record(slot.shopper.take_row());
        finished
    }

    /// Ends all shoppers in flight, each with a row that says so.
    pub(super) fn interrupt(&mut self) {
        let now = self.clock.now();
        for index in 0..self.slots.len() {
            let slot = &mut self.slots[index];
            if slot.is_busy {
                slot.shopper.interrupt(now);
                slot.hang_up();
                self.retire(index);
            }
        }
    }
}

/// The pause after `before` + 1 iterations without a response.
fn retry_delay(first: Duration, before: u32) -> Duration {
    let doubled = first.saturating_mul(1u32.checked_shl(before).unwrap_or(u32::MAX));
    doubled.min(LONGEST_RETRY_DELAY.max(first))
}

#[cfg(test)]
#[path = "finish_tests.rs"]
mod tests;
