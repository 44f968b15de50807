//! A report that can be continued is one in which the row that is appended is a row of its own; the answer
//! does not depend on how the file is read, nor is anything but a refusal returned when it is interrupted.
//!
//! The first byte of the input says what stands around the rest, which is of the file.
#![no_main]

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use profilerclient::row::Row;
use profilerclient::rows::columns::header_line;
use profilerclient::rows::encode::Encoder;
use profilerclient::rows::existing::{Continuation, Refusal, check};
use profilerclient::rows::read::read_rows;
use profilerclient::time::clock::Clock;

/// What the appended row says.
const LEVEL: u64 = 77;

/// A file of which a read gives a few bytes, if it is not interrupted.
struct Slow<'a> {
    file: Cursor<&'a [u8]>,
    reads: u64,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        if self.reads.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(7);
        self.file.read(&mut buffer[..most])
    }
}

impl Seek for Slow<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

fn file(how: u8, phases: bool, bytes: &[u8], row: &[u8]) -> Vec<u8> {
    let header = header_line(phases);
    match how % 7 {
        0 => bytes.to_vec(),
        1 => [&header, bytes].concat(),
        2 => [&header, bytes, row].concat(),
        3 => [&header, row, bytes].concat(),
        4 => ["\u{feff}".as_bytes(), &header, row, bytes].concat(),
        // Cut, at one of many places.
        5 => {
            let whole = [&header, row, row].concat();
            let cut = bytes.len().min(whole.len());
            whole[..whole.len() - cut].to_vec()
        }
        // With the other kind of header.
        _ => [&header_line(!phases), row, bytes].concat(),
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&how, bytes)) = input.split_first() else {
        return;
    };
    let phases = how & 1 == 1;
    let mut encoder = Encoder::new("title".to_owned(), true).with_phases(phases);
    let mut row = Vec::new();
    let appended = Row {
        concurrent_requests: LEVEL,
        ..Row::default()
    };
    encoder.row(&appended, &Clock::start(), &mut row);
    let mut file = file(how >> 1, phases, bytes, &row);
    let total = file.len() as u64;

    let mut read = 0;
    let mut watched = |progress: profilerclient::rows::existing::Progress| {
        assert!(progress.read >= read && progress.read <= total);
        read = progress.read;
        ControlFlow::Continue(())
    };
    let found = check(Cursor::new(&file), total, phases, &mut watched);
    let slow = Slow {
        file: Cursor::new(&file),
        reads: 0,
    };
    let again = check(slow, total, phases, &mut |_| ControlFlow::Continue(()));
    assert_eq!(format!("{found:?}"), format!("{again:?}"));
    let interrupted = check(Cursor::new(&file), total, phases, &mut |_| {
        ControlFlow::Break(())
    });
    if let Ok(Continuation::LineBreak(_)) = interrupted {
        panic!("the file was not read through");
    }
    let how = match found {
        Ok(how) => how,
        Err(why) => {
            assert!(!matches!(why, Refusal::Interrupted | Refusal::Read(_)));
            let why = why.to_string();
            assert!(
                !why.contains(char::is_control) && why.chars().count() < 300,
                "{why:?}"
            );
            return;
        }
    };
    let before = read_rows(file.as_slice()).map_or(0, Iterator::count);
    match how {
        Continuation::Header => file.extend_from_slice(&header_line(phases)),
        Continuation::LineBreak(text) => file.extend_from_slice(text.as_bytes()),
    }
    file.extend_from_slice(&row);
    let rows = read_rows(file.as_slice()).expect("a report that can be continued");
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows.len(), before + 1);
    let last = rows.last().expect("a row").as_ref();
    let last = last.expect("the row just appended");
    assert_eq!(last.concurrent_requests, Some(LEVEL));
    assert_eq!(&*last.title, "title");
});
