//! `profilerclient calibrate`: bounded in time, and ended by a signal.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::*;

#[test]
fn the_findings_as_one_object() {
    let finished = client(["calibrate", "--json"]).ok();
    let object: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(object["schema_version"], 1);
    let floor = &object["floor"]["kept_connection_seconds"];
    assert!(
        floor["min"].as_f64().is_some_and(|min| min > 0.0),
        "{floor}"
    );
    let levels = object["levels"].as_array().expect("levels");
    assert!(!levels.is_empty());
    for level in levels {
        let service = level["service_seconds"].as_f64().expect("a number");
        // No answer comes before the work is done, by whichever clock.
        for pointer in ["/arithmetic_seconds/min", "/user/elapsed_seconds/min"] {
            let least = level.pointer(pointer).and_then(Value::as_f64);
            assert!(least.is_some_and(|least| least >= service), "{level}");
        }
        let count = level
            .pointer("/user/error_seconds/n")
            .and_then(Value::as_u64);
        let expected = level["shoppers"].as_u64().expect("a number")
            * level["rounds"].as_u64().expect("a number");
        assert_eq!(count, Some(expected), "{level}");
        let earliest = level
            .pointer("/user/error_seconds/min")
            .and_then(Value::as_f64);
        assert!(
            earliest.is_some_and(|error| error > 0.0),
            "seen after it was sent: {level}"
        );
    }
}

#[test]
fn a_signal_ends_it() {
    let child = command(["calibrate"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Long enough for it to be within the bursts, much shorter than all of them take.
    thread::sleep(Duration::from_secs(1));
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(130), "{finished:#?}");
    assert_eq!(finished.stdout, "");
}

#[test]
fn help_and_invalid_command_lines() {
    let help = client(["calibrate", "--help"]).ok();
    assert!(
        help.stdout.contains("calibrate [--tls] [--json] [-q]"),
        "{help:#?}"
    );
    client(["calibrate", "-c", "5"]).refused(2, &["\"-c\"", "--help"]);
}
