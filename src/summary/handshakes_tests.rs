//! Tests of handshakes.

use super::*;

/// A burst of 1,000 whose handshakes take 300 µs of CPU time each.
fn burst() -> Handshakes {
    Handshakes {
        number: 1000,
        cpu: Duration::from_millis(300),
        median: Some(160_000_000),
        typical: Some(180_000_000),
    }
}

#[test]
fn a_burst_that_waits_for_its_own_handshakes_is_client_limited() {
    let wall = Duration::from_millis(400);
    assert_eq!(
        burst().reason(wall, 1000),
        Some(Reason::Handshakes {
            waited: 160_000_000,
            of: 180_000_000,
            each: 300_000,
        })
    );
}

#[test]
fn a_wait_that_the_client_does_not_explain_is_the_servers() {
    let slow_server = Duration::from_secs(2);
    assert_eq!(burst().reason(slow_server, 1000), None);
    let few = Handshakes {
        number: 1000,
        ..burst()
    };
    assert_eq!(few.reason(Duration::from_millis(400), 3), None);
    assert_eq!(
        Handshakes::default().reason(Duration::from_millis(400), 1000),
        None
    );
}
