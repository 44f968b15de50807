//! Tests of the wait for the start.

use super::*;

const MS: Duration = Duration::from_millis(1);

#[test]
fn no_wait_is_longer_than_what_notices_a_clock_that_is_set() {
    for left in [1, 5, 20, 21, 100, 199, 200] {
        let wait = next_wait(MS * left, Duration::ZERO);
        assert_eq!(wait, Wait::Timer((MS * left).min(STEP)), "{left} ms");
    }
    for left in [201, 250, 1_000, 86_400_000] {
        let Wait::Poll(wait) = next_wait(MS * left, MS) else {
            panic!("{left} ms: a timer");
        };
        assert!(!wait.is_zero() && wait <= LONGEST, "{left} ms: {wait:?}");
        assert!(MS * left - wait >= FAR / 2, "{left} ms: {wait:?}");
    }
}

#[test]
fn the_last_wait_ends_early_and_the_rest_is_polled() {
    assert_eq!(next_wait(MS * 10, MS), Wait::Timer(MS * 9));
    assert_eq!(next_wait(MS * 150, MS), Wait::Timer(STEP));
    assert_eq!(next_wait(MS, MS), Wait::Timer(Duration::ZERO));
    assert_eq!(next_wait(MS, MS * 2), Wait::Poll(Duration::ZERO));
}
