//! Destination, source and limits of the load.

use std::net::SocketAddr;
use std::time::Duration;

use crate::net::sources::Sources;
use crate::net::tls::TlsClient;
use crate::sys::busy_poll::BusyPoll;
use crate::sys::memory;
use crate::sys::socket::KernelAddress;

/// The pause after the first iteration without an answer.
pub const DEFAULT_RETRY_DELAY: Duration = Duration::from_millis(10);

/// Destination and source of the load, its time-outs, and its memory limit.
#[derive(Clone)]
pub struct ReactorSettings {
    /// The server's address.
    pub address: KernelAddress,
    /// The source addresses, of the server's family; `None` leaves them to the kernel.
    pub sources: Option<Sources>,
    /// Makes TLS connections; `None` for plain ones.
    pub tls: Option<TlsClient>,
    /// For a request with all its redirects, from its start; `None` for no limit.
    pub timeout: Option<Duration>,
    /// For the handshakes of each connection, of TCP and TLS; `None` for no limit.
    pub connect_timeout: Option<Duration>,
    /// Whether all connections are made before the launch.
    pub preconnect: bool,
    /// Whether arrival times are the kernel's receive timestamps.
    pub kernel_stamps: bool,
    /// Whether send times are the kernel's transmit timestamps (two or three system calls for each
    /// request).
    pub transmit_stamps: bool,
    /// Whether rows have the client's ports (a system call for each connection).
    pub with_ports: bool,
    /// How long a virtual user waits after an iteration in which no request got a response. It doubles
    /// with each further one, up to a second, and starts again after a response. 0: no pause.
    pub retry_delay: Duration,
    /// How long the loop spins before a scheduled launch; zero for not at all.
    pub spin: Duration,
    /// Whether waits poll the network device.
    pub busy_poll: BusyPoll,
    /// The limit for the kept bytes of all unfinished responses together.
    pub max_memory: usize,
}

impl ReactorSettings {
    /// New connections from the kernel's choice of address, without time-outs, timed by this process's
    /// clock.
    pub fn towards(address: SocketAddr) -> ReactorSettings {
        ReactorSettings {
            address: address.into(),
            sources: None,
            tls: None,
            timeout: None,
            connect_timeout: None,
            preconnect: false,
            kernel_stamps: false,
            transmit_stamps: false,
            with_ports: false,
            retry_delay: DEFAULT_RETRY_DELAY,
            spin: Duration::ZERO,
            busy_poll: BusyPoll::Off,
            max_memory: memory::share(),
        }
    }
}

/// When a load is to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Nanoseconds since the Unix epoch.
    pub unix_nanos: i64,
    /// Whether no load is sent if that is over before everything is ready.
    pub is_strict: bool,
}
