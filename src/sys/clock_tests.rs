//! Tests of clock.

use super::*;

#[test]
fn it_runs_as_the_standard_library_s_does() {
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
