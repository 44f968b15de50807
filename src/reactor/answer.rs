//! Reads responses.

use std::io;

use crate::row::ClockSource;
use crate::row::failure::{Failure, FailureKind};
use crate::shopper::Next;
use crate::time::clock::Stamp;

use super::read::{Received, read};
use super::recorder::Recorder;
use super::state::Reactor;

/// Full buffers read from one socket before the other sockets are read; while launches are due, one.
const READS_PER_ITERATION: usize = 8;

impl<R: Recorder> Reactor<'_, R> {
    /// Reads what is available, up to this iteration's share.
    pub(super) fn receive(&mut self, index: usize) -> Next {
        if self.slots[index].transport.is_tls() {
            return self.receive_tls(index);
        }
        for _ in 0..self.reads_at_once() {
            let slot = &mut self.slots[index];
            let socket = slot.socket.as_ref().expect("a connection to read from");
            let kernel_clock = (self.settings.kernel_stamps).then_some(&mut self.kernel_clock);
            let asked = slot.asked;
            let received = read(
                socket,
                &mut self.read_buffer,
                self.clock,
                kernel_clock,
                asked,
            );
            let received = match received {
                Ok(end) if end.count == 0 => {
                    slot.shopper.note_earliest(asked.max(self.looked));
                    return self.finish_stream(index, end.arrival.seen);
                }
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Next::Wait,
                Err(error) => return self.fail_receive(index, error),
            };
            let Received { count, arrival, .. } = received;
            let may_precede = std::mem::take(&mut slot.may_be_unasked);
            self.stamps_tell = received.is_stamped;
            if may_precede && received.is_before {
                return self.refuse_unasked(index, arrival.seen);
            }
            // The stamp of data that is read after the end of the stream has come is that of the end.
            let is_of_end = slot.end_seen || arrival.at > self.fetched;
            if is_of_end || arrival.clock == ClockSource::User {
                slot.shopper.note_earliest(asked.max(self.looked));
            }
            let bytes = &self.read_buffer[..count];
            let next = (slot.shopper).receive(
                self.scenario,
                &mut self.memory,
                bytes,
                arrival,
                may_precede,
            );
            if next != Next::Wait {
                self.read_out = (count < self.read_buffer.len()).then_some(index);
                self.release(index);
                return self.after_answer(index, next);
            }
            let drained = count < self.read_buffer.len() && !slot.end_seen;
            if !self.note_held(index) {
                return self.fail_of_memory(index, arrival.seen);
            }
            // A read shorter than the buffer has drained the socket, and what comes later is a new
            // edge; but the end of the stream has had its edge already.
            if drained {
                return Next::Wait;
            }
        }
        self.note_unfinished(index);
        Next::Wait
    }

    /// Full buffers that are read from a socket in one iteration.
    pub(super) fn reads_at_once(&self) -> usize {
        match self.is_launching {
            true => 1,
            false => READS_PER_ITERATION,
        }
    }

    /// There is more to read: the next iterations go on.
    pub(super) fn note_unfinished(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        if !slot.unfinished {
            slot.unfinished = true;
            self.unfinished.push_back(index);
        }
    }

    /// Bytes that arrived on an idle connection before the request are never its answer (RFC 9112
    /// section 9.2). A GET is sent again on a new connection; a POST was sent, and may have been processed.
    pub(super) fn refuse_unasked(&mut self, index: usize, at: Stamp) -> Next {
        if !self.slots[index].shopper.is_post() {
            return Next::Request { reuse: false };
        }
        let detail = "not sent again, it may have been bought";
        let failure = Failure::with_detail(FailureKind::UnaskedAnswer, detail);
        self.fail(index, failure, at)
    }

    /// The kept bytes of all responses exceed the limit.
    pub(super) fn fail_of_memory(&mut self, index: usize, at: Stamp) -> Next {
        let limit = format!("{} bytes", self.settings.max_memory);
        let failure = Failure::with_detail(FailureKind::MemoryLimit, &limit);
        self.fail(index, failure, at)
    }

    /// Counts the kept bytes of an unfinished response; `false` if all together exceed the limit.
    pub(super) fn note_held(&mut self, index: usize) -> bool {
        let slot = &mut self.slots[index];
        let held = slot.shopper.held_bytes();
        self.held_bytes = self.held_bytes - slot.held_bytes + held;
        slot.held_bytes = held;
        self.held_bytes <= self.settings.max_memory
    }

    /// A response has ended, successfully or not: its bytes no longer count.
    pub(super) fn release(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        self.held_bytes -= slot.held_bytes;
        slot.held_bytes = 0;
    }

    /// A connection is reused only if everything was sent and the server has not closed it.
    pub(super) fn after_answer(&self, index: usize, next: Next) -> Next {
        match next {
            Next::Request { reuse: true } if !self.slots[index].is_whole() => {
                Next::Request { reuse: false }
            }
            other => other,
        }
    }

    pub(super) fn finish_stream(&mut self, index: usize, at: Stamp) -> Next {
        let slot = &mut self.slots[index];
        if slot.shopper.has_answer() {
            let next = slot.shopper.end_stream(self.scenario, at);
            self.release(index);
            return next;
        }
        match slot.send_error.take() {
            Some(error) => self.fail(index, error.into(), at),
            None => self.lost_before_answer(index, FailureKind::ClosedWithoutAnswer, at),
        }
    }

    pub(super) fn fail_receive(&mut self, index: usize, error: io::Error) -> Next {
        let at = self.clock.now();
        let shopper = &self.slots[index].shopper;
        match FailureKind::of_io(&error) {
            FailureKind::ConnectionReset if shopper.has_answer() => {
                self.fail(index, FailureKind::ResetInResponse.into(), at)
            }
            FailureKind::ConnectionReset => {
                self.lost_before_answer(index, FailureKind::ConnectionReset, at)
            }
            kind => self.fail(index, kind.into(), at),
        }
    }

    /// A connection failed after the request was sent and before any answer. On one that was kept
    /// alive the server may have closed it before it saw the request: a GET is sent again on a new
    /// connection, a POST never, since the purchase may have been made (RFC 9112 section 9.3.1).
    fn lost_before_answer(&mut self, index: usize, kind: FailureKind, at: Stamp) -> Next {
        let slot = &self.slots[index];
        if !slot.reused {
            return self.fail(index, kind.into(), at);
        }
        if !slot.shopper.is_post() {
            return Next::Request { reuse: false };
        }
        let detail = "the kept connection; not sent again, it may have been bought";
        self.fail(index, Failure::with_detail(kind, detail), at)
    }
}
