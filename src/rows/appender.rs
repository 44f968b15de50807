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
#[path = "appender_tests.rs"]
mod tests;
