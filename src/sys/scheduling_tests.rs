//! Tests of scheduling.

use std::thread;

use super::*;

/// In a thread of its own, which is all that is changed.
fn apart<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(act).join().expect("the thread ends")
}

#[test]
fn the_slack_of_timers_is_set_and_read() {
    let slack = apart(|| {
        set_timer_slack(1).expect("never refused");
        timer_slack().expect("readable")
    });
    assert_eq!(slack, 1);
}

#[test]
fn a_thread_may_always_be_less_favoured() {
    let (before, after) = apart(|| {
        let before = nice().expect("readable");
        set_nice(before + 1).expect("never refused");
        (before, nice().expect("readable"))
    });
    assert_eq!(after, before + 1);
}

#[test]
fn fifo_is_permitted_and_ends_or_is_refused_and_changes_nothing() {
    let (begun, was_on, ended, is_on) = apart(|| {
        let begun = begin_fifo(Duration::from_millis(200));
        let was_on = is_fifo();
        let ended = end_fifo();
        if let Ok(before) = begun {
            restore_limit(before).expect("it was there");
        }
        (begun.is_ok(), was_on, ended, is_fifo())
    });
    assert_eq!((was_on, ended), (begun, begun));
    assert!(!is_on);
    assert!(!was_limited(), "the limit was not reached");
}
