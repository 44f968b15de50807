//! Tests of the delay of waits.

use super::*;

fn after(delays: impl IntoIterator<Item = i64>) -> Duration {
    let mut delay = WakeDelay::default();
    delays.into_iter().for_each(|nanos| delay.note(nanos));
    delay.least()
}

#[test]
fn a_timer_is_set_early_by_the_least_of_the_last_delays() {
    let remembered = REMEMBERED as usize;
    assert_eq!(after([]), Duration::ZERO);
    assert_eq!(after([40_000; 5]), Duration::ZERO, "too few to tell");
    assert_eq!(after(vec![40_000; remembered]), Duration::from_micros(40));
    let one_less = [vec![40_000; remembered], vec![7_000]].concat();
    assert_eq!(after(one_less.clone()), Duration::from_micros(7));
    let forgotten = [one_less, vec![50_000; 2 * remembered]].concat();
    assert_eq!(after(forgotten), Duration::from_micros(50));
}

#[test]
fn delays_beyond_all_measure_have_little_effect() {
    assert_eq!(after([i64::MAX; 64]), MOST_EARLY);
    assert_eq!(after([-5; 64]), Duration::ZERO);
}
