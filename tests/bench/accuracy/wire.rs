//! A path that delays packets: two TUN devices and a queue of packets for each direction. It stands in
//! where the kernel has no netem.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::namespace::checked;

/// Packets taken from a device before those that are due are passed on.
const BATCH: usize = 8;

/// The largest packet: the devices' MTU is 1500.
const PACKET_BYTES: usize = 2048;

/// How often a direction without packets looks whether it is to end.
const LOOK: Duration = Duration::from_millis(50);

/// A TUN device of the present thread's namespace, without an address and down.
pub fn device(name: &str) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NONBLOCK)
        .open("/dev/net/tun")?;
    let mut request = super::namespace::request_for(name);
    request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
    // SAFETY: the request outlives the call and has a name that ends with a zero.
    checked(unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF, &raw mut request) })?;
    Ok(file)
}

/// The two directions; they end with this.
pub struct Wire {
    ends: Arc<AtomicBool>,
    directions: Vec<JoinHandle<()>>,
}

impl Wire {
    /// Joins two devices; each packet is passed on `delay` after it came.
    pub fn join(one: &File, other: &File, delay: Duration) -> io::Result<Wire> {
        let ends = Arc::new(AtomicBool::new(false));
        let mut wire = Wire {
            ends: Arc::clone(&ends),
            directions: Vec::new(),
        };
        for (from, to) in [(one, other), (other, one)] {
            let (from, to, ends) = (from.try_clone()?, to.try_clone()?, Arc::clone(&ends));
            let pass = move || pass_on(from, to, delay, &ends);
            wire.directions.push(thread::spawn(pass));
        }
        Ok(wire)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        for direction in self.directions.drain(..) {
            // One that panicked has said so.
            let _ = direction.join();
        }
    }
}

fn pass_on(mut from: File, mut to: File, delay: Duration, ends: &AtomicBool) {
    be_prompt();
    let mut queue: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let mut spare: Vec<Vec<u8>> = Vec::new();
    let mut buffer = [0; PACKET_BYTES];
    while !ends.load(Ordering::Relaxed) {
        let due = queue.front().map(|(due, _)| *due);
        let now = Instant::now();
        wait(
            &from,
            due.map_or(LOOK, |due| due.saturating_duration_since(now)),
        );
        for _ in 0..BATCH {
            // Nothing there, or the device is going away with its namespace.
            let Ok(count) = from.read(&mut buffer) else {
                break;
            };
            let mut packet = spare.pop().unwrap_or_default();
            packet.clear();
            packet.extend_from_slice(&buffer[..count]);
            queue.push_back((Instant::now() + delay, packet));
        }
        while queue.front().is_some_and(|(due, _)| *due <= Instant::now()) {
            let (_, packet) = queue.pop_front().expect("one that is due");
            // A packet that is not taken is a packet lost, which the capture shows.
            let _ = to.write(&packet);
            spare.push(packet);
        }
    }
}

/// Packets are not to wait for this thread's turn: they would come in clumps, as on no network.
fn be_prompt() {
    let urgent = libc::sched_param { sched_priority: 10 };
    // The kernel ends waits up to 50 µs late without the first; where the second is refused, the thread
    // takes its turn as others do.
    // SAFETY: both change this thread only.
    unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, 1);
        libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const urgent);
    }
}

fn wait(from: &File, most: Duration) {
    let mut poll = libc::pollfd {
        fd: from.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    let most = libc::timespec {
        tv_sec: most.as_secs() as libc::time_t,
        tv_nsec: most.subsec_nanos().into(),
    };
    // SAFETY: one pollfd and a time that outlive the call; no signal mask.
    unsafe { libc::ppoll(&raw mut poll, 1, &raw const most, std::ptr::null()) };
}
