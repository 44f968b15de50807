//! The workers' queue as pure arithmetic: who is worked on from when until when. `now` is an
//! argument; nothing here reads a clock or waits.
//!
//! A job that waited begins at the very instant the earlier one's time was over, not when somebody
//! noticed: lateness of the event loop does not add up, and with W workers and a service time S the
//! n-th of a burst (counted from 0) is due exactly (n / W + 1) · S after the burst.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::clock::Stamp;

/// Jobs being worked on, and those that wait for a worker, first come, first served.
#[derive(Debug)]
pub struct Queue<T> {
    service: Duration,
    /// From the start of the work to its second stage; equal to `service` if there is none.
    first_stage: Duration,
    workers: usize,
    waiting: VecDeque<(Stamp, T)>,
    /// In the order they were begun; as all take equally long, also in the order they end.
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
    /// A queue of jobs that take `service` each, on so many workers (`None`: no limit). With
    /// `two_stages` the second half of the time is a stage of its own.
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

    /// Takes out the next job whose time is over, if there is one; the worker goes on with the
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
            // It may have arrived after the worker was free and before anybody noticed.
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: u64 = 1_000_000;

    fn queue(workers: usize) -> Queue<u64> {
        Queue::new(Duration::from_millis(5), NonZeroUsize::new(workers), false)
    }

    /// Advances from due instant to due instant, always noticing `late` nanoseconds late.
    fn run_out(queue: &mut Queue<u64>, late: u64) -> Vec<(u64, u64)> {
        let mut done = Vec::new();
        while let Some(due) = queue.next_due() {
            while let Some(finished) = queue.advance(Stamp(due.0 + late)) {
                done.push((finished.job, finished.due.0));
            }
        }
        done
    }

    #[test]
    fn a_burst_on_two_workers_is_served_in_pairs() {
        let mut queue = queue(2);
        for job in 0..5 {
            queue.arrive(Stamp(MS), job);
        }
        let expected = [(0, 6), (1, 6), (2, 11), (3, 11), (4, 16)].map(|(job, at)| (job, at * MS));
        assert_eq!(run_out(&mut queue, 0), expected);
        assert_eq!(queue.next_due(), None);
    }

    #[test]
    fn lateness_does_not_add_up() {
        let mut queue = queue(1);
        for job in 0..100 {
            queue.arrive(Stamp(0), job);
        }
        let done = run_out(&mut queue, 70_000);
        assert_eq!(done.last(), Some(&(99, 100 * 5 * MS)));
    }

    #[test]
    fn who_arrives_at_a_worker_not_yet_noticed_free_starts_at_arrival() {
        let mut queue = queue(1);
        queue.arrive(Stamp(0), 0);
        queue.arrive(Stamp(7 * MS), 1);
        assert_eq!(queue.advance(Stamp(8 * MS)).map(|f| f.job), Some(0));
        assert_eq!(queue.next_due(), Some(Stamp(12 * MS)));
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        let mut queue = Queue::new(Duration::from_millis(5), None, false);
        for job in 0..1000 {
            queue.arrive(Stamp(job), job);
        }
        let done = run_out(&mut queue, 0);
        assert_eq!(done.len(), 1000);
        assert!(done.iter().all(|&(job, due)| due == job + 5 * MS));
    }

    #[test]
    fn the_second_stage_is_the_second_half() {
        let mut queue = Queue::new(Duration::from_millis(4), NonZeroUsize::new(1), true);
        queue.arrive(Stamp(0), 'a');
        queue.arrive(Stamp(0), 'b');
        assert_eq!(queue.next_due(), Some(Stamp(2 * MS)));
        assert_eq!(queue.advance(Stamp(2 * MS + 5)), None);
        assert_eq!(queue.next_due(), Some(Stamp(4 * MS)));
        let first = queue.advance(Stamp(4 * MS + 7)).expect("its time is over");
        assert_eq!(first.second_stage, Stamp(2 * MS + 5));
        assert_eq!(queue.next_due(), Some(Stamp(6 * MS)));
        let second = queue.advance(Stamp(8 * MS)).expect("its time is over");
        assert_eq!(second.taken_up, Stamp(4 * MS + 7), "as observed");
        assert_eq!(second.second_stage, Stamp(8 * MS), "nobody looked before");
    }

    proptest! {
        /// Every job is finished once, in order, never before its arrival plus the service time,
        /// and no more than `workers` overlap.
        #[test]
        fn first_come_first_served(
            gaps in proptest::collection::vec(0u64..8 * MS, 1..60),
            workers in 1usize..4,
            late in 0u64..3 * MS,
        ) {
            let mut queue = queue(workers);
            let mut now = 0;
            let mut arrivals = Vec::new();
            let mut done = Vec::new();
            for (job, gap) in gaps.iter().enumerate() {
                now += gap;
                while queue.next_due().is_some_and(|due| due.0 + late <= now)
                    && let Some(finished) = queue.advance(Stamp(now))
                {
                    done.push((finished.job, finished.due.0));
                }
                queue.arrive(Stamp(now), job as u64);
                arrivals.push(now);
            }
            done.extend(run_out(&mut queue, late));
            prop_assert_eq!(done.len(), gaps.len());
            for (at, &(job, due)) in done.iter().enumerate() {
                prop_assert_eq!(job, at as u64);
                prop_assert!(due >= arrivals[at] + 5 * MS);
                if at >= workers {
                    prop_assert!(due - 5 * MS >= done[at - workers].1);
                }
            }
        }
    }
}
