//! Terminals: ioctl_tty(2).

use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};

use super::syscall;

/// How many columns a terminal has (TIOCGWINSZ); `None` for other files, and if it is not known.
pub fn columns(terminal: &impl AsFd) -> Option<usize> {
    let mut size = MaybeUninit::<libc::winsize>::uninit();
    syscall!(ioctl(
        terminal.as_fd().as_raw_fd(),
        libc::TIOCGWINSZ,
        size.as_mut_ptr()
    ))
    .ok()?;
    // SAFETY: the ioctl succeeded and filled the struct.
    let size = unsafe { size.assume_init() };
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}
