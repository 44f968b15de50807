//! The launch, in slices: between them the sockets are looked at, since no request that has begun is to
//! wait for the launch of the others.

use std::cmp::Reverse;
use std::time::Duration;

use crate::plan::Due;
use crate::shopper::{Next, Shopper};
use crate::sys::{memory, socket};
use crate::time::clock::Stamp;

use super::recorder::{Dropped, Recorder};
use super::slot::{Link, Slot};
use super::state::Reactor;

/// How long due shoppers are launched before the sockets are polled again; at least one is launched, over
/// loopback in about 20 microseconds.
pub(super) const SLICE: Duration = Duration::from_micros(20);

/// The same for first iterations while no home page has redirected: their answers are stamped by the kernel, and
/// nothing that has begun waits for this program to read them.
const LONG_SLICE: Duration = Duration::from_micros(70);

/// How long the launch of a burst, or of virtual users, gives way to sockets that are ready.
const GIVES_WAY: Duration = Duration::from_micros(100);

/// The same where home pages redirect: redirects that were received are followed first. Those launched so
/// far keep this program busy for a limited time only, since purchases wait for the launch.
const GIVES_WAY_TO_REDIRECTS: Duration = Duration::from_millis(1);

/// The pause between two launches over a path: as long as it takes to send a request.
const REST_TO_SEND: Duration = Duration::from_micros(12);

/// The pause between two slices of a launch over loopback, if each shopper so far was redirected once: to
/// follow a redirect takes about 40 microseconds.
const REST_TO_FOLLOW: Duration = Duration::from_micros(65);

/// The longest pause of such a launch while a shop that has kept up so far is stalled: its kernel's own work
/// takes 300 microseconds every few milliseconds.
const REST_IN_STALL: Duration = Duration::from_micros(400);

/// The number of redirects that may be awaited before a shop that has kept up so far counts as
/// stalled.
const AWAITED_AT_ONCE: u64 = 2;

/// How long the first shopper of a large burst may take to tell whether the home page redirects.
const PROBE: Duration = Duration::from_micros(250);

/// A burst of that many shoppers is large: the probe makes its launch at most a tenth longer.
const LARGE_BURST: u64 = 100;

/// Arrivals that are launched after the planned end: about ten milliseconds' worth.
const LATE_LAUNCHES: u64 = 1024;

/// Due arrivals dropped before the sockets are polled again: about ten microseconds.
const DROPS_PER_ITERATION: usize = 256;

impl<R: Recorder> Reactor<'_, R> {
    /// Launches the shoppers that are due.
    ///
    /// `quiet`: no socket has anything just now. First iterations that are due at once, and the purchases
    /// after them, begin when that is so, for the sake of redirects and handshakes that have come in.
    pub(super) fn launch_due(&mut self, now: Stamp, quiet: bool) {
        if quiet || now >= self.last_slice.after(self.gives_way()) {
            if now >= self.last_slice.after(self.pace()) {
                self.fire_due(now);
            }
            self.release_held(now);
        }
        self.admit_due(now);
        if self.last_call.is_some_and(|last_call| now > last_call) {
            self.give_up_late();
        }
        self.repeat_due(now);
    }

    /// The load has passed its planned end. A program that was delayed launches what is still due; one
    /// that could not keep up drops it, so that the load does not take longer.
    fn give_up_late(&mut self) {
        self.last_call = None;
        if !self.plan.is_open() || self.next_arrival.is_none() {
            return;
        }
        let mut after = self.arrivals.clone();
        let left = after.skip_rest().saturating_add(1);
        if left <= LATE_LAUNCHES {
            return;
        }
        // The recorder bounds their rows.
        let in_flight = self.counts.in_flight;
        let mut with_row = 0;
        while let Some((_, due)) = self.next_arrival
            && self.recorder.record_dropped(Dropped {
                due,
                in_flight,
                is_late: true,
            })
        {
            self.take_arrival();
            with_row += 1;
        }
        let left = left.saturating_sub(with_row);
        self.counts.note_dropped(with_row);
        self.counts.note_dropped_without_row(left);
        self.counts.dropped_late = self.counts.dropped_late.saturating_add(with_row + left);
        self.arrivals = after;
        self.next_arrival = None;
    }

    /// How long the launch waits for sockets that are ready.
    fn gives_way(&self) -> Duration {
        let is_launch = self.is_burst && self.next_arrival.is_some();
        match is_launch && self.redirects_followed > 0 {
            true => GIVES_WAY_TO_REDIRECTS,
            false => GIVES_WAY,
        }
    }

    /// The pause between two slices of the launch of a burst. Over a path it leaves the time to send what
    /// was connected a round trip ago, or requests would fall behind their handshakes. Where home pages
    /// redirect, by the share of those heard of so far, a server that stalled for a moment and then redirects
    /// all at once must not cause more redirects to wait than can be followed soon.
    fn pace(&self) -> Duration {
        match (self.is_burst, self.connects_at_once) {
            (false, _) => Duration::ZERO,
            (true, false) => REST_TO_SEND,
            (true, true) if self.is_probing() => PROBE,
            (true, true) if self.is_stalled() => REST_IN_STALL,
            (true, true) => {
                let nanos = REST_TO_FOLLOW.as_nanos() as u64;
                let ended = self.held.len() as u64 + self.counts.failed;
                let heard = ended.max(self.redirects_followed).max(1);
                Duration::from_nanos(nanos * self.redirects_followed / heard)
            }
        }
    }

    /// Whether only the first shopper of a large burst is launched, and nothing has been heard yet. Those
    /// launched before it is known that the page redirects would wait for each other's redirects.
    fn is_probing(&self) -> bool {
        self.counts.launched == 1
            && self.redirects_followed == 0
            && self.counts.in_flight == 1
            && self.held.is_empty()
            && self.plan.level().is_some_and(|level| level >= LARGE_BURST)
    }

    /// Whether a shop that redirected nearly all shoppers so far has some to redirect. After a stall it
    /// does that faster than they can be followed. A slower shop redirects few during the launch.
    fn is_stalled(&self) -> bool {
        let launched = self.counts.launched;
        let awaited = launched.saturating_sub(self.redirects_followed);
        awaited >= AWAITED_AT_ONCE && awaited <= launched / 8
    }

    /// Whether something is to be launched at once.
    pub(super) fn has_due(&self, now: Stamp) -> bool {
        self.has_released() || self.next_due().is_some_and(|due| due <= now)
    }

    /// When the next launch is due by the plan.
    pub(super) fn next_due(&self) -> Option<Stamp> {
        let returning = self.returns.peek().map(|Reverse((at, ..))| *at);
        let arriving = self.next_arrival.map(|(_, at)| at);
        [arriving, returning].into_iter().flatten().min()
    }

    fn take_arrival(&mut self) -> Option<(Due, Stamp)> {
        let next = self.arrivals.next().map(|due| (due, self.at(due)));
        std::mem::replace(&mut self.next_arrival, next)
    }

    /// First iterations of virtual users.
    fn fire_due(&mut self, now: Stamp) {
        let waits_for_nothing = self.redirects_followed == 0 && self.stamps_tell;
        let end = now.after(match waits_for_nothing {
            true => LONG_SLICE,
            false => SLICE,
        });
        while let Some((due, at)) = self.next_arrival.filter(|&(_, at)| at <= now) {
            if self.plan.is_open() || self.signals.received().is_some() {
                break;
            }
            let index = self.plan.slot_of(due.index);
            self.take_arrival();
            if let Some((next, _)) = self.next_arrival {
                // While the kernel connects this one.
                memory::prefetch(&self.slots[self.plan.slot_of(next.index)]);
            }
            if let Err(next) = self.fire(index, at) {
                self.follow(index, next);
            }
            let ends = self.ends_slice(end) || !self.connects_at_once;
            if ends || self.is_burst && self.is_probing() {
                return;
            }
        }
    }

    /// Purchases of a burst that waited for the launch.
    fn release_held(&mut self, now: Stamp) {
        let end = now.after(SLICE);
        while self.has_released() && self.signals.received().is_none() {
            self.begin_held();
            if self.ends_slice(end) {
                return;
            }
        }
    }

    /// Something was launched: whether the sockets come next.
    fn ends_slice(&mut self, end: Stamp) -> bool {
        self.last_slice = self.clock.now();
        self.last_slice >= end
    }

    /// Arrivals of an open workload: launched where a slot is free, else dropped.
    fn admit_due(&mut self, now: Stamp) {
        if !self.plan.is_open() {
            return;
        }
        let end = now.after(SLICE);
        let mut drops = 0;
        while let Some((due, at)) = self.next_arrival.filter(|&(_, at)| at <= now) {
            if drops == DROPS_PER_ITERATION || self.signals.received().is_some() {
                return;
            }
            let slot = self.prepared.take().or_else(|| self.free_slot());
            if let Some(index) = slot {
                self.take_arrival();
                let next = self.admit(index, due.index, at);
                self.follow(index, next);
                if self.ends_slice(end) {
                    return;
                }
                continue;
            }
            let in_flight = self.counts.in_flight;
            let dropped = Dropped {
                due: at,
                in_flight,
                is_late: false,
            };
            if self.recorder.record_dropped(dropped) {
                self.take_arrival();
                self.counts.note_dropped(1);
                drops += 1;
                continue;
            }
            // No slot is free and the rows are full: the same holds for all arrivals that are due by now.
            let since_origin = now.since(self.origin).max(0) as u64;
            let skipped = 1 + self.arrivals.skip_through(since_origin);
            self.counts.note_dropped_without_row(skipped);
            self.take_arrival();
            return;
        }
    }

    /// Next iterations of virtual users, of which those that become due again in the meantime wait for
    /// the next iteration of the loop.
    fn repeat_due(&mut self, now: Stamp) {
        let end = now.after(SLICE);
        while let Some(&Reverse((at, number, index))) = self.returns.peek() {
            if at > now || self.signals.received().is_some() {
                return;
            }
            self.returns.pop();
            let next = self.admit(index, number, at);
            self.follow(index, next);
            if self.ends_slice(end) {
                return;
            }
        }
    }

    /// Launches the first shopper of a slot, which is armed.
    fn fire(&mut self, index: usize, due: Stamp) -> Result<(), Next> {
        let slot = &mut self.slots[index];
        let now = self.clock.now();
        slot.is_busy = true;
        slot.asked = now;
        slot.shopper.set_due(due);
        slot.shopper.start(now);
        self.first_start.get_or_insert(now);
        self.last_start = Some(now);
        self.counts.note_launch();
        if let Some(timeout) = self.settings.timeout {
            self.requests.set(index, now.after(timeout));
        }
        match (&slot.socket, slot.setup_error.take()) {
            (_, Some(failure)) => Err(self.fail(index, *failure, now)),
            // The server closed a connection made ahead.
            (None, None) => Err(Next::Request { reuse: false }),
            (Some(_), None) if slot.link == Link::Settled => self.fire_settled(index),
            (Some(socket), None) => {
                slot.link = Link::Connecting;
                if let Err(error) = socket::connect(socket, &self.settings.address) {
                    let now = self.clock.now();
                    return Err(self.fail(index, error.into(), now));
                }
                self.expect_connection(index, now);
                self.transmit_if_connected(index)
            }
        }
    }

    /// Over loopback the handshake is over within `connect()`. Where one was not, further attempts would
    /// make the launch longer: the next look at the sockets tells.
    fn transmit_if_connected(&mut self, index: usize) -> Result<(), Next> {
        if self.connects_at_once {
            self.transmit(index)?;
            self.connects_at_once = self.slots[index].link != Link::Connecting;
        }
        Ok(())
    }

    fn fire_settled(&mut self, index: usize) -> Result<(), Next> {
        let mut now = self.clock.now();
        if self.is_spoilt(index, &mut now) {
            return Err(Next::Request { reuse: false });
        }
        self.slots[index].reuse();
        self.transmit(index)
    }

    /// A slot for an arrival, if max in flight is not reached.
    pub(super) fn free_slot(&mut self) -> Option<usize> {
        if let Some(index) = self.free.pop() {
            return Some(index);
        }
        let index = self.slots.len();
        if index >= self.plan.most_in_flight() {
            return None;
        }
        let mut shopper = Shopper::new(self.plan.orders.order(0), 0);
        shopper.visit_page(self.scenario);
        self.slots.push(Slot::new(0, shopper));
        self.requests.grow(index + 1);
        self.connects.grow(index + 1);
        Some(index)
    }

    /// Assigns a slot to a shopper, whose home request comes next.
    pub(super) fn admit(&mut self, index: usize, number: u64, due: Stamp) -> Next {
        self.counts.note_launch();
        let level = self.plan.level().unwrap_or(self.counts.in_flight);
        let order = self.plan.orders.order(number);
        if let Some(tls) = &self.tls {
            tls.begin_visit(index);
        }
        let slot = &mut self.slots[index];
        slot.number = number;
        slot.is_busy = true;
        slot.shopper.renew(order, level);
        if self.scenario.site.is_some() {
            slot.shopper.identify(self.plan.orders.identity(number));
        }
        slot.shopper.set_due(due);
        Next::Request {
            reuse: slot.link == Link::Settled,
        }
    }
}
