//! Tests of measures.

use super::*;

#[test]
fn what_was_got_and_what_was_not() {
    let precise = Precise {
        cpus_allowed: None,
        measures: vec![
            Measure::got("cpu", "CPU 1", "1 of 0-1"),
            Measure::got("scheduler", "SCHED_FIFO 1", "nice -20").but("not permitted"),
            Measure::left_out("busy_poll", "50 µs", "loopback"),
        ],
    };
    assert_eq!(
        precise.got().as_deref(),
        Some("cpu 1 of 0-1, scheduler nice -20")
    );
    let missing: Vec<String> = precise.missing().collect();
    assert_eq!(
        missing,
        [
            "scheduler (SCHED_FIFO 1), in part: not permitted",
            "busy poll (50 µs): loopback"
        ]
    );
    assert_eq!(Precise::default().got(), None);
}

#[test]
fn they_are_read_back_as_they_are_written() {
    let precise = Precise {
        cpus_allowed: Some("1".to_owned()),
        measures: vec![Measure::left_out("memory", "all", "a limit")],
    };
    let text = serde_json::to_string(&precise).expect("JSON");
    let read: Precise = serde_json::from_str(&text).expect("as written");
    assert_eq!(read, precise);
}
