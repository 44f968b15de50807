//! The event loop: the only user of mio, and the only one that opens, registers, closes and times
//! out connections. One thread; each turn is one wait, a batch of events, the deadlines that passed.

mod connection;
mod deadlines;
mod launch;
mod read;
mod slot;

use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

use mio::{Events, Interest, Poll, Token};

use crate::clock::{Clock, KernelClock, Stamp};
use crate::plan::Plan;
use crate::row::Row;
use crate::scenario::Scenario;
use crate::signals::Signals;
use crate::sys::socket::KernelAddress;

use deadlines::Deadlines;
use slot::Slot;

/// Where the load goes and how long it may take.
#[derive(Clone, Copy)]
pub struct Settings {
    /// The server's address.
    pub address: KernelAddress,
    /// For a request with all its redirects, from its start; `None` for no limit.
    pub timeout: Option<Duration>,
    /// For the handshake of each connection; `None` for no limit.
    pub connect_timeout: Option<Duration>,
    /// Whether all connections are made before the launch.
    pub preconnect: bool,
    /// Whether the kernel's receive stamps say when bytes arrived.
    pub kernel_stamps: bool,
    /// Whether the kernel also says when requests left (two or three system calls for each).
    pub transmit_stamps: bool,
    /// Whether the client's ports are wanted in the rows (a system call for each connection).
    pub with_ports: bool,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Shoppers launched.
    pub launched: u64,
    /// Home requests that are through, well or badly.
    pub home_done: u64,
    /// Purchases that satisfied.
    pub bought: u64,
    /// Purchases that did not.
    pub failed: u64,
    /// Shoppers without a row so far.
    pub in_flight: u64,
}

/// What came of a run, beside its rows.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// The last counts.
    pub counts: Counts,
    /// When the first shopper was launched.
    pub first_start: Option<Stamp>,
    /// When the last shopper was launched.
    pub last_start: Option<Stamp>,
    /// When the last row was done.
    pub ended: Stamp,
    /// The longest turn of the loop, from the events to the next wait, nanoseconds: what arrived
    /// meanwhile was seen that much later at most.
    pub longest_turn: i64,
    /// Connections begun, each from a source port of its own.
    pub connections: u64,
    /// The signal that ended the run early.
    pub interrupted: Option<i32>,
}

/// Who takes the rows of a run.
pub trait Recorder {
    /// Takes a row; called in the middle of the load, so it must be quick.
    fn record(&mut self, row: Row);

    /// Whether there is work that waits for a quiet moment.
    fn has_backlog(&self) -> bool;

    /// Called once a turn of the loop. `idle`: no socket is ready just now. To break ends the run.
    fn turn(&mut self, counts: &Counts, now: Stamp, idle: bool) -> ControlFlow<()>;

    /// How long the loop may wait at most before the next turn; `None` as long as it likes.
    fn patience(&self) -> Option<Duration>;
}

const SIGNAL: Token = Token(usize::MAX);

/// Events taken from the kernel at once.
const BATCH: usize = 1024;

/// Bytes taken from a socket at once.
const READ_BUFFER: usize = 64 * 1024;

/// The event loop of one run.
pub struct Reactor<'a, R> {
    scenario: &'a Scenario,
    settings: &'a Settings,
    clock: &'a Clock,
    signals: &'a mut Signals,
    recorder: &'a mut R,
    /// Where the kernel's stamps are used.
    kernel_clock: Option<KernelClock>,
    poll: Poll,
    slots: Vec<Slot>,
    /// From the start of a request (redirects included).
    requests: Deadlines,
    /// From the `connect()` of a connection.
    connects: Deadlines,
    /// Slots whose sockets had more to read than one turn's share.
    unfinished: Vec<usize>,
    /// Connections made ahead that neither stand nor have failed yet.
    settling: usize,
    read_buffer: Box<[u8]>,
    write_buffer: Vec<u8>,
    counts: Counts,
    first_start: Option<Stamp>,
    last_start: Option<Stamp>,
    longest_turn: i64,
    connections: u64,
}

impl<'a, R: Recorder> Reactor<'a, R> {
    /// Makes everything ready that a burst needs: places, sockets, registrations, buffers.
    pub fn arm(
        plan: &Plan,
        scenario: &'a Scenario,
        settings: &'a Settings,
        clock: &'a Clock,
        signals: &'a mut Signals,
        recorder: &'a mut R,
    ) -> io::Result<Reactor<'a, R>> {
        let poll = Poll::new()?;
        let source = signals.source();
        match poll.registry().register(source, SIGNAL, Interest::READABLE) {
            // Registered with the poll of an earlier run.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                poll.registry()
                    .reregister(source, SIGNAL, Interest::READABLE)?;
            }
            other => other?,
        }
        let mut reactor = Reactor {
            scenario,
            settings,
            clock,
            signals,
            recorder,
            kernel_clock: settings.kernel_stamps.then(|| KernelClock::start(clock)),
            poll,
            slots: Vec::with_capacity(plan.shoppers),
            requests: Deadlines::new(plan.shoppers),
            connects: Deadlines::new(plan.shoppers),
            unfinished: Vec::new(),
            settling: 0,
            read_buffer: vec![0; READ_BUFFER].into_boxed_slice(),
            write_buffer: Vec::with_capacity(1024),
            counts: Counts::default(),
            first_start: None,
            last_start: None,
            longest_turn: 0,
            connections: 0,
        };
        reactor.arm_slots(plan);
        Ok(reactor)
    }

    /// Launches the burst and serves it until every shopper has left its row.
    pub fn run(mut self) -> io::Result<Outcome> {
        let mut events = Events::with_capacity(BATCH);
        if self.settings.preconnect {
            self.settle(&mut events)?;
        }
        self.fire();
        let mut turn_began = self.last_start;
        while self.counts.in_flight > 0 && self.signals.received().is_none() {
            self.ends_turn(turn_began);
            let (idle, began) = self.turn(&mut events)?;
            turn_began = Some(began);
            let now = self.clock.now();
            self.expire(now);
            if let Some(kernel_clock) = &mut self.kernel_clock {
                kernel_clock.renew(self.clock, now);
            }
            if self.recorder.turn(&self.counts, now, idle).is_break() {
                break;
            }
        }
        // Whoever ended it: who was launched leaves a row.
        self.interrupt();
        let interrupted = self.signals.received();
        let source = self.signals.source();
        self.poll.registry().deregister(source)?;
        Ok(Outcome {
            counts: self.counts,
            first_start: self.first_start,
            last_start: self.last_start,
            ended: self.clock.now(),
            longest_turn: self.longest_turn,
            connections: self.connections,
            interrupted,
        })
    }

    /// Waits for events and handles them; says whether there were none, and when the wait was over.
    fn turn(&mut self, events: &mut Events) -> io::Result<(bool, Stamp)> {
        match self.poll.poll(events, self.wait_at_most()) {
            Ok(()) => {}
            // The signal's own event comes with the next turn.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                return Ok((false, self.clock.now()));
            }
            Err(error) => return Err(error),
        }
        let began = self.clock.now();
        let unfinished = std::mem::take(&mut self.unfinished);
        let idle = events.is_empty() && unfinished.is_empty();
        for event in events.iter().filter(|event| event.token() != SIGNAL) {
            self.handle(event.token().0, event);
        }
        for slot in unfinished {
            self.resume(slot);
        }
        Ok((idle, began))
    }

    fn ends_turn(&mut self, began: Option<Stamp>) {
        if let Some(began) = began {
            self.longest_turn = self.longest_turn.max(self.clock.now().since(began));
        }
    }

    fn wait_at_most(&self) -> Option<Duration> {
        if self.recorder.has_backlog() || !self.unfinished.is_empty() {
            return Some(Duration::ZERO);
        }
        let due = [self.requests.next(), self.connects.next()]
            .into_iter()
            .flatten()
            .min();
        let until_due = due.map(|due| {
            let nanos = due.since(self.clock.now()).max(0);
            Duration::from_nanos(nanos as u64)
        });
        [until_due, self.recorder.patience()]
            .into_iter()
            .flatten()
            .min()
    }
}
