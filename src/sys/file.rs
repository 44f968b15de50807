//! Opening files in ways that the standard library does not offer.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::syscall;

/// Opens a FIFO for writing, without waiting for a reader: ENXIO where there is none (fifo(7)).
/// Writes to it wait for the reader as usual.
pub fn open_fifo(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .append(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)?;
    let flags = syscall!(fcntl(file.as_raw_fd(), libc::F_GETFL))?;
    syscall!(fcntl(
        file.as_raw_fd(),
        libc::F_SETFL,
        flags & !libc::O_NONBLOCK
    ))?;
    Ok(file)
}
