//! The workers' queue as pure arithmetic: the start and end of each job. `now` is an
//! argument; nothing here reads a clock or waits.
//!
//! A job that waited begins at the very instant the earlier one's time was over, not when that was
//! noticed: delays of the event loop do not add up, and with W workers and a service time S the
//! n-th of a burst (counted from 0) is due exactly (n / W + 1) · S after the burst.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::time::clock::Stamp;

/// Jobs being worked on, and those that wait for a worker, first come, first served.
#[derive(Debug)]
pub struct Queue<T> {
    service: Duration,
    /// From the start of the work to its second stage; equal to `service` without a second stage.
    first_stage: Duration,
    workers: usize,
    waiting: VecDeque<(Stamp, T)>,
    /// In the order of their starts; as all take equally long, also in the order of their ends.
    busy: VecDeque<Running<T>>,
    /// How many at the front of `busy` have reached their second stage.
    in_second_stage: usize,
}

#[derive(Debug)]
struct Running<T> {
    job: T,
    taken_up: Stamp,
    second_stage: Option<Stamp>,
    second_stage_due: Stamp,
    due: Stamp,
}

/// A job whose time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished<T> {
    /// The job.
    pub job: T,
    /// When a worker took it up, as observed.
    pub taken_up: Stamp,
    /// When its second stage began, as observed.
    pub second_stage: Stamp,
    /// When it was to be finished, by arithmetic.
    pub due: Stamp,
}

impl<T> Queue<T> {
    /// A queue of jobs that take `service` each, on this number of workers (`None`: no limit). With
    /// `two_stages` the second half of the time is a separate stage.
    pub fn new(service: Duration, workers: Option<NonZeroUsize>, two_stages: bool) -> Queue<T> {
        Queue {
            service,
            first_stage: if two_stages { service / 2 } else { service },
            workers: workers.map_or(usize::MAX, NonZeroUsize::get),
            waiting: VecDeque::new(),
            busy: VecDeque::new(),
            in_second_stage: 0,
        }
    }

    /// Whether jobs take no time at all and need not be queued.
    pub fn is_instant(&self) -> bool {
        self.service.is_zero()
    }

    /// A job arrives.
    pub fn arrive(&mut self, now: Stamp, job: T) {
        if self.busy.len() < self.workers {
            self.begin(now, now, job);
        } else {
            self.waiting.push_back((now, job));
        }
    }

    /// The next instant at which [`Queue::advance`] has something to do.
    pub fn next_due(&self) -> Option<Stamp> {
        let end = self.busy.front()?.due;
        match self.busy.get(self.in_second_stage) {
            Some(running) => Some(end.min(running.second_stage_due)),
            None => Some(end),
        }
    }

    /// Takes out the next job whose time is over, if there is one; the worker continues with the
    /// one that has waited longest. To be called until it answers `None`.
    pub fn advance(&mut self, now: Stamp) -> Option<Finished<T>> {
        while let Some(running) = self.busy.get_mut(self.in_second_stage)
            && running.second_stage_due <= now
        {
            running.second_stage = Some(now);
            self.in_second_stage += 1;
        }
        if self.busy.front()?.due > now {
            return None;
        }
        let done = self.busy.pop_front()?;
        self.in_second_stage = self.in_second_stage.saturating_sub(1);
        if let Some((arrived, next)) = self.waiting.pop_front() {
            // It may have arrived after the worker was free and before that was noticed.
            self.begin(done.due.max(arrived), now, next);
        }
        Some(Finished {
            second_stage: done.second_stage.unwrap_or(now),
            job: done.job,
            taken_up: done.taken_up,
            due: done.due,
        })
    }

    fn begin(&mut self, start: Stamp, taken_up: Stamp, job: T) {
        let due = start.after(self.service);
        debug_assert!(self.busy.back().is_none_or(|last| last.due <= due));
        self.busy.push_back(Running {
            job,
            taken_up,
            second_stage: None,
            second_stage_due: start.after(self.first_stage),
            due,
        });
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
