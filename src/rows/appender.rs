//! Writes whole rows to a file or a stream: what is written, what is not, and what is truncated
//! again.

use std::fs::File;
use std::io::{self, ErrorKind, Seek, Write};

use crate::rows::queue::Queue;
use crate::sys::stream::Stream;

/// The most that one flush writes to a stream, bytes: a fast reader must not keep the loop
/// away from the sockets.
const MOST_PER_FLUSH: usize = 1 << 20;

/// Where rows go.
pub(super) trait Store {
    /// Writes some bytes; `WouldBlock` where none are accepted at present.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Whether it is a stream, which may not accept bytes at present and cannot be truncated.
    fn is_stream(&self) -> bool;
    /// The number of bytes that are accepted as a whole or not at all; absent where any part may be.
    fn atomic(&self) -> Option<usize> {
        None
    }
    /// The present length in bytes, for truncating a partial row; `None` for streams.
    fn length(&self) -> io::Result<Option<u64>>;
    /// The end of what was written last, bytes; `None` for streams.
    fn position(&mut self) -> io::Result<Option<u64>>;
    /// Truncates the file to that length, in bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// What rows are written to.
#[derive(Debug)]
pub(super) enum Output {
    /// A regular file, opened for append.
    File(File),
    /// A pipe, socket or device, which may block and cannot be truncated.
    Stream(Stream),
}

impl Output {
    /// The regular file, where it is one.
    pub fn regular(&self) -> Option<&File> {
        match self {
            Output::File(file) => Some(file),
            Output::Stream(_) => None,
        }
    }

    /// The descriptor, for finding out what it is.
    pub fn file(&self) -> &File {
        match self {
            Output::File(file) => file,
            Output::Stream(stream) => stream.file(),
        }
    }
}

impl Store for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::File(file) => file.write(bytes),
            Output::Stream(stream) => stream.write(bytes),
        }
    }

    fn is_stream(&self) -> bool {
        matches!(self, Output::Stream(_))
    }

    fn atomic(&self) -> Option<usize> {
        match self {
            Output::File(_) => None,
            Output::Stream(stream) => stream.atomic(),
        }
    }

    fn length(&self) -> io::Result<Option<u64>> {
        let Some(file) = self.regular() else {
            return Ok(None);
        };
        file.metadata().map(|metadata| Some(metadata.len()))
    }

    fn position(&mut self) -> io::Result<Option<u64>> {
        match self {
            // A write to a file that was opened for append moves the position to its own end.
            Output::File(file) => file.stream_position().map(Some),
            Output::Stream(_) => Ok(None),
        }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.regular().map_or(Ok(()), |file| file.set_len(length))
    }
}

/// The result of a flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flushed {
    /// All rows are written.
    All,
    /// Some wait: the stream accepts no more at present, or the limit of one flush is reached.
    Part,
}

/// Collects rows and writes them in batches. Rows that could not be written are kept and tried
/// again with the next batch.
#[derive(Debug)]
pub(super) struct Appender<S> {
    pub store: S,
    queue: Queue,
    /// The end of the last whole row in the file, bytes; at first the length at open.
    end: u64,
    written_rows: u64,
    /// Bytes that were written to all stores.
    written_bytes: u64,
    /// Whether the file ends with a part of the first row that waits.
    is_torn: bool,
}

impl<S: Store> Appender<S> {
    /// `prefix` goes before the first row.
    pub fn new(store: S, prefix: &[u8]) -> io::Result<Appender<S>> {
        let mut queue = Queue::default();
        queue.set_prefix(prefix);
        Ok(Appender {
            end: store.length()?.unwrap_or(0),
            store,
            queue,
            written_rows: 0,
            written_bytes: 0,
            is_torn: false,
        })
    }

    /// Continues in another store, or in the same one from its present length on, with another prefix
    /// before the first row that waits. Returns the old one.
    pub fn go_on(&mut self, store: S, prefix: &[u8]) -> io::Result<S> {
        let end = store.length()?.unwrap_or(0);
        self.queue.set_prefix(prefix);
        self.end = end;
        Ok(std::mem::replace(&mut self.store, store))
    }

    /// The same store is empty now: the next row goes to its beginning, with this before it.
    pub fn begin_again(&mut self, prefix: &[u8]) {
        self.queue.set_prefix(prefix);
        self.end = 0;
    }

    /// Lets `encode` append one row to those that wait.
    pub fn push(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        self.queue.push(encode);
    }

    /// Rows that were whole when they were written.
    pub fn written_rows(&self) -> u64 {
        self.written_rows
    }

    /// Bytes that were written.
    pub fn written_bytes(&self) -> u64 {
        self.written_bytes
    }

    /// Whether the beginning of the first waiting row was already written.
    pub fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// What waits.
    pub fn pending(&self) -> &Queue {
        &self.queue
    }

    /// The end of the last whole row in the file, bytes.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Writes all rows that wait, or as many as a stream accepts at present. After an error the file ends
    /// with its last whole row, unless it cannot be cut (a stream, another writer): then the next batch
    /// continues within the row. A full pipe contains only whole rows, except for those that are too long to
    /// be written as a whole.
    pub fn flush(&mut self) -> io::Result<Flushed> {
        let mut room = MOST_PER_FLUSH;
        loop {
            let mut front = self.queue.front();
            if let Some(most) = self.store.atomic() {
                front = self.queue.whole_front(most);
            }
            if front.is_empty() {
                return Ok(Flushed::All);
            }
            if self.store.is_stream() && room < front.len() {
                return Ok(Flushed::Part);
            }
            room = room.saturating_sub(front.len());
            let (written, result) = write_fully(&mut self.store, front);
            self.account(written)?;
            match result {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Flushed::Part),
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes `written` bytes off the queue, except those of a torn row that could be cut off.
    fn account(&mut self, written: usize) -> io::Result<()> {
        if written == 0 {
            return Ok(());
        }
        let start = match self.store.position()? {
            // Others may have appended to the file in the meantime.
            Some(position) => position.saturating_sub(written as u64),
            None => self.end,
        };
        let (rows, whole) = self.queue.whole_within(written);
        let kept = if whole < written && self.cut(start, written, whole) {
            whole
        } else {
            written
        };
        self.is_torn = kept > whole;
        if kept > 0 {
            self.end = start + kept as u64;
        }
        self.written_rows += rows as u64;
        self.written_bytes += kept as u64;
        self.queue.advance(kept);
        Ok(())
    }

    /// Cuts off the bytes from `whole` to `written` of this batch, if they are what the file ends
    /// with.
    fn cut(&mut self, start: u64, written: usize, whole: usize) -> bool {
        let ours = start + written as u64;
        self.store.length().is_ok_and(|length| length == Some(ours))
            && self.store.cut(start + whole as u64).is_ok()
    }
}

/// Like `write_all`, and says how many bytes went out before an error.
fn write_fully(store: &mut impl Store, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut written = 0;
    while written < bytes.len() {
        match store.write(&bytes[written..]) {
            Ok(0) => return (written, Err(ErrorKind::WriteZero.into())),
            Ok(n) => written += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (written, Err(error)),
        }
    }
    (written, Ok(()))
}

#[cfg(test)]
#[path = "appender_tests.rs"]
mod tests;
