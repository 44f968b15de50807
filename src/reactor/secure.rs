//! Connections in TLS: handshakes, and records in place of plain bytes.
//!
//! What differs from a plain connection: before the first request there is a handshake, what is read is
//! decrypted first, and an idle connection may receive records that are not an answer (session tickets).

use std::io;

use crate::net::tls::Step;
use crate::row::failure::{Failure, FailureKind};
use crate::row::{Arrival, ClockSource, Handshake, TlsFailure};
use crate::shopper::Next;
use crate::sys::clock::thread_cpu_nanos;
use crate::sys::socket;
use crate::time::clock::Stamp;

use super::read::{Received, read};
use super::recorder::Recorder;
use super::slot::{Link, Slot};
use super::state::Reactor;
use super::transport::Transport;

/// What the data of one read meant.
struct Fed {
    next: Next,
    /// Where in the ciphertext the record ends with which the response was complete.
    complete_at: usize,
    /// Data that belongs to no request: on an idle connection, or behind the response.
    is_extra: bool,
    /// Data from before the present request.
    is_before: bool,
    /// Whether the data may have been from before the request.
    may_precede: bool,
}

impl<R: Recorder> Reactor<'_, R> {
    /// Gives a slot the TLS state of its next connection, and the first message to be sent.
    #[inline(never)]
    pub(super) fn prepare_transport(&mut self, index: usize) -> io::Result<()> {
        let Some(tls) = &mut self.tls else {
            return Ok(());
        };
        let slot = &mut self.slots[index];
        let (link, hello) = tls
            .connect(index, slot.number)
            .map_err(|failure| io::Error::other(failure.to_string()))?;
        slot.transport = Transport::Tls(Box::new(link));
        slot.unsent = hello;
        Ok(())
    }

    /// Whether a request can be sent; as long as it cannot, the handshake goes on.
    #[inline(never)]
    pub(super) fn is_secured(&mut self, index: usize) -> Result<bool, Next> {
        let slot = &mut self.slots[index];
        let is_shaking = match slot.link {
            Link::Connecting => true,
            Link::Securing => !slot.transport.is_ready(),
            _ => false,
        };
        if !is_shaking {
            return Ok(true);
        }
        match self.send_unsent(index) {
            Ok(()) => Ok(false),
            Err(error) => {
                let kind = FailureKind::of_io(&error);
                let slot = &mut self.slots[index];
                if slot.link == Link::Securing && kind == FailureKind::ConnectionReset {
                    // What the server sent before that may say why.
                    slot.unsent.clear();
                    slot.end_seen = true;
                    return Err(self.receive_tls(index));
                }
                let now = self.clock.now();
                Err(self.fail(index, kind.into(), now))
            }
        }
    }

    /// Sends what is left of handshake messages and the like. The first write that succeeds shows that TCP
    /// is connected.
    fn send_unsent(&mut self, index: usize) -> io::Result<()> {
        let slot = &mut self.slots[index];
        let Some(socket) = slot.socket.as_ref().filter(|_| !slot.unsent.is_empty()) else {
            return Ok(());
        };
        let before = self.clock.now();
        let sent = match socket::send(socket, &slot.unsent) {
            Ok(sent) => sent,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        if slot.link == Link::Connecting {
            slot.shopper.note_connected(before);
            slot.shopper.note_handshake();
            slot.link = Link::Securing;
            if self.settings.with_ports {
                slot.local_port = socket::local_port(socket).ok();
            }
            slot.shopper.note_port(slot.local_port);
        }
        match sent == slot.unsent.len() {
            true => slot.unsent = Vec::new(),
            false => drop(slot.unsent.drain(..sent)),
        }
        Ok(())
    }

    /// Reads what is available, up to this iteration's share, whatever the connection is doing.
    #[inline(never)]
    pub(super) fn receive_tls(&mut self, index: usize) -> Next {
        if let Err(error) = self.send_unsent(index) {
            // There may still be something to read.
            self.slots[index].unsent.clear();
            if FailureKind::of_io(&error) != FailureKind::ConnectionReset {
                let now = self.clock.now();
                return self.fail_tls(index, error.into(), now);
            }
        }
        for _ in 0..self.reads_at_once() {
            let slot = &mut self.slots[index];
            let (Some(socket), Transport::Tls(link)) = (&slot.socket, &slot.transport) else {
                return Next::Wait;
            };
            let lead = link.session.lead(&mut self.read_buffer);
            let kernel_clock = (self.settings.kernel_stamps).then_some(&mut self.kernel_clock);
            let room = &mut self.read_buffer[lead..];
            let had_room = room.len();
            let received = match read(socket, room, self.clock, kernel_clock, slot.asked) {
                Ok(end) if end.count == 0 => {
                    let earliest = slot.asked.max(self.looked);
                    self.slots[index].shopper.note_earliest(earliest);
                    return self.finish_tls(index, end.arrival.seen);
                }
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Next::Wait,
                Err(error) => return self.fail_read(index, error),
            };
            let link_before = slot.link;
            let next = self.take_in(index, lead, received);
            let slot = &self.slots[index];
            if next != Next::Wait || slot.link == Link::Down {
                let is_all = received.count < had_room && !slot.transport.has_partial_record();
                self.read_out = is_all.then_some(index);
                return next;
            }
            // The end of the stream has had its edge already; so has what follows a handshake.
            let is_same = slot.link == link_before;
            if is_same && received.count < had_room && !slot.end_seen {
                return Next::Wait;
            }
        }
        self.note_unfinished(index);
        Next::Wait
    }

    /// Takes in what was read behind the first `lead` bytes of the buffer.
    fn take_in(&mut self, index: usize, lead: usize, received: Received) -> Next {
        let Received { count, arrival, .. } = received;
        let slot = &mut self.slots[index];
        // As of plain connections: what is read after the end has come has the stamp of the end.
        let is_of_end = slot.end_seen || arrival.at > self.fetched;
        let is_answer = matches!(slot.link, Link::Receiving | Link::Sending);
        if is_answer && (is_of_end || arrival.clock == ClockSource::User) {
            slot.shopper.note_earliest(slot.asked.max(self.looked));
        }
        let link = slot.link;
        let (Some(tls), Transport::Tls(state)) = (&mut self.tls, &mut slot.transport) else {
            return Next::Wait;
        };
        tls.enter(index);
        tls.out.clear();
        let before = (!state.session.is_ready()).then(thread_cpu_nanos);
        let mut fed = Fed {
            next: Next::Wait,
            complete_at: 0,
            is_extra: false,
            is_before: false,
            may_precede: false,
        };
        let (shopper, may_be_unasked) = (&mut slot.shopper, &mut slot.may_be_unasked);
        let (scenario, memory) = (self.scenario, &mut self.memory);
        self.stamps_tell = received.is_stamped;
        let incoming = &mut self.read_buffer[..lead + count];
        let step = state
            .session
            .advance(incoming, &mut tls.out, &mut |data, end| {
                if data.is_empty() || fed.is_before {
                    return;
                }
                if !matches!(link, Link::Receiving | Link::Sending) || fed.next != Next::Wait {
                    fed.is_extra = true;
                    return;
                }
                if std::mem::take(may_be_unasked) {
                    fed.may_precede = true;
                    fed.is_before = received.is_before;
                }
                if !fed.is_before {
                    fed.next = shopper.receive(scenario, memory, data, arrival, fed.may_precede);
                    fed.complete_at = end;
                }
            });
        if let Some(before) = before {
            tls.note_cpu(before);
        }
        if fed.next != Next::Wait {
            tls.figures.later_segments += u64::from(fed.complete_at < lead + count);
            let is_reusable = !fed.is_extra && step.is_ok_and(|step| !step.is_closed);
            slot.end_seen |= !is_reusable;
            self.queue_out(index);
            self.release(index);
            return self.after_answer(index, fed.next);
        }
        if fed.is_before {
            return self.refuse_unasked(index, arrival.seen);
        }
        match step {
            Err(failure) => {
                self.send_alert(index);
                self.fail_tls(index, failure, arrival.seen)
            }
            Ok(step) => self.after_step(index, step, fed.is_extra, arrival),
        }
    }

    /// No response was completed by what was read.
    fn after_step(&mut self, index: usize, step: Step, is_extra: bool, arrival: Arrival) -> Next {
        self.queue_out(index);
        let slot = &mut self.slots[index];
        slot.is_early |= is_extra;
        slot.end_seen |= step.is_closed;
        if step.is_closed {
            return self.finish_tls(index, arrival.seen);
        }
        if step.became_ready {
            return self.begin_secured(index, arrival.seen);
        }
        if let Err(error) = self.send_unsent(index) {
            return self.fail_read(index, error);
        }
        if !self.note_held(index) {
            return self.fail_of_memory(index, arrival.seen);
        }
        Next::Wait
    }

    /// The handshake is complete: the request follows, along with the last message of the handshake.
    /// `seen`: when the message that completed it was read.
    fn begin_secured(&mut self, index: usize, seen: Stamp) -> Next {
        let slot = &mut self.slots[index];
        let mut handshake = Handshake::Unfinished;
        if let (Some(tls), Transport::Tls(link)) = (&mut self.tls, &slot.transport) {
            tls.note_ready(link);
            handshake = link.session.handshake();
        }
        if slot.link == Link::Settling {
            if let Err(error) = self.send_unsent(index) {
                return self.fail_read(index, error);
            }
            self.finish_settling(index, Ok(()));
            return Next::Wait;
        }
        self.connects.clear(index);
        let now = self.clock.now();
        let slot = &mut self.slots[index];
        slot.shopper.note_secured(now, handshake);
        if slot.is_early {
            return self.refuse_unasked(index, now);
        }
        match self.transmit(index) {
            Ok(()) => {
                // Every client has to work on its own handshake; the client's delay is the wait for those of
                // the others.
                let shopper = &mut self.slots[index].shopper;
                shopper.shorten_send_delay(now.since(seen));
                Next::Wait
            }
            Err(next) => next,
        }
    }

    /// What the session wants to send goes behind what is to be sent anyway.
    fn queue_out(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        if let Some(tls) = &mut self.tls
            && !tls.out.is_empty()
        {
            slot.unsent.append(&mut tls.out);
        }
    }

    /// Tells the server about an error, if it can take it at once.
    fn send_alert(&mut self, index: usize) {
        let slot = &self.slots[index];
        if let (Some(tls), Some(socket)) = (&self.tls, &slot.socket)
            && !tls.out.is_empty()
        {
            let _ = socket::send(socket, &tls.out);
        }
    }

    /// Whether what came in on a connection without an outstanding request forbids one: tickets do not.
    #[cold]
    #[inline(never)]
    pub(super) fn is_spoilt_tls(&mut self, index: usize) -> bool {
        self.slots[index].link = Link::Settled;
        let next = self.receive_tls(index);
        debug_assert_eq!(next, Next::Wait, "without a request nothing follows");
        let slot = &self.slots[index];
        slot.link != Link::Settled || slot.is_early || slot.end_seen
    }

    /// The server has ended its side, with or without close_notify.
    fn finish_tls(&mut self, index: usize, at: Stamp) -> Next {
        let slot = &mut self.slots[index];
        let is_closed = match &slot.transport {
            Transport::Tls(link) => link.session.is_closed(),
            Transport::Plain => true,
        };
        match slot.link {
            Link::Settled | Link::Settling | Link::Securing | Link::Connecting => {
                let kind = FailureKind::Tls(TlsFailure::ClosedInHandshake);
                self.fail_tls(index, kind.into(), at)
            }
            // A body that only the end of the connection ends may be cut (RFC 9112 section 9.8).
            _ if !is_closed && slot.shopper.ends_with_stream() => {
                let kind = FailureKind::Tls(TlsFailure::Truncated);
                self.fail_tls(index, kind.into(), at)
            }
            _ => self.finish_stream(index, at),
        }
    }

    /// A system call on the connection failed.
    fn fail_read(&mut self, index: usize, error: io::Error) -> Next {
        let Slot {
            link, transport, ..
        } = &self.slots[index];
        let in_handshake = *link == Link::Securing || !transport.is_ready();
        match FailureKind::of_io(&error) {
            FailureKind::ConnectionReset if in_handshake => {
                let at = self.clock.now();
                let kind = FailureKind::Tls(TlsFailure::ResetInHandshake);
                self.fail_tls(index, kind.into(), at)
            }
            _ if matches!(link, Link::Settled | Link::Settling) => {
                let at = self.clock.now();
                self.fail_tls(index, error.into(), at)
            }
            _ => self.fail_receive(index, error),
        }
    }

    /// The connection failed: so does its request, if it has one.
    fn fail_tls(&mut self, index: usize, failure: Failure, at: Stamp) -> Next {
        let slot = &mut self.slots[index];
        if let Some(tls) = &mut self.tls
            && !slot.transport.is_ready()
        {
            tls.figures.failed += 1;
        }
        match slot.link {
            Link::Settling => {
                self.finish_settling(index, Err(failure));
                Next::Wait
            }
            Link::Settled => {
                slot.hang_up();
                Next::Wait
            }
            _ => self.fail(index, failure, at),
        }
    }
}
