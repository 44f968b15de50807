//! The addresses that connections come from, and whose turn it is.
//!
//! Towards one server, each source address has all the ports of `net.ipv4.ip_local_port_range` for
//! itself: with several of them more connections can be open than there are ports.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use crate::cli::bind_list::BindList;
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
mod tests {
    use super::*;

    fn towards(list: &str, server: &str) -> Result<Sources, String> {
        let list = BindList::parse(list).expect("a list");
        let server = [server.parse().expect("an address")];
        Sources::towards(&list, &server)
    }

    #[test]
    fn they_take_turns() {
        let sources = towards("127.0.0.2,127.0.0.3,127.0.0.9", "127.0.0.1:80").expect("loopback's");
        let turns: Vec<SocketAddr> = (0..5).map(|n| bound_to(sources.turn(n))).collect();
        let hosts = [
            "127.0.0.2",
            "127.0.0.3",
            "127.0.0.9",
            "127.0.0.2",
            "127.0.0.3",
        ];
        let expected = hosts.map(|host| SocketAddr::new(host.parse().expect("an address"), 0));
        assert_eq!(turns, expected);
        sources.turn(u64::MAX);
    }

    /// The port is 0, for it is chosen at `connect()`.
    fn bound_to(source: &KernelAddress) -> SocketAddr {
        let socket = socket::stream_for(source).expect("a socket");
        socket::bind_source(&socket, source).expect("an own address");
        let stream = std::net::TcpStream::from(socket);
        stream.local_addr().expect("its address")
    }

    #[test]
    fn only_this_machines_own() {
        // RFC 5737: nobody's.
        for (list, part) in [
            ("198.51.100.7", "198.51.100.7"),
            ("127.0.0.2,203.0.113.1", "203.0.113.1"),
        ] {
            let error = towards(list, "127.0.0.1:80").err().expect(list);
            for part in ["--bind", part, "no address of this machine", "ip address"] {
                assert!(error.contains(part), "{part:?} is not in {error:?}");
            }
        }
    }

    #[test]
    fn a_broadcast_address_can_be_bound_to_but_nothing_comes_from_it() {
        for address in ["127.255.255.255", "255.255.255.255"] {
            let error = towards(address, "127.0.0.1:80").err().expect(address);
            assert!(
                error.contains(&format!("--bind {address} is a net's")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_way_must_lead_to_the_server() {
        let error = towards("127.0.0.2", "198.51.100.7:80")
            .err()
            .expect("loopback leads nowhere");
        for part in ["--bind 127.0.0.2", "198.51.100.7:80", "interface"] {
            assert!(error.contains(part), "{part:?} is not in {error:?}");
        }
    }

    #[test]
    fn as_many_as_allowed_are_tried() {
        towards("127.1.0.0/16,127.2.0.1,127.2.0.2", "127.0.0.1:80").expect("loopback's");
    }
}
