use std::time::Duration;

use super::{MANY, POLLED, SHORT, ShortWaits};

const LONG: Duration = Duration::from_millis(1);

#[test]
fn only_a_short_sleep_makes_the_next_one_wait() {
    let mut waits = ShortWaits::default();
    assert!(!waits.polls_before(LONG, MANY), "nothing is known yet");
    waits.note_sleep(SHORT - Duration::from_nanos(1));
    assert!(waits.polls_before(LONG, MANY));
    waits.note_sleep(SHORT);
    assert!(!waits.polls_before(LONG, MANY), "the server has the core");
}

#[test]
fn few_shoppers_and_short_limits_let_the_thread_sleep() {
    let mut waits = ShortWaits::default();
    waits.note_sleep(Duration::ZERO);
    assert!(!waits.polls_before(LONG, MANY - 1), "a lone response");
    let below = POLLED - Duration::from_nanos(1);
    assert!(!waits.polls_before(below, MANY));
    assert!(waits.polls_before(POLLED, MANY));
}
