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

/// Whether both are the same terminal, under whatever name (`/dev/tty`): TIOCGDEV. Where the system does
/// not say, they are not.
pub fn is_same(one: &impl AsFd, other: &impl AsFd) -> bool {
    device(one).is_some_and(|device_of_one| Some(device_of_one) == device(other))
}

fn device(terminal: &impl AsFd) -> Option<libc::c_uint> {
    let mut number: libc::c_uint = 0;
    let descriptor = terminal.as_fd().as_raw_fd();
    syscall!(ioctl(descriptor, libc::TIOCGDEV, &raw mut number)).ok()?;
    Some(number)
}
