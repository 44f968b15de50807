//! The lines beside a report: any bytes are lines or counted as unreadable; a line that was read is
//! written as a line that can be read.
#![no_main]

use std::io::BufReader;

use libfuzzer_sys::fuzz_target;
use profilerclient::rows::runs::{Line, read_lines};
use profilerclient::stats::Sample;

fuzz_target!(|input: &[u8]| {
    let (lines, unreadable) = read_lines(input).expect("a slice can be read");
    let breaks = input.iter().filter(|&&byte| byte == b'\n').count();
    assert!(lines.len() as u64 + unreadable <= breaks as u64 + 1);
    let in_pieces = read_lines(BufReader::with_capacity(3, input)).expect("a slice can be read");
    assert_eq!(
        format!("{:?}", (&lines, unreadable)),
        format!("{in_pieces:?}")
    );
    let mut text = Vec::new();
    for line in &lines {
        serde_json::to_writer(&mut text, line).expect("a Vec takes all");
        text.push(b'\n');
    }
    let (again, unreadable) = read_lines(text.as_slice()).expect("a slice can be read");
    assert_eq!((again.len(), unreadable), (lines.len(), 0));
    for line in &lines {
        let Line::Part(part) = line else { continue };
        // A histogram from a file may be anything.
        let mut sample = Sample::default();
        sample.merge_record(&part.figures.launch_delay);
        sample.merge_record(&part.figures.home.wait);
        let _ = (sample.mean(), sample.summary(), sample.record());
    }
});
