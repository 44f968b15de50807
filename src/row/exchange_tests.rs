//! Tests of exchange.

use super::*;

fn exchange(marks: [Option<u64>; 5]) -> Exchange {
    let [started, connected, sent, first_byte, stopped] = marks.map(|mark| mark.map(Stamp::at));
    Exchange {
        started,
        connected,
        sent,
        first_byte,
        stopped,
        ..Exchange::default()
    }
}

#[test]
fn phases_follow_one_another() {
    let whole = exchange([Some(10), Some(30), Some(60), Some(55), Some(100)]);
    let parts = whole.phases().expect("begun and ended").parts();
    assert_eq!(parts, [Some(20), None, Some(30), Some(-5), Some(45)]);
}

#[test]
fn the_parts_add_up_to_the_whole_if_instants_are_missing() {
    for missing in 0..8u8 {
        let there = |bit: u8, at: u64| (missing & bit == 0).then_some(at);
        let marks = [
            Some(10),
            there(1, 30),
            there(2, 60),
            there(4, 55),
            Some(100),
        ];
        let exchange = exchange(marks);
        let parts = exchange.phases().expect("begun and ended").parts();
        let sum: i64 = parts.iter().flatten().sum();
        assert_eq!(Some(sum), exchange.elapsed(), "{marks:?}");
    }
    let timed_out = exchange([Some(10), Some(30), Some(40), None, Some(100)]);
    let parts = timed_out.phases().expect("begun and ended").parts();
    assert_eq!(parts, [Some(20), None, Some(10), Some(60), None]);
    assert_eq!(exchange([None; 5]).phases(), None);
    assert_eq!(exchange([Some(1), None, None, None, None]).phases(), None);
}

#[test]
fn a_response_is_complete_or_a_failure() {
    let ended = |status, failure: Option<FailureKind>| Exchange {
        status,
        failure: failure.map(Failure::from),
        ..Exchange::default()
    };
    assert!(ended(Some(200), None).has_whole_response());
    assert!(ended(Some(200), Some(FailureKind::BadReport)).has_whole_response());
    assert!(ended(Some(500), Some(FailureKind::Status(500))).has_whole_response());
    assert!(!ended(Some(200), Some(FailureKind::Timeout)).has_whole_response());
    assert!(!ended(None, Some(FailureKind::ConnectionReset)).has_whole_response());
    assert!(!Exchange::default().has_whole_response());
}

#[test]
fn a_handshake_is_a_part_between_connect_and_send() {
    let mut secured = exchange([Some(10), Some(30), Some(60), Some(70), Some(100)]);
    secured.handshake = Handshake::Full;
    secured.secured = Some(Stamp::at(50));
    let parts = secured.phases().expect("begun and ended").parts();
    assert_eq!(parts, [Some(20), Some(20), Some(10), Some(10), Some(30)]);

    let mut failed = exchange([Some(10), Some(30), None, None, Some(100)]);
    failed.handshake = Handshake::Unfinished;
    let parts = failed.phases().expect("begun and ended").parts();
    assert_eq!(parts, [Some(20), Some(70), None, None, None]);
}

#[test]
fn the_last_part_is_the_same_alone() {
    for first_byte in [None, Some(70)] {
        for stopped in [None, Some(100)] {
            let exchange = exchange([Some(10), Some(30), Some(60), first_byte, stopped]);
            let whole = exchange.phases().and_then(|parts| parts.receive);
            assert_eq!(exchange.receiving(), whole);
        }
    }
}
