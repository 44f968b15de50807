//! Tests of encode.

use super::*;
use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::ServerReport;
use crate::row::{ClockSource, Handshake};

fn seconds(nanos: i64) -> String {
    let mut out = Vec::new();
    push_seconds(nanos, &mut out);
    String::from_utf8(out).expect("ASCII")
}

#[test]
fn seconds_keep_every_nanosecond() {
    assert_eq!(seconds(23_456_789), "0.023456789");
    assert_eq!(seconds(-1), "-0.000000001");
    assert_eq!(seconds(0), "0.000000000");
    assert_eq!(seconds(124_000_000_001), "124.000000001");
    assert_eq!(seconds(i64::MIN), "-9223372036.854775808");
}

fn encode(encoder: &mut Encoder, row: &Row, clock: &Clock) -> String {
    let mut out = Vec::new();
    encoder.row(row, clock, &mut out);
    String::from_utf8(out).expect("text")
}

#[test]
fn a_purchase_with_all_its_columns() {
    let clock = Clock::start();
    let time = |stamp| {
        let mut out = String::new();
        WallClockFormat::utc().push(clock.unix_nanos(Stamp::at(stamp)), &mut out);
        out
    };
    let body = r#"{"cpu_usage": 29.30, "elapsed_seconds": 1, "error_msg": "say \"no\";\r\n",
        "memory_usage": 3093, "result": false, "started_time": "2015-01-03T00:33:40.520812",
        "rest": {"cpu_usage": 3.1, "result": true}}"#;
    let row = Row {
        concurrent_requests: 10,
        home: Exchange {
            started: Some(Stamp::at(1_000)),
            stopped: Some(Stamp::at(23_457_789)),
            status: Some(500),
            failure: Some(FailureKind::Status(500).into()),
            ..Exchange::default()
        },
        buy: Exchange {
            started: Some(Stamp::at(30_000_000)),
            stopped: Some(Stamp::at(31_000_000)),
            status: Some(200),
            failure: None,
            ..Exchange::default()
        },
        report: ServerReport::parse(body.as_bytes()).ok(),
        ..Row::default()
    };
    let expected = format!(
        "10;\"burst\";\
         0.023456789;\"HTTP 500 Internal Server Error\";500;\"False\";\"{}\";\"{}\";\
         29.30;1;\"say \"\"no\"\";\r\n\";3093;\"False\";\"2015-01-03T00:33:40.520812\";\"\";\
         3.1;\"\";\"\";\"\";\"True\";\"\";\"\";\
         0.001000000;\"\";200;\"True\";\"{}\";\"{}\"\r\n",
        time(1_000),
        time(23_457_789),
        time(30_000_000),
        time(31_000_000)
    );
    let mut encoder = Encoder::new("burst".to_owned(), true);
    assert_eq!(encode(&mut encoder, &row, &clock), expected);
    assert_eq!(
        encode(&mut encoder, &row, &clock),
        expected,
        "nothing is left over"
    );
}

#[test]
fn a_purchase_that_never_began() {
    let clock = Clock::start();
    let row = Row {
        concurrent_requests: 1,
        home: Exchange {
            failure: Some(Failure::with_detail(FailureKind::Interrupted, "SIGINT")),
            ..Exchange::default()
        },
        ..Row::default()
    };
    let line = encode(&mut Encoder::new("42".to_owned(), false), &row, &clock);
    let absent = "\"\";".repeat(14);
    assert_eq!(
        line,
        format!(
            "1;\"42\";\"\";\"interrupted: SIGINT\";-100;\"False\";\"\";\"\";{absent}\
             \"\";\"\";-100;\"False\";\"\";\"\"\r\n"
        )
    );
}

/// The only server report field that a row needs for its texts.
fn row_with_texts(error: &str, started: &str) -> Row {
    let mut row = Row {
        report: Some(ServerReport::default()),
        ..Row::default()
    };
    if let Some(report) = &mut row.report {
        report.main.error_msg = Some(error.into());
        report.main.started_time = Some(started.into());
    }
    row
}

#[test]
fn text_is_quoted_by_its_column() {
    let clock = Clock::start();
    for text in [
        "12e4567", "007", "nan", "404", "-inf", "=1+1", "@x", "", " ",
    ] {
        let row = row_with_texts(text, text);
        let line = encode(&mut Encoder::new(text.to_owned(), true), &row, &clock);
        let fields: Vec<&str> = line.split(';').collect();
        let quoted = format!("\"{text}\"");
        assert_eq!([fields[1], fields[10], fields[13]], [&*quoted; 3], "{line}");
    }
}

#[test]
fn control_characters_of_texts_are_escaped() {
    let clock = Clock::start();
    let row = row_with_texts("a\0b\rc\n\"\u{1b}[2J", "\u{9b}");
    let line = encode(&mut Encoder::new("t\0".to_owned(), true), &row, &clock);
    assert!(
        line.contains(";\"a\\u{0}b\\rc\n\"\"\\u{1b}[2J\";"),
        "{line:?}"
    );
    assert!(line.contains(";\"\\u{9b}\";"), "{line:?}");
    assert!(line.contains(";\"t\\u{0}\";"), "{line:?}");
}

#[test]
fn rows_for_a_terminal_contain_no_control_sequences() {
    let clock = Clock::start();
    let hostile = "a\u{1b}]0;x\u{7}\u{9b}2J\r\n\u{61c}\u{202e}\u{2067}\"b";
    let row = row_with_texts(hostile, hostile);
    let mut encoder = Encoder::new(hostile.to_owned(), true).for_terminal();
    let line = encode(&mut encoder, &row, &clock);
    let escaped = "\"a\\u{1b}]0;x\\u{7}\\u{9b}2J\\r\\n\\u{61c}\\u{202e}\\u{2067}\"\"b\"";
    assert_eq!(line.matches(escaped).count(), 3, "{line:?}");
    let text = line.strip_suffix("\r\n").expect("a whole line");
    assert!(!text.contains(is_unprintable), "{line:?}");
}

#[test]
fn titles_are_limited_for_readers_of_csv() {
    let clock = Clock::start();
    let title = "x".repeat(200_000);
    let line = encode(&mut Encoder::new(title, true), &Row::default(), &clock);
    let field = line.split(';').nth(1).expect("a title");
    assert_eq!(field.chars().count(), 32_767 + 2);
    assert!(field.ends_with("…\""));
}

#[test]
fn phases_are_appended() {
    let clock = Clock::start();
    let mut started_time = String::new();
    WallClockFormat::utc().push(clock.unix_nanos(Stamp::at(2_000_000)), &mut started_time);
    let body = format!("{{\"started_time\": \"{started_time}\"}}");
    let row = Row {
        home: Exchange {
            started: Some(Stamp::at(1_000)),
            connected: Some(Stamp::at(2_000)),
            secured: None,
            handshake: Handshake::None,
            sent: Some(Stamp::at(4_000)),
            first_byte: Some(Stamp::at(3_500)),
            stopped: Some(Stamp::at(10_000)),
            seen: Some(Stamp::at(10_001)),
            clock: ClockSource::Kernel,
            local_port: Some(50_000),
            redirects: 1,
            hop_delay: 250,
            send_delay: 0,
            stamp_delay: 0,
            status: Some(200),
            failure: None,
        },
        buy: Exchange {
            started: Some(Stamp::at(1_000_000)),
            stopped: Some(Stamp::at(9_000_000)),
            ..Exchange::default()
        },
        report: ServerReport::parse(body.as_bytes()).ok(),
        ..Row::default()
    };
    let mut encoder = Encoder::new(String::new(), true).with_phases(true);
    let line = encode(&mut encoder, &row, &clock);
    let appended: Vec<&str> = line.trim_end().split(';').skip(28).collect();
    assert_eq!(
        appended[..8],
        [
            "0.000001000",
            "0.000002000",
            "-0.000000500",
            "0.000006500",
            "0.000000001",
            "\"kernel\"",
            "50000",
            "1"
        ]
    );
    let absent = "\"\"";
    assert_eq!(
        appended[8..16],
        [
            "0.008000000",
            absent,
            absent,
            absent,
            absent,
            "\"user\"",
            absent,
            "0"
        ]
    );
    // Cut to a microsecond.
    let before: f64 = appended[16].parse().expect("seconds");
    assert!((0.000_999..=0.001).contains(&before), "{before}");
    assert_eq!(appended[17..22], [absent, absent, "0", absent, absent]);
    assert_eq!(appended[22..24], ["0.000000250", absent]);
    assert_eq!(appended[24..], [absent; 6]);

    let line = encode(&mut encoder, &Row::default(), &clock);
    let appended: Vec<&str> = line.trim_end().split(';').skip(28).collect();
    assert_eq!(appended[..19], [absent; 19]);
    assert_eq!(appended[19..24], ["0", absent, absent, absent, absent]);
    assert_eq!(appended[24..], [absent; 6]);
    encoder.begin_part(7);
    let late = Row {
        due: Some(Stamp::at(1_000)),
        home: Exchange {
            started: Some(Stamp::at(3_500)),
            ..Exchange::default()
        },
        ..Row::default()
    };
    let line = encode(&mut encoder, &late, &clock);
    let appended: Vec<&str> = line.trim_end().split(';').skip(28 + 19).collect();
    assert_eq!((appended[0], appended[2]), ("7", "0.000002500"));
    assert!(appended[1].ends_with("Z\""), "{line}");
    let mut header = Vec::new();
    encoder.header(&mut header);
    let header = String::from_utf8(header).expect("text");
    assert_eq!(header.matches(';').count(), 57);
    assert!(header.ends_with(";\"server_buy_timing\"\r\n"));
}

#[test]
fn the_figures_of_tls_are_appended() {
    let clock = Clock::start();
    let secured = |connected, secured, handshake| Exchange {
        started: Some(Stamp::at(1_000)),
        connected: Some(Stamp::at(connected)),
        secured: Some(Stamp::at(secured)),
        handshake,
        sent: Some(Stamp::at(secured + 1_000)),
        stopped: Some(Stamp::at(10_000)),
        ..Exchange::default()
    };
    let row = Row {
        home: secured(2_000, 5_000, Handshake::Full),
        buy: secured(2_500, 3_000, Handshake::Resumed),
        ..Row::default()
    };
    let mut encoder = Encoder::new(String::new(), true).with_phases(true);
    let line = encode(&mut encoder, &row, &clock);
    let appended: Vec<&str> = line.trim_end().split(';').skip(28).collect();
    assert_eq!(appended[..2], ["0.000001000", "0.000001000"]);
    assert_eq!(
        appended[24..],
        [
            "0.000003000",
            "0.000000500",
            "\"full\"",
            "\"resumed\"",
            "\"\"",
            "\"\""
        ]
    );
}

#[test]
fn the_header_is_the_28_quoted_names() {
    let mut out = Vec::new();
    Encoder::new(String::new(), false).header(&mut out);
    let header = String::from_utf8(out).expect("text");
    assert!(header.starts_with("\"concurrent_requests\";\"benchmark_title\";"));
    assert!(header.ends_with(";\"client_buy_stopped_time\"\r\n"));
    assert_eq!(header.matches(';').count(), 27);
}
