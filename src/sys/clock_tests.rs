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
fn it_answers_or_refuses() {
    match discipline() {
        Ok(_) => {}
        // Sandboxes may filter the call.
        Err(error) => assert!(error.raw_os_error().is_some(), "{error}"),
    }
}

#[test]
fn cpu_time_is_at_most_the_time_passed_on_each_processor() {
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let (began, cpu) = (monotonic_nanos(), process_cpu_nanos());
    let used = loop {
        let used = process_cpu_nanos() - cpu;
        if used >= 2_000_000 {
            break used;
        }
    };
    let passed = monotonic_nanos() - began;
    // The clocks of the processors may be read a little apart.
    assert!(used <= passed * processors + 100_000, "{used} {passed}");
}
