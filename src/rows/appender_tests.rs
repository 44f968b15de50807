//! Tests of appender.

use super::*;
use proptest::prelude::*;

/// A file on a device that is full beyond that many bytes.
struct Disk {
    bytes: Vec<u8>,
    capacity: usize,
    chunk: usize,
    is_stream: bool,
}

impl Store for Disk {
    fn is_stream(&self) -> bool {
        self.is_stream
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = (self.capacity - self.bytes.len())
            .min(self.chunk)
            .min(bytes.len());
        if n == 0 {
            return Err(ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn position(&mut self) -> io::Result<Option<u64>> {
        self.length()
    }

    fn length(&self) -> io::Result<Option<u64>> {
        Ok((!self.is_stream).then_some(self.bytes.len() as u64))
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.bytes.truncate(length as usize);
        Ok(())
    }
}

fn disk(before: &[u8], room: usize) -> Disk {
    Disk {
        bytes: before.to_vec(),
        capacity: before.len() + room,
        chunk: 7,
        is_stream: false,
    }
}

fn push(appender: &mut Appender<Disk>, row: &str) {
    appender.push(|out| out.extend_from_slice(row.as_bytes()));
}

#[test]
fn a_full_disk_keeps_whole_rows_only_and_the_rest_is_tried_again() {
    let mut appender = Appender::new(disk(b"old\n", 10), b"head\n").expect("a disk");
    push(&mut appender, "aaa\n");
    push(&mut appender, "bbb\n");
    let error = appender.flush().expect_err("full");
    assert_eq!(error.kind(), ErrorKind::StorageFull);
    assert_eq!((appender.written_rows(), appender.pending().rows()), (1, 1));
    assert_eq!(appender.store.bytes, b"old\nhead\naaa\n");
    appender.store.capacity += 100;
    push(&mut appender, "c\n");
    appender.flush().expect("room");
    assert_eq!((appender.written_rows(), appender.pending().rows()), (3, 0));
    assert_eq!(appender.store.bytes, b"old\nhead\naaa\nbbb\nc\n");
}

#[test]
fn a_header_without_a_row_is_cut_off_too_and_written_again() {
    let mut appender = Appender::new(disk(b"", 6), b"head\n").expect("a disk");
    push(&mut appender, "aaa\n");
    appender.flush().expect_err("full");
    assert_eq!(appender.store.bytes, b"");
    appender.store.capacity = 100;
    appender.flush().expect("room");
    assert_eq!(appender.store.bytes, b"head\naaa\n");
}

#[test]
fn data_of_another_writer_is_kept_and_a_torn_row_after_it_is_truncated() {
    let mut appender = Appender::new(disk(b"", 6), b"").expect("a disk");
    appender.store.bytes.extend_from_slice(b"x\n");
    push(&mut appender, "aaaaaaa\n");
    appender.flush().expect_err("full");
    assert_eq!(appender.store.bytes, b"x\n");
    appender.store.capacity = 100;
    appender.flush().expect("room");
    assert_eq!(appender.store.bytes, b"x\naaaaaaa\n");
    assert_eq!(appender.end(), 10);
}

#[test]
fn without_rows_nothing_is_written() {
    let mut appender = Appender::new(disk(b"", 6), b"head\n").expect("a disk");
    appender.flush().expect("nothing to write");
    assert_eq!(appender.store.bytes, b"");
}

/// A pipe that takes nothing for a while.
struct Pipe(Vec<usize>, Vec<u8>);

impl Store for Pipe {
    fn is_stream(&self) -> bool {
        true
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.pop() {
            Some(room) if room > 0 => {
                let n = bytes.len().min(room);
                self.1.extend_from_slice(&bytes[..n]);
                Ok(n)
            }
            _ => Err(ErrorKind::WouldBlock.into()),
        }
    }

    fn length(&self) -> io::Result<Option<u64>> {
        Ok(None)
    }

    fn position(&mut self) -> io::Result<Option<u64>> {
        Ok(None)
    }

    fn cut(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_blocked_stream_is_not_an_error_and_continues_within_the_row() {
    let mut appender =
        Appender::new(Pipe(vec![0, 9, 2, 0, 7], Vec::new()), b"head\n").expect("a pipe");
    for row in ["aaa\n", "bbb\n"] {
        appender.push(|out| out.extend_from_slice(row.as_bytes()));
    }
    for (written, rows, text) in [
        (Flushed::Part, 0, "head\naa"),
        (Flushed::All, 2, "head\naaa\nbbb\n"),
        (Flushed::All, 2, "head\naaa\nbbb\n"),
    ] {
        assert_eq!(appender.flush().expect("no error"), written);
        assert_eq!(appender.written_rows(), rows);
        assert_eq!(appender.store.1, text.as_bytes());
        assert_eq!(appender.is_torn(), written == Flushed::Part);
    }
}

#[test]
fn one_flush_of_a_stream_is_bounded() {
    let mut appender =
        Appender::new(Pipe(vec![usize::MAX; 1_000], Vec::new()), b"").expect("a pipe");
    let row = "x".repeat(999) + "\n";
    for _ in 0..3_000 {
        appender.push(|out| out.extend_from_slice(row.as_bytes()));
    }
    assert_eq!(appender.flush().expect("written"), Flushed::Part);
    let first = appender.store.1.len();
    assert!(
        (MOST_PER_FLUSH / 2..=MOST_PER_FLUSH).contains(&first),
        "{first}"
    );
    while appender.flush().expect("written") == Flushed::Part {}
    assert_eq!(appender.store.1.len(), 3_000_000);
}

proptest! {
    /// Whatever the room and the batches, a file has the first rows whole and nothing else, a
    /// stream the first bytes, and both have everything once there is room.
    #[test]
    fn rows_are_whole_or_absent(
        rows in proptest::collection::vec("[a-z]{0,9}\n", 1..20),
        room in 0usize..150,
        batch in 1usize..6,
        chunk in 1usize..20,
        is_stream: bool,
    ) {
        let before = b"before\n";
        let store = Disk { chunk, is_stream, ..disk(before, room) };
        let mut appender = Appender::new(store, b"head\n").expect("a disk");
        let all = format!("before\nhead\n{}", rows.concat());
        for rows in rows.chunks(batch) {
            for row in rows {
                push(&mut appender, row);
            }
            let _ = appender.flush();
            let bytes = &appender.store.bytes;
            prop_assert!(all.as_bytes().starts_with(bytes));
            prop_assert!(bytes.starts_with(before));
            if !is_stream {
                prop_assert!(bytes.ends_with(b"\n"));
                let written = appender.written_rows();
                let lines = bytes.split(|byte| *byte == b'\n').count() as u64 - 1;
                prop_assert_eq!(lines, if written == 0 { 1 } else { written + 2 });
                prop_assert_eq!(appender.end(), bytes.len() as u64);
            }
        }
        prop_assert_eq!(appender.written_rows() + appender.pending().rows(), rows.len() as u64);
        appender.store.capacity = usize::MAX;
        appender.flush().expect("room");
        prop_assert_eq!(&appender.store.bytes, all.as_bytes());
        prop_assert_eq!(appender.written_rows(), rows.len() as u64);
    }
}
