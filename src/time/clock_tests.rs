//! Tests of clock.

use super::*;

#[test]
fn readings_of_the_kernel_become_instants_that_fit() {
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
    assert_eq!(Stamp(5).since(Stamp(8)), -3);
    assert_eq!(Stamp(8).since(Stamp(5)), 3);
    assert_eq!(Stamp(8).after(Duration::MAX), Stamp(u64::MAX));
}
