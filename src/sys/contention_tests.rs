use super::*;

#[test]
fn the_files_are_read_by_field() {
    assert_eq!(schedstat("702259 51987 12\n"), Some((51_987, 12)));
    for short in ["", "1", "1 2", "1 x 3"] {
        assert_eq!(schedstat(short), None, "{short:?}");
    }
    let stat = "cpu  10 20 30 40 50 60 70 81 90 100\ncpu0 1 2 3 4 5 6 7 8 9 10\n";
    assert_eq!(steal_ticks(stat), Some(81));
    assert_eq!(steal_ticks("cpu  10 20 30 40\n"), None);
    assert_eq!(steal_ticks("intr 1 2 3\n"), None);
}

#[test]
fn spans_are_differences_and_absent_figures_stay_absent() {
    let at = |run_queue: Option<u64>, switches| Contention {
        run_queue_nanos: run_queue,
        involuntary_switches: Some(switches),
        ..Contention::default()
    };
    let span = at(Some(50), 9).since(&at(Some(20), 4));
    assert_eq!(span, at(Some(30), 5));
    assert_eq!(at(None, 9).since(&at(Some(20), 4)).run_queue_nanos, None);
    assert_eq!(span.plus(&at(None, 1)), at(Some(30), 6));
}

/// A thread on a CPU with a busy sibling waits in its run queue; where the kernel reports none of it,
/// there is nothing to read.
#[test]
fn figures_of_this_thread_only_grow() {
    let before = Contention::read();
    let until = std::time::Instant::now() + std::time::Duration::from_millis(20);
    while std::time::Instant::now() < until {
        std::hint::spin_loop();
    }
    let after = Contention::read();
    let pairs = [
        (before.run_queue_nanos, after.run_queue_nanos),
        (before.timeslices, after.timeslices),
        (before.involuntary_switches, after.involuntary_switches),
    ];
    for (before, after) in pairs {
        assert_eq!(before.is_some(), after.is_some());
        assert!(before <= after, "{before:?} {after:?}");
    }
    assert!(after.involuntary_switches.is_some());
}
