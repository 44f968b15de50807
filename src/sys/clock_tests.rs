//! Tests of clock.

use super::*;

#[test]
fn it_runs_like_the_clock_of_the_standard_library() {
    let began = std::time::Instant::now();
    let before = monotonic_nanos();
    let between = monotonic_nanos();
    let taken = began.elapsed().as_nanos() as u64;
    assert!(before <= between && between - before <= taken);
}

#[test]
fn the_clock_state_is_read_or_an_error() {
    match discipline() {
        Ok(_) => {}
        // Sandboxes may filter the call.
        Err(error) => assert!(error.raw_os_error().is_some(), "{error}"),
    }
}

#[test]
fn a_thread_has_no_more_cpu_time_than_passed() {
    let (began, cpu) = (monotonic_nanos(), thread_cpu_nanos());
    let used = loop {
        let used = thread_cpu_nanos() - cpu;
        if used >= 2_000_000 {
            break used;
        }
    };
    let passed = monotonic_nanos() - began;
    // CLOCK_MONOTONIC may be slewed by 500 ppm (adjtimex(2)).
    assert!(used <= passed + passed / 1000, "{used} {passed}");
}
