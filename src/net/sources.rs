//! The source addresses of connections, used in turn.
//!
//! Towards one server, each source address has all the ports of `net.ipv4.ip_local_port_range` for
//! itself: with several of them more connections can be open than there are ports.

use std::fmt;
use std::io;
use std::net::{SocketAddr, UdpSocket};

use super::bind_list::{BIND, BindList};
use super::ip::ScopedIp;
use crate::exit::{self, Hinted};
use crate::signals::Signals;
use crate::sys::socket::{self, KernelAddress};

/// Why connections cannot come from a source address.
#[derive(Debug)]
pub enum SourceError {
    /// It does not belong to this machine.
    NotOurs(ScopedIp, io::Error),
    /// It is the broadcast address of a net.
    Broadcast(ScopedIp),
    /// A signal arrived during the trial.
    Interrupted,
    /// The kernel has no route from it to any address of the server.
    NoRoute(ScopedIp, Vec<SocketAddr>, io::Error),
}

impl Hinted for SourceError {
    fn finding(&self) -> String {
        match self {
            SourceError::NotOurs(address, error) => {
                format!("{BIND} {address} is not an address of this machine ({error})")
            }
            SourceError::Interrupted => format!("interrupted while {BIND} was tried"),
            SourceError::Broadcast(address) => {
                format!("{BIND} {address} is a net's broadcast address")
            }
            SourceError::NoRoute(address, server, error) => {
                let server: Vec<String> = server.iter().map(SocketAddr::to_string).collect();
                let server = server.join(", ");
                format!("{BIND} {address}: no route from this address to {server} ({error})")
            }
        }
    }

    fn hint(&self) -> String {
        match self {
            SourceError::NotOurs(address, _) => format!(
                "give one that is (ip address shows them), or add it (ip address add {address} dev lo)"
            ),
            SourceError::Broadcast(_) => "give addresses of this machine".to_owned(),
            SourceError::Interrupted => "start it again".to_owned(),
            SourceError::NoRoute(..) => {
                "give an address of the interface that leads there".to_owned()
            }
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

impl From<SourceError> for exit::Error {
    fn from(error: SourceError) -> exit::Error {
        exit::Error::usage(error)
    }
}

/// Source addresses of this machine, at least one.
#[derive(Clone)]
pub struct Sources(Box<[KernelAddress]>);

impl Sources {
    /// Tries whether each is this machine's and whether a route leads from it to one of the server's
    /// addresses; nothing is sent.
    pub fn towards(
        list: &BindList,
        server: &[SocketAddr],
        signals: &Signals,
    ) -> Result<Sources, SourceError> {
        for &address in list.addresses() {
            // Thousands of addresses take a while.
            if signals.received().is_some() {
                return Err(SourceError::Interrupted);
            }
            bind(address).map_err(|error| SourceError::NotOurs(address, error))?;
            check_route(address, server)?;
        }
        let addresses = list.addresses().iter();
        Ok(Sources(addresses.map(|&ip| with_any_port(ip)).collect()))
    }

    /// One address, not checked.
    pub fn only(address: ScopedIp) -> Sources {
        Sources([with_any_port(address)].into())
    }

    /// The source of a connection: they take turns, connection by connection, counted from 0.
    pub fn turn(&self, connection: u64) -> &KernelAddress {
        &self.0[(connection % self.0.len() as u64) as usize]
    }
}

/// An address as a socket is bound to it to have its port chosen when it connects.
pub fn with_any_port(address: ScopedIp) -> KernelAddress {
    address.with_port(0).into()
}

fn bind(address: ScopedIp) -> io::Result<()> {
    let source = with_any_port(address);
    socket::bind_source(&socket::stream_for(&source)?, &source)
}

/// Whether the kernel knows a route from the address to one of the server's.
fn check_route(address: ScopedIp, server: &[SocketAddr]) -> Result<(), SourceError> {
    let no_route = |error| SourceError::NoRoute(address, server.to_vec(), error);
    let probe = UdpSocket::bind(address.with_port(0)).map_err(no_route)?;
    // For UDP, connect() decides on the route and sends nothing; any port will do. The kernel lets a
    // socket be bound to a net's broadcast address, and would connect it from another one.
    let to_itself = probe.connect(address.with_port(9));
    if to_itself.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied) {
        return Err(SourceError::Broadcast(address));
    }
    let routes = server.iter().map(|server| probe.connect(server));
    let found = routes.reduce(io::Result::or).unwrap_or(Ok(()));
    found.map_err(no_route)
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
