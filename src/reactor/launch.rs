//! The launch: armed, settled where asked for, then fired; and whoever comes or follows later.

use std::cmp::Reverse;
use std::io;
use std::ops::ControlFlow;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use std::os::fd::{AsRawFd, OwnedFd};

use crate::plan::Due;
use crate::row::Row;
use crate::row::failure::{Failure, FailureKind};
use crate::shopper::{Next, Shopper};
use crate::sys::{socket, stamps};
use crate::time::clock::Stamp;

use super::slot::{Link, Slot};
use super::{Reactor, Recorder, Settings};

/// A new socket that the poll already knows: a registration before `connect()` holds through it.
/// `connection` is the number of connections begun before this one.
pub fn open(poll: &Poll, settings: &Settings, slot: usize, connection: u64) -> io::Result<OwnedFd> {
    let socket = socket::stream_for(&settings.address)?;
    if let Some(sources) = &settings.sources {
        socket::bind_source(&socket, sources.turn(connection))?;
    }
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

/// Someone to be launched on a place that is there already: when, the number in the plan, where.
pub(super) type Return = Reverse<(Stamp, u64, usize)>;

impl<R: Recorder> Reactor<'_, R> {
    /// Makes ready what the first shoppers need.
    pub(super) fn arm_places(&mut self) {
        let level = self.plan.level().unwrap_or(0);
        for index in 0..self.plan.places() {
            let number = index as u64;
            let mut shopper = Shopper::new(self.plan.orders.order(number), level);
            shopper.visit_page(self.scenario);
            let mut slot = Slot::new(number, shopper);
            match open(&self.poll, self.settings, index, self.connections) {
                Ok(socket) => {
                    slot.socket = Some(socket);
                    self.connections += 1;
                }
                Err(error) => slot.setup_error = Some(error),
            }
            self.slots.push(slot);
        }
        self.requests.grow(self.slots.len());
        self.connects.grow(self.slots.len());
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
            let wait = self.wait_at_most()?;
            self.turn(events, wait)?;
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

    /// Launches everybody who is due: of a burst all, for each as little as possible, and nothing
    /// else in between.
    pub(super) fn launch_due(&mut self, now: Stamp) {
        let mut not_begun: Vec<(usize, Failure)> = Vec::new();
        while let Some((due, at)) = self.next_arrival.filter(|&(_, at)| at <= now) {
            if self.signals.received().is_some() {
                break;
            }
            self.next_arrival = self.arrivals.next().map(|due| (due, self.at(due)));
            if (due.index as usize) < self.plan.places() {
                if let Err(failure) = self.fire(due.index as usize, at) {
                    not_begun.push((due.index as usize, failure));
                }
            } else if let Some(place) = self.free_place() {
                let next = self.admit(place, due.index, at);
                self.follow(place, next);
            } else {
                self.turn_away(at);
            }
        }
        for (index, failure) in not_begun {
            let now = self.clock.now();
            let next = self.fails(index, failure, now);
            self.follow(index, next);
        }
        // Who comes back during this is due later, or would never let the sockets have their turn.
        while let Some(&Reverse((at, number, place))) = self.returns.peek()
            && at <= now
            && self.signals.received().is_none()
        {
            self.returns.pop();
            let next = self.admit(place, number, at);
            self.follow(place, next);
        }
    }

    /// When the plan wants the next launch.
    pub(super) fn next_due(&self) -> Option<Stamp> {
        let returning = self.returns.peek().map(|Reverse((at, ..))| *at);
        let arriving = self.next_arrival.map(|(_, at)| at);
        [arriving, returning].into_iter().flatten().min()
    }

    /// The instant at which somebody is due.
    pub(super) fn at(&self, due: Due) -> Stamp {
        Stamp(self.origin.0.saturating_add(due.after))
    }

    /// Launches the first shopper of a place, who is armed.
    fn fire(&mut self, index: usize, due: Stamp) -> Result<(), Failure> {
        let slot = &mut self.slots[index];
        let now = self.clock.now();
        slot.is_busy = true;
        slot.shopper.is_due(due);
        slot.shopper.starts(now);
        self.first_start.get_or_insert(now);
        self.last_start = Some(now);
        self.counts.launches();
        if let Some(timeout) = self.settings.timeout {
            self.requests.set(index, now.after(timeout));
        }
        match (&slot.socket, slot.setup_error.take()) {
            (_, Some(error)) => Err(setup_failure(error)),
            // The server closed a connection made ahead.
            (None, None) => {
                self.follow(index, Next::Request { reuse: false });
                Ok(())
            }
            (Some(_), None) if slot.link == Link::Settled => {
                slot.reused = true;
                self.fire_settled(index);
                Ok(())
            }
            (Some(socket), None) => {
                slot.link = Link::Connecting;
                socket::connect(socket, &self.settings.address)?;
                // To write here as well would make the launch half as long again: the requests follow
                // when all are launched.
                self.expect_connection(index, now);
                Ok(())
            }
        }
    }

    fn fire_settled(&mut self, index: usize) {
        let next = match self.transmit(index) {
            // What came early has had its edge.
            Ok(()) if self.slots[index].is_early => self.receive(index),
            Ok(()) => return,
            Err(next) => next,
        };
        self.follow(index, next);
    }

    /// A place for someone who comes, if there may be one more in flight.
    fn free_place(&mut self) -> Option<usize> {
        if let Some(place) = self.free.pop() {
            return Some(place);
        }
        let place = self.slots.len();
        if place >= self.plan.most_in_flight() {
            return None;
        }
        self.slots
            .push(Slot::new(0, Shopper::new(self.plan.orders.order(0), 0)));
        self.requests.grow(place + 1);
        self.connects.grow(place + 1);
        Some(place)
    }

    /// Gives a place to a shopper, whose home request is what comes next.
    fn admit(&mut self, place: usize, number: u64, due: Stamp) -> Next {
        self.counts.launches();
        let level = self.plan.level().unwrap_or(self.counts.in_flight);
        let order = self.plan.orders.order(number);
        let slot = &mut self.slots[place];
        slot.number = number;
        slot.is_busy = true;
        slot.shopper.renew(order, level);
        slot.shopper.is_due(due);
        Next::Request {
            reuse: slot.link == Link::Settled,
        }
    }

    /// There is no place: that, too, is a row.
    fn turn_away(&mut self, due: Stamp) {
        let in_flight = self.counts.in_flight;
        let detail = format!("{in_flight} shoppers were in flight already");
        let failure = Failure::with_detail(FailureKind::NotLaunched, &detail);
        let mut row = Row {
            concurrent_requests: in_flight,
            due: Some(due),
            ..Row::default()
        };
        row.home.failure = Some(failure.clone());
        row.buy.failure = Some(failure);
        self.counts.turned_away += 1;
        self.counts.failed += 1;
        self.recorder.record(row);
    }

    /// The shopper of a place is through: says what comes next on it, if that is due at once.
    pub(super) fn pass_on(&mut self, place: usize, reuse: bool) -> Option<Next> {
        let (ended, had_answer) = self.retire(place);
        let slot = &mut self.slots[place];
        let number = slot.number;
        if reuse && slot.is_whole() {
            slot.link = Link::Settled;
        } else {
            slot.hang_up();
        }
        let since_origin = ended.since(self.origin).max(0) as u64;
        let Some(due) = self.plan.successor(number, since_origin) else {
            if place < self.plan.places() {
                self.slots[place].hang_up();
            } else {
                self.free.push(place);
            }
            return None;
        };
        let at = self.at(due);
        // A server that refuses at once must not keep one place busy for ever.
        if at <= ended && had_answer {
            return Some(self.admit(place, due.index, at));
        }
        self.returns.push(Reverse((at, due.index, place)));
        None
    }

    /// The shopper is done: the row goes where rows go. Says when it was done, and whether a server
    /// had answered.
    pub(super) fn retire(&mut self, place: usize) -> (Stamp, bool) {
        let slot = &mut self.slots[place];
        slot.is_busy = false;
        self.connects.clear(place);
        self.requests.clear(place);
        self.recorder.keep(&slot.shopper, self.scenario);
        let row = slot.shopper.take_row();
        self.counts.in_flight -= 1;
        match row.bought() {
            true => self.counts.bought += 1,
            false => self.counts.failed += 1,
        }
        let ended = row.buy.seen.unwrap_or_else(|| self.clock.now());
        let had_answer = row.buy.status.is_some();
        self.recorder.record(row);
        (ended, had_answer)
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
