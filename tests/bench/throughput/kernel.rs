//! The few system calls of this benchmark that neither the standard library nor the program has.

use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};
use std::time::Duration;

/// -1 is an error, as libc's functions have it.
fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}

/// The cores that this process may run on, in ascending order.
pub fn allowed_cores() -> io::Result<Vec<usize>> {
    // SAFETY: all zeroes are an empty set, and the kernel fills in no more than its size.
    let set = unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        let size = size_of::<libc::cpu_set_t>();
        checked(libc::sched_getaffinity(0, size, &raw mut set))?;
        set
    };
    // SAFETY: each number is below the size of the set.
    let is_allowed = |core: &usize| unsafe { libc::CPU_ISSET(*core, &set) };
    Ok((0..libc::CPU_SETSIZE as usize).filter(is_allowed).collect())
}

/// Has the command's process, and what it starts, run on one core only.
pub fn pin(command: &mut Command, core: usize) {
    // SAFETY: all zeroes are an empty set; the core is one of `allowed_cores`, within its size.
    let set = unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        libc::CPU_SET(core, &mut set);
        set
    };
    let ask = move || {
        // SAFETY: the set lives across the call.
        let result =
            unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) };
        checked(result).map(drop)
    };
    // SAFETY: sched_setaffinity is async-signal-safe, and the closure allocates nothing.
    unsafe { command.pre_exec(ask) };
}

/// A child that has ended, and what it used.
pub struct Ended {
    pub status: ExitStatus,
    /// User and system time.
    pub cpu: Duration,
    /// The largest resident set, bytes.
    pub peak_resident: u64,
}

/// Collects a child if it has ended.
pub fn try_wait(pid: u32) -> io::Result<Option<Ended>> {
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both are written to within their sizes.
    let result = unsafe {
        libc::wait4(
            pid as libc::pid_t,
            &raw mut status,
            libc::WNOHANG,
            usage.as_mut_ptr(),
        )
    };
    if checked(result)? == 0 {
        return Ok(None);
    }
    // SAFETY: zeroed, and then filled by wait4: every bit pattern is an rusage.
    let usage = unsafe { usage.assume_init() };
    let duration =
        |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    Ok(Some(Ended {
        status: ExitStatus::from_raw(status),
        cpu: duration(usage.ru_utime) + duration(usage.ru_stime),
        // Linux counts in KiB.
        peak_resident: usage.ru_maxrss as u64 * 1024,
    }))
}

/// How many events are taken from the kernel at once.
const BATCH: usize = 1024;

/// Edge-triggered readiness of sockets.
pub struct Epoll {
    descriptor: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Epoll {
    pub fn new() -> io::Result<Epoll> {
        // SAFETY: no pointers; the descriptor is new and nobody else's.
        let descriptor =
            unsafe { OwnedFd::from_raw_fd(checked(libc::epoll_create1(libc::EPOLL_CLOEXEC))?) };
        Ok(Epoll {
            descriptor,
            events: Vec::with_capacity(BATCH),
        })
    }

    /// Watches a socket, for reading and writing, until it is closed.
    pub fn add(&self, socket: &impl AsFd, token: usize) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: (libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLET) as u32,
            u64: token as u64,
        };
        // SAFETY: the event lives across the call.
        let result = unsafe {
            libc::epoll_ctl(
                self.descriptor.as_raw_fd(),
                libc::EPOLL_CTL_ADD,
                socket.as_fd().as_raw_fd(),
                &raw mut event,
            )
        };
        checked(result).map(drop)
    }

    /// Waits for sockets to become ready, at most that long; how many are.
    pub fn wait(&mut self, at_most: Duration) -> io::Result<usize> {
        let millis = at_most.as_millis().min(1000) as libc::c_int;
        // SAFETY: the buffer has room for a batch, and the kernel says how many it wrote.
        let count = unsafe {
            let count = checked(libc::epoll_wait(
                self.descriptor.as_raw_fd(),
                self.events.as_mut_ptr(),
                BATCH as libc::c_int,
                millis,
            ))?;
            self.events.set_len(count as usize);
            count
        };
        Ok(count as usize)
    }

    /// The token of one of those that are ready.
    pub fn token(&self, place: usize) -> usize {
        self.events[place].u64 as usize
    }
}
