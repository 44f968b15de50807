//! One connection's turns: readiness in, bytes moved, the shopper's wishes carried out.

use std::io;
use std::os::fd::OwnedFd;

use mio::event::Event;

use crate::row::failure::{Failure, FailureKind};
use crate::shopper::Next;
use crate::sys::{socket, stamps};
use crate::time::clock::Stamp;

use super::launch;
use super::read::read;
use super::slot::Link;
use super::{Reactor, Recorder};

/// Full buffers read from one socket before the others get their turn.
const READS_PER_TURN: usize = 8;

impl<R: Recorder> Reactor<'_, R> {
    /// A socket is ready for something.
    pub(super) fn handle(&mut self, index: usize, event: &Event) {
        if event.is_error() && self.settings.transmit_stamps {
            self.take_transmit_stamps(index);
        }
        let slot = &mut self.slots[index];
        slot.end_seen |= event.is_read_closed();
        let outcome = match slot.link {
            Link::Down => return,
            Link::Settled => {
                slot.is_early |= event.is_readable();
                // The kernel also reports transmit stamps as an error.
                let socket = slot.socket.as_ref().expect("settled has one");
                let is_broken = event.is_error() && socket::take_error(socket).is_err();
                // The launch will find no connection and make a new one.
                if event.is_read_closed() || is_broken {
                    slot.hang_up();
                }
                return;
            }
            Link::Settling => {
                slot.is_early |= event.is_readable();
                let socket = self.slots[index].socket.as_ref().expect("settling has one");
                return match socket::take_error(socket) {
                    Ok(()) if !event.is_writable() => {}
                    result => self.settled(index, result),
                };
            }
            Link::Connecting | Link::Sending => match self.transmit(index) {
                // The answer may be there already, and edges are not told twice.
                Ok(()) if event.is_readable() => self.receive(index),
                Ok(()) => return,
                Err(next) => next,
            },
            Link::Receiving => self.receive(index),
        };
        self.follow(index, outcome);
    }

    /// Goes on reading where the last turn's share was used up.
    pub(super) fn resume(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        slot.unfinished = false;
        if matches!(slot.link, Link::Sending | Link::Receiving) {
            let next = self.receive(index);
            self.follow(index, next);
        }
    }

    /// Fails whoever is past a deadline.
    pub(super) fn expire(&mut self, now: Stamp) {
        while let Some(index) = self.connects.pop_due(now) {
            // This program may have been too busy to hear of the end of the handshake: only one that
            // is not over now has timed out.
            let next = match self.transmit(index) {
                Ok(()) if self.slots[index].link != Link::Connecting => continue,
                Ok(()) => self.fails(index, FailureKind::ConnectTimeout.into(), now),
                Err(next) => next,
            };
            self.follow(index, next);
        }
        while let Some(index) = self.requests.pop_due(now) {
            // The same holds for an answer that lies here unread.
            if matches!(self.slots[index].link, Link::Sending | Link::Receiving) {
                let was_buying = self.slots[index].shopper.is_buying();
                let next = self.receive(index);
                // A redirect is no end: its next hop would be too late.
                let goes_on = matches!(next, Next::Request { .. })
                    && self.slots[index].shopper.is_buying() == was_buying;
                if next != Next::Wait && !goes_on {
                    self.follow(index, next);
                    continue;
                }
            }
            let slot = &self.slots[index];
            let detail = match slot.link {
                Link::Down | Link::Connecting | Link::Settling | Link::Settled => {
                    "while connecting"
                }
                Link::Sending => "while sending the request",
                Link::Receiving if slot.shopper.has_answer() => "within the response",
                Link::Receiving => "waiting for the response",
            };
            let failure = Failure::with_detail(FailureKind::Timeout, detail);
            let next = self.fails(index, failure, now);
            self.follow(index, next);
        }
    }

    /// Ends whoever is in flight, as rows that say so.
    pub(super) fn interrupt(&mut self) {
        let now = self.clock.now();
        for index in 0..self.slots.len() {
            let slot = &mut self.slots[index];
            if slot.is_busy {
                slot.shopper.is_interrupted(now);
                slot.hang_up();
                self.retire(index);
            }
        }
    }

    /// Does what the shopper wants next, until there is something to wait for.
    pub(super) fn follow(&mut self, index: usize, mut next: Next) {
        loop {
            match next {
                Next::Wait => return,
                Next::Done { reuse } => match self.pass_on(index, reuse) {
                    Some(then) => next = then,
                    None => return,
                },
                Next::Request { reuse } => match self.request(index, reuse) {
                    Ok(()) => return,
                    Err(then) => next = then,
                },
            }
        }
    }

    /// Sends as much of the present request as the kernel takes. `Err` says what follows a failure.
    pub(super) fn transmit(&mut self, index: usize) -> Result<(), Next> {
        let slot = &mut self.slots[index];
        let socket = slot.socket.as_ref().expect("a connection to send on");
        let is_rest = slot.link == Link::Sending;
        let bytes = if is_rest {
            &slot.unsent
        } else {
            self.write_buffer.clear();
            slot.shopper
                .write_request(self.scenario, &mut self.write_buffer);
            &self.write_buffer
        };
        if self.settings.transmit_stamps && slot.sent_bytes == 0 {
            // Where the kernel refuses, the instant after the write stands in.
            let _ = stamps::enable_transmit_stamps(socket).and_then(|()| socket::no_delay(socket));
        }
        let before = self.clock.now();
        match socket::send(socket, bytes) {
            Ok(sent) => {
                let shopper = &mut slot.shopper;
                shopper.is_connected(before);
                slot.sent_bytes = slot.sent_bytes.wrapping_add(sent as u32);
                if slot.link == Link::Connecting {
                    self.connects.clear(index);
                    if self.settings.with_ports {
                        slot.local_port = socket::local_port(socket).ok();
                    }
                }
                shopper.has_port(slot.local_port);
                if sent == bytes.len() {
                    shopper.has_sent(self.clock.now());
                    slot.unsent = Vec::new();
                    slot.link = Link::Receiving;
                } else if is_rest {
                    slot.unsent.drain(..sent);
                } else {
                    slot.unsent = bytes[sent..].to_vec();
                    slot.link = Link::Sending;
                }
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if slot.reused && !is_rest {
                    slot.unsent = self.write_buffer.clone();
                    slot.link = Link::Sending;
                }
                Ok(())
            }
            Err(error) => Err(self.send_failed(index, error, is_rest)),
        }
    }

    /// The kernel's word on when the present request left, where it is about its last byte.
    fn take_transmit_stamps(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        let Some(socket) = &slot.socket else { return };
        let shopper = &mut slot.shopper;
        let now = self.clock.now();
        while let Ok(Some(stamp)) = stamps::take_transmit_stamp(socket) {
            let is_last =
                slot.link == Link::Receiving && stamp.byte == slot.sent_bytes.wrapping_sub(1);
            let (true, Some(kernel_clock)) = (is_last, &mut self.kernel_clock) else {
                continue;
            };
            let earliest = shopper.started().unwrap_or_default();
            let at = kernel_clock.instant_between(stamp.unix_nanos, earliest, now, self.clock);
            if let Some(at) = at {
                shopper.has_left(at);
            }
        }
    }

    fn send_failed(&mut self, index: usize, error: io::Error, is_rest: bool) -> Next {
        let slot = &mut self.slots[index];
        if slot.reused && !is_rest {
            // Nothing of this request has left: the server closed the connection in between.
            return Next::Request { reuse: false };
        }
        let kind = FailureKind::of_io(&error);
        if kind != FailureKind::ConnectionReset {
            let now = self.clock.now();
            return self.fails(index, kind.into(), now);
        }
        // The server gave up, but it may have said why before it did.
        self.connects.clear(index);
        slot.link = Link::Receiving;
        slot.send_error = Some(error);
        slot.end_seen = true;
        self.receive(index)
    }

    /// Reads what is there, or this turn's share of it.
    pub(super) fn receive(&mut self, index: usize) -> Next {
        for _ in 0..READS_PER_TURN {
            let slot = &mut self.slots[index];
            let socket = slot.socket.as_ref().expect("a connection to read from");
            let shopper = &mut slot.shopper;
            let earliest = shopper.started().unwrap_or_default();
            let kernel_clock = self.kernel_clock.as_mut();
            let received = read(
                socket,
                &mut self.read_buffer,
                self.clock,
                kernel_clock,
                earliest,
            );
            let (count, arrival) = match received {
                Ok((0, arrival)) => return self.stream_ended(index, arrival.seen),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Next::Wait,
                Err(error) => return self.receive_failed(index, error),
            };
            let next = shopper.receives(self.scenario, &self.read_buffer[..count], arrival);
            if next != Next::Wait {
                return self.after_answer(index, next);
            }
            // A read shorter than the buffer has drained the socket, and what comes later is a new
            // edge; but the end of the stream has had its edge already.
            if count < self.read_buffer.len() && !slot.end_seen {
                return Next::Wait;
            }
        }
        let slot = &mut self.slots[index];
        if !slot.unfinished {
            slot.unfinished = true;
            self.unfinished.push(index);
        }
        Next::Wait
    }

    /// A connection is used again only if it is whole: nothing left to send, no end seen.
    fn after_answer(&self, index: usize, next: Next) -> Next {
        match next {
            Next::Request { reuse: true } if !self.slots[index].is_whole() => {
                Next::Request { reuse: false }
            }
            other => other,
        }
    }

    fn stream_ended(&mut self, index: usize, at: Stamp) -> Next {
        let slot = &mut self.slots[index];
        if slot.shopper.has_answer() {
            return slot.shopper.sees_end(self.scenario, at);
        }
        match slot.send_error.take() {
            Some(error) => self.fails(index, error.into(), at),
            None => self.lost_before_answer(index, FailureKind::ClosedWithoutAnswer, at),
        }
    }

    fn receive_failed(&mut self, index: usize, error: io::Error) -> Next {
        let at = self.clock.now();
        let shopper = &self.slots[index].shopper;
        match FailureKind::of_io(&error) {
            FailureKind::ConnectionReset if shopper.has_answer() => {
                self.fails(index, FailureKind::ResetInResponse.into(), at)
            }
            FailureKind::ConnectionReset => {
                self.lost_before_answer(index, FailureKind::ConnectionReset, at)
            }
            kind => self.fails(index, kind.into(), at),
        }
    }

    /// A connection went down after the request had left and before any answer. On one that was kept
    /// alive the server may have closed it before it saw the request: a GET is sent again on a new
    /// connection, a POST never, since the purchase may have been made (RFC 9112 section 9.3.1).
    fn lost_before_answer(&mut self, index: usize, kind: FailureKind, at: Stamp) -> Next {
        let slot = &self.slots[index];
        if !slot.reused {
            return self.fails(index, kind.into(), at);
        }
        if !slot.shopper.posts() {
            return Next::Request { reuse: false };
        }
        let detail = "the kept connection; not sent again, it may have been bought";
        self.fails(index, Failure::with_detail(kind, detail), at)
    }

    /// Begins the shopper's next request, on the present connection or a new one.
    pub(super) fn request(&mut self, index: usize, reuse: bool) -> Result<(), Next> {
        let reuse = reuse && !self.is_spoilt(index);
        // To close the last connection and to make a socket is no part of the request's time.
        let opened = match reuse {
            true => Ok(None),
            false => self.open_anew(index).map(Some),
        };
        let now = self.clock.now();
        let slot = &mut self.slots[index];
        let shopper = &mut slot.shopper;
        let begins = shopper.started().is_none();
        shopper.starts(now);
        if begins {
            self.first_start.get_or_insert(now);
            self.counts.home_done += u64::from(shopper.is_buying());
            self.expect_answer(index, now);
        }
        let connected = match opened {
            Ok(None) => {
                let slot = &mut self.slots[index];
                slot.reused = true;
                slot.link = Link::Settled;
                Ok(())
            }
            Ok(Some(socket)) => self.connect(index, socket, now),
            Err(error) => Err(error),
        };
        if let Err(error) = connected {
            let now = self.clock.now();
            return Err(self.fails(index, error.into(), now));
        }
        // Over loopback the handshake is over within connect(): the request need not wait for the
        // next turn. Elsewhere the kernel says at once that it is too early.
        self.transmit(index)
    }

    /// Whether something came on a kept connection that a request must not follow: its end, or bytes
    /// that nobody asked for. A GET needs no look of its own, since it can be sent again.
    fn is_spoilt(&self, index: usize) -> bool {
        let slot = &self.slots[index];
        match &slot.socket {
            Some(socket) => slot.is_early || slot.shopper.posts() && socket::has_arrivals(socket),
            None => true,
        }
    }

    fn open_anew(&mut self, index: usize) -> io::Result<OwnedFd> {
        self.slots[index].hang_up();
        launch::open(&self.poll, self.settings, index, self.connections)
    }

    fn connect(&mut self, index: usize, socket: OwnedFd, now: Stamp) -> io::Result<()> {
        self.connections += 1;
        socket::connect(&socket, &self.settings.address)?;
        let slot = &mut self.slots[index];
        slot.socket = Some(socket);
        slot.link = Link::Connecting;
        self.expect_connection(index, now);
        Ok(())
    }

    pub(super) fn expect_answer(&mut self, index: usize, now: Stamp) {
        if let Some(timeout) = self.settings.timeout {
            self.requests.set(index, now.after(timeout));
        }
    }

    pub(super) fn expect_connection(&mut self, index: usize, now: Stamp) {
        if let Some(timeout) = self.settings.connect_timeout {
            self.connects.set(index, now.after(timeout));
        }
    }

    pub(super) fn fails(&mut self, index: usize, failure: Failure, at: Stamp) -> Next {
        let slot = &mut self.slots[index];
        slot.hang_up();
        self.connects.clear(index);
        self.requests.clear(index);
        slot.shopper.fails(self.scenario, failure, at)
    }
}
