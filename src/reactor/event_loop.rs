//! The loop itself: waits, events, launches, deadlines.

use std::io;
use std::time::Duration;

use mio::{Events, Token};

use crate::sys::{clock, memory};
use crate::time::clock::Stamp;

use super::launch::SLICE;
use super::outcome::LoadOutcome;
use super::recorder::Recorder;
use super::short_wait::POLLED;
use super::state::{LONGEST_WAIT, PULSE, Reactor, SIGNAL, TIMER};

/// Events taken from the kernel at once, where requests follow from responses.
const BATCH: usize = 1024;

/// The same in an open workload: each event may begin a request, which takes about 40 microseconds, and
/// arrivals that become due wait for all of them.
const BATCH_IN_OPEN: usize = 64;

/// Events taken from the kernel at once while launches are due.
const BATCH_IN_LAUNCH: usize = 4;

/// Events of an iteration of a closed workload after which rows are worked off at once.
const FEW: usize = 8;

/// The number of sockets with more to read than their share that are read again in one iteration; while
/// launches are due, one.
const RESUMED_PER_ITERATION: usize = 64;

/// A call that waits for events and takes longer than this found none at first, nanoseconds: to fetch a
/// batch takes less.
const WAITED: i64 = 50_000;

/// The number of slots from which on the next event's slot is fetched while the present one is handled:
/// that many are some 0.5 MB.
const CACHED_SLOTS: usize = 512;

/// How far arrivals may lag behind the planned end of a load with a duration. A load with a
/// number of arrivals may take twice its planned time, and a second more at least.
const LAST_CALL: Duration = Duration::from_millis(50);

impl<R: Recorder> Reactor<'_, R> {
    /// Launches the shoppers of the plan and serves them until each has a row.
    pub fn run(mut self) -> io::Result<LoadOutcome> {
        let batch = match self.plan.is_open() {
            true => BATCH_IN_OPEN,
            false => BATCH,
        };
        let mut events = Events::with_capacity(batch);
        let mut few_events = Events::with_capacity(BATCH_IN_LAUNCH);
        let mut one_event = Events::with_capacity(1);
        if self.settings.preconnect {
            self.settle(&mut events)?;
        }
        self.drain(&mut events)?;
        let origin = self.wait_for_start(&mut events)?;
        let mut is_broken_off = self.begun.is_refused;
        if !is_broken_off {
            self.begin(origin);
        }
        let mut iteration_began = self.clock.now();
        while !self.is_over() && self.signals.received().is_none() {
            let waited_from = self.note_iteration(iteration_began);
            self.is_launching = self.has_due(waited_from);
            let near = self.near_due(waited_from);
            let (batch, wait) = match (self.is_launching, near) {
                (true, _) => (&mut few_events, Duration::ZERO),
                (false, Some(_)) => (&mut one_event, Duration::ZERO),
                (false, None) => (&mut events, self.wait_at_most(waited_from)?),
            };
            let wake_by = self.wake_by(waited_from, wait);
            self.waited_from = waited_from;
            let (idle, began) = self.poll_or_sleep(batch, wait)?;
            iteration_began = began;
            let handled = batch.iter().count();
            let was_all = self.is_launching && handled < BATCH_IN_LAUNCH;
            let mut now = self.clock.now();
            if let Some(due) = near.filter(|_| !self.is_launching) {
                now = self.spin(due, waited_from, idle);
            }
            if self.signals.take_continued() {
                self.note_pause(wake_by, now);
            }
            let was_short = now.since(began) < SLICE.as_nanos() as i64;
            // Or as good as idle: what was there is done, and took no time in which more could come.
            let quiet = idle || was_all && was_short;
            self.launch_due(now, quiet);
            self.expire(now);
            self.kernel_clock.renew(self.clock, now);
            let is_calm = idle || self.has_time_for_rows(handled);
            let has_time = is_calm && !self.is_launching && near.is_none();
            self.close_spent(now, has_time);
            let has_time = has_time && self.recorder.has_backlog();
            let flow = (self.recorder).end_iteration(&self.counts, now, has_time);
            if flow.is_break() {
                is_broken_off = true;
                break;
            }
            if clock::check().is_err() {
                break;
            }
        }
        // Each shopper launched gets a row, however the loop ended.
        self.interrupt();
        let interrupted = self.signals.received();
        self.signals.deregister(&self.poll)?;
        clock::check()?;
        Ok(self.outcome(interrupted, is_broken_off))
    }

    /// Whether rows may be worked off although events were handled just now: the answer to a lone request takes
    /// longer than a row, and where few of many sockets were ready, a look at the others first costs as much as the
    /// rows. Where the kernel timestamps what is received, that begins later only what follows from it.
    fn has_time_for_rows(&self, handled: usize) -> bool {
        let is_read = self.unfinished.is_empty();
        let are_few = self.is_closed && self.stamps_tell && handled <= FEW;
        self.counts.in_flight <= 1 || is_read && are_few
    }

    /// The launch instant.
    fn begin(&mut self, origin: Stamp) {
        self.origin = origin;
        self.last_end = self.origin;
        self.recorder.begin(self.plan, self.origin);
        self.last_call = self.last_call();
        self.next_arrival = self.arrivals.next().map(|due| (due, self.at(due)));
        self.launch_due(self.clock.now(), true);
    }

    fn last_call(&self) -> Option<Stamp> {
        let span = self.plan.planned_span()?;
        let lag = match self.plan.total() {
            Some(_) => span.max(Duration::from_secs(1)),
            None => LAST_CALL,
        };
        Some(self.origin.after(span).after(lag))
    }

    fn outcome(&mut self, interrupted: Option<i32>, is_broken_off: bool) -> LoadOutcome {
        let (cpu, wall) = self.spent();
        let ended = self.clock.now();
        let is_whole = interrupted.is_none() && !is_broken_off;
        let until = match is_whole {
            true => self.last_end,
            false => ended,
        };
        let planned = (self.plan.span_once_launched(self.counts.launched))
            .filter(|_| is_whole)
            .map_or(0, |span| i64::try_from(span.as_nanos()).unwrap_or(i64::MAX));
        self.kernel_clock.compare(self.clock, ended);
        LoadOutcome {
            counts: self.counts,
            begun: self.begun,
            first_start: self.first_start,
            last_start: self.last_start,
            ended,
            span_nanos: until.since(self.origin).max(planned),
            longest_iteration: self.longest_iteration,
            connections: self.connections,
            cpu,
            wall,
            spun: self.spun.min(cpu),
            paused_nanos: self.paused_nanos,
            drift: self.kernel_clock.drift_seen(),
            tls: self.tls.take().map(|tls| Box::new(tls.figures)),
            interrupted,
        }
    }

    /// Whether no shopper is in flight and none will be.
    fn is_over(&self) -> bool {
        self.counts.in_flight == 0 && self.next_arrival.is_none() && self.returns.is_empty()
    }

    /// Takes the events of sockets that are not connected yet, so that the launch does not find them.
    fn drain(&mut self, events: &mut Events) -> io::Result<()> {
        for _ in 0..=self.slots.len() / BATCH_IN_OPEN {
            self.poll_once(events, Duration::ZERO)?;
        }
        Ok(())
    }

    /// Waits for events and handles them, as [`Reactor::poll_once`]; but where the last sleep was short, the
    /// sockets are polled for a moment first. A moment in vain is followed by a sleep, and a longer one ends
    /// that: a server on the same processor has it then.
    ///
    /// Scheduled launches have a timer, which ends sleeps for other reasons. Without TLS nothing is gained: the
    /// rate of 64 kept connections stayed the same, while with it one server made 5 % more of them.
    pub(super) fn poll_or_sleep(
        &mut self,
        events: &mut Events,
        wait: Duration,
    ) -> io::Result<(bool, Stamp)> {
        if self.plan.is_open() || self.tls.is_none() {
            return self.poll_once(events, wait);
        }
        if self.short_waits.polls_before(wait, self.counts.in_flight) {
            let until = self.waited_from.after(POLLED);
            let (idle, began) = loop {
                let polled = self.poll_once(events, Duration::ZERO)?;
                let (idle, began) = polled;
                if !idle || began >= until {
                    break polled;
                }
            };
            let polled = began.since(self.waited_from).max(0);
            self.spun += Duration::from_nanos(polled as u64);
            self.waited_from = began;
            if !idle {
                return Ok((idle, began));
            }
        }
        let (idle, began) = self.poll_once(events, wait)?;
        if !wait.is_zero() {
            let slept = began.since(self.waited_from).max(0);
            (self.short_waits).note_sleep(Duration::from_nanos(slept as u64));
        }
        Ok((idle, began))
    }

    /// Waits for events and handles them; returns whether there were none, and when the wait ended.
    pub(super) fn poll_once(
        &mut self,
        events: &mut Events,
        wait: Duration,
    ) -> io::Result<(bool, Stamp)> {
        let limit = (self.pulse).limit(&mut self.waited_from, wait, self.clock)?;
        match self.poll.poll(events, limit) {
            Ok(()) => {}
            // The signal's own event comes with the next iteration.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                return Ok((false, self.clock.now()));
            }
            Err(error) => return Err(error),
        }
        let began = self.clock.now();
        self.fetched = began;
        let was_all = events.iter().count() < events.capacity();
        if was_all && !wait.is_zero() && began.since(self.waited_from) > WAITED {
            // What ended the wait came just now.
            self.looked = began;
        }
        let idle = events.is_empty() && self.unfinished.is_empty();
        let most = if self.is_launching {
            1
        } else {
            RESUMED_PER_ITERATION
        };
        let resumed = self.unfinished.len().min(most);
        let mut ahead = events.iter().skip(1);
        let exceeds_caches = self.slots.len() > CACHED_SLOTS;
        for event in events.iter() {
            if exceeds_caches
                && let Some(next) = ahead.next()
                && let Some(slot) = self.slots.get(next.token().0)
            {
                memory::prefetch(slot);
            }
            match event.token() {
                SIGNAL => {}
                PULSE => self.pulse.note_expired(),
                TIMER => self.note_timer(began),
                Token(index) => self.handle(index, event),
            }
        }
        for _ in 0..resumed {
            // Those that remain unfinished go to the end of the queue.
            if let Some(index) = self.unfinished.pop_front() {
                self.resume(index);
            }
        }
        if was_all {
            self.looked = began;
        }
        Ok((idle, began))
    }

    /// Returns the end of the iteration.
    fn note_iteration(&mut self, began: Stamp) -> Stamp {
        let now = self.clock.now();
        self.longest_iteration = self.longest_iteration.max(now.since(began));
        now
    }

    /// The latest end of a wait.
    fn wake_by(&self, from: Stamp, wait: Duration) -> Stamp {
        let end = from.after(wait);
        self.timer_due.map_or(end, |due| due.max(from).min(end))
    }

    /// This process was stopped and continued. For SIGTSTP the time is known; for SIGSTOP, what the
    /// clock advanced beyond the latest end of the wait was certainly spent stopped.
    fn note_pause(&mut self, wake_by: Stamp, now: Stamp) {
        let jump = now.since(wake_by).max(0);
        self.paused_nanos += jump.max(self.signals.take_stopped_nanos());
    }

    /// How long to wait for events; the timer ends the wait where a launch is due before that.
    pub(super) fn wait_at_most(&mut self, now: Stamp) -> io::Result<Duration> {
        let has_work = !self.unfinished.is_empty() || !self.spent.is_empty();
        if has_work || self.recorder.has_backlog() {
            return Ok(Duration::ZERO);
        }
        if self.set_timer()? {
            return Ok(Duration::ZERO);
        }
        let due = [self.requests.next(), self.connects.next()]
            .into_iter()
            .flatten()
            .min();
        let until_due = due.map(|due| {
            let nanos = due.since(now).max(0);
            Duration::from_nanos(nanos as u64)
        });
        let waits = [until_due, self.recorder.patience(now), Some(LONGEST_WAIT)];
        Ok(waits.into_iter().flatten().min().unwrap_or(LONGEST_WAIT))
    }
}
