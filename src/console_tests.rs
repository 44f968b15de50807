//! Tests of console.

use std::io::{Read, pipe};
use std::os::fd::OwnedFd;

use super::*;

/// A console on a pipe, and the end to read from.
fn on_a_pipe() -> (Console, std::io::PipeReader) {
    let (reader, writer) = pipe().expect("a pipe");
    let stream = Stream::inherited(File::from(OwnedFd::from(writer))).expect("a stream");
    let console = Console {
        place: Place::Other,
        stream: Some(stream),
        patience: None,
    };
    (console, reader)
}

/// Fills a pipe; how many bytes that took.
fn fill(console: &mut Console) -> usize {
    let mut filled = 0;
    loop {
        match console.try_write(&[b'x'; 4096]) {
            Ok(written) => filled += written,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
                return filled;
            }
        }
    }
}

fn read(reader: &mut impl Read, bytes: usize) -> String {
    let mut text = vec![0; bytes];
    reader.read_exact(&mut text).expect("what was written");
    String::from_utf8(text).expect("text")
}

#[test]
fn a_reader_is_waited_for_as_long_as_there_is_patience() {
    let (mut console, mut reader) = on_a_pipe();
    let filled = fill(&mut console);
    let mut console = console.with_patience(Duration::from_millis(20));
    let error = console.write_all(b"late").expect_err("nobody reads");
    assert!(is_unread(&error), "{error}");
    read(&mut reader, filled);
    console.write_all(b"now").expect("there is room");
    assert_eq!(read(&mut reader, 3), "now");
    drop(reader);
    let error = console.write_all(b"x").expect_err("the reader is gone");
    assert!(is_unread(&error), "{error}");
    assert!(!is_unread(&ErrorKind::StorageFull.into()));
}

#[test]
fn a_reader_that_comes_late_gets_everything() {
    let (mut console, mut reader) = on_a_pipe();
    let text = "0123456789".repeat(100_000);
    let sent = text.clone();
    let writer = std::thread::spawn(move || console.write_all(sent.as_bytes()));
    assert_eq!(read(&mut reader, text.len()), text);
    writer.join().expect("no panic").expect("all is taken");
}

#[test]
fn progress_that_is_not_taken_is_dropped_and_messages_are_kept() {
    let (mut console, mut reader) = on_a_pipe();
    let filled = fill(&mut console);
    let mut lines = Lines::on(console);
    let error = lines.write(b"dropped\n").expect_err("nobody reads");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    lines.keep("one");
    let error = lines.write(b"dropped\n").expect_err("nobody reads");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    lines.keep("two");
    read(&mut reader, filled);
    assert_eq!(lines.write(b"shown\n").expect("there is room"), 6);
    assert_eq!(read(&mut reader, 14), "one\ntwo\nshown\n");
}

#[test]
fn kept_messages_are_bounded_and_the_others_counted() {
    let (mut console, mut reader) = on_a_pipe();
    let filled = fill(&mut console);
    let mut lines = Lines::on(console);
    let line = "x".repeat(1023);
    for _ in 0..1_000 {
        lines.keep(&line);
    }
    assert_eq!(lines.kept.len(), MOST_KEPT);
    read(&mut reader, filled);
    lines.finish(None);
    drop(lines);
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("text");
    let all: Vec<&str> = text.lines().collect();
    assert_eq!(all.len(), MOST_KEPT / 1024 + 1);
    let told = "984 further messages could not be written in time";
    assert_eq!(all.last(), Some(&told));
}

#[test]
fn the_last_wait_for_messages_is_bounded() {
    let (mut console, _reader) = on_a_pipe();
    fill(&mut console);
    let mut lines = Lines::on(console);
    lines.keep("late");
    let began = std::time::Instant::now();
    lines.finish(Some(Duration::from_millis(50)));
    let waited = began.elapsed();
    assert!(waited >= Duration::from_millis(50), "{waited:?}");
    assert!(waited < Duration::from_secs(10), "{waited:?}");
}
