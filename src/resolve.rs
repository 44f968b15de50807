//! From the target's name to the one address a run goes to.

use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use crate::cli::target::Target;

/// How long a candidate address may take to answer a trial connection.
const TRIAL: Duration = Duration::from_secs(2);

/// Whether an address is one of this machine's own.
pub fn is_here(ip: IpAddr) -> bool {
    // Only an own address can be bound to; nothing is sent.
    ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok()
}

/// All addresses of the target, at least one, in the resolver's order of preference.
pub fn addresses(target: &Target) -> Result<Vec<SocketAddr>, String> {
    let (host, port) = (target.host(), target.port());
    let mut found: Vec<SocketAddr> = match (host.as_str(), port).to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            return Err(format!(
                "--target host {host:?} does not resolve ({error}): check its spelling, or give an address"
            ));
        }
    };
    found.dedup();
    if found.is_empty() {
        return Err(format!(
            "--target host {host:?} has no address: check its spelling, or give an address"
        ));
    }
    Ok(found)
}

/// The address that takes connections. A name with several addresses (`localhost` is often `::1` and
/// `127.0.0.1`, with a server on one of them) is tried with one connection each, in order; the first
/// one stands in where none answers, so that the rows say what is wrong.
pub fn reachable(addresses: &[SocketAddr]) -> SocketAddr {
    let first = addresses[0];
    if addresses.len() == 1 {
        return first;
    }
    addresses
        .iter()
        .copied()
        .find(|address| TcpStream::connect_timeout(address, TRIAL).is_ok())
        .unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn target(text: &str) -> Target {
        Target::parse(text).expect("a target")
    }

    #[test]
    fn literals_resolve_to_themselves() {
        let v6 = addresses(&target("http://[::1]:81")).expect("a literal");
        assert_eq!(v6, ["[::1]:81".parse().expect("an address")]);
    }

    #[test]
    fn a_name_that_does_not_resolve_is_named() {
        let error = addresses(&target("http://no-such-host.invalid:1")).expect_err("RFC 2606");
        assert!(error.contains("no-such-host.invalid"), "{error}");
    }

    #[test]
    fn the_address_that_listens_is_taken() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let open = listener.local_addr().expect("its address");
        let closed = {
            let gone = TcpListener::bind("127.0.0.1:0").expect("a free port");
            gone.local_addr().expect("its address")
        };
        assert_eq!(reachable(&[closed, open]), open);
        assert_eq!(reachable(&[closed]), closed);
    }
}
