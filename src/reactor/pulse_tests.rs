//! Tests of the timer that ends waits.

use std::io;
use std::time::Duration;

use mio::{Events, Poll, Token};

use crate::time::clock::{Clock, Stamp};

use super::Pulse;

const TOKEN: Token = Token(7);
const PERIOD: Duration = Duration::from_millis(5);

fn pulse(poll: &Poll) -> Pulse {
    Pulse::new(poll, TOKEN, PERIOD).expect("a timer")
}

#[test]
fn a_wait_without_a_limit_ends_within_the_period_again_and_again() {
    let clock = Clock::start();
    let mut poll = Poll::new().expect("a poll");
    let mut pulse = pulse(&poll);
    let mut events = Events::with_capacity(4);
    for _ in 0..3 {
        let now = clock.now();
        let mut from = now;
        let limit = pulse.limit(&mut from, PERIOD, &clock).expect("it is set");
        assert_eq!(limit, None);
        assert!(from > now, "the wait begins after the timer was set");
        // Without a limit this would not return if the timer did not end it.
        while let Err(error) = poll.poll(&mut events, None) {
            assert_eq!(error.kind(), io::ErrorKind::Interrupted);
        }
        let tokens: Vec<Token> = events.iter().map(|event| event.token()).collect();
        assert_eq!(tokens, [TOKEN]);
        assert!(clock.now() >= now.after(PERIOD));
        pulse.note_expired();
    }
}

#[test]
fn a_wait_that_ends_before_the_timer_keeps_its_limit() {
    let clock = Clock::start();
    let poll = Poll::new().expect("a poll");
    let mut pulse = pulse(&poll);
    let now = clock.now();
    let mut from = now;
    let nearly = PERIOD - Duration::from_nanos(1);
    let limit = pulse.limit(&mut from, nearly, &clock).expect("it is set");
    // As long as it would have been, less what it took to set the timer.
    let took = Duration::from_nanos(from.since(now) as u64);
    assert_eq!(limit, Some(nearly.saturating_sub(took)));
    let mut limit = |from: Stamp, wait| {
        let mut begins = from;
        let limit = pulse.limit(&mut begins, wait, &clock);
        assert_eq!(begins, from, "nothing was set");
        limit.expect("nothing to set")
    };
    assert_eq!(limit(now, PERIOD), None, "the timer is set for that");
    assert_eq!(limit(now.after(PERIOD / 2), PERIOD / 4), Some(PERIOD / 4));
    assert_eq!(limit(now.after(PERIOD / 2), PERIOD / 2), None);
}

#[test]
fn a_look_is_no_wait() {
    let clock = Clock::start();
    let poll = Poll::new().expect("a poll");
    let mut pulse = pulse(&poll);
    let limit = pulse.limit(&mut clock.now(), Duration::ZERO, &clock);
    assert_eq!(limit.expect("nothing to set"), Some(Duration::ZERO));
    assert_eq!(pulse.next, Stamp::default());
}
