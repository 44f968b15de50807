//! The burst: armed, settled where asked for, then fired.

use std::io;
use std::ops::ControlFlow;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use std::os::fd::{AsRawFd, OwnedFd};

use crate::clock::Stamp;
use crate::failure::{Failure, FailureKind};
use crate::plan::Plan;
use crate::shopper::{Next, Shopper};
use crate::sys::{socket, stamps};

use super::slot::{Link, Slot};
use super::{Reactor, Recorder, Settings};

/// A new socket that the poll already knows: a registration before `connect()` holds through it.
pub fn open(poll: &Poll, settings: &Settings, slot: usize) -> io::Result<OwnedFd> {
    let socket = socket::stream_for(&settings.address)?;
    if settings.kernel_stamps {
        stamps::enable_receive_stamps(&socket)?;
    }
    poll.registry().register(
        &mut SourceFd(&socket.as_raw_fd()),
        Token(slot),
        Interest::READABLE | Interest::WRITABLE,
    )?;
    Ok(socket)
}

impl<R: Recorder> Reactor<'_, R> {
    pub(super) fn arm_slots(&mut self, plan: &Plan) {
        let level = plan.shoppers as u64;
        for index in 0..plan.shoppers {
            let mut slot = Slot::new(Shopper::new(plan.order(index as u64), level));
            match open(&self.poll, self.settings, index) {
                Ok(socket) => {
                    slot.socket = Some(socket);
                    self.connections += 1;
                }
                Err(error) => slot.setup_error = Some(error),
            }
            self.slots.push(slot);
        }
    }

    /// Connects all, and waits until each connection stands or has failed.
    pub(super) fn settle(&mut self, events: &mut Events) -> io::Result<()> {
        for index in 0..self.slots.len() {
            if self.signals.received().is_some() {
                return Ok(());
            }
            let slot = &mut self.slots[index];
            let Some(socket) = &slot.socket else { continue };
            match socket::connect(socket, &self.settings.address) {
                Ok(()) => {
                    slot.link = Link::Settling;
                    self.expect_connection(index, self.clock.now());
                    self.settling += 1;
                }
                Err(error) => slot.fails_setup(error),
            }
        }
        while self.settling > 0 && self.signals.received().is_none() {
            self.turn(events)?;
            let now = self.clock.now();
            while let Some(index) = self.connects.pop_due(now) {
                let socket = self.slots[index].socket.as_ref();
                let stands = socket.is_some_and(socket::is_connected);
                let timed_out = || Err(io::ErrorKind::TimedOut.into());
                self.settled(index, if stands { Ok(()) } else { timed_out() });
            }
            if let ControlFlow::Break(()) = self.recorder.turn(&self.counts, now, false) {
                break;
            }
        }
        Ok(())
    }

    /// A connection that was made ahead stands, or will not.
    pub(super) fn settled(&mut self, index: usize, result: io::Result<()>) {
        let slot = &mut self.slots[index];
        if slot.link != Link::Settling {
            return;
        }
        self.settling -= 1;
        self.connects.clear(index);
        match result {
            Ok(()) => {
                slot.link = Link::Settled;
                if self.settings.with_ports {
                    let socket = slot.socket.as_ref().expect("settling has one");
                    slot.local_port = socket::local_port(socket).ok();
                }
            }
            Err(error) => slot.fails_setup(error),
        }
    }

    /// Launches everybody: for each as little as possible, and nothing else in between.
    pub(super) fn fire(&mut self) {
        let mut not_begun: Vec<(usize, Stamp, Failure)> = Vec::new();
        // All of a burst are due at once.
        let due = self.clock.now();
        for index in 0..self.slots.len() {
            if self.signals.received().is_some() {
                break;
            }
            let slot = &mut self.slots[index];
            let shopper = slot.shopper.as_mut().expect("armed with a shopper");
            let now = self.clock.now();
            shopper.is_due(due);
            shopper.starts(now);
            self.first_start.get_or_insert(now);
            self.last_start = Some(now);
            self.counts.launched += 1;
            self.counts.in_flight += 1;
            if let Some(timeout) = self.settings.timeout {
                self.requests.set(index, now.after(timeout));
            }
            let begun = match (&slot.socket, slot.setup_error.take()) {
                (_, Some(error)) => Err(setup_failure(error)),
                // The server closed a connection made ahead.
                (None, None) => {
                    self.follow(index, Next::Request { reuse: false });
                    continue;
                }
                (Some(_), None) if slot.link == Link::Settled => {
                    slot.reused = true;
                    Ok(())
                }
                (Some(socket), None) => {
                    slot.link = Link::Connecting;
                    socket::connect(socket, &self.settings.address).map_err(Failure::from)
                }
            };
            match begun {
                Err(failure) => not_begun.push((index, now, failure)),
                Ok(()) => {
                    // To write here as well would make the launch half as long again: the requests
                    // follow when all are launched.
                    if self.slots[index].link == Link::Connecting {
                        self.expect_connection(index, now);
                    } else {
                        self.fire_settled(index);
                    }
                }
            }
        }
        for (index, at, failure) in not_begun {
            let next = self.fails(index, failure, at);
            self.follow(index, next);
        }
    }
}

impl<R: Recorder> Reactor<'_, R> {
    fn fire_settled(&mut self, index: usize) {
        let next = match self.transmit(index) {
            // What came early has had its edge.
            Ok(()) if self.slots[index].is_early => self.receive(index),
            Ok(()) => return,
            Err(next) => next,
        };
        self.follow(index, next);
    }
}

fn setup_failure(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::TimedOut if error.raw_os_error().is_none() => {
            FailureKind::ConnectTimeout.into()
        }
        _ => Failure::from(error),
    }
}
