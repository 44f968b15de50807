//! Any body is a report or a one-line error; a report is within bounds, and one odd value costs at most
//! itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use profilerclient::html;
use profilerclient::row::server_report::{ReportShape, ServerFigures, ServerReport};
use profilerclient::text::cleaned;

fn assert_bounded(figures: &ServerFigures) {
    let texts = [
        figures.error_msg.as_deref(),
        figures.started_time.as_deref(),
        figures.stopped_time.as_deref(),
    ];
    for text in texts.into_iter().flatten() {
        assert!(text.chars().count() <= 300);
        assert_eq!(cleaned(text), text);
    }
    let numbers = [
        &figures.cpu_seconds,
        &figures.cpu_usage,
        &figures.elapsed_seconds,
        &figures.memory_usage,
    ];
    for number in numbers.into_iter().flatten() {
        assert!(number.as_str().len() <= 400);
        assert!(number.as_str().parse::<f64>().is_ok(), "{number}");
    }
}

/// A usual report.
const KNOWN: &[u8] =
    br#"{"cpu_usage": 29.3, "elapsed_seconds": 0.234, "error_msg": "", "result": true}"#;

fuzz_target!(|body: &[u8]| {
    match ServerReport::parse(body) {
        Ok(report) => {
            assert!(body.contains(&b'{'), "{report:?} came from nothing");
            assert_bounded(&report.main);
            report.rest.iter().for_each(|rest| assert_bounded(rest));
            if let Some(odd) = &report.odd {
                assert!(odd.chars().count() <= 300 && !odd.is_empty());
                assert!(!odd.contains(char::is_control));
            }
        }
        Err(why) => {
            let why = why.to_string();
            assert!(!why.is_empty());
            assert!(!why.contains(char::is_control));
        }
    }
    // A report of a known shape is read to the same, also after the shape was learned from it.
    let mut shape = ReportShape::default();
    let _ = ServerReport::parse_like(KNOWN, &mut shape);
    for _ in 0..2 {
        let alike = ServerReport::parse_like(body, &mut shape);
        assert_eq!(alike, ServerReport::parse(body));
    }
    let with_odd_value = [
        br#"{"memory_usage": 7, "error_msg": ""#,
        body,
        br#"", "result": true}"#,
    ]
    .concat();
    if !body.contains(&b'"') && !body.contains(&b'\\') {
        let report = ServerReport::parse(&with_odd_value).expect("the frame is whole");
        assert_eq!(report.main.result, Some(true));
        assert_eq!(report.main.memory_usage, Some(7u64.into()));
        assert!(report.main.error_msg.is_some());
    }
    if let Some(title) = html::title(body) {
        assert!(title.chars().count() <= 201);
    }
});
