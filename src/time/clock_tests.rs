//! Tests of clock.

use super::*;

#[test]
fn kernel_readings_become_instants_between_their_neighbours() {
    let clock = Clock::start();
    let mut kernel = KernelClock::start(&clock);
    let before = clock.now();
    let (_, reading) = read_pair();
    let after = clock.now();
    let at = kernel.instant_between(reading, before, after, &clock);
    assert!(at.is_some(), "a reading between two instants");
    for elsewhere in [
        reading - 3_600_000_000_000,
        reading + 3_600_000_000_000,
        0,
        i64::MAX,
    ] {
        assert_eq!(
            kernel.instant_between(elsewhere, before, after, &clock),
            None
        );
    }
}

#[test]
fn a_stepped_clock_is_compared_again() {
    for step in [-3_600_000_000_000, 3_600_000_000_000] {
        let clock = Clock::start();
        // As if the clock had been stepped since the comparison.
        let mut kernel = KernelClock::start(&clock);
        kernel.origin -= step;
        let before = clock.now();
        let (_, reading) = read_pair();
        let after = clock.now();
        let at = kernel.instant_between(reading, before, after, &clock);
        assert!(at.is_some(), "found again after the step");
        // A reading from before the step fits nowhere now.
        let old = kernel.instant_between(reading - step, before, after, &clock);
        assert_eq!(old, None);
    }
}

#[test]
fn a_drift_is_followed() {
    let clock = Clock::start();
    let mut kernel = KernelClock::start(&clock);
    kernel.origin -= 1_000;
    kernel.renew(&clock, kernel.compared);
    let unchanged = kernel.origin;
    kernel.renew(&clock, kernel.compared.after(KernelClock::RENEWAL));
    assert_ne!(kernel.origin, unchanged);
    assert!((kernel.origin - clock.realtime).abs() < 1_000_000);
}

#[test]
fn a_quiet_clock_does_not_drift_notably_and_a_stepped_one_does() {
    let mut clock = Clock::start();
    assert!(!clock.drift().is_notable(), "{}", clock.drift());
    clock.realtime -= 2_000_000;
    assert!(clock.drift().is_notable(), "{}", clock.drift());
}

#[test]
fn spans_may_be_negative() {
    assert_eq!(Stamp::at(5).since(Stamp::at(8)), -3);
    assert_eq!(Stamp::at(8).since(Stamp::at(5)), 3);
    assert_eq!(Stamp::at(8).after(Duration::MAX), Stamp::at(u64::MAX));
}

#[test]
fn readings_from_before_an_instant_are_distinguished_from_those_across_a_step() {
    let clock = Clock::start();
    let mut kernel = KernelClock::start(&clock);
    let (_, early) = read_pair();
    std::thread::sleep(Duration::from_millis(1));
    let asked = clock.now();
    let (_, late) = read_pair();
    let seen = clock.now();
    assert_eq!(kernel.instant_between(early, asked, seen, &clock), None);
    assert!(kernel.is_before(early, asked, seen));
    assert!(!kernel.is_before(late, asked, seen));
    assert!(kernel.is_before(i64::MIN, asked, seen));
    assert!(!kernel.is_before(i64::MAX, asked, seen));

    // The clock was stepped forth by an hour between the reading and the next comparison: the reading
    // seems early.
    let hour = 3_600_000_000_000;
    let mut kernel = KernelClock::start(&clock);
    kernel.origin -= hour;
    kernel.compare(&clock, seen);
    let reading = late - hour;
    assert_eq!(kernel.instant_between(reading, asked, seen, &clock), None);
    assert!(!kernel.is_before(reading, asked, seen), "{kernel:?}");
    let later = seen.after(Duration::from_secs(2));
    assert!(
        kernel.is_before(reading, asked, later),
        "long after the step"
    );
}

#[test]
fn the_extremes_of_the_drift_are_kept() {
    let clock = Clock::start();
    let mut kernel = KernelClock::start(&clock);
    assert!(!kernel.drift_seen().furthest().is_notable());
    // The clock is stepped forth and back between two looks at the ends.
    for step in [2_000_000, -3_000_000, 0] {
        let mut stepped = clock;
        stepped.realtime -= step;
        kernel.compare(&stepped, clock.now());
    }
    let DriftSeen { min, max } = kernel.drift_seen();
    assert!((1_900_000..2_100_000).contains(&max), "{max}");
    assert!((-3_100_000..-2_900_000).contains(&min), "{min}");
    assert_eq!(kernel.drift_seen().furthest(), Drift { nanos: min });
    let other = DriftSeen {
        min: -1,
        max: i64::MAX,
    };
    assert_eq!(
        kernel.drift_seen().merged(other),
        DriftSeen { min, max: i64::MAX }
    );
}
