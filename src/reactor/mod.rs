//! The event loop: the only user of mio, and the only one that opens, registers, closes and times
//! out connections. One thread; each turn is one wait, a batch of events, the deadlines that passed.

mod connection;
mod deadlines;
mod launch;
mod read;
mod slot;

use std::collections::BinaryHeap;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::AsRawFd;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use crate::net::sources::Sources;
use crate::plan::{Arrivals, Due, Plan};
use crate::row::Row;
use crate::shopper::Shopper;
use crate::shopper::scenario::Scenario;
use crate::signals::Signals;
use crate::sys::socket::KernelAddress;
use crate::sys::timer::Timer;
use crate::time::clock::{Clock, KernelClock, Stamp};

use deadlines::Deadlines;
use launch::Return;
use slot::Slot;

/// Where the load goes and comes from, and how long it may take.
#[derive(Clone)]
pub struct Settings {
    /// The server's address.
    pub address: KernelAddress,
    /// The source addresses, of the server's family; `None` leaves them to the kernel.
    pub sources: Option<Sources>,
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
    /// The most of them at once.
    pub most_in_flight: u64,
    /// Shoppers who came while the most that are allowed were in flight, and were not launched.
    pub turned_away: u64,
}

impl Counts {
    fn launches(&mut self) {
        self.launched += 1;
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
    }
}

/// What came of a run, beside its rows.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// The last counts.
    pub counts: Counts,
    /// When the first shopper was launched.
    pub first_start: Option<Stamp>,
    /// When the last of the first shoppers of a closed load was launched; absent in an open one.
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

    /// Looks at a shopper whose row is whole, before it is taken: the last response is still there.
    fn keep(&mut self, shopper: &Shopper, scenario: &Scenario) {
        let _ = (shopper, scenario);
    }

    /// Whether there is work that waits for a quiet moment.
    fn has_backlog(&self) -> bool {
        false
    }

    /// Called once a turn of the loop. `idle`: no socket is ready just now. To break ends the run.
    fn turn(&mut self, counts: &Counts, now: Stamp, idle: bool) -> ControlFlow<()> {
        let _ = (counts, now, idle);
        ControlFlow::Continue(())
    }

    /// How long the loop may wait at most before the next turn; `None` as long as it likes.
    fn patience(&self) -> Option<Duration> {
        None
    }
}

const SIGNAL: Token = Token(usize::MAX);

const TIMER: Token = Token(usize::MAX - 1);

/// Events taken from the kernel at once.
const BATCH: usize = 1024;

/// Bytes taken from a socket at once.
const READ_BUFFER: usize = 64 * 1024;

/// The event loop of one run.
pub struct Reactor<'a, R> {
    plan: &'a Plan,
    scenario: &'a Scenario,
    settings: &'a Settings,
    clock: &'a Clock,
    signals: &'a mut Signals,
    recorder: &'a mut R,
    /// Where the kernel's stamps are used.
    kernel_clock: Option<KernelClock>,
    poll: Poll,
    /// Wakes the loop for a launch: epoll's own time-outs are whole milliseconds.
    timer: Timer,
    /// What the timer is set for.
    timer_due: Option<Stamp>,
    /// The launch instant, from which the plan counts.
    origin: Stamp,
    arrivals: Arrivals,
    /// Who comes next, and when.
    next_arrival: Option<(Due, Stamp)>,
    /// Who follows on a place, and when.
    returns: BinaryHeap<Return>,
    slots: Vec<Slot>,
    /// Slots of an open load that nobody has.
    free: Vec<usize>,
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
        plan: &'a Plan,
        scenario: &'a Scenario,
        settings: &'a Settings,
        clock: &'a Clock,
        signals: &'a mut Signals,
        recorder: &'a mut R,
    ) -> io::Result<Reactor<'a, R>> {
        let poll = Poll::new()?;
        signals.register(&poll, SIGNAL)?;
        let timer = Timer::new()?;
        let timer_fd = timer.as_raw_fd();
        let mut timer_source = SourceFd(&timer_fd);
        poll.registry()
            .register(&mut timer_source, TIMER, Interest::READABLE)?;
        let mut reactor = Reactor {
            plan,
            scenario,
            settings,
            clock,
            signals,
            recorder,
            kernel_clock: settings.kernel_stamps.then(|| KernelClock::start(clock)),
            poll,
            timer,
            timer_due: None,
            origin: clock.now(),
            arrivals: plan.arrivals(),
            next_arrival: None,
            returns: BinaryHeap::with_capacity(plan.places()),
            slots: Vec::with_capacity(plan.places()),
            free: Vec::new(),
            requests: Deadlines::new(),
            connects: Deadlines::new(),
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
        reactor.arm_places();
        Ok(reactor)
    }

    /// Launches the shoppers of the plan and serves them until every one has left its row.
    pub fn run(mut self) -> io::Result<Outcome> {
        let mut events = Events::with_capacity(BATCH);
        if self.settings.preconnect {
            self.settle(&mut events)?;
        }
        self.origin = self.clock.now();
        self.next_arrival = self.arrivals.next().map(|due| (due, self.at(due)));
        self.launch_due(self.origin);
        let mut turn_began = self.last_start.unwrap_or(self.origin);
        while !self.is_over() && self.signals.received().is_none() {
            let wait = self.wait_at_most()?;
            self.ends_turn(turn_began);
            let (idle, began) = self.turn(&mut events, wait)?;
            turn_began = began;
            let now = self.clock.now();
            self.launch_due(now);
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
        self.signals.deregister(&self.poll)?;
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

    /// Whether nobody is in flight and nobody will be.
    fn is_over(&self) -> bool {
        self.counts.in_flight == 0 && self.next_arrival.is_none() && self.returns.is_empty()
    }

    /// Waits for events and handles them; says whether there were none, and when the wait was over.
    fn turn(&mut self, events: &mut Events, wait: Option<Duration>) -> io::Result<(bool, Stamp)> {
        match self.poll.poll(events, wait) {
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
        for event in events.iter() {
            match event.token() {
                SIGNAL => {}
                TIMER => self.timer_due = None,
                Token(slot) => self.handle(slot, event),
            }
        }
        for slot in unfinished {
            self.resume(slot);
        }
        Ok((idle, began))
    }

    fn ends_turn(&mut self, began: Stamp) {
        self.longest_turn = self.longest_turn.max(self.clock.now().since(began));
    }

    /// How long to wait for events; the timer ends the wait where a launch is due before that.
    fn wait_at_most(&mut self) -> io::Result<Option<Duration>> {
        if self.recorder.has_backlog() || !self.unfinished.is_empty() {
            return Ok(Some(Duration::ZERO));
        }
        if let Some(due) = self.next_due().filter(|due| self.timer_due != Some(*due)) {
            let wait = due.since(self.clock.now());
            if wait <= 0 {
                return Ok(Some(Duration::ZERO));
            }
            self.timer.set(Duration::from_nanos(wait as u64))?;
            self.timer_due = Some(due);
        }
        let due = [self.requests.next(), self.connects.next()]
            .into_iter()
            .flatten()
            .min();
        let until_due = due.map(|due| {
            let nanos = due.since(self.clock.now()).max(0);
            Duration::from_nanos(nanos as u64)
        });
        Ok([until_due, self.recorder.patience()]
            .into_iter()
            .flatten()
            .min())
    }
}
