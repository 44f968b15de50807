//! Network namespaces of the present thread: processes that it starts and sockets that it makes belong to
//! the one it is in. They go when nothing uses them any more. Entering them needs CAP_SYS_ADMIN.

use std::fs::File;
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// Packets that a device queues: a burst waits in it.
const QUEUE_PACKETS: libc::c_int = 20_000;

/// A network namespace.
pub struct Namespace(File);

impl Namespace {
    /// The one that this thread is in.
    pub fn present() -> io::Result<Namespace> {
        File::open("/proc/thread-self/ns/net").map(Namespace)
    }

    /// Moves this thread to a new one, whose loopback is up.
    pub fn enter_new() -> io::Result<Namespace> {
        // SAFETY: changes this thread's namespace only.
        checked(unsafe { libc::unshare(libc::CLONE_NEWNET) })?;
        set_up("lo", None)?;
        Namespace::present()
    }

    /// Moves this thread to it.
    pub fn enter(&self) -> io::Result<()> {
        // SAFETY: the descriptor is open and that of a namespace.
        checked(unsafe { libc::setns(self.0.as_raw_fd(), libc::CLONE_NEWNET) }).map(drop)
    }
}

/// Gives a device of the present namespace its address, in a network of 256, and sets it up (netdevice(7)).
pub fn set_up(name: &str, address: Option<Ipv4Addr>) -> io::Result<()> {
    // SAFETY: makes a new descriptor.
    let socket = checked(unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM, 0) })?;
    // SAFETY: the descriptor is new and has no other owner.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    let ask = |what: libc::c_ulong, fill: &dyn Fn(&mut libc::ifreq)| {
        let mut request = request_for(name);
        fill(&mut request);
        // SAFETY: the request outlives the call and has what this question takes.
        checked(unsafe { libc::ioctl(socket.as_raw_fd(), what as _, &raw mut request) })
    };
    if let Some(address) = address {
        let of =
            |address: Ipv4Addr| move |request: &mut libc::ifreq| fill_address(request, address);
        ask(libc::SIOCSIFADDR, &of(address))?;
        ask(libc::SIOCSIFNETMASK, &of(Ipv4Addr::new(255, 255, 255, 0)))?;
        ask(libc::SIOCSIFTXQLEN, &|request| {
            request.ifr_ifru.ifru_metric = QUEUE_PACKETS
        })?;
    }
    let up = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    ask(libc::SIOCSIFFLAGS, &|request| {
        request.ifr_ifru.ifru_flags = up
    })
    .map(drop)
}

fn fill_address(request: &mut libc::ifreq, address: Ipv4Addr) {
    let raw = libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: 0,
        sin_addr: libc::in_addr {
            s_addr: u32::from_ne_bytes(address.octets()),
        },
        sin_zero: [0; 8],
    };
    // SAFETY: both forms of a socket address have the same size.
    request.ifr_ifru.ifru_addr =
        unsafe { std::mem::transmute::<libc::sockaddr_in, libc::sockaddr>(raw) };
}

/// A question about a device.
pub fn request_for(name: &str) -> libc::ifreq {
    // SAFETY: all zeroes are a valid ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    let room = request.ifr_name.len() - 1;
    for (to, from) in request.ifr_name[..room].iter_mut().zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    request
}

/// Keeps this thread on a core, and what it starts from now on; `None` frees it. Where there is no such
/// core nothing changes.
pub fn keep_on(core: Option<usize>) {
    // SAFETY: all zeroes are an empty set; CPU_SET stays within it, and the call reads it only.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        for each in
            (0..libc::CPU_SETSIZE as usize).filter(|each| core.is_none_or(|core| *each == core))
        {
            libc::CPU_SET(each, &mut set);
        }
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set);
    }
}

/// The result of a system call.
pub fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}
