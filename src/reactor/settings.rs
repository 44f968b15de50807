//! Where the load goes and comes from, and what bounds it.

use std::net::SocketAddr;
use std::time::Duration;

use crate::net::sources::Sources;
use crate::sys::memory;
use crate::sys::socket::KernelAddress;

/// The pause after the first iteration without an answer.
pub const DEFAULT_RETRY_DELAY: Duration = Duration::from_millis(10);

/// Where the load goes and comes from, how long it may take, and how much memory.
#[derive(Clone)]
pub struct ReactorSettings {
    /// The server's address.
    pub address: KernelAddress,
    /// The source addresses, of the server's family; `None` leaves them to the kernel.
    pub sources: Option<Sources>,
    /// For a request with all its redirects, from its start; `None` for no limit.
    pub timeout: Option<Duration>,
    /// For the handshake of each connection; `None` for no limit.
    pub connect_timeout: Option<Duration>,
    /// Whether all connections are made before the launch.
    pub preconnect: bool,
    /// Whether the kernel's receive stamps say when bytes arrived.
    pub kernel_stamps: bool,
    /// Whether the kernel also says when requests left (two or three system calls for each).
    pub transmit_stamps: bool,
    /// Whether the client's ports are wanted in the rows (a system call for each connection).
    pub with_ports: bool,
    /// How long a virtual user waits after an iteration in which no request got a response. It doubles
    /// with each further one, up to a second, and starts again after a response. 0: not at all.
    pub retry_delay: Duration,
    /// The most bytes of unfinished responses that are kept together.
    pub max_memory: usize,
}

impl ReactorSettings {
    /// New connections by the kernel's choice, without time limits, and by this process's clock.
    pub fn towards(address: SocketAddr) -> ReactorSettings {
        ReactorSettings {
            address: address.into(),
            sources: None,
            timeout: None,
            connect_timeout: None,
            preconnect: false,
            kernel_stamps: false,
            transmit_stamps: false,
            with_ports: false,
            retry_delay: DEFAULT_RETRY_DELAY,
            max_memory: memory::share(),
        }
    }
}
