//! Non-blocking writes to pipes, terminals, sockets and devices.
//!
//! A write must never wait for a reader, and an inherited descriptor must not be made non-blocking: that
//! flag belongs to the open file description, which the processes that share it would find changed
//! (fcntl(2), F_SETFL). There are three methods, in this order:
//!
//! - a pipe or terminal is opened a second time through `/proc/self/fd` (proc_pid_fd(5)): the new
//!   description is this process's own;
//! - a socket is written to with MSG_DONTWAIT (send(2));
//! - anything else is polled with poll(2) and then given no more than it certainly accepts: PIPE_BUF bytes
//!   for a pipe (pipe(7)), a few for a terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::syscall;

/// What a writable terminal accepts without waiting, in bytes.
const TERMINAL_CHUNK: usize = 64;

/// A pipe, terminal, socket or device.
#[derive(Debug)]
pub struct Stream {
    file: File,
    way: Way,
    is_pipe: bool,
}

/// How to write without waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The description is this process's own and non-blocking, or writes to it never wait.
    Plain,
    /// A socket.
    Socket,
    /// Poll first, then write at most this number of bytes.
    Poll(usize),
}

impl Stream {
    /// Opens a FIFO or a device by its path, without waiting for a reader: ENXIO where a FIFO has none
    /// (fifo(7)). A terminal does not become the controlling one.
    pub fn open(path: &Path) -> io::Result<Stream> {
        let file = OpenOptions::new()
            .append(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
            .open(path)?;
        Ok(Stream {
            is_pipe: file.metadata()?.file_type().is_fifo(),
            file,
            way: Way::Plain,
        })
    }

    /// Takes a duplicate of a descriptor that this process inherited.
    pub fn inherited(file: File) -> io::Result<Stream> {
        let kind = file.metadata()?.file_type();
        let can_reopen = kind.is_fifo() || file.is_terminal();
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        if can_reopen && let Ok(stream) = Stream::open(Path::new(&path)) {
            return Ok(stream);
        }
        Ok(Stream::shared(file, kind))
    }

    /// The method for a description that other processes may share.
    fn shared(file: File, kind: std::fs::FileType) -> Stream {
        let way = if kind.is_socket() {
            Way::Socket
        } else if kind.is_file() {
            Way::Plain
        } else if file.is_terminal() {
            Way::Poll(TERMINAL_CHUNK)
        } else {
            Way::Poll(libc::PIPE_BUF)
        };
        Stream {
            is_pipe: kind.is_fifo(),
            file,
            way,
        }
    }

    /// The number of bytes that are accepted as a whole or not at all (pipe(7), PIPE_BUF); absent where any
    /// part may be.
    pub fn atomic(&self) -> Option<usize> {
        self.is_pipe.then_some(libc::PIPE_BUF)
    }

    /// The underlying file, for finding out what it is. (Writing to it may wait.)
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Writes what is accepted at once; `WouldBlock` if that is nothing.
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.way {
            Way::Plain => (&self.file).write(bytes),
            Way::Socket => self.send(bytes),
            Way::Poll(most) => {
                if !self.wait(Duration::ZERO)? {
                    return Err(ErrorKind::WouldBlock.into());
                }
                (&self.file).write(&bytes[..bytes.len().min(most)])
            }
        }
    }

    /// Waits until bytes are accepted (or never will be, which the next write reports), a signal is
    /// handled, or the time has passed; returns whether it is the first.
    pub fn wait(&self, span: Duration) -> io::Result<bool> {
        let mut asked = libc::pollfd {
            fd: self.file.as_raw_fd(),
            events: libc::POLLOUT,
            revents: 0,
        };
        let millis = i32::try_from(span.as_millis()).unwrap_or(i32::MAX);
        match syscall!(poll(&raw mut asked, 1, millis)) {
            Ok(ready) => Ok(ready > 0),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let sent = syscall!(send(
            self.file.as_raw_fd(),
            bytes.as_ptr().cast(),
            bytes.len(),
            libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
        ))?;
        Ok(sent as usize)
    }
}

/// Whether standard output was closed when this process started: what is written there is then lost,
/// since the runtime of Rust opens `/dev/null` in the place of a closed standard descriptor.
pub fn stdout_was_closed() -> bool {
    STDOUT_WAS_CLOSED.load(Ordering::Relaxed)
}

static STDOUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Has the C library look before the runtime of Rust opens anything (System V ABI, chapter 5,
/// "Initialization and Termination Functions").
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK_AT_STDOUT: extern "C" fn() = look_at_stdout;

extern "C" fn look_at_stdout() {
    let is_closed = syscall!(fcntl(libc::STDOUT_FILENO, libc::F_GETFD)).is_err();
    STDOUT_WAS_CLOSED.store(is_closed, Ordering::Relaxed);
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
