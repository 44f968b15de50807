//! Tests of what is passed on.

use super::*;
use crate::precise::Measure;

fn of(logs: &[&str]) -> Messages {
    let mut messages = Messages::default();
    for (number, log) in (1..).zip(logs) {
        messages.read(number, log.as_bytes());
    }
    messages
}

#[test]
fn the_same_message_is_said_once_with_its_shards_and_a_count() {
    let late = "2026-01-01T00:00:00 5 rows\nprofilerclient: late\n";
    let messages = of(&[late, "profilerclient: late\nprofilerclient: other\n", late]);
    assert_eq!(
        messages.lines(),
        ["shards 1, 2, 3 (3 times): late", "shard 2: other"]
    );
    assert_eq!(only(&messages), None);
    assert_eq!(of(&["progress\n"]).lines(), Vec::<String>::new());
}

#[test]
fn one_message_of_all_shards_is_found() {
    let messages = of(&["profilerclient: no\n", "profilerclient: no\n"]);
    assert_eq!(only(&messages).as_deref(), Some("no"));
    assert_eq!(only(&of(&["profilerclient: no\n", ""])), None);
}

#[test]
fn measures_that_were_not_got_are_said() {
    let mut messages = of(&["", ""]);
    let precise = Precise {
        measures: vec![
            Measure {
                name: "cpu".to_owned(),
                got: Some("0".to_owned()),
                ..Measure::default()
            },
            Measure {
                name: "scheduler".to_owned(),
                why_not: Some("not permitted".to_owned()),
                ..Measure::default()
            },
        ],
        ..Precise::default()
    };
    messages.measures(1, Some(&precise));
    messages.measures(2, Some(&precise));
    messages.measures(2, None);
    let lines = messages.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].starts_with("shards 1, 2 (2 times): not got: "),
        "{lines:?}"
    );
    assert!(lines[0].contains("not permitted"), "{lines:?}");
}

#[test]
fn messages_are_bounded() {
    let log: String = (0..MOST_KEPT + 5)
        .map(|number| format!("profilerclient: {number}\n"))
        .collect();
    let lines = of(&[&log]).lines();
    assert_eq!(lines.len(), MOST_KEPT + 1);
    assert_eq!(lines[MOST_KEPT], "5 further messages of shards");
    let all: Vec<&str> = vec!["profilerclient: x\n"; 12];
    assert_eq!(
        of(&all).lines(),
        ["shards 1, 2, 3, 4, 5, 6, 7, 8 and 4 more (12 times): x"]
    );
}
