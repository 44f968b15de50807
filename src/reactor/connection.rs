//! Events and deadlines of a connection: handles readiness, carries out what the shopper wants next.

use mio::event::Event;

use crate::row::TlsFailure;
use crate::row::failure::{Failure, FailureKind};
use crate::shopper::Next;
use crate::sys::socket;
use crate::time::clock::Stamp;

use super::recorder::Recorder;
use super::slot::Link;
use super::state::Reactor;

/// Deadlines of each kind that are checked in one iteration; further ones wait for the next.
const EXPIRIES_PER_ITERATION: usize = 128;

/// The same while launches are due.
const EXPIRIES_IN_LAUNCH: usize = 2;

/// Whether there is something to read: data, the end of the stream, or an error.
fn has_arrivals(event: &Event) -> bool {
    event.is_readable() || event.is_read_closed() || event.is_error()
}

impl<R: Recorder> Reactor<'_, R> {
    /// A socket is ready for something.
    pub(super) fn handle(&mut self, index: usize, event: &Event) {
        if event.is_error() && self.settings.transmit_stamps {
            self.take_transmit_stamps(index);
        }
        let slot = &mut self.slots[index];
        if slot.link == Link::Down {
            // Sockets that are not connected are hung up, the kernel says.
            return;
        }
        slot.end_seen |= event.is_read_closed();
        let is_tls = slot.transport.is_tls();
        let outcome = match slot.link {
            Link::Down => return,
            Link::Settled | Link::Settling if is_tls => self.receive_tls(index),
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
                    result => self.finish_settling(index, result.map_err(Failure::from)),
                };
            }
            Link::Connecting | Link::Sending => match self.transmit(index) {
                // The answer may be there already, and an edge is reported only once.
                Ok(()) if event.is_readable() => self.receive(index),
                Ok(()) => return,
                Err(next) => next,
            },
            // Each new connection reports that it can be written to, mostly before there is an answer.
            Link::Receiving if !is_tls && !has_arrivals(event) => return,
            Link::Securing | Link::Receiving => self.receive(index),
        };
        self.follow(index, outcome);
    }

    /// Continues reading where the last iteration's share was used up.
    pub(super) fn resume(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        slot.unfinished = false;
        if slot.link != Link::Down
            && (slot.transport.is_tls() || matches!(slot.link, Link::Sending | Link::Receiving))
        {
            let next = self.receive(index);
            self.follow(index, next);
        }
    }

    /// Fails the requests that are past a deadline.
    pub(super) fn expire(&mut self, now: Stamp) {
        let most = match self.is_launching {
            true => EXPIRIES_IN_LAUNCH,
            false => EXPIRIES_PER_ITERATION,
        };
        for _ in 0..most {
            let Some(index) = self.connects.pop_due(now) else {
                break;
            };
            // This program may have been too busy to notice the end of the handshake: only one that
            // is not complete now has timed out.
            let next = match self.try_to_connect(index) {
                Next::Wait => match self.slots[index].link {
                    Link::Connecting => self.fail(index, FailureKind::ConnectTimeout.into(), now),
                    Link::Securing => {
                        let kind = FailureKind::Tls(TlsFailure::HandshakeTimeout);
                        self.fail(index, kind.into(), now)
                    }
                    _ => continue,
                },
                next => next,
            };
            self.follow(index, next);
        }
        for _ in 0..most {
            let Some(index) = self.requests.pop_due(now) else {
                break;
            };
            // The same holds for an answer that is not read yet.
            if matches!(self.slots[index].link, Link::Sending | Link::Receiving) {
                let before = self.slots[index].shopper.request_number();
                let next = self.receive(index);
                // A redirect does not end the request: its next hop would be too late.
                let goes_on = matches!(next, Next::Request { .. })
                    && self.slots[index].shopper.request_number() == before;
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
                Link::Securing => "in the TLS handshake",
                Link::Sending => "while sending the request",
                Link::Receiving if slot.shopper.has_final_answer() => "within the response",
                Link::Receiving => "waiting for the response",
            };
            let failure = Failure::with_detail(FailureKind::Timeout, detail);
            let next = self.fail(index, failure, now);
            self.follow(index, next);
        }
    }

    /// Tries again to complete a connection and to send its request.
    fn try_to_connect(&mut self, index: usize) -> Next {
        if self.slots[index].link == Link::Connecting
            && let Err(next) = self.transmit(index)
        {
            return next;
        }
        match self.slots[index].link {
            Link::Securing => self.receive(index),
            _ => Next::Wait,
        }
    }

    /// Does what the shopper wants next, until it has to wait.
    pub(super) fn follow(&mut self, index: usize, mut next: Next) {
        loop {
            match next {
                Next::Wait => return,
                Next::Done { reuse } => match self.pass_on(index, reuse) {
                    Some(then) => next = then,
                    None => return,
                },
                Next::Request { reuse } if self.is_to_hold(index) => {
                    return self.hold(index, reuse);
                }
                Next::Request { reuse } => match self.request(index, reuse) {
                    Ok(()) => return,
                    Err(then) => next = then,
                },
            }
        }
    }

    /// The present request failed, and the connection with it.
    pub(super) fn fail(&mut self, index: usize, failure: Failure, at: Stamp) -> Next {
        let slot = &mut self.slots[index];
        slot.hang_up();
        self.connects.clear(index);
        self.requests.clear(index);
        self.release(index);
        let slot = &mut self.slots[index];
        slot.shopper.fail(self.scenario, failure, at)
    }
}
