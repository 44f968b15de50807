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

#[test]
fn the_first_reading_that_fails_is_told() {
    let failure = AtomicI32::new(0);
    told(&failure).expect("none has failed");
    for errno in [libc::EPERM, libc::EINVAL] {
        note(&io::Error::from_raw_os_error(errno), &failure);
        let text = told(&failure).expect_err("one has failed").to_string();
        let first = io::Error::from_raw_os_error(libc::EPERM);
        assert_eq!(text, format!("the clock cannot be read: {first}"));
    }
}

#[test]
fn instants_give_spans_and_never_panic() {
    let now = Instant::now();
    let later = now + Duration::from_millis(3);
    assert_eq!(
        later.saturating_duration_since(now),
        Duration::from_millis(3)
    );
    assert_eq!(now.saturating_duration_since(later), Duration::ZERO);
    assert!(now + Duration::MAX > later);
    assert!(now.elapsed() < Duration::from_secs(60));
}
