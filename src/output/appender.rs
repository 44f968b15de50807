//! Whole rows on their way into a file or a stream: what is written, what is not, and what is cut
//! off again.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::thread;
use std::time::Duration;

/// Where rows go.
pub(super) trait Store: Write {
    /// The present length in bytes, where part of a row can be cut off again; `None` for streams.
    fn length(&self) -> io::Result<Option<u64>>;
    /// Cuts the file down to that length.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// A regular file, opened for append, or something that takes bytes and cannot give them back.
#[derive(Debug)]
pub(super) struct Output {
    pub file: File,
    pub is_regular: bool,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Store for Output {
    fn length(&self) -> io::Result<Option<u64>> {
        if !self.is_regular {
            return Ok(None);
        }
        self.file.metadata().map(|metadata| Some(metadata.len()))
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }
}

/// Collects rows and writes them in batches. Rows that could not be written are kept and tried
/// again with the next batch.
#[derive(Debug)]
pub(super) struct Appender<S> {
    pub store: S,
    /// What is not written yet: whole rows, the first perhaps with a header before it, or (in a
    /// stream only) without the part that went out already.
    pending: Vec<u8>,
    /// Where each of the pending rows ends.
    ends: Vec<usize>,
    /// The end of the last whole row in the file, bytes; at first the length at open.
    end: u64,
    written_rows: u64,
}

impl<S: Store> Appender<S> {
    /// `prefix` goes before the first row.
    pub fn new(store: S, prefix: Vec<u8>) -> io::Result<Appender<S>> {
        Ok(Appender {
            end: store.length()?.unwrap_or(0),
            store,
            pending: prefix,
            ends: Vec::new(),
            written_rows: 0,
        })
    }

    /// Lets `encode` append one row to those that wait.
    pub fn push(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        encode(&mut self.pending);
        self.ends.push(self.pending.len());
    }

    /// Rows that are whole in the file.
    pub fn written_rows(&self) -> u64 {
        self.written_rows
    }

    /// Rows that are not.
    pub fn pending_rows(&self) -> u64 {
        self.ends.len() as u64
    }

    /// The text of the rows that are not written.
    pub fn pending(&self) -> &[u8] {
        &self.pending
    }

    /// The end of the last whole row in the file, bytes.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Writes all rows that wait. After an error the file ends with its last whole row, unless it
    /// cannot be cut (a stream, another writer): then the next batch goes on within the row.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.ends.is_empty() {
            return Ok(());
        }
        let (written, result) = write_fully(&mut self.store, &self.pending);
        let rows = self.ends.partition_point(|end| *end <= written);
        let whole = if rows == 0 { 0 } else { self.ends[rows - 1] };
        let kept = if whole < written && self.cut(written, whole) {
            whole
        } else {
            written
        };
        self.end += kept as u64;
        self.written_rows += rows as u64;
        self.pending.drain(..kept);
        self.ends.drain(..rows);
        for end in &mut self.ends {
            *end -= kept;
        }
        result
    }

    /// Cuts off the bytes from `whole` to `written` of this batch, if they are what the file ends
    /// with.
    fn cut(&mut self, written: usize, whole: usize) -> bool {
        let ours = self.end + written as u64;
        self.store.length().is_ok_and(|length| length == Some(ours))
            && self.store.cut(self.end + whole as u64).is_ok()
    }
}

/// Like `write_all`, and says how many bytes went out before an error.
fn write_fully(sink: &mut impl Write, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut written = 0;
    while written < bytes.len() {
        match sink.write(&bytes[written..]) {
            Ok(0) => return (written, Err(ErrorKind::WriteZero.into())),
            Ok(n) => written += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A pipe or terminal that another process has made non-blocking: wait, as a blocking
            // one would.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                thread::sleep(Duration::from_millis(1));
            }
            Err(error) => return (written, Err(error)),
        }
    }
    (written, Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A file on a device that is full beyond so many bytes.
    struct Disk {
        bytes: Vec<u8>,
        capacity: usize,
        chunk: usize,
        is_stream: bool,
    }

    impl Write for Disk {
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

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Store for Disk {
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
        let mut appender = Appender::new(disk(b"old\n", 10), b"head\n".to_vec()).expect("a disk");
        push(&mut appender, "aaa\n");
        push(&mut appender, "bbb\n");
        let error = appender.flush().expect_err("full");
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert_eq!((appender.written_rows(), appender.pending_rows()), (1, 1));
        assert_eq!(appender.store.bytes, b"old\nhead\naaa\n");
        appender.store.capacity += 100;
        push(&mut appender, "c\n");
        appender.flush().expect("room");
        assert_eq!((appender.written_rows(), appender.pending_rows()), (3, 0));
        assert_eq!(appender.store.bytes, b"old\nhead\naaa\nbbb\nc\n");
    }

    #[test]
    fn a_header_without_a_row_is_cut_off_too_and_written_again() {
        let mut appender = Appender::new(disk(b"", 6), b"head\n".to_vec()).expect("a disk");
        push(&mut appender, "aaa\n");
        appender.flush().expect_err("full");
        assert_eq!(appender.store.bytes, b"");
        appender.store.capacity = 100;
        appender.flush().expect("room");
        assert_eq!(appender.store.bytes, b"head\naaa\n");
    }

    #[test]
    fn what_another_writer_appended_is_not_cut() {
        let mut appender = Appender::new(disk(b"", 6), Vec::new()).expect("a disk");
        appender.store.bytes.extend_from_slice(b"x\n");
        push(&mut appender, "aaaaaaa\n");
        appender.flush().expect_err("full");
        assert_eq!(appender.store.bytes, b"x\naaaa");
    }

    #[test]
    fn no_rows_no_bytes() {
        let mut appender = Appender::new(disk(b"", 6), b"head\n".to_vec()).expect("a disk");
        appender.flush().expect("nothing to write");
        assert_eq!(appender.store.bytes, b"");
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
            let mut appender = Appender::new(store, b"head\n".to_vec()).expect("a disk");
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
            prop_assert_eq!(appender.written_rows() + appender.pending_rows(), rows.len() as u64);
            appender.store.capacity = usize::MAX;
            appender.flush().expect("room");
            prop_assert_eq!(&appender.store.bytes, all.as_bytes());
            prop_assert_eq!(appender.written_rows(), rows.len() as u64);
        }
    }
}
