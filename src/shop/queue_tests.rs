//! Tests of queue.

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
        while let Some(finished) = queue.advance(Stamp::at(due.nanos() + late)) {
            done.push((finished.job, finished.due.nanos()));
        }
    }
    done
}

#[test]
fn a_burst_on_two_workers_is_served_in_pairs() {
    let mut queue = queue(2);
    for job in 0..5 {
        queue.arrive(Stamp::at(MS), job);
    }
    let expected = [(0, 6), (1, 6), (2, 11), (3, 11), (4, 16)].map(|(job, at)| (job, at * MS));
    assert_eq!(run_out(&mut queue, 0), expected);
    assert_eq!(queue.next_due(), None);
}

#[test]
fn delays_of_the_loop_do_not_add_up() {
    let mut queue = queue(1);
    for job in 0..100 {
        queue.arrive(Stamp::at(0), job);
    }
    let done = run_out(&mut queue, 70_000);
    assert_eq!(done.last(), Some(&(99, 100 * 5 * MS)));
}

#[test]
fn a_job_arriving_at_a_free_worker_starts_at_arrival() {
    let mut queue = queue(1);
    queue.arrive(Stamp::at(0), 0);
    queue.arrive(Stamp::at(7 * MS), 1);
    assert_eq!(queue.advance(Stamp::at(8 * MS)).map(|f| f.job), Some(0));
    assert_eq!(queue.next_due(), Some(Stamp::at(12 * MS)));
}

#[test]
fn without_a_limit_no_job_waits() {
    let mut queue = Queue::new(Duration::from_millis(5), None, false);
    for job in 0..1000 {
        queue.arrive(Stamp::at(job), job);
    }
    let done = run_out(&mut queue, 0);
    assert_eq!(done.len(), 1000);
    assert!(done.iter().all(|&(job, due)| due == job + 5 * MS));
}

#[test]
fn the_second_stage_is_the_second_half() {
    let mut queue = Queue::new(Duration::from_millis(4), NonZeroUsize::new(1), true);
    queue.arrive(Stamp::at(0), 'a');
    queue.arrive(Stamp::at(0), 'b');
    assert_eq!(queue.next_due(), Some(Stamp::at(2 * MS)));
    assert_eq!(queue.advance(Stamp::at(2 * MS + 5)), None);
    assert_eq!(queue.next_due(), Some(Stamp::at(4 * MS)));
    let first = queue
        .advance(Stamp::at(4 * MS + 7))
        .expect("its time is over");
    assert_eq!(first.second_stage, Stamp::at(2 * MS + 5));
    assert_eq!(queue.next_due(), Some(Stamp::at(6 * MS)));
    let second = queue.advance(Stamp::at(8 * MS)).expect("its time is over");
    assert_eq!(second.taken_up, Stamp::at(4 * MS + 7), "as observed");
    assert_eq!(
        second.second_stage,
        Stamp::at(8 * MS),
        "nobody looked before"
    );
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
            while queue.next_due().is_some_and(|due| due.nanos() + late <= now)
                && let Some(finished) = queue.advance(Stamp::at(now))
            {
                done.push((finished.job, finished.due.nanos()));
            }
            queue.arrive(Stamp::at(now), job as u64);
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
