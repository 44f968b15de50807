//! The addresses that connections come from, and whose turn it is.
//!
//! Towards one server, each source address has all the ports of `net.ipv4.ip_local_port_range` for
//! itself: with several of them more connections can be open than there are ports.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use crate::net::bind_list::BindList;
use crate::sys::socket::{self, KernelAddress};

/// Source addresses of this machine, at least one.
#[derive(Clone)]
pub struct Sources(Box<[KernelAddress]>);

impl Sources {
    /// Tries whether each is this machine's and whether a way leads from it to one of the server's
    /// addresses; nothing is sent. The error is one line that names the address and the mend.
    pub fn towards(list: &BindList, server: &[SocketAddr]) -> Result<Sources, String> {
        for &address in list.addresses() {
            let refused = |why: String| format!("--bind {address}{why}");
            bind(address).map_err(|error| {
                refused(format!(
                    " is no address of this machine ({error}): give one that is (ip address shows \
                     them), or add it (ip address add {address} dev lo)"
                ))
            })?;
            leads(address, server).map_err(refused)?;
        }
        let addresses = list.addresses().iter();
        Ok(Sources(addresses.map(|&ip| with_any_port(ip)).collect()))
    }

    /// The source of a connection: they take turns, connection by connection, counted from 0.
    pub fn turn(&self, connection: u64) -> &KernelAddress {
        &self.0[(connection % self.0.len() as u64) as usize]
    }
}

/// An address as a socket is bound to it to have its port chosen when it connects.
pub fn with_any_port(address: IpAddr) -> KernelAddress {
    SocketAddr::new(address, 0).into()
}

fn bind(address: IpAddr) -> io::Result<()> {
    let source = with_any_port(address);
    socket::bind_source(&socket::stream_for(&source)?, &source)
}

/// Whether the kernel knows a way from the address to one of the server's. The error is what follows
/// the address.
fn leads(address: IpAddr, server: &[SocketAddr]) -> Result<(), String> {
    let probe = UdpSocket::bind((address, 0)).map_err(|error| format!(": {error}"))?;
    // For UDP, connect() decides on the way and sends nothing; any port will do. The kernel lets a
    // socket be bound to a net's broadcast address, and would connect it from another one.
    let to_itself = probe.connect((address, 9));
    if to_itself.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied) {
        return Err(" is a net's broadcast address: give addresses of this machine".to_owned());
    }
    let ways = server.iter().map(|server| probe.connect(server));
    ways.reduce(io::Result::or).unwrap_or(Ok(())).map_err(|error| {
        let server: Vec<String> = server.iter().map(SocketAddr::to_string).collect();
        format!(
            ": no way leads from there to {} ({error}): give an address of the interface that does",
            server.join(", ")
        )
    })
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
